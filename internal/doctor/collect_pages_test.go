package doctor

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// emptyPages answers with that many empty pages before the one with a policy, as Organizations
// may ("check the NextToken response parameter … even when it's empty").
type emptyPages struct {
	OrganizationAPI
	left int
}

func (o *emptyPages) ListPoliciesForTarget(context.Context, *organizations.ListPoliciesForTargetInput, ...func(*organizations.Options)) (*organizations.ListPoliciesForTargetOutput, error) {
	if o.left--; o.left >= 0 {
		return &organizations.ListPoliciesForTargetOutput{NextToken: aws.String("more")}, nil
	}
	return &organizations.ListPoliciesForTargetOutput{Policies: []orgtypes.PolicySummary{{Id: aws.String("p-1"), Name: aws.String("Perimeter")}}}, nil
}

func (o *emptyPages) DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error) {
	return &organizations.DescribePolicyOutput{Policy: &orgtypes.Policy{Content: aws.String("{}")}}, nil
}

func TestAListIsReadToItsEndOrSaidToHaveNone(t *testing.T) {
	t.Parallel()
	for pages, endless := range map[int]bool{0: false, 40: false, 1 << 30: true} {
		k := &collector{o: &Options{CallTimeout: time.Minute, Shared: NewShared(&emptyPages{left: pages})}}
		level, err := k.readLevel(t.Context(), levelKey{"r-1", orgtypes.PolicyTypeServiceControlPolicy})
		if errors.Is(err, errEndless) != endless || !endless && (err != nil || len(level.Policies) != 1) {
			t.Errorf("after %d empty pages: %+v, %v", pages, level, err)
		}
	}
}
