package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The faults a sandbox can be given.
const (
	FaultThrottle     FaultKind = "throttle"      // a share of calls is throttled
	FaultHTTP500      FaultKind = "http500"       // a share of calls gets an internal error
	FaultHTTP503      FaultKind = "http503"       // a share of calls finds the service unavailable
	FaultReset        FaultKind = "reset"         // a share of calls loses its connection, half of them after the call took effect
	FaultSlow         FaultKind = "slow"          // a share of calls takes longer
	FaultStackFailure FaultKind = "stack-failure" // the stacks of some accounts fail
	FaultLookupRate   FaultKind = "lookup-rate"   // more lookups of CloudTrail events in a second are throttled
)

// Fault is one thing that goes wrong on purpose. [ParseFaults] reads it from text.
type Fault struct {
	Kind  FaultKind
	Share float64       // of calls, 0 to 1: throttle, http500, http503, reset, slow
	Delay time.Duration // slow
	Calls int           // in a second, of an account in a Region: lookup-rate

	// Accounts is how many accounts' stacks fail, chosen by the seed. Reason is a key of
	// [StackFailureReasons]. The failure hits the first stack operation that creates or updates
	// something in an account and no later one, so that a retry succeeds, unless Always is set.
	Accounts int
	Reason   string
	Always   bool
}

const faultForms = "throttle=N%, http500=N%, http503=N%, reset=N%, slow=DURATION, slow=N%:DURATION, stack-failure=N[:REASON][:always], lookup-rate=N"

// ParseFaults reads a list such as "throttle=20%,http500=5%,reset=5%,slow=2s,stack-failure=12:quota".
// Its errors name the faulty part and the forms there are.
func ParseFaults(list string) ([]Fault, error) {
	var out []Fault
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		f, err := parseFault(part)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w; the forms are %s", part, err, faultForms)
		}
		if slices.ContainsFunc(out, func(g Fault) bool { return g.Kind == f.Kind }) {
			return nil, fmt.Errorf("fault %q: %s is given twice", part, f.Kind)
		}
		out = append(out, f)
	}
	return out, nil
}

func parseFault(part string) (Fault, error) {
	name, value, ok := strings.Cut(part, "=")
	if !ok {
		return Fault{}, fmt.Errorf("no value")
	}
	f := Fault{Kind: FaultKind(name)}
	var err error
	switch f.Kind {
	case FaultThrottle, FaultHTTP500, FaultHTTP503, FaultReset:
		f.Share, err = parseShare(value)
	case FaultSlow:
		f.Share = 1
		if share, delay, ok := strings.Cut(value, ":"); ok {
			if f.Share, err = parseShare(share); err != nil {
				return f, err
			}
			value = delay
		}
		if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay <= 0 {
			return f, fmt.Errorf("%q is no duration such as 2s", value)
		}
	case FaultStackFailure:
		err = f.parseStackFailure(value)
	case FaultLookupRate:
		if f.Calls, err = strconv.Atoi(value); err != nil || f.Calls < 1 {
			return f, fmt.Errorf("%q is no number of calls a second; AWS's is 2", value)
		}
	default:
		err = fmt.Errorf("no fault is called %q", name)
	}
	return f, err
}

func parseShare(text string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || !strings.HasSuffix(text, "%") || !(n >= 0 && n <= 100) {
		return 0, fmt.Errorf("%q is no percentage from 0%% to 100%%", text)
	}
	return n / 100, nil
}

func (f *Fault) parseStackFailure(value string) error {
	parts := strings.Split(value, ":")
	n, err := strconv.Atoi(parts[0])
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of accounts", parts[0])
	}
	f.Accounts, f.Reason = n, defaultStackFailure
	for _, word := range parts[1:] {
		switch {
		case word == "always":
			f.Always = true
		case stackFailures[word].fail != nil:
			f.Reason = word
		default:
			return fmt.Errorf("no stack fails for the reason %q; the reasons are %s", word, strings.Join(StackFailureReasons(), ", "))
		}
	}
	return nil
}

// faultPlan is what the faults mean for one sandbox.
type faultPlan struct {
	seed     string
	calls    []Fault
	accounts map[string]Fault // accounts whose stacks fail
	lookups  int              // of CloudTrail events in a second; 0: any number
}

func planFaults(faults []Fault, seed string, accounts []Account) faultPlan {
	p := faultPlan{seed: seed, accounts: map[string]Fault{}}
	for _, f := range faults {
		switch f.Kind {
		case FaultStackFailure:
		case FaultLookupRate:
			p.lookups = f.Calls
			continue
		default:
			p.calls = append(p.calls, f)
			continue
		}
		order := slices.Clone(accounts)
		slices.SortFunc(order, func(a, b Account) int {
			return strings.Compare(p.rank(a), p.rank(b))
		})
		for _, a := range order[:min(f.Accounts, len(order))] {
			p.accounts[a.ID] = f
		}
	}
	return p
}

// rank orders accounts at random, but the same way for the same seed.
func (p faultPlan) rank(a Account) string { return string(digest("stack-failure", p.seed, a.ID)) }

// drawn is what befalls one call.
type drawn struct {
	delay       time.Duration
	err         *apiError
	resetBefore bool
	resetAfter  bool
}

// draw decides what befalls the nth call that an account makes. The n of an account counts from
// the sandbox's start, so that the same run meets the same faults however its accounts interleave.
func (p faultPlan) draw(c Call, nth int) (d drawn) {
	for _, f := range p.calls {
		dice := chance(string(f.Kind), p.seed, c.Account, strconv.Itoa(nth))
		if dice >= f.Share {
			continue
		}
		switch f.Kind {
		case FaultSlow:
			d.delay = f.Delay
		case FaultReset:
			d.resetBefore = dice < f.Share/2
			d.resetAfter = !d.resetBefore
		case FaultThrottle:
			d.err = refuse(http.StatusBadRequest, "Throttling", "Rate exceeded")
		case FaultHTTP500:
			d.err = refuse(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.")
		case FaultHTTP503:
			d.err = refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
		case FaultStackFailure, FaultLookupRate: // not drawn for each call
		}
	}
	return d
}

// refusal is the drawn error as the service words it.
func (d drawn) refusal(s *service) *apiError {
	if d.err.Code == "Throttling" && s.throttle != "" {
		return refuse(d.err.Status, s.throttle, "%s", d.err.Message)
	}
	return d.err
}
