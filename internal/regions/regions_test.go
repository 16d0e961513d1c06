package regions_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/regions"
)

func TestEveryRegionIsWellFormedKnownOnceAndInAPartition(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[1-9]$`)
	seen := map[string]bool{}
	for _, r := range regions.All() {
		if !id.MatchString(r.ID) || seen[r.ID] || strings.TrimSpace(r.Name) == "" {
			t.Errorf("region %+v is malformed, nameless or listed twice", r)
		}
		seen[r.ID] = true
		if got, ok := regions.Lookup(r.ID); !ok || got != r {
			t.Errorf("Lookup(%q) = %+v, %v; want the row itself", r.ID, got, ok)
		}
		if p, ok := regions.PartitionOf(r.ID); !ok || p.ID != r.Partition || p.DNSSuffix == "" {
			t.Errorf("PartitionOf(%q) = %+v, %v", r.ID, p, ok)
		}
	}
}

// The counts are those of the SDK's endpoint data at v1.47.7.
func TestThePartitionsHaveTheRegionsThatTheSDKKnows(t *testing.T) {
	t.Parallel()
	want := map[string]int{
		"aws": 34, "aws-cn": 2, "aws-us-gov": 2, "aws-eusc": 1,
		"aws-iso": 2, "aws-iso-b": 2, "aws-iso-e": 1, "aws-iso-f": 2,
	}
	got := map[string]int{}
	for _, r := range regions.All() {
		got[r.Partition]++
	}
	for id, n := range want {
		if got[id] != n {
			t.Errorf("partition %s has %d Regions, want %d", id, got[id], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
}

func TestTheGlobalRegionLiesInItsOwnPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]regions.Partition{
		"eu-west-1":      {ID: "aws", GlobalRegion: "us-east-1", DNSSuffix: "amazonaws.com"},
		"us-gov-east-1":  {ID: "aws-us-gov", GlobalRegion: "us-gov-west-1", DNSSuffix: "amazonaws.com"},
		"cn-northwest-1": {ID: "aws-cn", GlobalRegion: "cn-north-1", DNSSuffix: "amazonaws.com.cn"},
	} {
		if got, ok := regions.PartitionOf(region); !ok || got != want {
			t.Errorf("PartitionOf(%q) = %+v, %v; want %+v", region, got, ok, want)
		}
	}
	for _, r := range regions.All() {
		p, _ := regions.PartitionOf(r.ID)
		if global, ok := regions.Lookup(p.GlobalRegion); !ok || global.Partition != p.ID {
			t.Errorf("the global Region of %s is %q, which is not one of its Regions", p.ID, p.GlobalRegion)
		}
	}
}

func TestRegionsThatAnAccountMustEnableAreMarked(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"eu-south-1": true, "ap-southeast-7": true, "eu-west-1": false, "us-east-1": false, "us-gov-west-1": false,
	} {
		if r, ok := regions.Lookup(id); !ok || r.OptIn != want {
			t.Errorf("%s: OptIn = %v, want %v", id, r.OptIn, want)
		}
	}
}

func TestLookupIsExactLikeAWS(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "EU-WEST-1", "eu-west-1 ", "eu-west-1a", "aws-global", "mars-north-1"} {
		if r, ok := regions.Lookup(id); ok {
			t.Errorf("Lookup(%q) found %+v", id, r)
		}
		if p, ok := regions.PartitionOf(id); ok {
			t.Errorf("PartitionOf(%q) found %+v", id, p)
		}
	}
	if p, ok := regions.PartitionByID("azure"); ok {
		t.Errorf("PartitionByID(azure) found %+v", p)
	}
}

func TestNearestSuggestsWhatWasMeantOrNothing(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"EU-WEST-1":        "eu-west-1",
		" eu-west-1":       "eu-west-1",
		"eu-west-1a":       "eu-west-1",
		"eu-wset-1":        "eu-west-1",
		"us-east1":         "us-east-1",
		"us_east_1":        "us-east-1",
		"useast1":          "us-east-1",
		"us-gov-west1":     "us-gov-west-1",
		"ap-southeast-11":  "ap-southeast-1",
		"Europe (Ireland)": "eu-west-1",
		"ireland":          "eu-west-1",
		"são paulo":        "sa-east-1",
		"":                 "",
		"westeurope":       "",
		"europe-west1":     "",
		"mars-north-1":     "",
		"*":                "",
	} {
		if got := regions.Nearest(typed); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestTheTableCannotBeChangedThroughAll(t *testing.T) {
	t.Parallel()
	all := regions.All()
	all[0].Name = "changed"
	if slices.Contains(regions.All(), all[0]) {
		t.Error("a change to the slice of All reached the table")
	}
}
