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

func TestAMissingStackIsDeployedWhereItWasLookedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ again, stack, want string }{
		{"", "forgecroft-runner-oidc", "fcoidc bootstrap --region eu-west-1"},
		{"--sandbox --account 012345678901", "forgecroft-runner-oidc", "fcoidc bootstrap --sandbox --account 012345678901 --region eu-west-1"},
		{"--profile prod", "mine", "fcoidc bootstrap --profile prod --stack-name mine --region eu-west-1"},
	} {
		if got := bootstrapCommand(fleet.Target{Again: tt.again, Region: "eu-west-1"}, tt.stack); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
