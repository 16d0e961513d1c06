package exchange

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// askingForAll returns a judge to whom each trust policy that it reads may ask for any key.
func askingForAll(j *Judge, c *Case) *Judge {
	p := j.ReadPolicy(c.Policy)
	p.anyKey, p.callKeys = true, true
	return j
}

func TestKeysForWhichNoPolicyAsksDecideNothing(t *testing.T) {
	t.Parallel()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../doctor/testdata/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Read(src)
		if err != nil || c.Policy == nil {
			continue // a case of another kind
		}
		for _, keys := range []trust.Keys{trust.KeysIssuer, trust.KeysDocumented, trust.KeysAll} {
			got := NewJudge(table, keys).Verdict(c)
			want := askingForAll(NewJudge(table, keys), c).Verdict(c)
			if got.Decision != want.Decision || got.DecisionDocumented != want.DecisionDocumented || got.Basis != want.Basis ||
				got.Open != want.Open || !reflect.DeepEqual(got.Problems, want.Problems) || !reflect.DeepEqual(got.Unknown, want.Unknown) {
				t.Errorf("%s, keys %s: %s/%s by %s, and in the whole context %s/%s by %s", name, keys,
					got.Decision, got.DecisionDocumented, got.Basis, want.Decision, want.DecisionDocumented, want.Basis)
			}
		}
	}
}

func TestAPolicyIsTakenToAskForWhatItNames(t *testing.T) {
	t.Parallel()
	for condition, want := range map[string][3]bool{ // asks for org_id, for phase, for keys of the call
		`"StringEquals": {"api.forgecroft.com:ORG_ID": "x"}`:                              {true, false, false},
		`"StringEquals": {"api.forgecroft.com:sub": "x"}`:                                 {false, false, false},
		`"StringEquals": {"api.forgecroft.com:sub": "${api.forgecroft.com:org_id}"}`:      {true, true, true},
		`"StringEquals": {"api.forgecroft.com:sub": "\u0024{api.forgecroft.com:org_id}"}`: {true, true, true},
		`"IpAddress": {"AWS:SourceIp": "10.0.0.0/8"}`:                                     {false, false, true},
		`"StringEquals": {"sts:RoleSessionName": "x", "api.forgecroft.com:phase": "x"}`:   {false, true, true},
	} {
		p := readPolicy(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "x"}, "Condition": {` + condition + `}}}`)
		if p.Err != nil {
			t.Fatal(p.Err)
		}
		if got := [3]bool{p.asksFor("api.forgecroft.com:org_id"), p.asksFor("api.forgecroft.com:phase"), p.callKeys}; got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}
