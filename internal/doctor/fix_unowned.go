package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
)

// madeByStack reports whether a role is one that our stack makes, so that a redeploy changes it. What
// Terraform or somebody else made is mended by calls that change the role itself.
func (t *target) madeByStack(r *Role) bool {
	s := t.s.Stack()
	if s == nil || !s.Ours {
		return false
	}
	plan, apply := template.RoleNames(s.Parameters)
	return r.StackID == s.ID || slices.Contains([]string{s.Outputs[template.OutputPlanRoleARN], s.Outputs[template.OutputApplyRoleARN]}, r.ARN) ||
		strings.EqualFold(r.Name, plan) || strings.EqualFold(r.Name, apply)
}

// trustByHand is what to do about a cause in a trust policy that no stack of ours made and of which
// nobody can tell what it should say.
func (t *target) trustByHand(d Diagnosis, r *Role) string {
	return "if those runs are to use the role, allow " + orElse(d.Found, "what the token says") + " in the trust policy of " + r.Name + ", where it was made"
}

// regionsPolicy is the name of the inline policy that binds a role to its Regions.
const regionsPolicy = "forgecroft-regions"

// globalActions are those that AWS's own example of such a policy leaves out, since they answer as
// one Region wherever one works (IAM User Guide, reference_policies_examples_aws_deny-requested-region).
var globalActions = []string{"cloudfront:*", "iam:*", "organizations:*", "route53:*", "support:*"}

// bindRegions keeps a role that no stack of ours made within Regions, by a Deny beside what it has:
// whatever else it may do stays as it is.
func (t *target) bindRegions(r *Role) string {
	list := sortedUnion(t.o.Regions)
	if len(list) == 0 {
		return t.doctorWith("--regions YOUR-REGIONS") + "   # then the fix names the policy to add"
	}
	text, _ := documentText(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Sid": "OutsideForgecroftsRegions", "Effect": "Deny", "NotAction": anyList(globalActions), "Resource": "*",
		"Condition": map[string]any{"StringNotEquals": map[string]any{requestedRegion: oneOrList(list)}},
	}}})
	return putRolePolicy(r, regionsPolicy, text)
}

func putRolePolicy(r *Role, name, document string) string {
	return "aws iam put-role-policy --role-name " + escape.Shell(r.Name) + " --policy-name " + escape.Shell(name) + " --policy-document " + escape.Shell(document)
}

// allowRegions lets a role that no stack of ours made act in further Regions, in the policies that
// name some. One that several roles may share is for its owner to change.
func (t *target) allowRegions(r *Role, more []string) string {
	var commands, shared []string
	for _, p := range slices.Concat(r.Inline, r.Attached) {
		doc, err := policy.Parse([]byte(p.Document))
		if err != nil || !lacksRegion(doc, more) {
			continue
		}
		if p.ARN != "" {
			shared = append(shared, p.Name)
			continue
		}
		if text, ok := withRegions(doc, more); ok {
			commands = append(commands, putRolePolicy(r, p.Name, text))
		}
	}
	where := strings.Join(more, ", ")
	switch {
	case len(shared) > 0:
		return "add " + where + " to " + requestedRegion + " in " + strings.Join(shared, ", ") + ", the policy of " + r.Name
	case len(commands) > 0:
		return strings.Join(commands, commandsInTurn)
	}
	return "give " + r.Name + " a policy that allows what applies need in " + where
}

// lacksRegion reports whether a policy names Regions, and not all of these.
func lacksRegion(doc *policy.Document, all []string) bool {
	for i := range doc.Statements {
		for _, c := range regionConditions(&doc.Statements[i]) {
			if have := textsOf(c.Values); slices.ContainsFunc(all, func(id string) bool { return !slices.Contains(have, id) }) {
				return true
			}
		}
	}
	return false
}

// withRegions is a policy with further Regions wherever it names those allowed.
func withRegions(doc *policy.Document, more []string) (string, bool) {
	e := trustEdit{doc: doc}
	whole, ok := e.decode()
	if !ok {
		return "", false
	}
	for i := range doc.Statements {
		conditions, ok := conditionsOf(e.statements[i])
		if !ok {
			return "", false
		}
		for _, c := range regionConditions(&doc.Statements[i]) {
			conditions.put(c.OperatorName.Text, c.Key.Text, anyList(sortedUnion(textsOf(c.Values), more)))
		}
		conditions.into(e.statements[i])
	}
	return documentText(whole)
}

// regionConditions are those of a statement that name the Regions in which a role may act: where an
// Allow holds, or outside of which a Deny does.
func regionConditions(s *policy.Statement) (list []*policy.Condition) {
	for i := range s.Conditions {
		if c := &s.Conditions[i]; strings.EqualFold(c.Key.Text, requestedRegion) && c.Operator.Negated == (s.Effect == policy.Deny) {
			list = append(list, c)
		}
	}
	return list
}

// replacePolicy puts policies in the place of the one of a ruling, the new ones first, so that the role
// is never without.
func (t *target) replacePolicy(r *Role, by string, arns ...string) string {
	var commands []string
	for _, arn := range arns {
		commands = append(commands, "aws iam attach-role-policy --role-name "+escape.Shell(r.Name)+" --policy-arn "+escape.Shell(arn))
	}
	if withdraw := t.withdraw(r, by); withdraw != "" {
		commands = append(commands, withdraw)
	}
	return strings.Join(commands, commandsInTurn)
}
