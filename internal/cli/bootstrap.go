package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

type bootstrapOptions struct {
	IO      *IO
	Globals *globals
	Targets targetFlags
	Config  configFlag
	Trust   trustFlags

	Examples         map[string]string // parameters that the sandbox fills in for new stacks
	StackName        string
	ExistingProvider bootstrap.ExistingProvider
	AllowTrustChange bool
	Recreate         bool
	RevertDrift      bool
	SkipPreflight    bool
	NoVerify         bool
	Report           string         // file
	CACert           string         // a PEM file of further roots, for the issuer
	Roots            *x509.CertPool // what is in it
	MaxFailures      string
	DryRun           bool
	DetailedExitCode bool
	Yes              bool
	Screens          screenFlags
	Output           format
}

func newBootstrap(sys *IO, g *globals, run func(context.Context, bootstrapOptions) error) *cobra.Command {
	o := bootstrapOptions{IO: sys, Globals: g, Output: formatText}
	cmd := &cobra.Command{
		Use:     "bootstrap",
		GroupID: groupTrust,
		Short:   "Deploy the trust to one AWS account or to many",
		Long: `Deploy Forgecroft's CloudFormation template (OIDC provider, plan role, apply role) to one
account or to many. What will be done is decided and shown first; accounts whose stack is
already as asked for are left alone, so running it again is safe.

OrgId and Regions are always given; any other parameter that is not keeps its value in a
stack that exists. Without --yes nothing is deployed unless somebody agrees to the review;
in the sandbox it goes on where nobody can be asked.

CloudFormation compares templates and parameters: what somebody changed by hand, such as a
role's trust policy, stays as it is. With --revert-drift roles and provider are read, and
those that are otherwise become again what the stack says.`,
		Example: `  fcoidc bootstrap --sandbox
  fcoidc bootstrap --org-id 11111111-1111-1111-1111-111111111111 --allowed-regions us-east-1,us-west-2 --yes
  fcoidc bootstrap --profile 'prod-*' --org-id $ORG --allowed-regions eu-west-1 --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Config.apply(cmd, sys); err != nil {
				return o.Config.withValues(err, o.checkEach())
			}
			o.Targets.Spared = o.Config.Spared
			if err := o.Targets.check(); err != nil {
				return err
			}
			var err error
			if o.Roots, err = readRoots(o.CACert); err != nil {
				return err
			}
			return o.Config.placed(run(cmd.Context(), o))
		},
	}
	fl := cmd.Flags()
	o.Trust.add(cmd)
	fl.StringVar(&o.StackName, "stack-name", template.DefaultStackName, "`name` of the stack")
	fl.Var(newEnum(&o.ExistingProvider, bootstrap.ExistingProviderReuse, bootstrap.ExistingProviderFail), "existing-provider", "what to do where the account has a provider for the issuer already")
	fl.BoolVar(&o.AllowTrustChange, "allow-trust-change", false, "let an update change who may assume the roles")
	fl.BoolVar(&o.Recreate, "recreate", false, "delete and make anew a failed stack that may hold live roles")
	fl.BoolVar(&o.RevertDrift, "revert-drift", false, "put back what was changed by hand: roles and provider become what the stack says")
	fl.BoolVar(&o.SkipPreflight, "skip-preflight", false, "do not look first whether the issuer is as AWS needs it")
	fl.BoolVar(&o.NoVerify, "no-verify", false, "do not look at the accounts once more after they were deployed")
	fl.StringVar(&o.Report, "report", "", "write a page for a browser to this `file`")
	fl.StringVar(&o.CACert, "ca-cert", "", "trust the certificates in this PEM `file` too when looking at the issuer")
	fl.StringVar(&o.MaxFailures, "max-failures", "", "stop starting accounts after `N` failed, or N%")
	fl.BoolVar(&o.DryRun, "dry-run", false, "show what would be done and stop")
	fl.BoolVar(&o.DetailedExitCode, "detailed-exitcode", false, "with --dry-run: exit with 5 if something would be done")
	fl.BoolVarP(&o.Yes, "yes", "y", false, "deploy without asking")
	o.Screens.add(cmd)
	addOutput(cmd, &o.Output, formatText, formatJSON, formatNDJSON)
	o.Targets.add(cmd)
	grouped(cmd, flagsSandbox, func() { o.Targets.Sandbox.addKeys(cmd) })
	o.Config.add(cmd)
	return cmd
}

// The answers that the sandbox gives itself where none were given, so that it can be
// tried with one command.
const sandboxOrgID = "11111111-1111-1111-1111-111111111111" // the example of Forgecroft's documentation

func sandboxRegions() []string { return []string{"us-east-1", "us-west-2"} }

func runBootstrap(ctx context.Context, o bootstrapOptions) error {
	if !o.DryRun && o.Screens.screens(o.IO, o.Yes, o.Output) {
		return runScreens(ctx, o)
	}
	o.fillIn()
	req, err := o.request()
	if err != nil {
		return err
	}
	page, err := createPage(o.Report)
	if err != nil {
		return err
	}
	defer page.drop()
	w, err := o.Targets.open(ctx, o.IO)
	if err != nil {
		return err
	}
	req, warnings, err := o.preflight(ctx, w, req)
	if err != nil {
		return planError(err)
	}
	if o.Output != formatText { // whose review begins with them
		for _, warning := range warnings {
			fmt.Fprintln(o.IO.Err, escape.Block(warning))
		}
	}
	view := newRunView(o.IO, o.Globals, o.Output, req, w)
	view.run.DryRun, view.warnings = o.DryRun, warnings
	timeline := report.NewTimeline()
	engine := bootstrap.New(req, bootstrap.SinkFunc(func(e bootstrap.Event) {
		timeline.Emit(e)
		view.Emit(e)
	}))
	plans, err := view.plan(ctx, w.targets, engine.Plan)
	if err != nil {
		return err
	}
	if o.DryRun {
		done := o.dryRun(view, plans)
		return o.IO.besides(done, o.finishPage(page, view.run, planResults(plans), timeline, nil))
	}
	if err := view.review(o.IO.Err, plans); err != nil {
		return err
	}
	if err := o.confirm(w, plans); err != nil {
		return err
	}
	results, err := deploy(ctx, o.IO, engine, plans)
	var look *doctor.Run
	if err == nil {
		look = o.verify(ctx, w, results)
	}
	if werr := view.finish(results); werr != nil {
		err = fmt.Errorf("write the results: %w", werr)
	} else if err == nil {
		err = exit(bootstrapCode(results))
	}
	return o.IO.besides(err, o.finishPage(page, view.run, results, timeline, look))
}

// finishPage writes the run as a page, where one was asked for.
func (o *bootstrapOptions) finishPage(page *outFile, run report.Run, results []bootstrap.Result, timeline *report.Timeline, look *doctor.Run) error {
	return page.finish(func(w io.Writer) error {
		return writePage(w, o.IO, "fcoidc bootstrap", time.Now(), report.HTMLReport{
			Look: look, Deploy: &report.HTMLDeploy{Run: run, Results: results, Timeline: timeline},
		})
	})
}

// bootstrapCode is the exit code of a run: what the look afterwards found wrong wins.
func bootstrapCode(results []bootstrap.Result) int {
	if verifiedBad(results) {
		return exitBad
	}
	return resultCode(results)
}

// planError is why there is no review. Nothing was changed by then.
func planError(err error) error {
	if errors.Is(err, context.Canceled) {
		return &exitError{code: exitInterrupted, err: errors.New("interrupted before anything was changed")}
	}
	return err
}

// deploy runs the plans; an interrupt winds the run down, a second one leaves it.
func deploy(ctx context.Context, sys *IO, engine *bootstrap.Engine, plans []bootstrap.Plan) ([]bootstrap.Result, error) {
	run, drain, stop := stages(ctx, sys)
	defer stop()
	results, err := engine.Deploy(run, drain, plans)
	if err == nil {
		err = ctx.Err()
	}
	if errors.Is(err, context.Canceled) {
		err = errInterrupted()
	}
	return results, err
}

func errInterrupted() error {
	return &exitError{code: exitInterrupted, err: errors.New("interrupted"), hint: "the same command again goes on where this one stopped"}
}

// fillIn answers for the sandbox what was not given, and says so.
func (o *bootstrapOptions) fillIn() {
	if !o.Targets.Sandbox.Enabled {
		return
	}
	o.Examples = map[string]string{}
	if o.Trust.OrgID == "" {
		o.Examples[template.ParamOrgID] = sandboxOrgID
		fmt.Fprintf(o.IO.Err, "sandbox: --org-id %s (an example)\n", sandboxOrgID)
	}
	if len(o.Trust.AllowedRegions) == 0 {
		o.Examples[template.ParamAllowedRegions] = joinRegions(sandboxRegions())
		fmt.Fprintf(o.IO.Err, "sandbox: --allowed-regions %s\n", o.Examples[template.ParamAllowedRegions])
	}
	if len(o.Targets.Accounts) == 0 && o.Targets.AccountsFile == "" {
		fmt.Fprintln(o.IO.Err, "sandbox: all its accounts")
	}
}

var stackNamePattern = lazyregexp.New(`^[a-zA-Z][-a-zA-Z0-9]*$`)

// isStackName says whether CloudFormation takes name (CreateStack, parameter StackName).
func isStackName(name string) bool { return len(name) <= 128 && stackNamePattern.MatchString(name) }

// checkFlags says all that is wrong with the values of flags. That some are missing is no part of
// it: the form asks for them.
func (o *bootstrapOptions) checkFlags() error {
	_, err := o.Trust.parameters()
	if err == nil {
		_, err = o.Trust.template()
	}
	return o.withOthers(err)
}

// checkEach is checkFlags where other flags are not known, so that nothing can be said of how they
// go together.
func (o *bootstrapOptions) checkEach() error {
	given, err := o.Trust.given()
	if problems := template.ValidateEach(given); err == nil && problems != nil {
		err = inFlags(problems)
	}
	_, issuer := o.Trust.template()
	return o.withOthers(errors.Join(err, issuer))
}

// withOthers adds to what is wrong with the trust what is wrong beside it.
func (o *bootstrapOptions) withOthers(trust error) error {
	failures := error(nil)
	if _, err := bootstrap.ParseMaxFailures(o.MaxFailures); err != nil && o.MaxFailures != "" {
		failures = usagef("", "--max-failures %w", err)
	}
	return errors.Join(trust, failures, checkStackName(o.StackName))
}

func checkStackName(name string) error {
	if isStackName(name) {
		return nil
	}
	return usagef("", "--stack-name %q: a letter, then letters, digits and hyphens, at most 128", name)
}

// request checks the flags and makes of them what the engine works on. All that is
// missing is told at once.
func (o *bootstrapOptions) request() (bootstrap.Request, error) {
	if o.DetailedExitCode && !o.DryRun {
		return bootstrap.Request{}, usagef("add --dry-run", "--detailed-exitcode goes with --dry-run")
	}
	if err := o.checkFlags(); err != nil {
		return bootstrap.Request{}, err
	}
	given, err := o.Trust.parameters()
	if err != nil {
		return bootstrap.Request{}, err
	}
	if err := o.missing(given); err != nil {
		return bootstrap.Request{}, err
	}
	t, err := o.Trust.template()
	if err != nil {
		return bootstrap.Request{}, err
	}
	req := bootstrap.Request{
		StackName: o.StackName, Template: *t, Given: given, Examples: o.Examples, ExistingProvider: o.ExistingProvider,
		AllowTrustChange: o.AllowTrustChange, Recreate: o.Recreate, RevertDrift: o.RevertDrift,
		RunID: newRunID(time.Now()), Concurrency: o.Targets.Concurrency,
	}
	if o.MaxFailures != "" {
		if req.MaxFailures, err = bootstrap.ParseMaxFailures(o.MaxFailures); err != nil {
			return bootstrap.Request{}, usagef("", "--max-failures %w", err)
		}
	}
	return req, nil
}

func (o *bootstrapOptions) missing(given map[string]string) error {
	var missing []error
	if given[template.ParamOrgID] == "" && o.Examples[template.ParamOrgID] == "" {
		missing = append(missing, errors.New("--org-id is missing: the UUID under Forgecroft → Settings → Organization"))
	}
	if given[template.ParamAllowedRegions] == "" && o.Examples[template.ParamAllowedRegions] == "" {
		missing = append(missing, errors.New("--allowed-regions is missing: the Regions in which apply may act, such as us-east-1,us-west-2"))
	}
	if len(missing) > 0 {
		return usagef("to try it without an account: fcoidc bootstrap --sandbox", "%w", errors.Join(missing...))
	}
	return nil
}

// newRunID names a run: when it began, and eight random hexadecimal digits.
func newRunID(now time.Time) string {
	return now.UTC().Format("20060102-150405") + "-" + uuid.NewString()[:8]
}

// confirm asks for --yes where something would be changed for real.
func (o *bootstrapOptions) confirm(w *world, plans []bootstrap.Plan) error {
	n := pending(plans)
	if o.Yes || w.sandbox != nil || n == 0 {
		return nil
	}
	return usagef("give --yes to deploy this, or --dry-run to look only", "nothing was changed: %s would be, and --yes was not given", report.CountAccounts(n))
}

func (o *bootstrapOptions) dryRun(view *runView, plans []bootstrap.Plan) error {
	if err := view.dryRun(plans); err != nil {
		return fmt.Errorf("write the review: %w", err)
	}
	code := plansCode(plans)
	if code == exitOK && o.DetailedExitCode && pending(plans) > 0 {
		code = exitPending
	}
	return exit(code)
}

// pending is how many plans would change something.
func pending(plans []bootstrap.Plan) int {
	n := 0
	for i := range plans {
		switch plans[i].Action {
		case bootstrap.ActionCreate, bootstrap.ActionUpdate, bootstrap.ActionRecreate, bootstrap.ActionDelete:
			n++
		case bootstrap.ActionNone, bootstrap.ActionBlocked, bootstrap.ActionSkipped:
		}
	}
	return n
}

// plansCode is the exit code of a review: blocked targets could not be done.
func plansCode(plans []bootstrap.Plan) int {
	blocked := 0
	for i := range plans {
		if plans[i].Action == bootstrap.ActionBlocked {
			blocked++
		}
	}
	return shareCode(blocked, len(plans))
}

// resultCode is the exit code of a run.
func resultCode(results []bootstrap.Result) int {
	unfinished := 0
	for i := range results {
		if results[i].Status != bootstrap.StatusSucceeded {
			unfinished++
		}
	}
	return shareCode(unfinished, len(results))
}

// shareCode tells none, some and all apart.
func shareCode(failed, total int) int {
	switch failed {
	case 0:
		return exitOK
	case total:
		return exitFailed
	default:
		return exitPartial
	}
}
