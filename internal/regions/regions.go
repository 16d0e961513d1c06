// Package regions is a table of AWS's Regions and partitions.
//
// It holds what the AWS SDK for Go v1.47.7 knows of them (partitions.json) and which
// Regions an account has to enable first (AWS Account Management, "Specify which AWS
// Regions your account can use"). A Region that AWS opened later is not in it: callers
// that can ask AWS should prefer AWS's answer.
package regions

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Region is one AWS Region.
type Region struct {
	ID        string // eu-west-1
	Name      string // as AWS writes it: Europe (Ireland)
	Partition string // aws, aws-us-gov, aws-cn, ...
	OptIn     bool   // off in an account until somebody enables it
}

// Partition is one of AWS's separate worlds: accounts, ARNs and credentials of one mean
// nothing in another.
type Partition struct {
	ID string // as in an ARN: aws, aws-us-gov, aws-cn

	// GlobalRegion is the Region of the partition's IAM endpoint, and so what
	// aws:RequestedRegion holds in a call to IAM. In China that is cn-north-1, though
	// the SDK's general default for global services there is cn-northwest-1.
	GlobalRegion string

	DNSSuffix string // amazonaws.com
}

// Lookup returns the Region with the given id, compared exactly as AWS does.
func Lookup(id string) (Region, bool) {
	i := slices.IndexFunc(table, func(r Region) bool { return r.ID == id })
	if i < 0 {
		return Region{}, false
	}
	return table[i], true
}

// All returns every Region, by partition (aws first) and id. The slice is the caller's.
func All() []Region { return slices.Clone(table) }

// PartitionOf returns the partition that a Region belongs to.
func PartitionOf(region string) (Partition, bool) {
	r, ok := Lookup(region)
	if !ok {
		return Partition{}, false
	}
	return PartitionByID(r.Partition)
}

// PartitionByID returns the partition whose ARNs begin "arn:<id>:".
func PartitionByID(id string) (Partition, bool) {
	i := slices.IndexFunc(partitions, func(p Partition) bool { return p.ID == id })
	if i < 0 {
		return Partition{}, false
	}
	return partitions[i], true
}

// maxTypos is how many characters a misspelt id may differ by. Three would turn
// ids of other clouds into Regions that nobody meant.
const maxTypos = 2

// Nearest returns the id that somebody who typed the given text most likely meant: a Region's
// id in other letters or with a typo or two, its name ("Ireland", "Europe (Ireland)"), or one
// of its zones ("eu-west-1a"). It returns "" where nothing is near.
func Nearest(typed string) string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if typed == "" {
		return ""
	}
	if id := byName(typed); id != "" {
		return id
	}
	if zone := strings.TrimRight(typed, "abcdef"); zone != typed {
		if r, ok := Lookup(zone); ok {
			return r.ID
		}
	}
	best, distance := "", maxTypos+1
	for _, r := range table {
		if d := levenshtein.Distance(typed, r.ID, nil); d < distance {
			best, distance = r.ID, d
		}
	}
	return best
}

// byName finds the Region whose name, or whose place in brackets, is the given lower-case text.
func byName(typed string) string {
	for _, r := range table {
		name := strings.ToLower(r.Name)
		_, place, _ := strings.Cut(strings.TrimSuffix(name, ")"), "(")
		if typed == name || typed == place {
			return r.ID
		}
	}
	return ""
}
