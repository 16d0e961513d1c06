package cli

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// targetFlags say which accounts a command works on, in AWS or in the sandbox.
type targetFlags struct {
	Profiles     []string
	Accounts     []string
	AccountsFile string
	Exclude      []string
	Spared       []string // left out by a file that other commands share, and so not always among the targets
	RoleNames    []string
	ExternalID   string
	Region       string
	Concurrency  int
	Sandbox      sandboxFlags
}

// defaultConcurrency keeps a run of thousands gentle on STS, whose calls all count
// against the caller's own account.
const defaultConcurrency = 32

func (f *targetFlags) add(cmd *cobra.Command) {
	grouped(cmd, flagsAccounts, func() { f.bind(cmd) })
	grouped(cmd, flagsSandbox, func() { f.Sandbox.add(cmd) })
}

func (f *targetFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.Profiles, "profile", nil, "profile or `glob` of the shared AWS configuration (repeatable); with --account or --accounts-file: whose credentials enter them")
	fl.StringArrayVar(&f.Accounts, "account", nil, "12-digit account `id`, entered by a role (repeatable)")
	fl.StringVar(&f.AccountsFile, "accounts-file", "", "CSV or YAML `file` of accounts: id, name, role")
	fl.StringArrayVar(&f.Exclude, "exclude-account", nil, "account `id` to leave out (repeatable)")
	fl.StringArrayVar(&f.RoleNames, "role-name", nil, "role `name` to assume in each account, tried in order (repeatable; default OrganizationAccountAccessRole, AWSControlTowerExecution)")
	fl.StringVar(&f.ExternalID, "external-id", "", "external `id` that the role asks for")
	fl.StringVar(&f.Region, "region", "", "`Region` in which the stack lives (default: that of the configuration)")
	fl.IntVar(&f.Concurrency, "concurrency", defaultConcurrency, "`number` of accounts at once")
}

// check refuses what can be refused without looking at anything.
func (f *targetFlags) check() error {
	if f.Concurrency < 1 {
		return usagef("", "--concurrency %d: at least 1", f.Concurrency)
	}
	return f.Sandbox.check()
}

// world is where a command works: real AWS, or the sandbox.
type world struct {
	targets []fleet.Target
	sandbox *sandbox.Sandbox // nil: real AWS

	// base loads the configuration that everything began with, before any role was entered.
	base func(context.Context) (aws.Config, error)
}

// sandboxRegion is where sandbox stacks live unless --region says otherwise.
const sandboxRegion = "us-east-1"

// open finds the targets, and starts the sandbox first if it was asked for. It says on the way
// how many accounts were entered.
func (f *targetFlags) open(ctx context.Context, sys *IO) (*world, error) {
	progress := newProgress(sys, "entered")
	defer progress.hide()
	return f.openTelling(ctx, sys, func(_ fleet.Target, total int) { progress.step(total) })
}

// openTelling is open for a screen, which entered tells of each account.
func (f *targetFlags) openTelling(ctx context.Context, sys *IO, entered func(t fleet.Target, total int)) (*world, error) {
	o := fleet.Options{
		Load: func(ctx context.Context, profile string) (aws.Config, error) {
			return fleet.LoadConfig(ctx, profile, f.Region)
		},
		Profiles: f.Profiles, Accounts: f.Accounts, AccountsFile: f.AccountsFile,
		Exclude: f.Exclude, Spare: f.Spared, RoleNames: f.RoleNames, ExternalID: f.ExternalID,
		Region: f.Region, Concurrency: f.Concurrency, Entered: entered,
	}
	var box *sandbox.Sandbox
	if f.Sandbox.Enabled {
		if len(f.Profiles) > 0 {
			return nil, usagef("leave out --profile; the sandbox's accounts are chosen by --account", "--profile and --sandbox do not go together")
		}
		var err error
		if box, err = f.Sandbox.open(sys); err != nil {
			return nil, err
		}
		region := f.Region
		if region == "" {
			region = sandboxRegion
		}
		o.Region = region
		o.Load = func(context.Context, string) (aws.Config, error) { return box.Config(region), nil }
		o.Names = map[string]string{}
		all := len(o.Accounts) == 0 && o.AccountsFile == ""
		for _, a := range box.Accounts() {
			o.Names[a.ID] = a.Name
			if all {
				o.Accounts = append(o.Accounts, a.ID)
			}
		}
	}
	targets, err := fleet.Resolve(ctx, o)
	if err != nil {
		return nil, err
	}
	for i := range targets {
		targets[i].AWS, targets[i].Again = f.awsCLI(&targets[i]), f.again(&targets[i])
	}
	limitMemory(sys, len(targets), memoryPerTarget)
	profile := ""
	if len(f.Profiles) == 1 {
		profile = f.Profiles[0]
	}
	base := func(ctx context.Context) (aws.Config, error) { return o.Load(ctx, profile) }
	return &world{targets: targets, sandbox: box, base: base}, nil
}

// sandboxFlags shape the local AWS.
type sandboxFlags struct {
	Enabled       bool
	Accounts      int
	StackDuration time.Duration
	APILatency    time.Duration
	Faults        []string
	Keys          trust.Keys // empty: issuer
}

func (f *sandboxFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.Enabled, "sandbox", false, "work on a local, pretended AWS; nothing leaves the machine")
	f.addShape(cmd)
}

func (f *sandboxFlags) addShape(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.IntVar(&f.Accounts, "sandbox-accounts", 0, "`number` of sandbox accounts (default: as before, 5 at first)")
	fl.DurationVar(&f.StackDuration, "stack-duration", 0, "`time` that a sandbox stack takes, such as 20s")
	fl.DurationVar(&f.APILatency, "api-latency", 0, "`time` that each sandbox call takes, such as 50ms")
	fl.StringSliceVar(&f.Faults, "fault", nil, "sandbox `faults`, such as throttle=20%,http500=5%,stack-failure=12 (docs/sandbox.md)")
}

// addKeys is for commands in whose sandbox tokens are exchanged.
func (f *sandboxFlags) addKeys(cmd *cobra.Command) {
	cmd.Flags().Var(newEnum(&f.Keys, trust.KeysIssuer, trust.KeysDocumented), "keys",
		"which claims the sandbox's STS takes as condition keys: those that the issuer documents too (issuer, the default), or those of AWS's table alone")
}

func (f *sandboxFlags) check() error {
	if !f.Enabled {
		for _, used := range []struct {
			set  bool
			name string
		}{{f.Accounts != 0, "--sandbox-accounts"}, {f.StackDuration != 0, "--stack-duration"}, {f.APILatency != 0, "--api-latency"}, {len(f.Faults) > 0, "--fault"}, {f.Keys != "", "--keys"}} {
			if used.set {
				return usagef("add --sandbox, or leave it out", "%s is for the sandbox only", used.name)
			}
		}
		return nil
	}
	return f.checkShape()
}

func (f *sandboxFlags) checkShape() error {
	if f.Accounts < 0 || f.Accounts > maxSandboxAccounts {
		return usagef("", "--sandbox-accounts %d: from 1 to %d", f.Accounts, maxSandboxAccounts)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"--stack-duration", f.StackDuration}, {"--api-latency", f.APILatency}} {
		if d.value < 0 {
			return usagef("", "%s %s: not negative", d.name, d.value)
		}
	}
	return nil
}

// maxSandboxAccounts is more than the largest organisation AWS allows by default
// (10,000 accounts), and far less than what the id scheme could number.
const maxSandboxAccounts = 20_000

// where names the place for people: "in the sandbox" or "in AWS".
func (w *world) where() string {
	if w.sandbox != nil {
		return "the sandbox"
	}
	return "AWS"
}
