package doctor

import (
	"cmp"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
)

// bootstrap is the command that deploys the stack anew with some parameters changed. Those that
// it has are kept by bootstrap; the required ones are said all the same, so that the line is whole.
func (t *target) bootstrap(changes map[string]string, flags ...string) string {
	org, allowed := "<your OrgId>", "<your Regions>"
	words := []string{cmp.Or(t.o.Command, "fcoidc"), "bootstrap"}
	if t.o.Target != "" {
		words = append(words, t.o.Target)
	}
	if s := t.s.Stack(); s != nil {
		org, allowed = cmp.Or(s.Parameters[template.ParamOrgID], org), cmp.Or(s.Parameters[template.ParamAllowedRegions], allowed)
		if s.Name != template.DefaultStackName {
			words = append(words, "--stack-name", escape.Shell(s.Name))
		}
	}
	if t.source >= orgOfToken {
		org = t.org
	}
	org, allowed = cmp.Or(changes[template.ParamOrgID], org), cmp.Or(changes[template.ParamAllowedRegions], allowed)
	words = append(words, "--region", t.stackRegion(), "--org-id", argument(org), "--allowed-regions", argument(strings.Join(template.SplitRegions(allowed), ",")))
	return strings.Join(append(words, flags...), " ")
}

// fixByDoctor is the command that puts what the stack made back as it was.
func (t *target) fixByDoctor() string {
	words := []string{cmp.Or(t.o.Command, "fcoidc"), "doctor", "--fix"}
	if t.o.Target != "" {
		words = append(words, t.o.Target)
	}
	return strings.Join(append(words, "--region", t.stackRegion()), " ")
}

func (t *target) stackRegion() string {
	if s := t.s.Stack(); s != nil {
		return s.region(t.s.Region)
	}
	return t.s.Region
}

// argument quotes a value for a shell; what stands in angle brackets is for the reader to fill in.
func argument(s string) string {
	if strings.HasPrefix(s, "<") {
		return s
	}
	return escape.Shell(s)
}

// restoreTrust is the command that gives a role the trust policy that its stack made, "" if that
// is not known to differ.
func (t *target) restoreTrust(r *Role) string {
	s := t.s.Stack()
	if s == nil {
		return ""
	}
	for _, d := range s.Drift {
		if d.Name == r.Name && d.Property == "AssumeRolePolicyDocument" {
			return "aws iam update-assume-role-policy --role-name " + escape.Shell(r.Name) + " --policy-document " + escape.Shell(d.Expected)
		}
	}
	return ""
}
