package tui

import (
	"context"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Job is the work behind the screens. Of Plan, Deploy and Replan one runs at a time, and
// [Run] does not return before it did. Validate is called at each key: it must be quick
// and do no I/O.
type Job interface {
	// Validate says what is wrong with answers, by question, a whole sentence each. A
	// question of which nothing is wrong is absent.
	Validate(a Answers) map[Question]string

	// Plan finds the targets for the answers and decides what to do in each. For a
	// teardown the answers are those of the [Options]. It may be called again.
	Plan(ctx context.Context, a Answers, sink bootstrap.Sink) (Planned, error)

	// Deploy does what plans say, as [bootstrap.Engine.Deploy] does.
	Deploy(ctx context.Context, drain <-chan struct{}, plans []bootstrap.Plan, sink bootstrap.Sink) ([]bootstrap.Result, error)

	// Replan looks again at targets whose deployment did not succeed, with the answers
	// of the last Plan.
	Replan(ctx context.Context, targets []fleet.Target, sink bootstrap.Sink) ([]bootstrap.Plan, error)

	// Save writes the answers to fcoidc.yaml and returns the path of the file.
	Save(a Answers) (path string, err error)
}

// Planned is what came of [Job].Plan.
type Planned struct {
	Targets   []fleet.Target
	Plans     []bootstrap.Plan // one for each target, in their order
	Warnings  []string         // what was found to be doubtful before the plans; may have several lines each
	KeyPrefix string           // of the condition keys: "api.forgecroft.com"
	Where     string           // for people, after "in" or "of": "AWS", "the sandbox"
}
