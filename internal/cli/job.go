package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/config"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/tui"
)

// engineJob is the engine behind the screens, as far as deploying and tearing down are alike.
type engineJob struct {
	io      *IO
	globals *globals
	output  format
	request bootstrap.Request
	engine  *bootstrap.Engine
	world   *world
	sink    bootstrap.Sink // of the step that runs
	notes   []string       // of the plans that were agreed to

	timeline *report.Timeline // of the run; nil if nobody wants it
}

// begin makes the engine for a request in the world that was opened.
func (j *engineJob) begin(req bootstrap.Request, sink bootstrap.Sink) {
	j.request, j.sink = req, sink
	j.engine = bootstrap.New(req, j)
}

func (j *engineJob) planned(warnings []string, plans []bootstrap.Plan) tui.Planned {
	j.notes = runNotes(j.request.Template.KeyPrefix, warnings, plans)
	return tui.Planned{
		Targets: j.world.targets, Plans: plans, Warnings: warnings, KeyPrefix: j.request.Template.KeyPrefix, Where: j.world.where(),
	}
}

// Emit passes an event on to the sink of the step that runs.
func (j *engineJob) Emit(e bootstrap.Event) {
	if j.timeline != nil {
		j.timeline.Emit(e)
	}
	j.sink.Emit(e)
}

// Validate implements [tui.Job].
func (j *bootstrapJob) Validate(a tui.Answers) map[tui.Question]string {
	wrong := map[tui.Question]string{}
	o, err := j.options.with(tui.Answers{
		OrgID: a.OrgID, Regions: a.Regions, TrustMode: a.TrustMode,
		PlanSubject: a.PlanSubject, ApplySubject: a.ApplySubject, WorkspaceID: a.WorkspaceID,
	})
	if err != nil {
		wrong[tui.QuestionAccounts] = err.Error()
	}
	given, err := o.Trust.given()
	if err != nil {
		return wrong // --parameter is wrong, which was said before the form began
	}
	maps.Copy(wrong, tui.Problems(template.ValidateParameters(given, o.Trust.Issuer)))
	if slices.Contains(a.Accounts, currentCredentials) && len(a.Accounts) > 1 {
		wrong[tui.QuestionAccounts] = "Choose the current credentials or profiles, not both."
	}
	return wrong
}

// Deploy implements [tui.Job].
func (j *engineJob) Deploy(ctx context.Context, drain <-chan struct{}, plans []bootstrap.Plan, sink bootstrap.Sink) ([]bootstrap.Result, error) {
	j.sink = sink
	return j.engine.Deploy(ctx, drain, plans)
}

// finish writes what a run without screens would have written.
func (j *engineJob) finish(outcome tui.Outcome, summary summaryFunc, code func([]bootstrap.Result) int) error {
	if outcome.Quit || outcome.Results == nil {
		return &exitError{code: exitInterrupted, err: errors.New("left before anything was changed")}
	}
	view := newRunView(j.io, j.globals, j.output, j.request, j.world)
	view.summary, view.run.Notes = summary, j.notes
	if err := view.finish(outcome.Results); err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	if outcome.Interrupted {
		return errInterrupted()
	}
	return exit(code(outcome.Results))
}

// queued tells a sink of each account that was entered.
func queued(sink bootstrap.Sink) func(fleet.Target, int) {
	return func(t fleet.Target, _ int) {
		sink.Emit(bootstrap.Event{At: time.Now(), Type: bootstrap.EventPhase, Target: t, Phase: bootstrap.PhaseQueued})
	}
}

// bootstrapJob deploys what the form's answers ask for.
type bootstrapJob struct {
	engineJob
	options bootstrapOptions
	look    *doctor.Run // at what was deployed
}

// Deploy implements [tui.Job]: what was deployed is looked at before the summary.
func (j *bootstrapJob) Deploy(ctx context.Context, drain <-chan struct{}, plans []bootstrap.Plan, sink bootstrap.Sink) ([]bootstrap.Result, error) {
	results, err := j.engineJob.Deploy(ctx, drain, plans, sink)
	if err == nil {
		j.look = j.options.verify(ctx, j.world, results)
	}
	return results, err
}

// Plan implements [tui.Job].
func (j *bootstrapJob) Plan(ctx context.Context, a tui.Answers, sink bootstrap.Sink) (tui.Planned, error) {
	o, err := j.options.with(a)
	if err != nil {
		return tui.Planned{}, err
	}
	req, err := o.request()
	if err != nil {
		return tui.Planned{}, err
	}
	if j.world, err = o.Targets.openTelling(ctx, j.io, queued(sink)); err != nil {
		return tui.Planned{}, err
	}
	req, warnings, err := o.preflight(ctx, j.world, req)
	if err != nil {
		return tui.Planned{}, err
	}
	j.begin(req, sink)
	plans, err := j.engine.Plan(ctx, j.world.targets)
	return j.planned(warnings, plans), err
}

// Replan implements [tui.Job].
func (j *bootstrapJob) Replan(ctx context.Context, targets []fleet.Target, sink bootstrap.Sink) ([]bootstrap.Plan, error) {
	j.sink = sink
	return j.engine.Plan(ctx, targets)
}

// Save implements [tui.Job].
func (j *bootstrapJob) Save(a tui.Answers) (string, error) {
	o, err := j.options.with(a)
	if err != nil {
		return "", err
	}
	return o.save()
}

// teardownJob deletes. It has no answers.
type teardownJob struct {
	engineJob
	targets *targetFlags
}

// Validate implements [tui.Job]: there is nothing to answer.
func (j *teardownJob) Validate(tui.Answers) map[tui.Question]string { return nil }

// Save implements [tui.Job]: there is nothing to save, and no screen of a teardown offers it.
func (j *teardownJob) Save(tui.Answers) (string, error) {
	return "", errors.New("a teardown has no answers to save")
}

// Plan implements [tui.Job].
func (j *teardownJob) Plan(ctx context.Context, _ tui.Answers, sink bootstrap.Sink) (_ tui.Planned, err error) {
	if j.world, err = j.targets.openTelling(ctx, j.io, queued(sink)); err != nil {
		return tui.Planned{}, err
	}
	j.begin(j.request, sink)
	plans, err := j.engine.PlanTeardown(ctx, j.world.targets)
	return j.planned(nil, plans), err
}

// Replan implements [tui.Job].
func (j *teardownJob) Replan(ctx context.Context, targets []fleet.Target, sink bootstrap.Sink) ([]bootstrap.Plan, error) {
	j.sink = sink
	return j.engine.PlanTeardown(ctx, targets)
}

// defaultConfig is where the form writes its answers unless --config names a file.
const defaultConfig = "fcoidc.yaml"

// save writes the answers to the file that they came from, or to fcoidc.yaml. A file
// that answers otherwise is not replaced.
func (o *bootstrapOptions) save() (string, error) {
	path := defaultConfig
	if o.Config.Path != "" {
		path = o.Config.Path
	}
	c := o.asConfig(filepath.Dir(path))
	err := c.Write(path, o.Config.Path != "")
	if errors.Is(err, config.ErrOther) {
		return path, usagef("move it away, or begin with --config "+path+" and the flags that change it", "%w", err)
	}
	return path, err
}

// asConfig is o as a file in folder dir would say it.
func (o *bootstrapOptions) asConfig(dir string) *config.Config {
	c := &config.Config{
		OrgID: o.Trust.OrgID, AllowedRegions: o.Trust.AllowedRegions, TrustMode: string(o.Trust.TrustMode),
		PlanSubject: o.Trust.PlanSubject, ApplySubject: o.Trust.ApplySubject, WorkspaceID: o.Trust.WorkspaceID,
		Audience: o.Trust.Audience, ExistingProvider: string(o.ExistingProvider), MaxFailures: o.MaxFailures,
		Parameters: map[string]string{},
		Targets: config.Targets{
			Profiles: o.Targets.Profiles, Accounts: o.Targets.Accounts, AccountsFile: o.Targets.AccountsFile,
			ExcludeAccounts: slices.Compact(slices.Sorted(slices.Values(slices.Concat(o.Targets.Exclude, o.Targets.Spared)))),
			RoleNames:       o.Targets.RoleNames, ExternalID: o.Targets.ExternalID, Region: o.Targets.Region,
		},
	}
	if c.WorkspaceID == "" && o.Trust.TrustMode != modeSubject {
		c.WorkspaceID = config.NoWorkspace // which was asked, and is not asked again
	}
	if o.Trust.Issuer != template.DefaultIssuer {
		c.Issuer = o.Trust.Issuer
	}
	if o.StackName != template.DefaultStackName {
		c.StackName = o.StackName
	}
	if o.Targets.Concurrency != defaultConcurrency {
		c.Targets.Concurrency = o.Targets.Concurrency
	}
	for _, p := range o.Trust.Parameters {
		if name, value, ok := strings.Cut(p, "="); ok && flagOf[name] == "" {
			c.Parameters[name] = value
		}
	}
	if rel, err := filepath.Rel(dir, c.Targets.AccountsFile); err == nil && c.Targets.AccountsFile != "" && !filepath.IsAbs(c.Targets.AccountsFile) {
		c.Targets.AccountsFile = rel // as the file will read it: from its own folder
	}
	return c
}
