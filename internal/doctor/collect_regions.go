package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
)

// maxRegionPages bounds a list of which a page holds fifty; AWS has fewer Regions than that.
const maxRegionPages = 5

// regions lists the Regions of the account with their states.
func (k *collector) regions(ctx context.Context) {
	in := &account.ListRegionsInput{MaxResults: aws.Int32(50)}
	var list []RegionIn
	for range maxRegionPages {
		out, err := ask(ctx, k, k.clients.Regions.ListRegions, in)
		if err != nil {
			k.miss(FactRegions, "the Regions that are enabled in the account", "account:ListRegions", err)
			return
		}
		for _, r := range out.Regions {
			list = append(list, RegionIn{ID: aws.ToString(r.RegionName), Status: string(r.RegionOptStatus)})
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	slices.SortFunc(list, func(a, b RegionIn) int { return strings.Compare(a.ID, b.ID) })
	k.s.Regions = list
}
