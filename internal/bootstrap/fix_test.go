package bootstrap

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// A pasted command must not change the same role of another account.
func TestCommandsReachTheirAccount(t *testing.T) {
	t.Parallel()
	for reach, want := range map[string]string{
		"":                   "aws iam list-roles --region eu-west-1",
		"aws --profile prod": "aws --profile prod iam list-roles --region eu-west-1",
	} {
		if got := awsCommand(fleet.Target{AWS: reach, Region: "eu-west-1"}, "iam list-roles"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
