package doctor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/forgecroft/fcoidc/internal/awserr"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Options say what to look at.
type Options struct {
	Issuer    string // template.DefaultIssuer if empty
	StackName string // template.DefaultStackName if empty
	// PlanRole and ApplyRole are ARNs of the roles, where the user knows better than the stack.
	PlanRole, ApplyRole string

	Seen  *Issuer // what a look at the issuer showed; nil if there was none
	Token *Token  // nil if none is at hand

	Since   time.Duration // how far back to look for refused calls; 0: not at all
	Regions []string      // to ask CloudTrail and the simulator about, beside those of the roles

	// SecondOpinion asks IAM's simulator where the organisation's policies could not be read:
	// one call a Region beyond the usual ones.
	SecondOpinion bool

	Shared      *Shared       // what the looks of one run have in common; nil: nothing
	CallTimeout time.Duration // of one call with its repetitions; a minute if 0
	Now         func() time.Time
}

func (o Options) withDefaults() Options {
	o.Issuer = cmp.Or(o.Issuer, template.DefaultIssuer)
	o.StackName = cmp.Or(o.StackName, template.DefaultStackName)
	o.CallTimeout = cmp.Or(o.CallTimeout, time.Minute)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Shared == nil {
		o.Shared = NewShared(nil)
	}
	return o
}

// Collect looks at one target and changes nothing. What could not be looked at is among the
// snapshot's Missing; the error is ctx's alone, and the snapshot then holds what was seen so far.
//
// With one stack under its usual name it takes 13 calls, of which three are Organizations'.
// Those for AWS's own policies and for the organisation's upper levels are shared by a run.
func Collect(ctx context.Context, t fleet.Target, clients Clients, o Options) (*Snapshot, error) {
	o = o.withDefaults()
	o.Regions = regionsIn(t.Partition, o.Regions)
	k := &collector{
		clients: clients, o: &o,
		s: &Snapshot{
			Taken: o.Now().UTC(), Account: t.Account, Name: t.Name, Region: t.Region, Partition: t.Partition, Caller: t.Caller,
			IssuerURL: o.Issuer, Issuer: o.Seen, Token: o.Token,
		},
	}
	ctx = context.WithValue(ctx, countKey{}, &k.sent)
	k.run(ctx)
	k.s.Calls = int(k.sent.Load())
	slices.SortFunc(k.s.Missing, func(a, b Looked) int {
		return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.What, b.What), cmp.Compare(a.Action, b.Action))
	})
	return k.s, ctx.Err()
}

// Unreached is the snapshot of a target that could not be entered.
func Unreached(t fleet.Target, o Options) *Snapshot {
	o = o.withDefaults()
	s := &Snapshot{
		Taken: o.Now().UTC(), Account: t.Account, Name: t.Name, Region: t.Region, Partition: t.Partition,
		IssuerURL: o.Issuer, Issuer: o.Seen, Token: o.Token,
	}
	reason, fix := "it could not be entered", ""
	if t.Err != nil {
		reason = t.Err.Error()
		if h, ok := t.Err.(interface{ Hint() string }); ok {
			fix = h.Hint()
		}
	}
	s.Missing = []Looked{{Fact: FactIdentity, What: "account " + t.Account, Reason: reason, Fix: fix}}
	return s
}

// collector is one look. Each goroutine owns the parts of the snapshot that it fills; what they
// share is behind mu.
type collector struct {
	clients Clients
	o       *Options
	sent    atomic.Int64

	mu sync.Mutex
	s  *Snapshot
}

// run makes every call as soon as what it needs is known.
func (k *collector) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { k.regions(ctx) })
	all.Go(func() { k.organization(ctx) })
	var provider sync.WaitGroup
	provider.Go(func() { k.provider(ctx) })
	k.stacks(ctx)
	k.roles(ctx)
	provider.Wait()
	k.settleStacks(ctx)
	if k.o.Since > 0 {
		all.Go(func() { k.history(ctx) })
	}
	all.Wait()
	if k.o.SecondOpinion && len(k.s.Unseen(FactOrganization)) > 0 {
		k.simulate(ctx)
	}
}

// ask makes one call within its time.
func ask[In, Out, Opt any](ctx context.Context, k *collector, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) (*Out, error) {
	ctx, cancel := context.WithTimeout(ctx, k.o.CallTimeout)
	defer cancel()
	return call(ctx, in)
}

// maxPages bounds the pages of a list; no honest one has so many.
const maxPages = 200

var errEndless = fmt.Errorf("the list has no end: it was given up after %d pages", maxPages)

// paged asks for one page of a list after the other, until there are no more.
func paged(next func() (more bool, err error)) error {
	for range maxPages {
		if more, err := next(); err != nil || !more {
			return err
		}
	}
	return errEndless
}

// miss notes that something could not be looked at; action is what the call needs.
func (k *collector) miss(f Fact, what, action string, err error) {
	l := Looked{Fact: f, What: what, Reason: err.Error()}
	if known := awserr.Classify(err); known != nil {
		l.Reason, l.Fix = known.Error(), known.Hint()
		if known.Kind == awserr.KindDenied {
			l.Action = action
		}
	}
	k.note(l)
}

func (k *collector) note(l Looked) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s.Missing = append(k.s.Missing, l)
}

// isCode reports whether AWS answered with one of these error codes.
func isCode(err error, codes ...string) bool {
	known := awserr.Classify(err)
	return known != nil && slices.Contains(codes, known.Code)
}

func isDenied(err error) bool { return awserr.Is(err, awserr.KindDenied) }
