package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// runView shows one run of the engine in the format asked for. Data goes to standard
// output, everything else to standard error.
type runView struct {
	bootstrap.Sink
	io        *IO
	output    format
	keyPrefix string
	warnings  []string // of what was looked at before the plans
	run       report.Run
	ndjson    *report.NDJSON // set if that is the format
	targets   int
	planned   *progress
	errTheme  report.Theme
	outTheme  report.Theme
	summary   summaryFunc
}

// summaryFunc writes how a run ended, for people.
type summaryFunc func(io.Writer, report.Theme, []bootstrap.Result) error

func newRunView(sys *IO, g *globals, output format, req bootstrap.Request, w *world) *runView {
	v := &runView{
		io: sys, output: output, keyPrefix: req.Template.KeyPrefix,
		run:      report.Run{ID: req.RunID, TemplateSHA256: req.Template.SHA256},
		errTheme: sys.theme(g.Color, sys.ErrTerminal),
		outTheme: sys.theme(g.Color, sys.OutTerminal),
		summary:  report.WriteSummary,
		targets:  len(w.targets), planned: newProgress(sys, "looked at"),
	}
	v.Sink = report.NewLines(sys.Err, v.errTheme, w.targets)
	if output == formatNDJSON {
		v.ndjson = report.NewNDJSON(sys.Out, v.run.ID)
		v.Sink = v.ndjson
	}
	return v
}

// Emit passes an event on, and counts the plans until there is something to read.
func (v *runView) Emit(e bootstrap.Event) {
	switch {
	case v.ndjson != nil:
	case e.Type == bootstrap.EventPlanned:
		v.planned.step(v.targets)
	case e.Type != bootstrap.EventPhase || e.Phase != bootstrap.PhasePlan:
		v.planned.hide()
	}
	v.Sink.Emit(e)
}

// plan plans targets, and counts how many were looked at.
func (v *runView) plan(ctx context.Context, targets []fleet.Target, plan func(context.Context, []fleet.Target) ([]bootstrap.Plan, error)) ([]bootstrap.Plan, error) {
	plans, err := plan(ctx, targets)
	v.planned.hide()
	if err != nil {
		return nil, planError(err)
	}
	return plans, nil
}

// review shows what is about to be done. Machines read it from the events and results.
func (v *runView) review(w io.Writer, plans []bootstrap.Plan) error {
	v.run.Notes = runNotes(v.keyPrefix, v.warnings, plans)
	if v.output != formatText {
		return nil
	}
	theme := v.errTheme
	if w == v.io.Out {
		theme = v.outTheme
	}
	return report.WriteReview(w, theme, v.keyPrefix, v.warnings, plans)
}

// dryRun writes the plans as the answer of the command.
func (v *runView) dryRun(plans []bootstrap.Plan) error {
	if v.output == formatText {
		return v.review(v.io.Out, plans)
	}
	v.run.DryRun, v.run.Notes = true, runNotes(v.keyPrefix, v.warnings, plans)
	return v.finish(planResults(plans))
}

// runNotes is what a reader of the run's document should know: the warnings, a line each,
// and the notes of the review.
func runNotes(keyPrefix string, warnings []string, plans []bootstrap.Plan) []string {
	var notes []string
	for _, warning := range warnings {
		notes = append(notes, strings.Join(strings.Fields(warning), " "))
	}
	return append(notes, report.Notes(keyPrefix, plans)...)
}

// finish writes the results.
func (v *runView) finish(results []bootstrap.Result) error {
	switch v.output {
	case formatJSON:
		return report.WriteRunJSON(v.io.Out, v.run, results)
	case formatNDJSON:
		return v.ndjson.Finish(time.Now(), v.run, results)
	default:
		fmt.Fprintln(v.io.Err)
		return v.summary(v.io.Out, v.outTheme, results)
	}
}

// planResults are the results of a run that stops at its plans.
func planResults(plans []bootstrap.Plan) []bootstrap.Result {
	results := make([]bootstrap.Result, len(plans))
	for i := range plans {
		results[i] = plans[i].Result()
	}
	return results
}

func joinRegions(regions []string) string { return strings.Join(regions, ",") }
