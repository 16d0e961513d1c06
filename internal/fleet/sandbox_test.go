package fleet_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
)

// every resolves all accounts of a sandbox from its management account.
func every(t *testing.T, box *sandbox.Sandbox, o fleet.Options) []fleet.Target {
	t.Helper()
	o.Load = func(context.Context, string) (aws.Config, error) { return box.Config("us-east-1"), nil }
	for _, a := range box.Accounts() {
		o.Accounts = append(o.Accounts, a.ID)
	}
	targets, err := fleet.Resolve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

func TestAllAccountsOfTheSandboxAreReached(t *testing.T) {
	t.Parallel()
	box, err := sandbox.New(sandbox.Options{Accounts: 20})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	entered := func(target fleet.Target, total int) {
		told[target.Account] = target.Name
		if total != 20 {
			t.Errorf("told of %d accounts", total)
		}
	}
	names := map[string]string{box.Accounts()[7].ID: "seven"}
	for i, target := range every(t, box, fleet.Options{Entered: entered, Names: names}) {
		if name, ok := told[target.Account]; !ok || name != target.Name {
			t.Errorf("told of %s as %q: %v", target, name, ok)
		}
		if target.Err != nil || target.Account != box.Accounts()[i].ID || target.Caller == "" {
			t.Errorf("got %+v", target)
		}
	}
	total := 0
	for _, actions := range box.Calls() {
		for _, n := range actions {
			total += n
		}
	}
	if want := 1 + 2*19; total != want {
		t.Errorf("%d calls, want %d: %v", total, want, box.Calls())
	}
}

func TestFaultsOfTheSandboxMakeItSlowerAndNotLessReliable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults, err := sandbox.ParseFaults("throttle=15%,http500=3%,reset=2%")
		if err != nil {
			t.Fatal(err)
		}
		box, err := sandbox.New(sandbox.Options{Accounts: 300, Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range every(t, box, fleet.Options{Concurrency: 1000}) {
			if target.Err != nil {
				t.Errorf("%s: %v", target, target.Err)
			}
		}
	})
}

func TestARoleThatTheSandboxDoesNotHaveBlocks(t *testing.T) {
	t.Parallel()
	box, err := sandbox.New(sandbox.Options{Accounts: 2})
	if err != nil {
		t.Fatal(err)
	}
	targets := every(t, box, fleet.Options{RoleNames: []string{"Nobody"}})
	if targets[0].Err != nil {
		t.Errorf("the caller's own account needs no role: %v", targets[0].Err)
	}
	if targets[1].Err == nil {
		t.Error("a role that does not exist was assumed")
	}
}
