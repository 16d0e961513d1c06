package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/permissions"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

type printPolicyOptions struct {
	IO      *IO
	Command permissions.Command
	Scope   permissions.Scope
	Output  format
}

type policyDocument struct {
	Version int                 `json:"version"`
	Command permissions.Command `json:"command"`
	Policy  json.RawMessage     `json:"policy"`
	Reasons []policyReason      `json:"reasons"`
}

type policyReason struct {
	Sid    string `json:"sid"`
	Reason string `json:"reason"`
}

func newPrintPolicy(sys *IO, run func(context.Context, printPolicyOptions) error) *cobra.Command {
	o := printPolicyOptions{IO: sys, Command: permissions.Bootstrap, Output: formatText}
	cmd := &cobra.Command{
		Use:     "print-policy",
		GroupID: groupTrust,
		Short:   "Print the least IAM policy that fcoidc needs, with reasons",
		Long: `Print the IAM policy that whoever runs a command needs in the accounts it works on,
and what each statement is for. CloudFormation acts with its caller's permissions, so
bootstrap needs those to make the roles and the provider too. The policy is on standard
output, the reasons are on standard error.`,
		Example: `  fcoidc print-policy --for doctor
  fcoidc print-policy --in-account 123456789012 > policy.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	fl := cmd.Flags()
	fl.Var(newEnum(&o.Command, permissions.Commands()...), "for", "which command the policy is for")
	fl.StringVar(&o.Scope.Account, "in-account", "", "narrow the policy to this account `id`")
	fl.StringVar(&o.Scope.StackName, "stack-name", template.DefaultStackName, "`name` of the stack")
	fl.StringVar(&o.Scope.PlanRole, "plan-role-name", "", "`name` of the plan role, if it is not the template's")
	fl.StringVar(&o.Scope.ApplyRole, "apply-role-name", "", "`name` of the apply role, if it is not the template's")
	fl.StringVar(&o.Scope.Issuer, "issuer", template.DefaultIssuer, "`URL` of the token issuer")
	fl.StringVar(&o.Scope.PermissionsBoundaryARN, "permissions-boundary", "", "`ARN` of the boundary that the roles will get")
	fl.StringArrayVar(&o.Scope.MemberRoles, "role-name", nil, "role `name` that is assumed in other accounts (repeatable)")
	addOutput(cmd, &o.Output, formatText, formatJSON)
	return cmd
}

func runPrintPolicy(_ context.Context, o printPolicyOptions) error {
	issuer, err := template.ParseIssuer(o.Scope.Issuer)
	if err != nil {
		return usagef("", "--issuer: %w", err)
	}
	o.Scope.Issuer = issuer
	if err := checkScope(o.Scope); err != nil {
		return err
	}
	policy, err := permissions.Policy(o.Command, o.Scope)
	if err != nil {
		return usagef("fcoidc print-policy --help", "%w", err)
	}
	groups := permissions.Groups(o.Command, o.Scope)
	if o.Output == formatJSON {
		doc := policyDocument{Version: report.FormatVersion, Command: o.Command, Policy: policy}
		for _, g := range groups {
			doc.Reasons = append(doc.Reasons, policyReason{g.Sid, g.Reason})
		}
		return report.WriteJSON(o.IO.Out, doc)
	}
	if _, err := fmt.Fprintf(o.IO.Out, "%s", policy); err != nil {
		return err
	}
	for _, g := range groups {
		fmt.Fprintf(o.IO.Err, "%s: %s\n", g.Sid, g.Reason)
	}
	return nil
}

// Names go into ARNs of a policy as they are: a wildcard in one would grant more than
// the user meant.
var (
	accountPattern  = lazyregexp.New(`^[0-9]{12}$`)
	rolePattern     = lazyregexp.New(`^[A-Za-z0-9_+=,.@/-]+$`)
	boundaryPattern = lazyregexp.New(`^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[A-Za-z0-9_+=,.@/-]+$`)
)

// isRoleName judges the name of a role, a path before it included: at most 512 characters
// of path and 64 of name (IAM, CreateRole).
func isRoleName(name string) bool { return len(name) <= 512+64 && rolePattern.MatchString(name) }

func checkScope(s permissions.Scope) error {
	checks := []struct {
		flag, value, form string
		valid             func(string) bool
	}{
		{"--in-account", s.Account, "an account id has 12 digits", accountPattern.MatchString},
		{"--stack-name", s.StackName, "a stack name is a letter, then letters, digits and hyphens, at most 128", isStackName},
		{"--plan-role-name", s.PlanRole, "a role name has letters, digits and _+=,.@-", isRoleName},
		{"--apply-role-name", s.ApplyRole, "a role name has letters, digits and _+=,.@-", isRoleName},
		{"--permissions-boundary", s.PermissionsBoundaryARN, "the ARN of a managed policy, such as arn:aws:iam::123456789012:policy/boundary", boundaryPattern.MatchString},
	}
	for _, role := range s.MemberRoles {
		checks = append(checks, checks[2])
		checks[len(checks)-1].flag, checks[len(checks)-1].value = "--role-name", role
	}
	for _, c := range checks {
		if c.value != "" && !c.valid(c.value) {
			return usagef("", "%s %q: %s", c.flag, c.value, c.form)
		}
	}
	return nil
}
