package doctor_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// document is a trust policy as decoded JSON, for a test to change.
type document map[string]any

func (d document) statements() []map[string]any {
	list, ok := d["Statement"].([]any)
	if !ok {
		list = []any{d["Statement"]}
	}
	statements := make([]map[string]any, 0, len(list))
	for _, s := range list {
		if m, ok := s.(map[string]any); ok {
			statements = append(statements, m)
		}
	}
	return statements
}

// member is a JSON member of a statement as a fix words it: its name and all that follows.
var member = regexp.MustCompile(`(?s)"[A-Za-z:]+": [\[{"].*`)

// paste changes a trust policy as a person would who follows the fix to the letter. ok is false
// for a fix that is no part of a policy.
func paste(t *testing.T, d document, x doctor.Diagnosis) (ok bool) {
	t.Helper()
	text := member.FindString(x.Fix)
	if strings.HasPrefix(x.Fix, "take ") && x.Cause == "condition_key_unsupported" {
		drop(d, x, x.Found)
		if text == "" {
			return true
		}
	}
	if text == "" {
		return false
	}
	var part map[string]any
	if err := json.Unmarshal([]byte("{"+text+"}"), &part); err != nil {
		t.Fatalf("the fix of %s is no JSON: %v\n%s", x.Cause, err, x.Fix)
	}
	for i, s := range d.statements() {
		if x.Place != nil && i != x.Place.Statement-1 || x.Place == nil && s["Effect"] != "Allow" {
			continue
		}
		for name, value := range part {
			if name == "Action" || name == "Principal" {
				s[name] = value
				continue
			}
			merge(d, s, x, name, value)
		}
	}
	return true
}

// merge puts an operator's keys into the statement's condition, in the place of what the caret
// points at.
func merge(d document, statement map[string]any, x doctor.Diagnosis, operator string, value any) {
	keys, _ := value.(map[string]any)
	for key := range keys {
		drop(d, x, key)
	}
	drop(d, x, keyOf(statement, x))
	if x.Cause == "condition_key_prefix" {
		dropPrefixes(statement, operator, keys)
	}
	condition, ok := statement["Condition"].(map[string]any)
	if !ok {
		condition = map[string]any{}
		statement["Condition"] = condition
	}
	under, ok := condition[operator].(map[string]any)
	if !ok {
		under = map[string]any{}
		condition[operator] = under
	}
	maps.Copy(under, keys)
}

// keyOf is the key at fault: the one found, or the one under which the expected value stands.
func keyOf(statement map[string]any, x doctor.Diagnosis) string {
	condition, _ := statement["Condition"].(map[string]any)
	for _, keys := range condition {
		for key, value := range keys.(map[string]any) {
			if text, _ := json.Marshal(value); key == x.Found || strings.Contains(string(text), `"`+x.Expected+`"`) {
				return key
			}
		}
	}
	return ""
}

// dropPrefixes takes the keys out whose claims the fix names with the right prefix.
func dropPrefixes(statement map[string]any, operator string, keys map[string]any) {
	condition, _ := statement["Condition"].(map[string]any)
	under, _ := condition[operator].(map[string]any)
	for key := range keys {
		claim := key[strings.LastIndex(key, ":")+1:]
		for old := range under {
			if old == claim || strings.HasSuffix(old, ":"+claim) {
				delete(under, old)
			}
		}
	}
}

// drop takes a key out of the operator of which the diagnosis speaks.
func drop(d document, x doctor.Diagnosis, key string) {
	for i, s := range d.statements() {
		condition, _ := s["Condition"].(map[string]any)
		if x.Place != nil && i != x.Place.Statement-1 {
			continue
		}
		for operator, keys := range condition {
			if !slices.ContainsFunc(x.Evidence, func(e string) bool { return strings.HasPrefix(e, operator+": ") }) {
				continue
			}
			under := keys.(map[string]any)
			if delete(under, key); len(under) == 0 {
				delete(condition, operator)
			}
		}
	}
}

// mend follows the fixes that a policy can be changed by, until none is left, and returns the
// last verdict.
func mend(t *testing.T, l labelled) (*exchange.Verdict, []string) {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(l.source, &whole); err != nil {
		t.Fatal(err)
	}
	policy, ok := whole["trust_policy"].(map[string]any)
	if !ok {
		return nil, nil
	}
	judge := newJudge(t, trust.KeysIssuer)
	var followed []string
	for {
		src, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		c := read(t, src)
		v := judge.Verdict(c)
		at := slices.IndexFunc(doctor.Diagnose(c, v), func(x doctor.Diagnosis) bool {
			return x.Shown && v.Decision == exchange.Deny && paste(t, document(policy), x)
		})
		if at < 0 {
			return v, followed
		}
		cause := doctor.Diagnose(c, v)[at].Cause
		if len(followed) > 8 {
			t.Errorf("%s: the fixes lead nowhere: %v", l.name, followed)
			return v, followed
		}
		followed = append(followed, cause)
	}
}

func TestWhoFollowsTheFixesGetsIn(t *testing.T) {
	t.Parallel()
	mended := 0
	for folder, count := range map[string]int{"cases": 56, "more": 226} {
		for _, l := range labelledCases(t, folder, count) {
			v, followed := mend(t, l)
			if v == nil || len(followed) == 0 {
				continue
			}
			mended++
			for _, kind := range []exchange.Kind{exchange.NotTrusted, exchange.TagSessionMissing, exchange.SourceIdentityNotOK} {
				if v.Has(kind) {
					t.Errorf("%s: after %v the trust policy still refuses the token: %s", l.name, followed, kind)
				}
			}
		}
	}
	if mended < 100 {
		t.Errorf("%d cases were mended in their trust policy", mended)
	}
}

func firstFix(t *testing.T, whole map[string]any) string {
	t.Helper()
	src, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, src)
	diagnoses := doctor.Diagnose(c, newJudge(t, trust.KeysIssuer).Verdict(c))
	if len(diagnoses) == 0 {
		t.Fatal("no diagnosis")
	}
	return diagnoses[0].Fix
}
