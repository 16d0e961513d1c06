package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/tui"
)

type teardownOptions struct {
	IO          *IO
	Globals     *globals
	Targets     targetFlags
	Config      configFlag
	StackName   string
	Issuer      string
	MaxFailures string
	DryRun      bool
	Detailed    bool
	Yes         bool
	Screens     screenFlags
	Output      format
}

func newTeardown(sys *IO, g *globals, run func(context.Context, teardownOptions) error) *cobra.Command {
	o := teardownOptions{IO: sys, Globals: g, Output: formatText}
	cmd := &cobra.Command{
		Use:     "teardown",
		GroupID: groupTrust,
		Short:   "Delete the stacks that bootstrap made",
		Long: `Delete the stacks that bootstrap made, and the OIDC provider if it is ours and no other
role trusts it. Stacks and providers that fcoidc did not make are left alone.
Forgecroft can do nothing more in these accounts afterwards.`,
		Example: `  fcoidc teardown --profile 'dev-*' --dry-run
  fcoidc teardown --sandbox --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Config.apply(cmd, sys); err != nil {
				return err
			}
			o.Targets.Spared = o.Config.Spared
			if err := o.Targets.check(); err != nil {
				return err
			}
			return o.Config.placed(run(cmd.Context(), o))
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.StackName, "stack-name", template.DefaultStackName, "`name` of the stack")
	fl.StringVar(&o.Issuer, "issuer", template.DefaultIssuer, "`URL` of the token issuer")
	fl.StringVar(&o.MaxFailures, "max-failures", "", "stop starting accounts after `N` failed, or N%")
	fl.BoolVar(&o.DryRun, "dry-run", false, "show what would be deleted and stop")
	fl.BoolVar(&o.Detailed, "detailed-exitcode", false, "with --dry-run: exit with 5 if something would be deleted")
	fl.BoolVarP(&o.Yes, "yes", "y", false, "delete without asking")
	o.Screens.add(cmd)
	addOutput(cmd, &o.Output, formatText, formatJSON, formatNDJSON)
	o.Targets.add(cmd)
	o.Config.add(cmd)
	return cmd
}

func runTeardown(ctx context.Context, o teardownOptions) error {
	req, err := o.request()
	if err != nil {
		return err
	}
	if !o.DryRun && o.Screens.screens(o.IO, o.Yes, o.Output) {
		return o.runScreens(ctx, req)
	}
	w, err := o.Targets.open(ctx, o.IO)
	if err != nil {
		return err
	}
	view := newRunView(o.IO, o.Globals, o.Output, req, w)
	view.summary = report.WriteTeardownSummary
	engine := bootstrap.New(req, view)
	plans, err := view.plan(ctx, w.targets, engine.PlanTeardown)
	if err != nil {
		return err
	}
	if o.DryRun {
		if err := view.dryRun(plans); err != nil {
			return fmt.Errorf("write the review: %w", err)
		}
		code := plansCode(plans)
		if code == exitOK && o.Detailed && pending(plans) > 0 {
			code = exitPending
		}
		return exit(code)
	}
	if err := view.review(o.IO.Err, plans); err != nil {
		return err
	}
	if err := o.confirm(pending(plans)); err != nil {
		return err
	}
	results, err := deploy(ctx, o.IO, engine, plans)
	if werr := view.finish(results); werr != nil {
		return fmt.Errorf("write the results: %w", werr)
	}
	if err != nil {
		return err
	}
	return exit(teardownCode(results))
}

func (o *teardownOptions) request() (bootstrap.Request, error) {
	if o.Detailed && !o.DryRun {
		return bootstrap.Request{}, usagef("add --dry-run", "--detailed-exitcode goes with --dry-run")
	}
	trust := trustFlags{Issuer: o.Issuer}
	t, err := trust.template()
	if err != nil {
		return bootstrap.Request{}, err
	}
	req := bootstrap.Request{
		StackName: o.StackName, Template: *t, RunID: newRunID(time.Now()), Concurrency: o.Targets.Concurrency,
	}
	if o.MaxFailures != "" {
		if req.MaxFailures, err = bootstrap.ParseMaxFailures(o.MaxFailures); err != nil {
			return bootstrap.Request{}, usagef("", "--max-failures %w", err)
		}
	}
	return req, nil
}

// confirm is for runs without screens, which ask nothing.
func (o *teardownOptions) confirm(n int) error {
	if n == 0 || o.Yes {
		return nil
	}
	return usagef("give --yes to delete, or --dry-run to look only",
		"nothing was deleted: %s would be torn down, and --yes was not given", report.CountAccounts(n))
}

// teardownCode is the exit code of a teardown. What was skipped because it is not ours is
// as asked for; what was not started is not.
func teardownCode(results []bootstrap.Result) int {
	failed := 0
	for i := range results {
		r := &results[i]
		if r.Status != bootstrap.StatusSucceeded && (r.Status != bootstrap.StatusSkipped || r.Failure != nil) {
			failed++
		}
	}
	return shareCode(failed, len(results))
}

// runScreens goes through the review, the live board and the summary.
func (o *teardownOptions) runScreens(ctx context.Context, req bootstrap.Request) error {
	job := &teardownJob{engineJob: engineJob{io: o.IO, globals: o.Globals, output: o.Output, request: req}, targets: &o.Targets}
	outcome, err := showScreens(ctx, o.IO, o.Globals, tui.Options{Job: job, Teardown: true, Accessible: o.Screens.Accessible})
	if err != nil {
		return err
	}
	return job.finish(outcome, report.WriteTeardownSummary, teardownCode)
}
