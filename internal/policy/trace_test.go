package policy

import (
	"slices"
	"strings"
	"testing"
)

func TestTheTraceShowsEveryConditionInOrder(t *testing.T) {
	t.Parallel()
	d := parse(t, forgecroftTrust)
	for range 10 { // maps are read on the way: the order must not depend on them
		result := d.Evaluate(forgecroftRequest("apply"))
		if result.Decision != ImplicitDeny || len(result.Statements) != 1 {
			t.Fatalf("decision %v, %d statements", result.Decision, len(result.Statements))
		}
		s := result.Statements[0]
		if s.Matched || s.Statement.Sid.Text != "Plan" || !s.Principal.Holds || !s.Action.Holds || s.Resource.Tested {
			t.Errorf("statement's trace is %+v", s)
		}
		var got []string
		for _, c := range s.Conditions {
			got = append(got, c.Key+" "+map[bool]string{true: "holds", false: "fails"}[c.Holds])
		}
		want := []string{"api.forgecroft.com:aud holds", "api.forgecroft.com:phase fails", "api.forgecroft.com:org_id holds"}
		if !slices.Equal(got, want) {
			t.Errorf("conditions are %q, want %q", got, want)
		}
		phase := s.Conditions[1]
		if phase.Why != Differs || phase.Found[phase.FoundAt] != "apply" || phase.ExpectedAt != -1 {
			t.Errorf("condition's trace is %+v", phase)
		}
		if got := phase.Expected(); len(got) != 1 || got[0].Text != "plan" || got[0].Value.Span.Start.Line != 12 {
			t.Errorf("expected values are %+v", got)
		}
	}
}

func TestReasonsOfConditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, condition, context, reason string
	}{
		{"equal", `{"StringEquals": {"k:a": ["x", "y"]}}`, `{"k:a": "y"}`, `found "y", which equals "y"`},
		{"other", `{"StringEquals": {"k:a": "x"}}`, `{"k:a": "y"}`, `found "y", which does not equal "x"`},
		{"none of several", `{"StringLike": {"k:a": ["x*", "y?"]}}`, `{"k:a": "z"}`, `found "z", which does not match any of "x*", "y?"`},
		{"negated, matching", `{"StringNotLike": {"k:a": "x*"}}`, `{"k:a": "xy"}`, `found "xy", which matches "x*"`},
		{"many expected", `{"StringEquals": {"k:a": ["1", "2", "3", "4", "5", "6", "7"]}}`, `{"k:a": "z"}`, `any of "1", "2", "3", "4", "5" and 2 more`},
		{"case ignored", `{"StringEqualsIgnoreCase": {"k:a": "X"}}`, `{"k:a": "x"}`, `found "x", which equals but for letter case "X"`},
		{"number", `{"NumericLessThan": {"k:a": 5}}`, `{"k:a": "7"}`, `found "7", which is not less than "5"`},
		{"date", `{"DateGreaterThanEquals": {"k:a": "2026-03"}}`, `{"k:a": "2026-04"}`, `found "2026-04", which is at least "2026-03"`},
		{"address", `{"IpAddress": {"k:a": "10.0.0.0/8"}}`, `{"k:a": "11.0.0.1"}`, `found "11.0.0.1", which does not lie in "10.0.0.0/8"`},
		{"no number", `{"NumericEquals": {"k:a": "5"}}`, `{"k:a": "x"}`, `found "x", which does not compare with "5" as number`},
		{"a variable", `{"StringEquals": {"k:a": "u-${k:b}"}}`, `{"k:a": "x", "k:b": "7"}`, `found "x", which does not equal "u-7"`},
		{"a variable without value", `{"StringEquals": {"k:a": "${k:b}"}}`, `{"k:a": "x"}`, `does not equal "${k:b} (a variable without a value)"`},
		{"missing", `{"StringEquals": {"k:a": "x"}}`, `{}`, `the request has no key "k:a", and a positive operator needs it`},
		{"missing, negated", `{"StringNotEquals": {"k:a": "x"}}`, `{}`, `and a negated operator is true without it`},
		{"missing, IfExists", `{"StringNotEqualsIfExists": {"k:a": "x"}}`, `{}`, `and IfExists is true without it`},
		{"missing, ForAllValues", `{"ForAllValues:StringEquals": {"k:a": "x"}}`, `{}`, `and ForAllValues is true of a missing key`},
		{"missing, ForAnyValue", `{"ForAnyValue:StringEquals": {"k:a": "x"}}`, `{}`, `and ForAnyValue needs it`},
		{"null data set", `{"ForAllValues:StringEquals": {"k:a": "x"}}`, `{"k:a": ""}`, `"k:a" holds nothing but empty text`},
		{"Null, absent", `{"Null": {"k:a": "false"}}`, `{}`, `the request has no key "k:a", and Null asks that it be present`},
		{"Null, present", `{"Null": {"k:a": "true"}}`, `{"k:a": "x"}`, `the request has the key "k:a", and Null asks that it be absent`},
		{"Null holds", `{"Null": {"k:a": "false"}}`, `{"k:a": "x"}`, `asks that it be present`},
		{"the one that fails", `{"ForAllValues:StringEquals": {"k:a": "x"}}`, `{"k:a": ["x", "y"]}`, `found "y" among 2 values, which does not equal "x"`},
		{"the one that holds", `{"ForAnyValue:StringEquals": {"k:a": "x"}}`, `{"k:a": ["y", "x"]}`, `found "x" among 2 values, which equals "x"`},
		{"several values", `{"StringEquals": {"k:a": "x"}}`, `{"k:a": ["x", "y"]}`, `the request has 2 values for "k:a" ("x", "y"), and StringEquals without ForAllValues or ForAnyValue takes one`},
		{"no values", `{"StringEquals": {"k:a": []}}`, `{"k:a": "x"}`, `StringEquals lists no values for "k:a", which makes it false`},
		{"no keys", `{"StringEquals": {}}`, `{}`, `StringEquals lists no keys, so it adds no condition`},
		{"control characters", `{"StringEquals": {"k:a": "x"}}`, `{"k:a": "a\u001b[31m\u202e"}`, `found "a\x1b[31m\u202e", which`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := parse(t, trusting(v2012, c.condition)).Evaluate(webRequest(contextOf(t, c.context)))
			if got := result.Statements[0].Conditions[0].Reason(); !strings.Contains(got, c.reason) {
				t.Errorf("reason is\n%s\nwant\n%s", got, c.reason)
			}
		})
	}
}

func TestReasonsOfElements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, elements, principal, action, resource string }{
		{
			"named", `"Principal": {"Federated": "` + testProvider + `"}, "Action": "sts:*", "Resource": "x"`,
			`Principal names "` + testProvider + `"`, `Action takes in "` + webIdentity + `" by "sts:*"`, `Resource names "x", not "arn:x"`,
		},
		{
			"negated", `"NotPrincipal": {"Federated": "x"}, "NotAction": "sts:*", "NotResource": ["y", "z"]`,
			`NotPrincipal does not leave out "` + testProvider + `"`, `NotAction leaves out "` + webIdentity + `" by "sts:*"`, `NotResource does not leave out "arn:x"`,
		},
		{
			"both, the one that decides", `"Principal": {"Federated": "y"}, "NotPrincipal": {"Federated": "` + testProvider + `"}, "Action": "sts:*", "NotAction": "sts:Assume*", "Resource": "y", "NotResource": "*"`,
			`Principal names "y", not`, `NotAction leaves out`, `Resource names "y", not`,
		},
		{
			"absent or empty", `"Action": [], "Resource": []`,
			`the statement has no Principal`, `Action is empty, so the statement has no effect`, `Resource is empty`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := webRequest(nil)
			r.Resource = "arn:x"
			s := parse(t, `{"Statement": {"Effect": "Allow", `+c.elements+`}}`).Evaluate(r).Statements[0]
			for _, pair := range [][2]string{{s.Principal.Reason(), c.principal}, {s.Action.Reason(), c.action}, {s.Resource.Reason(), c.resource}} {
				if !strings.HasPrefix(pair[0], pair[1]) {
					t.Errorf("reason is %q, want %q", pair[0], pair[1])
				}
			}
		})
	}
}

func TestADecisionIsOpenOnlyIfAnOpenRuleCouldTurnIt(t *testing.T) {
	t.Parallel()
	certain := statementOf("Allow", `{"StringEquals": {"P:sub": "x"}}`)
	open := `{"stringequals": {"P:sub": "x"}}`
	openFails := `{"stringequals": {"P:sub": "y"}}`
	for _, c := range []struct {
		name   string
		policy string
		want   OpenRules
	}{
		{"an open Allow", policyOf(v2012, statementOf("Allow", open)), OpenOperatorCase},
		{"an open Allow beside a certain one", policyOf(v2012, statementOf("Allow", open), certain), 0},
		{"an open Allow that fails", policyOf(v2012, statementOf("Allow", openFails)), OpenOperatorCase},
		{"an open Deny over a certain Allow", policyOf(v2012, statementOf("Deny", open), certain), OpenOperatorCase},
		{"an open Deny that fails over a certain Allow", policyOf(v2012, statementOf("Deny", openFails), certain), OpenOperatorCase},
		{"an open Deny over nothing", policyOf(v2012, statementOf("Deny", open)), 0},
		{"an open Deny beside a certain one", policyOf(v2012, statementOf("Deny", open), statementOf("Deny", ""), certain), 0},
		{"an open Allow under a certain Deny", policyOf(v2012, statementOf("Deny", ""), statementOf("Allow", open)), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result := parse(t, c.policy).Evaluate(webRequest(Context{"api.forgecroft.com:sub": {"x"}}))
			if got := result.Open(); got != c.want {
				t.Errorf("open rules are %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryOpenRuleHasItsOwnWords(t *testing.T) {
	t.Parallel()
	all := OpenRules(1)<<len(openRuleTexts) - 1
	if all != OpenNotARN<<1-1 {
		t.Fatalf("%d texts for the rules up to %b", len(openRuleTexts), OpenNotARN)
	}
	seen := map[string]bool{}
	for _, rule := range all.List() {
		if text := rule.String(); text == "" || seen[text] {
			t.Errorf("rule %b reads %q", rule, text)
		} else {
			seen[text] = true
		}
	}
	if got, want := (OpenNull | OpenNotARN).String(), OpenNull.String()+"; "+OpenNotARN.String(); got != want {
		t.Errorf("two rules read %q, want %q", got, want)
	}
}

func TestTheContextIgnoresTheCaseOfKeys(t *testing.T) {
	t.Parallel()
	ctx := Context{"P:Sub": {"upper"}, "p:sub": {"lower"}, "p:none": {}, "P:\u00c4": {"a"}}
	for key, want := range map[string]string{"P:Sub": "upper", "p:sub": "lower", "P:SUB": "upper", "p:\u00e4": "a"} {
		if values, _, ok := ctx.Get(key); !ok || values[0] != want {
			t.Errorf("%s has %q, %t, want %q", key, values, ok, want)
		}
	}
	for _, key := range []string{"p:none", "p:su", "p:sub2", ""} {
		if values, name, ok := ctx.Get(key); ok {
			t.Errorf("%q has %q under %q, want nothing", key, values, name)
		}
	}
}
