package sandbox

import (
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// caseOf is what is known of an exchange of the issuer's token with a role of the member account.
func caseOf(t *testing.T, s *Sandbox, phase string) *exchange.Case {
	t.Helper()
	token, err := claims.Parse(mint(t, s, TokenOptions{Phase: phase, OrgID: testOrg}))
	if err != nil {
		t.Fatal(err)
	}
	c := &exchange.Case{
		Token: token, HasHeader: true,
		Provider: &exchange.Provider{Missing: true},
		Role:     exchange.Role{ARN: "arn:aws:iam::" + member + ":role/forgecroft-runner-" + phase, Missing: true},
	}
	look(t, s, func(a *account) {
		if r := a.state.Roles["forgecroft-runner-"+phase]; r != nil {
			c.Policy, c.Role.Missing, c.Role.MaxSessionDuration = []byte(r.Trust), false, r.MaxSession
		}
		for _, p := range a.state.Providers {
			c.Provider = &exchange.Provider{ARN: a.providerARN(p.URL), URL: p.URL, ClientIDs: p.ClientIDs}
		}
		levels, err := s.controlPolicies(a.Account, resourceControl)
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range levels {
			for _, p := range level {
				c.Organization.ResourceControl = append(c.Organization.ResourceControl, exchange.OrgPolicy{Name: p.Name, Document: []byte(p.Content)})
			}
		}
	})
	c.Keys = keysOf(t, s)
	return c
}

// keysOf is what a look at the issuer shows of its keys, taken to verify what they have signed.
func keysOf(t *testing.T, s *Sandbox) []jwks.Entry {
	t.Helper()
	i, err := s.Issuer("")
	if err != nil {
		t.Fatal(err)
	}
	_, keys, _, err := i.documents()
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwks.Parse(keys)
	if err != nil {
		t.Fatal(err)
	}
	return set.Entries(set.Keys)
}

// What doctor says first to a token and a role is what the catalogue promises, for every fault that
// such an exchange shows.
func TestTheCauseOfAFaultIsWhatTheJudgementOfAnExchangeSaysFirst(t *testing.T) {
	t.Parallel()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	examiner := doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
	phases := map[string]string{
		"keys-rotated": "plan", "tag-session-missing": "plan", "provider-missing": "plan", "provider-slash": "plan",
		"provider-audience-missing": "plan", "org-id-case": "plan", "org-id-other": "plan", "phase-wrong": "plan",
		"audience-condition": "plan", "principal-other-account": "plan", "principal-typo": "plan", "action-wrong": "plan",
		"wildcard-without-like": "plan", "condition-key-prefix": "plan", "condition-key-wrong-claim": "plan",
		"condition-key-unknown": "plan", "subject-other": "apply", "workspace-other": "apply", "trust-denied": "apply", "rcp-deny": "plan",
		"role-deleted": "apply",
	}
	for _, f := range Breakages() {
		phase := phases[f.Name]
		if phase == "" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{})
			deployTo(t, s, member)
			if j := examiner.Examine(caseOf(t, s, phase), false); j.Verdict.Decision != exchange.Allow {
				t.Fatalf("denied before the fault: %+v", j.Diagnoses)
			}
			breakIt(t, s, f.Name)
			j := examiner.Examine(caseOf(t, s, phase), false)
			if len(j.Diagnoses) == 0 || j.Diagnoses[0].Cause != f.Cause {
				t.Errorf("first cause %+v, want %s", j.Diagnoses, f.Cause)
			}
		})
	}
}

// Holes show in no refused exchange: they are findings of the trust policies.
func TestTheCauseOfAHoleIsAFindingOfTheTrustPolicies(t *testing.T) {
	t.Parallel()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	examiner := doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
	for _, name := range []string{"trust-no-org", "trust-if-exists", "trust-for-all-values", "trust-negated", "trust-wildcard", "trust-no-audience"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{})
			deployTo(t, s, member)
			f := breakIt(t, s, name)
			findings := examiner.Examine(caseOf(t, s, "apply"), true).Findings
			if len(findings) == 0 || findings[0].Code != f.Cause {
				t.Errorf("findings %+v, want %s first", findings, f.Cause)
			}
		})
	}
}
