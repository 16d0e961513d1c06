package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
)

// regions lists the Regions of the account with their states.
func (k *collector) regions(ctx context.Context) {
	in := &account.ListRegionsInput{MaxResults: aws.Int32(50)}
	var list []RegionIn
	err := paged(func() (bool, error) {
		out, err := ask(ctx, k, k.clients.Regions.ListRegions, in)
		if err != nil {
			return false, err
		}
		for _, r := range out.Regions {
			list = append(list, RegionIn{ID: aws.ToString(r.RegionName), Status: string(r.RegionOptStatus)})
		}
		in.NextToken = out.NextToken
		return in.NextToken != nil, nil
	})
	if err != nil {
		k.miss(FactRegions, "the Regions that are enabled in the account", "account:ListRegions", err)
		return
	}
	slices.SortFunc(list, func(a, b RegionIn) int { return strings.Compare(a.ID, b.ID) })
	k.s.Regions = list
}
