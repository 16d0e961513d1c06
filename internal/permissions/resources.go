package permissions

import "github.com/forgecroft/fcoidc/internal/template"

// ChangeSetPrefix begins the name of every change set that fcoidc makes.
const ChangeSetPrefix = "fcoidc-"

// anything is for actions that IAM cannot limit to a resource.
func anything(Scope) []string { return []string{"*"} }

// stack is the stack in any Region.
func stack(s Scope) []string {
	return []string{"arn:" + s.Partition + ":cloudformation:*:" + s.Account + ":stack/" + s.StackName + "/*"}
}

// stackAndChangeSets has both because a change set action may name one or the other.
func stackAndChangeSets(s Scope) []string {
	return append(stack(s), "arn:"+s.Partition+":cloudformation:*:"+s.Account+":changeSet/"+ChangeSetPrefix+"*")
}

func provider(s Scope) []string {
	return []string{template.ProviderARN(s.Partition, s.Account, s.Issuer)}
}

func roles(s Scope) []string {
	prefix := "arn:" + s.Partition + ":iam::" + s.Account + ":role/"
	return []string{prefix + s.PlanRole, prefix + s.ApplyRole}
}

func planRole(s Scope) []string { return roles(s)[:1] }

func policies(s Scope) []string {
	return []string{s.awsPolicy("*"), "arn:" + s.Partition + ":iam::" + s.Account + ":policy/*"}
}

func account(s Scope) []string {
	return []string{"arn:" + s.Partition + ":account::" + s.Account + ":account"}
}

// memberRoles are in other accounts than the caller's, so that Account does not narrow them.
func memberRoles(s Scope) []string {
	var arns []string
	for _, name := range s.MemberRoles {
		arns = append(arns, "arn:"+s.Partition+":iam::*:role/"+name)
	}
	return arns
}

// awsPolicy is the ARN of a managed policy of AWS.
func (s Scope) awsPolicy(name string) string {
	return "arn:" + s.Partition + ":iam::aws:policy/" + name
}
