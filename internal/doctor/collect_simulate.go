package doctor

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// maxSimulated bounds the Regions that the simulator is asked about.
const maxSimulated = 12

// simulate asks IAM what the apply role may do in each Region. The simulator knows the policies
// of the organisation, which a member account may not read.
func (k *collector) simulate(ctx context.Context) {
	r := k.s.Role(Apply)
	if r == nil || !r.Read || r.Gone {
		return
	}
	list := append(slices.Clone(k.o.Regions), AllowedRegions(k.s)...)
	if p, ok := regions.PartitionByID(k.s.Partition); ok {
		list = append(list, p.GlobalRegion)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	list = list[:min(len(list), maxSimulated)]
	found := make([][]Simulated, len(list))
	var all sync.WaitGroup
	for i, region := range list {
		all.Go(func() { found[i] = k.simulateIn(ctx, r.ARN, region) })
	}
	all.Wait()
	k.s.Simulated = slices.Concat(found...)
}

func (k *collector) simulateIn(ctx context.Context, role, region string) (list []Simulated) {
	out, err := ask(ctx, k, k.clients.Identity.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: simulatedActions(),
		ContextEntries: []iamtypes.ContextEntry{{
			ContextKeyName: aws.String(requestedRegion), ContextKeyType: iamtypes.ContextKeyTypeEnumString, ContextKeyValues: []string{region},
		}},
	})
	if err != nil {
		k.miss(FactPermissions, "IAM's own word on the apply role in "+region, "iam:SimulatePrincipalPolicy", err)
		return nil
	}
	for _, e := range out.EvaluationResults {
		s := Simulated{
			Role: role, Region: region, Action: aws.ToString(e.EvalActionName), ByOrganization: true,
			Allowed: e.EvalDecision == iamtypes.PolicyEvaluationDecisionTypeAllowed,
		}
		if d := e.OrganizationsDecisionDetail; d != nil {
			s.ByOrganization = d.AllowedByOrganizations
		}
		list = append(list, s)
	}
	return list
}

// simulatedActions stand for what Terraform does: one of a regional service, those of global ones,
// STS's.
func simulatedActions() []string {
	actions := []string{probeRegional, probeSTS}
	for _, p := range globalProbes {
		actions = append(actions, p.action)
	}
	return actions
}
