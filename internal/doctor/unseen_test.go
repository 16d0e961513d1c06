package doctor

import (
	"slices"
	"testing"
)

// unread is the healthy account as somebody sees it who may read next to nothing.
func unread() *Snapshot {
	s := healthy()
	s.Missing = []Looked{
		{Fact: FactStack, What: "stack", Action: "cloudformation:DescribeStacks"},
		{Fact: FactProvider, What: "provider", Action: "iam:GetOpenIDConnectProvider"},
		{Fact: FactRoles, What: "role", Action: "iam:GetRole"},
		{Fact: FactPermissions, What: "policies", Action: "iam:ListRolePolicies"},
		{Fact: FactRegions, What: "Regions", Action: "account:ListRegions"},
	}
	s.Stacks, s.Regions = nil, nil
	s.Provider.Read = false
	for i := range s.Roles {
		r := &s.Roles[i]
		*r = Role{Name: r.Name, ARN: r.ARN, Phase: r.Phase}
	}
	return s
}

func TestNothingIsSaidToBeWellThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	r := Diagnosed(unread(), known(t))
	for _, c := range r.Results {
		about := []Category{CategoryProvider, CategoryTrust, CategoryPermissions, CategoryRegions}
		if c.Outcome == OutcomeOK && slices.Contains(about, c.Check.Category) && c.Check.Name != "provider" { // which was seen to be there
			t.Errorf("%s is ok: %s", c.Check.Name, c.Reason)
		}
		if c.Check.Name == checkDrift && c.Reason != "the stack could not be looked at" {
			t.Errorf("drift: %s", c.Reason)
		}
	}
	for _, f := range r.Findings {
		if f.Code == "could_not_look" && f.Fix != "fcoidc print-policy --for doctor" {
			t.Errorf("%s: %s", f.Subject, f.Fix)
		}
	}
}

func TestAnAccountOfWhichNoRoleCouldBeReadWasNotLookedAt(t *testing.T) {
	t.Parallel()
	if h := Diagnosed(unread(), known(t)).Health(); h != NotLooked {
		t.Errorf("%s", h)
	}
	s := unread()
	s.Roles[0] = healthy().Roles[0]
	if h := Diagnosed(s, known(t)).Health(); h != Unhealthy {
		t.Errorf("with one role: %s", h)
	}
	s = healthy()
	s.Missing = []Looked{{Fact: FactRegions, What: "Regions", Action: "account:ListRegions"}}
	if h := Diagnosed(s, known(t)).Health(); h == NotLooked {
		t.Errorf("without the Regions: %s", h)
	}
}

func TestARoleThatIsNotThereIsNotSaidToLackPermissions(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Roles[0] = Role{ARN: s.Roles[0].ARN, Name: s.Roles[0].Name, Phase: Plan, Read: true, Gone: true, PoliciesRead: true}
	if got := codesOf(Diagnosed(s, known(t)), Failure); !slices.Equal(got, []string{"role_missing"}) {
		t.Error(got)
	}
	s.Stack().Status = "ROLLBACK_COMPLETE"
	s.Roles[1] = Role{ARN: s.Roles[1].ARN, Name: s.Roles[1].Name, Phase: Apply, Read: true, Gone: true, PoliciesRead: true}
	s.Provider = nil
	if got := codesOf(Diagnosed(s, known(t)), Failure); !slices.Equal(got, []string{"stack_failed"}) {
		t.Error(got)
	}
}
