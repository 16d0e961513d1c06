package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
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
	NoInput     bool
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
	fl.BoolVar(&o.NoInput, "no-input", false, "never ask; without --yes nothing is deleted")
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
	w, err := o.Targets.open(ctx, o.IO)
	if err != nil {
		return err
	}
	view := newRunView(o.IO, o.Globals, o.Output, req, w)
	view.summary = report.WriteTeardownSummary
	engine := bootstrap.New(req, view)
	plans, err := engine.PlanTeardown(ctx, w.targets)
	if err != nil {
		return planError(err)
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
	if err := o.confirm(ctx, w, pending(plans)); err != nil {
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

// confirm wants the number of accounts typed back: a habitual "y" must not be enough to
// cut off an organisation.
func (o *teardownOptions) confirm(ctx context.Context, w *world, n int) error {
	if n == 0 || o.Yes {
		return nil
	}
	nothing := fmt.Sprintf("nothing was deleted: %s would be torn down, and", report.CountAccounts(n))
	if o.NoInput || !o.IO.InTerminal || !o.IO.ErrTerminal {
		return usagef("give --yes to delete, or --dry-run to look only", "%s --yes was not given", nothing)
	}
	fmt.Fprintf(o.IO.Err, "This deletes the trust in %s of %s. Type the number of accounts to go on: ", report.CountAccounts(n), w.where())
	answer, err := readLine(ctx, o.IO.In)
	if err != nil {
		return err
	}
	if answer != strconv.Itoa(n) {
		return &exitError{code: exitFailed, err: fmt.Errorf("%s the answer was not %d", nothing, n)}
	}
	return nil
}

// readLine reads one line, or gives up when ctx ends. The goroutine that reads then
// stays behind until the process ends, which it is about to do.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type answer struct {
		text string
		err  error
	}
	c := make(chan answer, 1)
	go func() {
		text, err := bufio.NewReader(r).ReadString('\n')
		if err == io.EOF {
			err = nil
		}
		c <- answer{strings.TrimSpace(text), err}
	}()
	select {
	case a := <-c:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
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
