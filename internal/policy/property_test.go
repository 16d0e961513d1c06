package policy

import (
	"flag"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// "make agreement" gives a million.
var generatedPolicies = flag.Int("policy.generated", defaultPolicies, "how many policies the property tests generate")

// requestsPerPolicy is how many requests each generated policy answers.
const requestsPerPolicy = 4

// forGenerated calls check for generated policies, on all cores, each with a generator
// of its own that repeats from run to run.
func forGenerated(t *testing.T, check func(t *testing.T, g generator, p generated)) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < *generatedPolicies && !t.Failed(); i += workers {
				g := newGenerator(uint64(i))
				check(t, g, g.policy())
			}
		})
	}
	wg.Wait()
}

func mustParse(t testing.TB, src []byte) *Document {
	d, err := Parse(src)
	if err != nil {
		t.Errorf("%v\n%s", err, src)
		return &Document{}
	}
	return d
}

func TestEvaluateAgreesWithTheNaiveImplementation(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[Decision]int{}
	forGenerated(t, func(t *testing.T, g generator, p generated) {
		src := p.source(t)
		d, naive := mustParse(t, src), naiveRead(t, src)
		for range requestsPerPolicy {
			r := g.request()
			result := d.Evaluate(r)
			if want := naive.decide(r); result.Decision != want {
				t.Errorf("%s\n%+v\n%v, the naive implementation says %v\n%s", src, r, result.Decision, want, describe(result))
			}
			if got := d.Decide(r); got != result.Decision {
				t.Errorf("%s\n%+v\nDecide says %v, Evaluate %v", src, r, got, result.Decision)
			}
			mu.Lock()
			seen[result.Decision]++
			mu.Unlock()
		}
	})
	for _, decision := range []Decision{Allowed, ExplicitDeny, ImplicitDeny} {
		if evaluations := *generatedPolicies * requestsPerPolicy; seen[decision] < evaluations/100 {
			t.Errorf("only %d of %d evaluations were %v: the generator does not try enough", seen[decision], evaluations, decision)
		}
	}
}

// with returns the policy with statement i replaced, or one more if i is its length.
func (p generated) with(i int, s map[string]any) generated {
	list := append([]map[string]any{}, p.statements...)
	if i == len(list) {
		list = append(list, nil)
	}
	list[i] = s
	return generated{p.version, list}
}

// withoutCondition returns statement s without one of its conditions, ok false if it has none.
func (g generator) withoutCondition(s map[string]any) (without map[string]any, ok bool) {
	operators, _ := s["Condition"].(map[string]any)
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys := operators[operator].(map[string]any)
		if len(keys) == 0 {
			continue
		}
		fewer, rest := maps.Clone(keys), maps.Clone(operators)
		delete(fewer, pick(g, slices.Sorted(maps.Keys(keys))...))
		rest[operator] = fewer
		without = maps.Clone(s)
		without["Condition"] = rest
		return without, true
	}
	return nil, false
}

func TestStatementsAndConditionsOnlyPullTheirWay(t *testing.T) {
	t.Parallel()
	forGenerated(t, func(t *testing.T, g generator, p generated) {
		src := p.source(t)
		before := mustParse(t, src)
		i := g.IntN(len(p.statements))
		type change struct {
			name   string
			policy generated
			more   bool // may admit more, else may admit less
		}
		changes := []change{
			{"adding a Deny", p.with(len(p.statements), g.statement("Deny")), false},
			{"adding an Allow", p.with(len(p.statements), g.statement("Allow")), true},
		}
		if s, ok := g.withoutCondition(p.statements[i]); ok {
			changes = append(changes, change{"removing a condition", p.with(i, s), s["Effect"] == "Allow"})
		}
		for _, c := range changes {
			changed := c.policy.source(t)
			after := mustParse(t, changed)
			for range requestsPerPolicy / 2 {
				r := g.request()
				was, is := before.Decide(r) == Allowed, after.Decide(r) == Allowed
				if was != is && is != c.more {
					t.Errorf("%s went the wrong way, from %t to %t\n%s\n%s\n%+v", c.name, was, is, src, changed, r)
				}
			}
		}
	})
}

// A result's open rules are what could turn the answer round, so that an answer without
// them must not change when a condition that rests on one is taken out or made false.
func TestAnswersWithoutOpenRulesDoNotRestOnOpenConditions(t *testing.T) {
	t.Parallel()
	forGenerated(t, func(t *testing.T, g generator, p generated) {
		d := mustParse(t, p.source(t))
		for range requestsPerPolicy {
			result := d.Evaluate(g.request())
			if result.Open() != 0 {
				continue
			}
			for _, flip := range []bool{true, false} {
				if got := decideAssuming(result, flip); got != (result.Decision == Allowed) {
					t.Errorf("allowed is %t once open outcomes are %t\n%s", got, flip, describe(result))
				}
			}
		}
	})
}

// decideAssuming decides from a trace in which every outcome that rests on an open
// rule is taken to be assumed.
func decideAssuming(r Result, assumed bool) (allowed bool) {
	for _, s := range r.Statements {
		matched := true
		judge := func(holds bool, open OpenRules) {
			if open != 0 {
				holds = assumed
			}
			matched = matched && holds
		}
		judge(s.Principal.Holds, s.Principal.Open)
		judge(s.Action.Holds, s.Action.Open)
		judge(s.Resource.Holds, s.Resource.Open)
		for _, c := range s.Conditions {
			judge(c.Holds, c.Open)
		}
		if matched && s.Statement.Effect == Deny {
			return false
		}
		allowed = allowed || matched
	}
	return allowed
}
