package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// deployTo deploys Forgecroft's template to an account.
func deployTo(t *testing.T, s *Sandbox, account string) {
	t.Helper()
	err := s.SetUpStack(StackSetup{
		Account: account, Region: "us-east-1", Name: testStack, Template: string(assets.Template), Status: createComplete,
		Parameters: map[string]string{"OrgId": testOrg, "AllowedRegions": "us-east-1,us-west-2"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// breakIt makes a fault in the member account.
func breakIt(t *testing.T, s *Sandbox, name string) Broken {
	t.Helper()
	done, err := s.Break(name, member)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// look lets use see the member account.
func look(t *testing.T, s *Sandbox, use func(*account)) {
	t.Helper()
	err := s.open(member, "us-east-1", func(a *account) error {
		use(a)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stateOf is the member account as text, without what is remembered of faults and ids.
func stateOf(t *testing.T, s *Sandbox) (text string) {
	t.Helper()
	look(t, s, func(a *account) {
		st := *a.state
		st.Broken, st.Serial = nil, 0
		raw, err := json.Marshal(&st)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	})
	return text
}

func TestEveryFaultOfAnAccountChangesItAndCanBeUndone(t *testing.T) {
	t.Parallel()
	for _, f := range catalogue() {
		if f.account == nil {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{Dir: t.TempDir()})
			deployTo(t, s, member)
			before := stateOf(t, s)
			done := breakIt(t, s, f.Name)
			if done.Cause != f.Cause || done.Account.ID != member {
				t.Errorf("got %+v", done)
			}
			if stateOf(t, s) == before {
				t.Error("nothing changed")
			}
			look(t, s, func(a *account) {
				for _, r := range a.state.Roles {
					if err := checkTrust(r.Trust); err != nil {
						t.Errorf("IAM would not store the trust policy of %s: %v\n%s", r.Name, err, r.Trust)
					}
					for name, text := range r.Inline {
						if err := checkPermissions(text); err != nil {
							t.Errorf("IAM would not store %s of %s: %v", name, r.Name, err)
						}
					}
				}
			})
			undone, issuer, err := newSandbox(t, Options{Dir: s.options.Dir}).Unbreak("")
			if err != nil || issuer || len(undone) != 1 || undone[0].Left || !slices.Equal(undone[0].Faults, []string{f.Name}) {
				t.Errorf("undone: %+v, %v, %v", undone, issuer, err)
			}
			if d := cmp.Diff(before, stateOf(t, s)); d != "" {
				t.Error(d)
			}
		})
	}
}

// admits asks a role of the member's stack about a token of the organization and a phase.
func admits(t *testing.T, s *Sandbox, phase string, claims policy.Context) (decision bool) {
	t.Helper()
	look(t, s, func(a *account) {
		doc, err := policy.Parse([]byte(a.state.Roles["forgecroft-runner-"+phase].Trust))
		if err != nil {
			t.Fatal(err)
		}
		context := policy.Context{}
		for name, values := range claims {
			context["api.forgecroft.com:"+name] = values
		}
		decision = doc.Decide(policy.Request{
			Action:    "sts:AssumeRoleWithWebIdentity",
			Principal: &policy.Principal{Kind: "Federated", ID: memberProvider, Account: member},
			Context:   context,
		}) == policy.Allowed
	})
	return decision
}

// tokenOf are the claims of a token, but for those that are left out.
func tokenOf(phase, org string, without ...string) policy.Context {
	c := policy.Context{
		"aud": {"sts.amazonaws.com"}, "phase": {phase}, "org_id": {org}, "sub": {"org:" + org + ":phase:" + phase},
		"workspace_id": {"22222222-2222-2222-2222-222222222222"},
	}
	for _, name := range without {
		delete(c, name)
	}
	return c
}

func TestFaultsOfTheTrustPoliciesRefuseOurTokensOrAdmitOthers(t *testing.T) {
	t.Parallel()
	stranger := "00000000-0000-4000-8000-000000000000"
	tests := map[string]struct {
		plan, apply bool           // does the role still admit its token?
		hole        policy.Context // a token that the apply role must not admit, and does
	}{
		"org-id-case":               {},
		"org-id-other":              {},
		"trust-redirected":          {hole: tokenOf("apply", strangerOrgID)},
		"phase-wrong":               {apply: true},
		"phase-swapped":             {hole: tokenOf("plan", testOrg)},
		"audience-condition":        {},
		"principal-other-account":   {},
		"principal-typo":            {},
		"action-wrong":              {},
		"wildcard-without-like":     {},
		"condition-key-prefix":      {},
		"condition-key-wrong-claim": {},
		"condition-key-unknown":     {},
		"subject-other":             {},
		"workspace-other":           {plan: true},
		"trust-denied":              {plan: true},
		"trust-no-org":              {plan: true, apply: true, hole: tokenOf("apply", stranger)},
		"trust-if-exists":           {plan: true, apply: true, hole: tokenOf("apply", stranger, "org_id")},
		"trust-for-all-values":      {plan: true, apply: true, hole: tokenOf("apply", stranger, "org_id")},
		"trust-negated":             {plan: true, apply: true, hole: tokenOf("apply", stranger)},
		"trust-wildcard":            {plan: true, apply: true, hole: tokenOf("apply", stranger)},
		"trust-no-audience":         {plan: true, apply: true, hole: tokenOf("apply", testOrg, "aud")},
		"phase-open":                {plan: true, apply: true, hole: tokenOf("plan", testOrg)},
		"stack-drifted":             {plan: true, apply: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{})
			deployTo(t, s, member)
			if !admits(t, s, "plan", tokenOf("plan", testOrg)) || test.hole != nil && admits(t, s, "apply", test.hole) {
				t.Fatal("the trust policies are wrong before anything is broken")
			}
			breakIt(t, s, name)
			if got := admits(t, s, "plan", tokenOf("plan", testOrg)); got != test.plan {
				t.Errorf("plan admits its token: %v, want %v", got, test.plan)
			}
			if got := admits(t, s, "apply", tokenOf("apply", testOrg)); got != test.apply {
				t.Errorf("apply admits its token: %v, want %v", got, test.apply)
			}
			if test.hole != nil && !admits(t, s, "apply", test.hole) {
				t.Errorf("apply does not admit %v", test.hole)
			}
		})
	}
}

// mayAct asks what the apply role may do in a Region.
func mayAct(t *testing.T, s *Sandbox, action, region string) (ok bool) {
	t.Helper()
	look(t, s, func(a *account) {
		r := a.state.Roles["forgecroft-runner-apply"]
		ok = a.authorize(principal{Account: member, Role: r.Name, Path: r.Path, RoleID: r.ID, Session: "run"}, action, "*", region) == nil
	})
	return ok
}

func TestFaultsOfPermissionsAndRegionsTakeAwayOrGiveTooMuch(t *testing.T) {
	t.Parallel()
	type may struct{ east, west, europe, identity bool }
	tests := map[string]may{
		"stack-drifted":         {east: true, west: true, identity: true},
		"regions-missing":       {east: true, identity: true},
		"global-region-missing": {west: true},
		"scp-deny-region":       {east: true, identity: true},
		"scp-deny-iam":          {east: true, west: true},
		"boundary-blocks":       {},
		"apply-unrestricted":    {east: true, west: true, europe: true, identity: true},
		"region-not-enabled":    {east: true, west: true, identity: true},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{Dir: t.TempDir()})
			deployTo(t, s, member)
			breakIt(t, s, name)
			got := may{
				mayAct(t, s, "ec2:RunInstances", "us-east-1"), mayAct(t, s, "ec2:RunInstances", "us-west-2"),
				mayAct(t, s, "ec2:RunInstances", "eu-west-1"), mayAct(t, s, "iam:CreateRole", "us-east-1"),
			}
			if got != want {
				t.Errorf("apply may %+v, want %+v", got, want)
			}
			if _, _, err := s.Unbreak(member); err != nil {
				t.Fatal(err)
			}
			if !mayAct(t, s, "iam:CreateRole", "us-east-1") || !mayAct(t, s, "ec2:RunInstances", "us-west-2") {
				t.Error("the fault is still there after it was undone")
			}
		})
	}
}

func TestARegionThatAFaultIsAboutIsTold(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"regions-missing": "us-west-2", "global-region-missing": "us-east-1", "region-not-enabled": "af-south-1",
		"scp-deny-region": "us-west-2", "sts-region-disabled": "us-west-2", "plan-can-write": "",
	} {
		s := newSandbox(t, Options{})
		deployTo(t, s, member)
		if got := breakIt(t, s, name).Region; got != want {
			t.Errorf("%s is about %q, want %q", name, got, want)
		}
		if name == "sts-region-disabled" {
			look(t, s, func(a *account) {
				if a.stsInRegion("us-west-2") == nil || a.stsInRegion("us-east-1") != nil {
					t.Error("STS is not off where it should be")
				}
			})
		}
	}
}

func TestAResourceControlPolicyOfAFaultDeniesExchanges(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	deployTo(t, s, member)
	ask := func() (denied bool) {
		look(t, s, func(a *account) {
			p, err := a.deniedByResourceControl(policy.Request{Action: "sts:AssumeRoleWithWebIdentity", Resource: memberRole, Context: policy.Context{}})
			if err != nil {
				t.Fatal(err)
			}
			denied = p != nil
		})
		return denied
	}
	if ask() {
		t.Fatal("denied before the fault")
	}
	breakIt(t, s, "rcp-deny")
	if !ask() {
		t.Error("not denied")
	}
	insider(t, s) // the way in for administrators stays open
	if _, _, err := s.Unbreak(""); err != nil || ask() {
		t.Errorf("still denied, or %v", err)
	}
}

// answers is what the issuer says to a request.
func answers(t *testing.T, s *Sandbox, path string) (status int, body string) {
	t.Helper()
	i, err := s.Issuer("")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, i.URL()+path, nil))
	return w.Code, w.Body.String()
}

func TestFaultsOfTheIssuerShowInItsAnswersUntilUndone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, other := newSandbox(t, Options{Dir: dir}), newSandbox(t, Options{Dir: dir})
	_, keys := answers(t, other, keySetPath)
	must := func(name string) {
		t.Helper()
		if _, err := s.Break(name, ""); err != nil {
			t.Fatal(err)
		}
	}
	must("discovery-404")
	if status, _ := answers(t, other, discoveryPath); status != http.StatusNotFound {
		t.Errorf("discovery answers %d, want 404", status)
	}
	must("issuer-mismatch")
	if _, body := answers(t, other, discoveryPath); !strings.Contains(body, `"issuer": "https://api.forgecroft.com/"`) {
		t.Errorf("the document names the right issuer: %s", body)
	}
	must("keys-rotated")
	header, _ := payload(t, mint(t, other, TokenOptions{}))
	if _, body := answers(t, other, keySetPath); strings.Contains(body, header["kid"].(string)) || !strings.Contains(body, "sandbox-2-rsa") {
		t.Errorf("the key %s is published: %s", header["kid"], body)
	}
	must("tag-session-missing")
	if _, claims := payload(t, mint(t, other, TokenOptions{Phase: "apply"})); claims["https://aws.amazon.com/tags"] == nil {
		t.Errorf("no tags in %v", claims)
	}
	undone, issuer, err := other.Unbreak("")
	if err != nil || !issuer || len(undone) != 0 {
		t.Errorf("undone: %v, %v, %v", undone, issuer, err)
	}
	if _, body := answers(t, s, keySetPath); body != keys {
		t.Error("the issuer has other keys than before its faults")
	}
	if _, issuer, err := other.Unbreak(""); err != nil || issuer {
		t.Errorf("undone twice: %v, %v", issuer, err)
	}
}

func TestASilentIssuerBreaksConnectionsOff(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	i, err := s.Issuer("")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(i)
	defer server.Close()
	if _, err := s.Break("discovery-down", ""); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+discoveryPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := server.Client().Do(r); err == nil {
		_ = out.Body.Close()
		t.Errorf("it answers %s", out.Status)
	}
}

func TestAFaultGoesToTheFirstMemberAccountThatWasDeployed(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	_, err := s.Break("plan-can-write", "")
	if err == nil || !strings.Contains(err.Error(), "deploy it first: fcoidc bootstrap --sandbox") {
		t.Errorf("before a deployment: %v", err)
	}
	deployTo(t, s, management)
	if done, err := s.Break("plan-can-write", ""); err != nil || done.Account.ID != management {
		t.Errorf("got %+v, %v", done, err)
	}
	if _, err := s.Break("scp-deny-iam", ""); err == nil || !strings.Contains(err.Error(), "the management account 010000000001 is not bound") {
		t.Errorf("an SCP on the management account: %v", err)
	}
	deployTo(t, s, "010000000005")
	deployTo(t, s, member)
	if done, err := s.Break("plan-can-write", ""); err != nil || done.Account.ID != member {
		t.Errorf("got %+v, %v", done, err)
	}
	for name, account := range map[string]string{"no-such-fault": "", "plan-can-write": "999999999999"} {
		if _, err := s.Break(name, account); err == nil {
			t.Errorf("%s in %q is made", name, account)
		}
	}
}

func TestFaultsAddUpAndThoseThatContradictSayHowToGoOn(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	deployTo(t, s, member)
	before := stateOf(t, s)
	for _, name := range []string{"plan-can-write", "trust-no-org", "rcp-deny", "rcp-deny"} {
		breakIt(t, s, name)
	}
	if _, err := s.Break("trust-if-exists", member); err == nil || !strings.Contains(err.Error(), "does not test api.forgecroft.com:org_id") {
		t.Errorf("got %v", err)
	}
	undone, _, err := s.Unbreak(member)
	if err != nil || len(undone) != 1 || len(undone[0].Faults) != 4 {
		t.Errorf("undone: %+v, %v", undone, err)
	}
	if d := cmp.Diff(before, stateOf(t, s)); d != "" {
		t.Error(d)
	}
}

func TestAnAccountThatWasDeployedAfterItsFaultsIsNotSetBack(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	deployTo(t, s, member)
	breakIt(t, s, "plan-can-write")
	if err := s.SetUpStack(StackSetup{Account: member, Region: "us-east-1", Name: testStack, Status: updateComplete}); err != nil {
		t.Fatal(err)
	}
	now := stateOf(t, s)
	undone, _, err := s.Unbreak(member)
	if err != nil || len(undone) != 1 || !undone[0].Left {
		t.Errorf("undone: %+v, %v", undone, err)
	}
	if d := cmp.Diff(now, stateOf(t, s)); d != "" {
		t.Error(d)
	}
}

func TestLetterCaseOfAnOrganizationWithoutLettersCannotDiffer(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	err := s.SetUpStack(StackSetup{
		Account: member, Region: "us-east-1", Name: testStack, Template: string(assets.Template), Status: createComplete,
		Parameters: map[string]string{"OrgId": exampleOrgID, "AllowedRegions": "us-east-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	before := stateOf(t, s)
	for name, says := range map[string]string{"org-id-case": "has no letters", "regions-missing": "takes a second one", "global-region-missing": "alone"} {
		if _, err := s.Break(name, member); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "fcoidc bootstrap --sandbox") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := cmp.Diff(before, stateOf(t, s)); d != "" {
		t.Errorf("a refused fault changed the account: %s", d)
	}
}

func TestFaultsHaveDistinctNamesAndStableCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range Breakages() {
		if seen[f.Name] || f.Summary == "" || strings.ContainsAny(f.Name, "_ ") || strings.ContainsAny(f.Cause, "- ") {
			t.Errorf("%+v", f)
		}
		seen[f.Name] = true
	}
}

func TestFaultsOfADeploymentAreMendedByDeployingAnew(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"org-id-case", "org-id-other", "regions-missing", "global-region-missing", "region-not-enabled"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{Dir: t.TempDir()})
			deployTo(t, s, member)
			breakIt(t, s, name)
			err := s.SetUpStack(StackSetup{
				Account: member, Region: "us-east-1", Name: testStack, Template: string(assets.Template), Status: updateComplete,
				Parameters: map[string]string{"OrgId": testOrg, "AllowedRegions": "us-east-1,us-west-2"},
			})
			if err != nil {
				t.Fatal(err)
			}
			if !admits(t, s, "plan", tokenOf("plan", testOrg)) || !admits(t, s, "apply", tokenOf("apply", testOrg)) {
				t.Error("the roles do not admit their tokens")
			}
			if !mayAct(t, s, "iam:CreateRole", "us-east-1") || !mayAct(t, s, "ec2:RunInstances", "us-west-2") || mayAct(t, s, "ec2:RunInstances", "af-south-1") {
				t.Error("the apply role may not do what it should")
			}
			if n := driftedResources(t, s); n != 0 {
				t.Errorf("%d resources drifted", n)
			}
		})
	}
}

// A fault that stands for a wrong deployment is no drift; one that was made by hand is.
func TestFaultsMadeByHandAreDriftAndThoseOfADeploymentAreNot(t *testing.T) {
	t.Parallel()
	byHand := map[string]bool{
		"org-id-case": false, "org-id-other": false, "regions-missing": false, "global-region-missing": false, "region-not-enabled": false,
		"stack-drifted": true, "trust-no-org": true, "phase-wrong": true, "plan-can-write": true, "provider-audience-missing": true,
		"provider-missing": true, "role-deleted": true, "boundary-blocks": false, "trust-redirected": true,
	}
	for name, want := range byHand {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{})
			deployTo(t, s, member)
			breakIt(t, s, name)
			if got := driftedResources(t, s) > 0; got != want {
				t.Errorf("drift %v, want %v", got, want)
			}
		})
	}
}

// driftedResources has the member's stack look for drift.
func driftedResources(t *testing.T, s *Sandbox) (n int) {
	t.Helper()
	look(t, s, func(a *account) {
		c := &call{sandbox: s, region: "us-east-1", acct: a, form: map[string][]string{"StackName": {testStack}}}
		if _, err := detectStackDrift(c); err != nil {
			t.Fatal(err)
		}
		n = a.findStack("us-east-1").drifted()
	})
	return n
}

func TestTheManualListsEveryFaultWithItsCause(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "sandbox.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Breakages() {
		if row := fmt.Sprintf("| `%s` | %s | `%s` |", b.Name, b.Summary, b.Cause); !strings.Contains(string(manual), row) {
			t.Errorf("docs/sandbox.md lacks %s", row)
		}
	}
}
