package doctor

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// attached reads the managed policies of a role. ok is false if one of them could not be read.
func (k *collector) attached(ctx context.Context, role string) (list []Policy, ok bool) {
	in := &iam.ListAttachedRolePoliciesInput{RoleName: &role}
	err := paged(func() (bool, error) {
		out, err := ask(ctx, k, k.clients.Identity.ListAttachedRolePolicies, in)
		if err != nil {
			return false, err
		}
		for _, p := range out.AttachedPolicies {
			list = append(list, Policy{ARN: aws.ToString(p.PolicyArn), Name: aws.ToString(p.PolicyName)})
		}
		in.Marker = out.Marker
		return out.IsTruncated, nil
	})
	if isCode(err, "NoSuchEntity") {
		return nil, true // said by the role itself
	}
	if err != nil {
		k.miss(FactPermissions, "the policies attached to role "+role, "iam:ListAttachedRolePolicies", err)
		return nil, false
	}
	read := each(list, func(p *Policy) (ok bool) {
		*p, ok = k.managed(ctx, role, p.ARN, p.Name)
		return ok
	})
	return list, read
}

// inline reads the policies that stand in the role itself.
func (k *collector) inline(ctx context.Context, role string) (list []Policy, ok bool) {
	in := &iam.ListRolePoliciesInput{RoleName: &role}
	err := paged(func() (bool, error) {
		out, err := ask(ctx, k, k.clients.Identity.ListRolePolicies, in)
		if err != nil {
			return false, err
		}
		for _, name := range out.PolicyNames {
			list = append(list, Policy{Name: name})
		}
		in.Marker = out.Marker
		return out.IsTruncated, nil
	})
	if isCode(err, "NoSuchEntity") {
		return nil, true
	}
	if err != nil {
		k.miss(FactPermissions, "the inline policies of role "+role, "iam:ListRolePolicies", err)
		return nil, false
	}
	read := each(list, func(p *Policy) bool {
		out, err := ask(ctx, k, k.clients.Identity.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &p.Name})
		if err != nil {
			k.miss(FactPermissions, "policy "+p.Name+" of role "+role, "iam:GetRolePolicy", err)
			return false
		}
		p.Document = decoded(out.PolicyDocument)
		return true
	})
	return list, read
}

// each works on all policies at the same time, and reports whether all went well.
func each(list []Policy, read func(*Policy) bool) bool {
	ok := make([]bool, len(list))
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() { ok[i] = read(&list[i]) })
	}
	all.Wait()
	return !slices.Contains(ok, false)
}

// managed reads a managed policy. Those that AWS manages are the same in every account and are
// read once in a run.
func (k *collector) managed(ctx context.Context, role, arn, name string) (Policy, bool) {
	read := func() (Policy, error) { return k.readManaged(ctx, arn, name) }
	var p Policy
	var err error
	if strings.Contains(arn, ":iam::aws:policy/") {
		p, err = k.o.Shared.managed.get(ctx, arn, read)
	} else {
		p, err = read()
	}
	if err != nil {
		action := "iam:GetPolicy"
		if isOperation(err, "GetPolicyVersion") {
			action = "iam:GetPolicyVersion"
		}
		k.miss(FactPermissions, "policy "+name+" of role "+role, action, err)
		return Policy{ARN: arn, Name: name}, false
	}
	return p, true
}

func (k *collector) readManaged(ctx context.Context, arn, name string) (Policy, error) {
	out, err := ask(ctx, k, k.clients.Identity.GetPolicy, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return Policy{}, err
	}
	version, err := ask(ctx, k, k.clients.Identity.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: out.Policy.DefaultVersionId})
	if err != nil {
		return Policy{}, err
	}
	return Policy{ARN: arn, Name: name, Document: decoded(version.PolicyVersion.Document)}, nil
}
