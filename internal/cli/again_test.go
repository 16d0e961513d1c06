package cli

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

func TestTheAWSCLIIsAimedAtTheAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flags  targetFlags
		source string
		want   string
	}{
		"the current credentials": {targetFlags{}, "", ""},
		"a profile":               {targetFlags{Profiles: []string{"team *"}}, "--profile team a", "aws --profile 'team a'"},
		"entered by a role":       {targetFlags{Accounts: []string{"012345678901"}}, "--account 012345678901", "aws --profile <a profile of 012345678901>"},
		"of a file":               {targetFlags{AccountsFile: "accounts.csv"}, "accounts.csv line 2", "aws --profile <a profile of 012345678901>"},
		"of the sandbox":          {targetFlags{Sandbox: sandboxFlags{Enabled: true}}, "", "fcoidc sandbox exec --account 012345678901 -- aws"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.flags.awsCLI(&fleet.Target{Account: "012345678901", Source: c.source}); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
