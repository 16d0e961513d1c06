package template

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/regions"
)

func regionsProblem(value string) string {
	if strings.TrimSpace(value) == "" {
		return "is missing; name the Regions in which apply may work, such as us-east-1,us-west-2"
	}
	seen := map[string]bool{}
	first := ""
	for _, id := range SplitRegions(value) {
		if problem := regionProblem(id); problem != "" {
			return problem
		}
		if seen[id] {
			return "names " + id + " twice; name it once"
		}
		seen[id] = true
		if first == "" {
			first = id
		}
		if partitionOf(id) != partitionOf(first) {
			return fmt.Sprintf("has %s of partition %s and %s of partition %s; an account lives in one, so name Regions of one",
				first, partitionOf(first), id, partitionOf(id))
		}
	}
	return ""
}

func regionProblem(id string) string {
	if id == "" {
		return "has an empty item; remove the comma too many"
	}
	if _, known := regions.Lookup(id); known {
		return ""
	}
	if near := regions.Nearest(id); near != "" {
		return fmt.Sprintf("has %q, which is not an AWS Region; did you mean %s?", id, near)
	}
	return fmt.Sprintf("has %q, which is not an AWS Region; write Region codes such as eu-west-1", id)
}

// partitionOf returns the partition of a Region's id, or "" if the Region is unknown.
func partitionOf(region string) string {
	p, _ := regions.PartitionOf(region)
	return p.ID
}
