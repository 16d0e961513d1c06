package trust

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// forSeeds calls check for seeds from 0, on all cores.
func forSeeds(t *testing.T, seeds int, check func(g generator, seed int)) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < seeds && !t.Failed(); i += workers {
				check(newGenerator(uint64(i)), i)
			}
		})
	}
	wg.Wait()
}

var keyModes = []Keys{KeysIssuer, KeysDocumented, KeysAll}

// Forgecroft's plan tokens have phase plan in every form in which they carry it.
func asPlanToken(ctx policy.Context, keys Keys) policy.Context {
	ctx = clone(ctx)
	if keys != KeysDocumented {
		ctx[forgecroftKey+"phase"] = []string{PhasePlan}
	}
	for name := range ctx {
		if strings.EqualFold(name, "aws:RequestTag/phase") {
			ctx[name] = []string{PhasePlan}
		}
	}
	return ctx
}

// takenSubject reports whether some Allow statement of the plan role takes the subject.
func takenSubject(plan *policy.Document, ctx policy.Context) bool {
	return slices.ContainsFunc(plan.Statements, func(s policy.Statement) bool {
		return s.Effect == policy.Allow && !slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool {
			trace := c.Judge(ctx)
			return strings.EqualFold(c.Key.Text, forgecroftKey+"sub") && !trace.Holds && trace.Open == 0
		})
	})
}

func TestWhatIsProvedSeparateNoGeneratedPlanTokenBreaks(t *testing.T) {
	t.Parallel()
	const tokens = 60
	keys := table(t)
	var mu sync.Mutex
	verdicts := map[Verdict]int{}
	admittedByApply := 0
	forSeeds(t, separations, func(g generator, seed int) {
		plan, apply := g.policy(t), g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		s := Separate(plan, apply, o)
		mu.Lock()
		verdicts[s.Verdict]++
		mu.Unlock()
		for range tokens {
			ctx := asPlanToken(g.context(o.Keys, plan, apply), o.Keys)
			admitted, sure := admittedFor(apply, ctx)
			if !admitted && sure {
				continue
			}
			mu.Lock()
			admittedByApply++
			mu.Unlock()
			if s.Verdict != Proved || s.By == forgecroftKey+"sub" && !takenSubject(plan, ctx) {
				continue
			}
			t.Errorf("seed %d, keys %s: %+v, yet the apply role admits (%t, sure: %t) %v\nplan  %s\napply %s", seed, o.Keys, s, admitted, sure, ctx, plan.Source, apply.Source)
			return
		}
	})
	for _, v := range []Verdict{Proved, Refuted, CannotTell} {
		if verdicts[v] < separations/50 {
			t.Errorf("only %d of %d separations are %s: the generator does not try enough", verdicts[v], separations, v)
		}
	}
	if admittedByApply < separations {
		t.Errorf("only %d generated plan tokens were admitted by apply roles", admittedByApply)
	}
	t.Logf("%v, %d plan tokens admitted", verdicts, admittedByApply)
}

func TestACounterExampleIsAPlanTokenThatIsAdmitted(t *testing.T) {
	t.Parallel()
	keys := table(t)
	var mu sync.Mutex
	both, one := 0, 0
	forSeeds(t, separations, func(g generator, seed int) {
		plan, apply := g.policy(t), g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		s := Separate(plan, apply, o)
		if s.Counter == nil {
			if s.Verdict == Refuted {
				t.Errorf("seed %d: refuted without a counter-example", seed)
			}
			return
		}
		byPlan, _ := admittedFor(plan, s.Counter.Context)
		byApply, sureApply := admittedFor(apply, s.Counter.Context)
		if !byApply || s.Verdict == Refuted && !sureApply || s.Both != byPlan {
			t.Errorf("seed %d: %+v\nplan %t; apply %t, sure %t\ntoken %+v\nplan  %s\napply %s", seed, s, byPlan, byApply, sureApply, s.Counter, plan.Source, apply.Source)
		}
		if s.Counter.Claims["phase"] != PhasePlan {
			t.Errorf("seed %d: the counter-example is no plan token: %v", seed, s.Counter.Claims)
		}
		mu.Lock()
		defer mu.Unlock()
		switch {
		case s.Verdict != Refuted:
		case s.Both:
			both++
		default:
			one++
		}
	})
	t.Logf("%d counter-examples are admitted by both roles, %d by the apply role alone", both, one)
	if both < separations/100 || one < separations/100 {
		t.Error("the generator does not try enough")
	}
}

// tenancyCodes are the codes of holes that let other tenants in.
var tenancyCodes = []string{TenancyConditionMissing, GuardIfExists, GuardForAllValues, GuardNegated, WildcardMatchesAll, WildcardOverSeparator, ConditionNotJudged}

func TestTheSmallestTokenOfAHoleGetsIn(t *testing.T) {
	t.Parallel()
	keys := table(t)
	var mu sync.Mutex
	seen := map[string]int{}
	forSeeds(t, audits, func(g generator, seed int) {
		doc := g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		for _, h := range Audit(doc, o).Holes {
			mu.Lock()
			seen[h.Code]++
			mu.Unlock()
			if h.Token == nil {
				continue
			}
			if admitted, _ := admittedOf(doc, h.Principal, h.Token.Context); !admitted {
				t.Errorf("seed %d: %+v\n%+v is not admitted by\n%s", seed, h, h.Token, doc.Source)
			}
			for _, claim := range []string{"iss", "aud", "sub"} {
				if h.Token.Claims[claim] == nil {
					t.Errorf("seed %d: the token has no %s, so STS would not take it: %+v", seed, claim, h.Token.Claims)
				}
			}
		}
	})
	t.Log(seen)
	for _, code := range append(slices.Clone(tenancyCodes), AudienceConditionMissing, ConditionKeyNeverFilled, ConditionKeyUndocumented) {
		if seen[code] == 0 {
			t.Errorf("no policy was generated with %s", code)
		}
	}
}

func TestAStrangerThatGetsInIsReported(t *testing.T) {
	t.Parallel()
	const tokens = 40
	keys := table(t)
	var mu sync.Mutex
	in := 0
	forSeeds(t, audits, func(g generator, seed int) {
		doc := g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		report := Audit(doc, o)
		reported := slices.ContainsFunc(report.Holes, func(h Hole) bool { return !h.Other && slices.Contains(tenancyCodes, h.Code) })
		for range tokens {
			ctx := g.context(o.Keys, doc)
			ctx[forgecroftKey+"sub"] = []string{pick(g, "stranger", "org:stranger:phase:plan")}
			for _, key := range []string{forgecroftKey + "org_id", "aws:RequestTag/org_id"} {
				if ctx[key] != nil {
					ctx[key] = []string{"stranger"}
				}
			}
			if admitted, _ := admittedFor(doc, ctx); !admitted {
				continue
			}
			mu.Lock()
			in++
			mu.Unlock()
			if !reported {
				t.Errorf("seed %d, keys %s: %v gets in unreported\n%s\n%+v", seed, o.Keys, ctx, doc.Source, report)
				return
			}
		}
	})
	t.Logf("%d strangers got in, all reported", in)
	if in < audits {
		t.Error("the generator does not try enough")
	}
}

// With the corrected statement in its place, the statement lets no stranger in any more.
func TestACorrectedStatementIsClosed(t *testing.T) {
	t.Parallel()
	keys := table(t)
	var mu sync.Mutex
	closed := 0
	forSeeds(t, audits, func(g generator, seed int) {
		doc := g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		for _, h := range Audit(doc, o).Holes {
			if h.Fix == nil || h.Statement < 0 {
				continue
			}
			span := doc.Statements[h.Statement].Span
			src := string(doc.Source[:span.Start.Offset]) + string(h.Fix.Statement) + string(doc.Source[span.End.Offset:])
			fixed := mustParse(t, src)
			for _, left := range Audit(fixed, o).Holes {
				if left.Statement == h.Statement && (left.Severity == Critical || left.Severity == Failure) && left.Code != PolicyNotStorable {
					t.Errorf("seed %d, keys %s: %s is still there after %s was mended\n%s\n%s", seed, o.Keys, left.Code, h.Code, doc.Statements[h.Statement].Sid.Text+string(doc.Source), src)
					return
				}
			}
			mu.Lock()
			closed++
			mu.Unlock()
		}
	})
	if closed < audits/10 {
		t.Errorf("only %d statements were corrected", closed)
	}
}
