package bootstrap

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestAChangeSetMayRemoveAndReplaceOnlyWhatWasNamed(t *testing.T) {
	t.Parallel()
	change := func(action cfntypes.ChangeAction, id string, replacement cfntypes.Replacement) cfntypes.Change {
		return cfntypes.Change{ResourceChange: &cfntypes.ResourceChange{Action: action, LogicalResourceId: aws.String(id), Replacement: replacement}}
	}
	set := []cfntypes.Change{
		change(cfntypes.ChangeActionAdd, "New", ""),
		change(cfntypes.ChangeActionModify, "ApplyRole", cfntypes.ReplacementFalse),
		change(cfntypes.ChangeActionModify, "PlanRole", cfntypes.ReplacementTrue),
		change(cfntypes.ChangeActionModify, "Other", cfntypes.ReplacementConditional),
		change(cfntypes.ChangeActionRemove, "OidcProvider", ""),
		{},
	}
	if got, want := unnamed(nil, set), []string{"Remove OidcProvider", "Replace Other", "Replace PlanRole"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	reviewed := []Change{
		{Kind: ChangeResource, Name: "PlanRole", To: resourceReplace},
		{Kind: ChangeResource, Name: "OidcProvider", To: resourceReplace}, // replaced is not removed
		{Kind: ChangeStatement, Name: "Other", To: resourceReplace},
	}
	if got, want := unnamed(reviewed, set), []string{"Remove OidcProvider", "Replace Other"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
