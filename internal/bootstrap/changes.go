package bootstrap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// destructive are the removals and replacements that a review names, as
// "Replace PlanRole".
func destructive(changes []Change) map[string]bool {
	named := map[string]bool{}
	for _, c := range changes {
		if c.Kind == ChangeResource && (c.To == resourceRemove || c.To == resourceReplace) {
			named[c.To+" "+c.Name] = true
		}
	}
	return named
}

// unnamed lists what a change set would remove or replace beyond what was reviewed.
func unnamed(reviewed []Change, changeSet []cfntypes.Change) []string {
	named := destructive(reviewed)
	var extra []string
	for _, c := range changeSet {
		if c.ResourceChange == nil {
			continue
		}
		what := effect(c.ResourceChange)
		id := aws.ToString(c.ResourceChange.LogicalResourceId)
		if (what == resourceRemove || what == resourceReplace) && !named[what+" "+id] {
			extra = append(extra, what+" "+id)
		}
	}
	slices.Sort(extra)
	return extra
}

// effect is what a change set would do to a resource. A replacement that CloudFormation
// only holds possible counts as one.
func effect(c *cfntypes.ResourceChange) string {
	if c.Action == cfntypes.ChangeActionModify && (c.Replacement == cfntypes.ReplacementTrue || c.Replacement == cfntypes.ReplacementConditional) {
		return resourceReplace
	}
	return string(c.Action)
}

// changeSetWords is a change set in one line: "Add OidcProvider, Add PlanRole".
func changeSetWords(changes []cfntypes.Change) string {
	var words []string
	for _, c := range changes {
		if c.ResourceChange != nil {
			words = append(words, fmt.Sprintf("%s %s", effect(c.ResourceChange), aws.ToString(c.ResourceChange.LogicalResourceId)))
		}
	}
	return strings.Join(words, ", ")
}
