package doctor

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/smithy-go/middleware"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// StackAPI is the part of CloudFormation that a look needs.
type StackAPI interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	DescribeStackEvents(context.Context, *cloudformation.DescribeStackEventsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error)
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

// IdentityAPI is the part of IAM that a look needs.
type IdentityAPI interface {
	ListOpenIDConnectProviders(context.Context, *iam.ListOpenIDConnectProvidersInput, ...func(*iam.Options)) (*iam.ListOpenIDConnectProvidersOutput, error)
	GetOpenIDConnectProvider(context.Context, *iam.GetOpenIDConnectProviderInput, ...func(*iam.Options)) (*iam.GetOpenIDConnectProviderOutput, error)
	GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
	ListRoles(context.Context, *iam.ListRolesInput, ...func(*iam.Options)) (*iam.ListRolesOutput, error)
	ListAttachedRolePolicies(context.Context, *iam.ListAttachedRolePoliciesInput, ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error)
	ListRolePolicies(context.Context, *iam.ListRolePoliciesInput, ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error)
	GetRolePolicy(context.Context, *iam.GetRolePolicyInput, ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error)
	GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error)
	GetPolicyVersion(context.Context, *iam.GetPolicyVersionInput, ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error)
	SimulatePrincipalPolicy(context.Context, *iam.SimulatePrincipalPolicyInput, ...func(*iam.Options)) (*iam.SimulatePrincipalPolicyOutput, error)
}

// RegionAPI is the part of Account Management that a look needs.
type RegionAPI interface {
	ListRegions(context.Context, *account.ListRegionsInput, ...func(*account.Options)) (*account.ListRegionsOutput, error)
}

// TrailAPI is the part of CloudTrail that a look at refused calls needs.
type TrailAPI interface {
	LookupEvents(context.Context, *cloudtrail.LookupEventsInput, ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error)
}

// OrganizationAPI is the part of Organizations that a look at the policies of accounts needs.
// Only the management account, or one it has delegated to, may ask.
type OrganizationAPI interface {
	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	ListParents(context.Context, *organizations.ListParentsInput, ...func(*organizations.Options)) (*organizations.ListParentsOutput, error)
	ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

var (
	_ StackAPI        = (*cloudformation.Client)(nil)
	_ IdentityAPI     = (*iam.Client)(nil)
	_ RegionAPI       = (*account.Client)(nil)
	_ TrailAPI        = (*cloudtrail.Client)(nil)
	_ OrganizationAPI = (*organizations.Client)(nil)
)

// Clients reach one account. Those of regional services are made for a Region.
type Clients struct {
	Stacks   func(region string) StackAPI
	Identity IdentityAPI
	Regions  RegionAPI
	Trail    func(region string) TrailAPI
}

// NewClients makes the clients of a target. They share the target's HTTP client, and live no
// longer than the look at it.
func NewClients(t fleet.Target) Clients {
	cfg := t.Config.Copy()
	cfg.Retryer = fleet.Retryer
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), countAttempts)
	in := func(region string) aws.Config {
		regional := cfg.Copy()
		regional.Region = region
		return regional
	}
	return Clients{
		Stacks:   func(region string) StackAPI { return cloudformation.NewFromConfig(in(region)) },
		Identity: iam.NewFromConfig(cfg),
		Regions:  account.NewFromConfig(cfg),
		Trail: func(region string) TrailAPI {
			return cloudtrail.NewFromConfig(in(region), func(o *cloudtrail.Options) {
				if o.RetryMaxAttempts == 0 || o.RetryMaxAttempts > trailAttempts { // AWS_MAX_ATTEMPTS may ask for fewer
					o.RetryMaxAttempts = trailAttempts
				}
			})
		},
	}
}

// trailAttempts is how often a look at CloudTrail is tried. It is fewer than of other calls,
// since a diagnosis goes without the history, and an emulator that does not know the call may
// answer it with a fault of its own, as if that would pass.
const trailAttempts = 5

// NewOrganizationClient makes the client for the organisation's policies; cfg acts in the
// management account or one that it has delegated to.
func NewOrganizationClient(cfg aws.Config) OrganizationAPI {
	own := cfg.Copy()
	own.Retryer = fleet.Retryer
	own.APIOptions = append(slices.Clip(own.APIOptions), countAttempts)
	return organizations.NewFromConfig(own)
}

// countKey finds the counter of a look in its context.
type countKey struct{}

// countAttempts counts each attempt of a request where it leaves, so that retries count.
func countAttempts(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CountAttempts",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
				n.Add(1)
			}
			return next.HandleDeserialize(ctx, in)
		}), middleware.Before)
}
