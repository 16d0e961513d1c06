package bootstrap

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// liveResources are the properties that IAM really holds, by logical id and as a template would
// write them. A property that is not set is nil; a resource that is gone has no properties: nil.
type liveResources map[string]map[string]any

// presentStack is what a stack was deployed as and what is really there.
type presentStack struct {
	deployed   resolved
	found      liveResources
	unresolved error // why it is not known what was deployed, nil if it is
}

// presentStack reads what is there of the stack that o holds, nil if drift is not to be reverted or cannot be.
func (a *account) presentStack(ctx context.Context, r *Request, tpl *cfn.Template, o *Observation) (*presentStack, error) {
	if !r.RevertDrift || o.Stack == nil || !revertible(o.Stack) {
		return nil, nil
	}
	p := &presentStack{}
	if p.deployed, p.unresolved = deployedResources(r, tpl, o); p.unresolved != nil {
		return p, nil //nolint:nilerr // because the plan says it
	}
	var err error
	p.found, err = a.live(ctx, p.deployed, trustedProvider(r, o))
	return p, err
}

// live reads the roles and the provider of a deployed template; other types are left out.
func (a *account) live(ctx context.Context, deployed resolved, providerARN string) (liveResources, error) {
	found := liveResources{}
	for _, id := range deployed.order {
		var err error
		resource := deployed.resources[id]
		name, _ := resource.Properties["RoleName"].(string)
		switch {
		case resource.Type == typeRole && name != "":
			found[id], err = a.liveRole(ctx, name)
		case resource.Type == typeProvider:
			found[id], err = a.liveProvider(ctx, providerARN)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// liveRole reads a role with its policies, nil if there is none.
func (a *account) liveRole(ctx context.Context, name string) (map[string]any, error) {
	out, err := call(ctx, a, a.identity.GetRole, &iam.GetRoleInput{RoleName: &name}, a.identityOptions)
	if noSuchEntity(err) {
		return nil, nil
	}
	if err != nil {
		return nil, doing(err, "read role %s of %s", name, a.target.Account)
	}
	r := out.Role
	properties := map[string]any{
		"AssumeRolePolicyDocument": documentText(r.AssumeRolePolicyDocument),
		"Description":              aws.ToString(r.Description),
		"MaxSessionDuration":       int64(aws.ToInt32(r.MaxSessionDuration)),
		"Path":                     aws.ToString(r.Path),
		"PermissionsBoundary":      nil,
		"Tags":                     tagProperty(r.Tags),
	}
	if r.PermissionsBoundary != nil {
		properties["PermissionsBoundary"] = aws.ToString(r.PermissionsBoundary.PermissionsBoundaryArn)
	}
	if properties["ManagedPolicyArns"], err = a.attachedPolicies(ctx, name); err != nil {
		return nil, err
	}
	properties["Policies"], err = a.inlinePolicies(ctx, name)
	return properties, err
}

func (a *account) attachedPolicies(ctx context.Context, role string) ([]any, error) {
	arns := []any{}
	in := &iam.ListAttachedRolePoliciesInput{RoleName: &role}
	for {
		out, err := call(ctx, a, a.identity.ListAttachedRolePolicies, in, a.identityOptions)
		if err != nil {
			return nil, doing(err, "list the policies attached to role %s of %s", role, a.target.Account)
		}
		for _, p := range out.AttachedPolicies {
			arns = append(arns, aws.ToString(p.PolicyArn))
		}
		if !out.IsTruncated {
			return arns, nil
		}
		in.Marker = out.Marker
	}
}

func (a *account) inlinePolicies(ctx context.Context, role string) ([]any, error) {
	policies := []any{}
	in := &iam.ListRolePoliciesInput{RoleName: &role}
	for {
		out, err := call(ctx, a, a.identity.ListRolePolicies, in, a.identityOptions)
		if err != nil {
			return nil, doing(err, "list the inline policies of role %s of %s", role, a.target.Account)
		}
		for _, name := range out.PolicyNames {
			policy, err := call(ctx, a, a.identity.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name}, a.identityOptions)
			if noSuchEntity(err) {
				continue // deleted since the list was made
			}
			if err != nil {
				return nil, doing(err, "read the policy %s of role %s of %s", name, role, a.target.Account)
			}
			policies = append(policies, map[string]any{"PolicyName": name, "PolicyDocument": documentText(policy.PolicyDocument)})
		}
		if !out.IsTruncated {
			return policies, nil
		}
		in.Marker = out.Marker
	}
}

// liveProvider reads the OIDC provider, nil if there is none.
func (a *account) liveProvider(ctx context.Context, arn string) (map[string]any, error) {
	out, err := call(ctx, a, a.identity.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}, a.identityOptions)
	if noSuchEntity(err) {
		return nil, nil
	}
	if err != nil {
		return nil, doing(err, "read the OIDC provider %s", arn)
	}
	return map[string]any{
		"ClientIdList": asList(out.ClientIDList), "ThumbprintList": asList(out.ThumbprintList), "Tags": tagProperty(out.Tags),
	}, nil
}

// documentText is a policy as IAM answers it: percent-encoded (RFC 3986).
func documentText(encoded *string) string {
	text, err := url.PathUnescape(aws.ToString(encoded))
	if err != nil {
		return aws.ToString(encoded)
	}
	return text
}

func tagProperty(tags []iamtypes.Tag) []any {
	list := make([]any, len(tags))
	for i, t := range tags {
		list[i] = map[string]any{"Key": aws.ToString(t.Key), "Value": aws.ToString(t.Value)}
	}
	return list
}
