package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/forgecroft/fcoidc/internal/awserr"
	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Engine plans and deploys one [Request] over many targets. A method may be called while
// no other one runs.
type Engine struct {
	// CloudFormation and IAM make what a target is reached by. [New] sets them to the
	// SDK's clients, of which targets share one. They may be called concurrently, and
	// what they return gets the target's credentials with each call.
	CloudFormation func(fleet.Target) StackAPI
	IAM            func(fleet.Target) IdentityAPI

	request  Request
	sink     Sink
	mu       sync.Mutex // held while the sink is told
	template func() (*cfn.Template, error)
	body     string // of the template
	slots    chan struct{}

	// What the run has learnt of how long CloudFormation takes.
	changeSets, deploys, deletes *pace
}

// requestSlots is how many requests are under way at once, over all targets. It bounds
// connections and memory (a request may carry the whole template), not how many targets
// are waited for: a thousand stacks can be under way.
const requestSlots = 128

// fewTargets is up to how many targets a run watches closely; see [watched].
const fewTargets = 20

// New makes an engine that tells sink what happens, nobody if sink is nil.
func New(r Request, sink Sink) *Engine {
	if sink == nil {
		sink = SinkFunc(func(Event) {})
	}
	if r.Concurrency < 1 {
		r.Concurrency = DefaultConcurrency
	}
	shared := newClients()
	return &Engine{
		CloudFormation: shared.stack,
		IAM:            shared.identity,
		request:        r,
		sink:           sink,
		template:       sync.OnceValues(func() (*cfn.Template, error) { return cfn.Parse(r.Template.Body) }),
		body:           string(r.Template.Body),
		slots:          make(chan struct{}, requestSlots),
		changeSets:     newPace(priorChangeSet),
		deploys:        newPace(priorDeploy),
		deletes:        newPace(priorDelete),
	}
}

// Plan reads every target and decides what [Engine.Deploy] would do there, in the order
// of targets. It changes nothing in any account. A target that cannot be read is blocked;
// the others are planned all the same. An operation that runs on a stack is waited for.
//
// If ctx ends, the targets not yet planned are skipped and the error is ctx's.
func (e *Engine) Plan(ctx context.Context, targets []fleet.Target) ([]Plan, error) {
	tpl, err := e.template()
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	return e.planEach(ctx, targets, func(a *account) (Plan, error) {
		o, err := a.observe(ctx, &e.request, tpl)
		if err != nil {
			return Plan{}, err
		}
		return decide(&e.request, tpl, o), nil
	})
}

// planEach makes a plan for each target, whatever happens with the others.
func (e *Engine) planEach(ctx context.Context, targets []fleet.Target, plan func(*account) (Plan, error)) ([]Plan, error) {
	plans := make([]Plan, len(targets))
	e.each(len(targets), func(i int) {
		plans[i] = e.planOne(ctx, targets[i], plan)
		plans[i].Notes = append(plans[i].Notes, targets[i].Notes...)
		e.emit(&targets[i], &Event{Type: EventPlanned, Phase: PhasePlan, Plan: &plans[i]})
	})
	return plans, ctx.Err()
}

func (e *Engine) planOne(ctx context.Context, t fleet.Target, plan func(*account) (Plan, error)) (p Plan) {
	p = Plan{Target: t, calls: t.Calls}
	if t.Err != nil {
		return blocked(p, unreachable(t))
	}
	if ctx.Err() != nil {
		return interruptedPlan(p)
	}
	a, began := e.account(&p.Target), time.Now()
	defer func() {
		if r := recover(); r != nil {
			p = blocked(Plan{Target: t}, &block{code: "internal_error", reason: panicText(r), fix: reportBug})
		}
		p.calls, p.took = t.Calls+a.calls(), time.Since(began)
	}()
	a.enter(PhasePlan, "")
	decided, err := plan(a)
	switch {
	case err == nil:
		return decided
	case ctx.Err() != nil:
		return interruptedPlan(p)
	default:
		f := failureOf(t, err)
		return blocked(p, &block{code: f.Code, reason: f.Message, fix: f.Fix})
	}
}

// unreachable says why a target that could not be resolved is left alone.
func unreachable(t fleet.Target) *block {
	b := &block{code: "target_unreachable", reason: t.Err.Error()}
	if _, ok := errors.AsType[*fleet.WrongAccountError](t.Err); ok {
		b.code = "wrong_account"
	} else if e := awserr.Classify(t.Err); e.Kind != awserr.KindOther {
		b.code = e.Code
	}
	if h, ok := errors.AsType[hinter](t.Err); ok {
		b.fix = h.Hint()
	}
	return b
}

func interruptedPlan(p Plan) Plan {
	p.Action, p.Code, p.Reason = ActionSkipped, "interrupted", "the run was interrupted before the account was looked at"
	return p
}

// each does something for 0 to n-1, as many at a time as the request allows.
func (e *Engine) each(n int, do func(int)) {
	var g errgroup.Group // without a context: a target must not cancel its neighbours
	g.SetLimit(e.request.Concurrency)
	for i := range n {
		g.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the targets' plans and results
}

func (e *Engine) account(t *fleet.Target) *account {
	return &account{
		target: *t, stacks: e.CloudFormation(*t), identity: e.IAM(*t), slots: e.slots,
		emit: func(event *Event) { e.emit(t, event) },
	}
}

// emit tells the sink, one event at a time. Both come as pointers because an event is
// large (it holds the target, with its configuration), and a goroutine that waits with
// copies of it on its stack would keep four times the memory.
func (e *Engine) emit(t *fleet.Target, event *Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	event.At, event.Target = time.Now(), *t
	e.sink.Emit(*event)
}

const reportBug = "this is a mistake in fcoidc: please report it with the text above"

// panicText says what a panic was and where; the stack is what a report of it needs.
func panicText(r any) string {
	if text, ok := r.(string); ok && strings.HasPrefix(text, panicPrefix) {
		return text // carried over from the goroutine of a request
	}
	return fmt.Sprintf("%s%v\n%s", panicPrefix, r, debug.Stack())
}

const panicPrefix = "panic: "
