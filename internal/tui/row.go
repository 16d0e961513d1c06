package tui

import (
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// state is what a row is about, coarser than a phase.
type state int

const (
	stateQueued state = iota
	stateRunning
	statePlanned // what to do is known, and not begun
	stateFailed
	stateLost // CloudFormation goes on without us
	stateBlocked
	stateDone
	stateSkipped
	states // how many there are
)

// settled reports whether nothing more is expected of a row.
func (s state) settled() bool { return s != stateQueued && s != stateRunning }

func (s state) mark() report.Mark {
	switch s {
	case stateRunning, stateLost:
		return report.MarkWait
	case stateFailed:
		return report.MarkBad
	case stateBlocked:
		return report.MarkWarn
	case stateDone:
		return report.MarkGood
	case stateSkipped:
		return report.MarkSkip
	default:
		return report.MarkInfo
	}
}

// mark is that of the state, and of a plan that will do nothing what will come of it.
func (r *row) mark() report.Mark {
	if r.state == statePlanned {
		switch r.plan.Action {
		case bootstrap.ActionBlocked:
			return stateBlocked.mark()
		case bootstrap.ActionSkipped:
			return stateSkipped.mark()
		case bootstrap.ActionNone:
			return stateDone.mark()
		default:
		}
	}
	return r.state.mark()
}

// row is what a board knows of one target. Rows are never changed, only replaced.
type row struct {
	target   *fleet.Target
	state    state
	phase    bootstrap.Phase
	done     int // resources finished
	total    int // resources expected, 0 if that is not known
	started  time.Time
	elapsed  time.Duration // once settled
	last     *entry        // the newest event, nil if there was none
	entries  int
	trouble  *bootstrap.ResourceEvent // the first that failed, while the operation still runs
	throttle int                      // how often AWS asked to slow down
	plan     *bootstrap.Plan
	result   *bootstrap.Result
}

// after is r once e has happened.
func (r row) after(e *bootstrap.Event) row {
	switch e.Type {
	case bootstrap.EventPhase:
		r = r.entered(e)
	case bootstrap.EventPlanned:
		r.plan, r.state = e.Plan, statePlanned
		r.elapsed = since(r.started, e.At)
	case bootstrap.EventResource:
		r.done, r.total = e.Done, e.Total
		if r.trouble == nil && failed(e.Resource) {
			r.trouble = e.Resource
		}
	case bootstrap.EventThrottled:
		r.throttle++
	case bootstrap.EventFinished:
		r = r.ended(e.Result)
	case bootstrap.EventStopping:
		return r
	}
	return r.log(e)
}

// entered begins a phase. A target that was settled runs again: after its plan, or
// because it is retried.
func (r row) entered(e *bootstrap.Event) row {
	if r.state.settled() {
		r = row{target: r.target, plan: r.plan, last: r.last, entries: r.entries}
	}
	r.phase, r.state = e.Phase, stateRunning
	switch {
	case e.Phase == bootstrap.PhaseQueued:
		r.state = stateQueued
	case r.started.IsZero():
		r.started = e.At
	}
	return r
}

func (r row) ended(result *bootstrap.Result) row {
	r.result, r.phase, r.elapsed, r.trouble = result, bootstrap.PhaseDone, result.Elapsed, nil
	if r.started.IsZero() {
		r.started = result.Started
	}
	switch result.Status {
	case bootstrap.StatusSucceeded:
		r.state = stateDone
		r.done = max(r.done, r.total)
	case bootstrap.StatusBlocked:
		r.state = stateBlocked
	case bootstrap.StatusSkipped:
		r.state = stateSkipped
	case bootstrap.StatusInProgress:
		r.state = stateLost
	case bootstrap.StatusFailed:
		r.state = stateFailed
	}
	return r
}

// time is how long r has been worked on at now; ok is false if it was not.
func (r *row) time(now time.Time) (took time.Duration, ok bool) {
	if r.state.settled() {
		return r.elapsed, r.worked()
	}
	return since(r.started, now), !r.started.IsZero()
}

// worked reports whether something was done for r, other than looking at its plan.
func (r *row) worked() bool {
	switch r.state {
	case stateBlocked, stateSkipped:
		return false
	case stateDone:
		return r.result.Action != bootstrap.ActionNone || r.elapsed > time.Second
	default:
		return !r.started.IsZero()
	}
}

// isLeftOut reports whether the run was interrupted before r was brought to its end.
func (r *row) isLeftOut() bool {
	return r.state == stateLost || r.state == stateSkipped && r.result != nil && r.result.Failure != nil
}

// isSlowed reports whether r waits because AWS asked to slow down.
func (r *row) isSlowed() bool {
	return r.state == stateRunning && r.last != nil && r.last.kind == bootstrap.EventThrottled
}

func since(start, now time.Time) time.Duration {
	if start.IsZero() || now.Before(start) {
		return 0
	}
	return now.Sub(start)
}

// failed reports whether e is a failure of its own: a resource that was given up because
// another one failed says nothing ("Resource creation cancelled").
func failed(e *bootstrap.ResourceEvent) bool {
	given := strings.HasPrefix(e.Reason, "Resource ") && strings.HasSuffix(strings.TrimRight(strings.ToLower(e.Reason), "."), "cancelled")
	return strings.HasSuffix(e.Status, "_FAILED") && !given
}
