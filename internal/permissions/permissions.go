// Package permissions knows which IAM permissions each command of fcoidc needs, on what, and why.
//
// CloudFormation acts with its caller's credentials, so whoever runs bootstrap needs the
// permissions to make the template's resources as well. What anybody may do is not listed:
// sts:GetCallerIdentity needs no permission, sts:AssumeRoleWithWebIdentity no credentials.
//
// Which actions CloudFormation calls for a resource stands in the handlers of its resource schema
// (AWS::IAM::OIDCProvider, AWS::IAM::Role); which action takes which resource in the Service
// Authorization Reference.
package permissions

import (
	"cmp"
	"slices"

	"github.com/forgecroft/fcoidc/internal/template"
)

// Command is a command whose needs can be asked for.
type Command string

// The commands, and all of them together.
const (
	Bootstrap Command = "bootstrap"
	Doctor    Command = "doctor"
	Teardown  Command = "teardown"
	All       Command = "all"
)

// Commands returns every value that a [Command] can have.
func Commands() []Command { return []Command{Bootstrap, Doctor, Teardown, All} }

// Scope narrows the permissions to what a run touches. Each empty member stands for the default
// that its comment names.
type Scope struct {
	Partition string // any
	Account   string // any
	StackName string // template.DefaultStackName
	PlanRole  string // the template's default
	ApplyRole string // the template's default
	Issuer    string // template.DefaultIssuer

	// PlanPolicyARN is the only policy that may be attached; ReadOnlyAccess.
	PlanPolicyARN string
	// PermissionsBoundaryARN adds the permission to put exactly that boundary on the roles; none.
	PermissionsBoundaryARN string
	// MemberRoles are the roles that the run assumes in other accounts; none.
	MemberRoles []string
}

func (s Scope) withDefaults() Scope {
	plan, apply := template.RoleNames(nil)
	s.Partition = cmp.Or(s.Partition, "*")
	s.Account = cmp.Or(s.Account, "*")
	s.StackName = cmp.Or(s.StackName, template.DefaultStackName)
	s.PlanRole = cmp.Or(s.PlanRole, plan)
	s.ApplyRole = cmp.Or(s.ApplyRole, apply)
	s.Issuer = cmp.Or(s.Issuer, template.DefaultIssuer)
	s.PlanPolicyARN = cmp.Or(s.PlanPolicyARN, s.awsPolicy("ReadOnlyAccess"))
	return s
}

// Group is one statement of the policy, with its reason.
type Group struct {
	Sid       string   // letters and digits, unique
	Reason    string   // one sentence: what the actions are for
	Actions   []string // sorted
	Resources []string // ARNs, or "*" alone where IAM knows no resource for the actions
	Condition Condition
}

// Condition is a statement's Condition: operator, key, value. It is empty for most.
type Condition map[string]map[string]string

// Groups returns the permissions that a command needs, the ones for reading first. For a command
// that is not one of [Commands] there are none.
func Groups(c Command, s Scope) []Group {
	s = s.withDefaults()
	var groups []Group
	for _, n := range needs {
		if c != All && !slices.Contains(n.commands, c) || n.unless != nil && n.unless(s) {
			continue
		}
		g := Group{Sid: n.sid, Reason: n.reason, Actions: slices.Sorted(slices.Values(n.actions)), Resources: n.resources(s)}
		if n.condition != nil {
			g.Condition = n.condition(s)
		}
		groups = append(groups, g)
	}
	return groups
}
