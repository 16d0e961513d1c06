package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

func TestAnAudienceWrittenWronglyIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{template.ParamOrgID: letteredOrg})
	if _, err := box.Break("provider-audience-missing", targets[0].Account); err != nil {
		t.Fatal(err)
	}
	o := CheckOptions{OrgID: letteredOrg}
	apply(t, targets[0], diagnosed(t, box, targets[0], "", false, o).Findings[0].Fix)
	if r := diagnosed(t, box, targets[0], "", false, o); len(toMend(r)) > 0 {
		t.Errorf("%s", describeFindings(r))
	}
}

func TestAClientIDOfAnotherApplicationStaysInTheProvider(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Provider.ClientIDs, s.Provider.ManagedBy, s.Provider.StackID = []string{"another-application"}, template.ManagedBy, s.Stack().ID
	fix := findingOf(t, Diagnosed(s, CheckOptions{Examiner: testExaminer(t)}), "aud_not_in_provider").Fix
	if !strings.Contains(fix, "add-client-id") || strings.Contains(fix, "remove-client-id") {
		t.Errorf("%s", fix)
	}
}

func TestAProviderWithTheTagOfAnotherStackIsNotTheStacks(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Provider.Read, s.Provider.ManagedBy = true, template.ManagedBy
	const other = "arn:aws:cloudformation:eu-west-1:123456789012:stack/other/1"
	for id, want := range map[string]bool{s.Stack().ID: false, other: true, "": true} {
		s.Provider.StackID = id
		r := Diagnosed(s, CheckOptions{Examiner: testExaminer(t)})
		at := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == "provider_not_ours" })
		if got := at >= 0; got != want {
			t.Errorf("%q: %t", id, got)
		} else if got && !strings.Contains(r.Findings[at].Fix, s.Stack().ID) {
			t.Errorf("%s", r.Findings[at].Fix)
		}
	}
}

func TestWhatIsForgecroftsToMendSaysWhatACustomerCanDo(t *testing.T) {
	t.Parallel()
	problem := IssuerProblem{Code: "discovery_unreachable", Severity: "failure", Summary: "404", Fix: "serve it"}
	for url, want := range map[string]string{
		template.DefaultIssuer:    "api.forgecroft.com is Forgecroft's: tell its support (serve it); meanwhile trigger the run again",
		"https://idp.example.com": "serve it",
	} {
		if got := (&Issuer{URL: url, Connected: true}).unreachable(problem).Fix; got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}
