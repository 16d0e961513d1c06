package tui

import (
	"context"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// What commands report.
type (
	accountsMsg struct {
		choices []AccountChoice
		err     error
	}
	plannedMsg struct {
		planned Planned
		err     error
		attempt int // of which planning: one that was left is not heard
	}
	replannedMsg struct {
		plans []bootstrap.Plan
		err   error
	}
	deployedMsg struct {
		results []bootstrap.Result
		err     error
	}
	savedMsg struct {
		path string
		err  error
	}
)

// jobs makes commands of the calls of a [Job], and lets [Run] wait for those under way.
type jobs struct {
	Job
	accounts func(context.Context) ([]AccountChoice, error)
	ctx      context.Context // of the run; commands have no other way to get it
	send     func(tea.Msg)

	turn sync.Mutex // held by the call under way

	mu      sync.Mutex // guards what follows
	closed  bool
	running sync.WaitGroup
	drain   chan struct{}      // of the deployment under way, closed once it shall wind down
	winding bool               // drain is closed
	last    []bootstrap.Result // of all deployments, the newest of each target
	cut     bool               // the newest deployment ended before all was done
}

// command is call as a command that [jobs.wait] waits for.
func (j *jobs) command(call func() tea.Msg) tea.Cmd {
	return func() tea.Msg {
		j.mu.Lock()
		if j.closed {
			j.mu.Unlock()
			return nil
		}
		j.running.Add(1)
		j.mu.Unlock()
		defer j.running.Done()
		return call()
	}
}

// inTurn is a call that tells events, as those of an attempt, and waits for the one before it
// to end.
func (j *jobs) inTurn(attempt int, call func(bootstrap.Sink) tea.Msg) tea.Cmd {
	return j.command(func() tea.Msg {
		j.turn.Lock()
		defer j.turn.Unlock()
		sink := &batch{send: j.send, attempt: attempt}
		defer sink.flush() // before the screen hears how it ended
		return call(sink)
	})
}

func (j *jobs) list() tea.Cmd {
	return j.command(func() tea.Msg {
		choices, err := j.accounts(j.ctx)
		return accountsMsg{choices, err}
	})
}

func (j *jobs) save(a Answers) tea.Cmd {
	return j.command(func() tea.Msg {
		path, err := j.Save(a)
		return savedMsg{path, err}
	})
}

// plan plans until cancel is called.
func (j *jobs) plan(a Answers, attempt int) (cmd tea.Cmd, cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(j.ctx)
	return j.inTurn(attempt, func(sink bootstrap.Sink) tea.Msg {
		planned, err := j.Plan(ctx, a, sink)
		return plannedMsg{planned, err, attempt}
	}), cancel
}

func (j *jobs) replan(targets []fleet.Target, attempt int) (cmd tea.Cmd, cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(j.ctx)
	return j.inTurn(attempt, func(sink bootstrap.Sink) tea.Msg {
		plans, err := j.Replan(ctx, targets, sink)
		return replannedMsg{plans, err}
	}), cancel
}

// deploy deploys until cancel is called; [jobs.windDown] lets it start nothing new.
func (j *jobs) deploy(plans []bootstrap.Plan, attempt int) (cmd tea.Cmd, cancel context.CancelFunc) {
	ctx, cancel := context.WithCancel(j.ctx)
	drain := make(chan struct{})
	j.mu.Lock()
	j.drain, j.winding = drain, false
	j.mu.Unlock()
	return j.inTurn(attempt, func(sink bootstrap.Sink) tea.Msg {
		results, err := j.Deploy(ctx, drain, plans, sink)
		j.mu.Lock()
		j.last, j.drain, j.cut = merged(j.last, results), nil, err != nil
		j.mu.Unlock()
		return deployedMsg{results, err}
	}), cancel
}

// windDown lets the deployment under way start nothing new, and reports whether there is one.
func (j *jobs) windDown() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.drain == nil {
		return false
	}
	if !j.winding {
		j.winding = true
		close(j.drain)
	}
	return true
}

// wait starts nothing new, and returns when all that runs has ended, with the results of
// all deployments.
func (j *jobs) wait() []bootstrap.Result {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.running.Wait()
	return j.last
}
