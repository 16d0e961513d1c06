package doctor

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/regions"
)

func (d *diagnoser) endpoint() {
	q := &d.c.Request
	show := func(summary, expected, found string, rank int) {
		d.show(Diagnosis{
			Cause: "sts_endpoint", Summary: summary, Expected: expected, Found: found,
			Fix: "export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=<a Region that the network lets through>",
		}, rank)
	}
	if len(q.BlockedHosts) > 0 {
		show("the network does not let the call through to STS", "a way to the STS endpoint of some Region", strings.Join(q.BlockedHosts, ", ")+" is blocked", 0)
		return
	}
	partition, _, _, ok := exchange.SplitRoleARN(d.c.RoleARN())
	if called, where := d.calledPartition(); ok && called != "" && called != partition {
		d.explain(Diagnosis{
			Cause: "sts_endpoint", Summary: "the call goes to STS of another partition than the role's",
			Expected: "STS of partition " + partition, Found: where + ", which is of " + called,
			Fix: "export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=" + homeRegion(partition),
		}, 0)
	}
}

// calledPartition is the partition whose STS is called, and by what it is known.
func (d *diagnoser) calledPartition() (partition, where string) {
	q := &d.c.Request
	host := strings.TrimSuffix(withoutScheme(q.Endpoint), "/")
	if region := d.region(); region != "" && (region != q.Region || host == "") {
		p, _ := regions.PartitionOf(region)
		return p.ID, "STS of " + region
	}
	if host == "sts.amazonaws.com" {
		return "aws", host
	}
	return "", ""
}

func homeRegion(partition string) string {
	p, ok := regions.PartitionByID(partition)
	if !ok {
		return "<a Region of " + partition + ">"
	}
	return p.GlobalRegion
}

// region is the Region whose STS is called, as far as the request tells.
func (d *diagnoser) region() string {
	q := &d.c.Request
	if q.Endpoint == "" {
		return q.Region
	}
	host := strings.TrimPrefix(strings.Replace(withoutScheme(q.Endpoint), "sts-fips.", "sts.", 1), "sts.")
	region, _, _ := strings.Cut(host, ".amazonaws.")
	if _, known := regions.Lookup(region); known {
		return region
	}
	return q.Region
}
