package bootstrap

import (
	"context"
	"fmt"
	"sync"
)

// gate decides whether a further target may be started.
type gate struct {
	ctx   context.Context //nolint:containedctx // lives as long as the one Deploy it is made in
	drain <-chan struct{}
	limit MaxFailures
	total int
	stop  func(detail string) // told once, when the gate closes

	mu      sync.Mutex
	running int
	failed  int
	closed  string // why no further target is started, empty while it may
	drained bool   // targets were left out because of an interrupt
	done    chan struct{}
	watcher sync.WaitGroup
}

// newGate makes a gate that closes when drain or ctx does, or when too many of total
// targets have failed. The caller ends it with [gate.end].
func newGate(ctx context.Context, drain <-chan struct{}, limit MaxFailures, total int, stop func(string)) *gate {
	g := &gate{ctx: ctx, drain: drain, limit: limit, total: total, stop: stop, done: make(chan struct{})}
	g.watcher.Go(func() {
		select {
		case <-drain:
		case <-ctx.Done():
		case <-g.done:
			return
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.interrupt()
	})
	return g
}

// end waits for what the gate started and returns the error of the run: that of ctx, or
// [context.Canceled] if an interrupt left targets out.
func (g *gate) end() error {
	close(g.done)
	g.watcher.Wait()
	if err := g.ctx.Err(); err != nil {
		return err
	}
	if g.drained {
		return context.Canceled
	}
	return nil
}

// enter starts a target, or says why it may not be started.
func (g *gate) enter() (why string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.drain:
		g.interrupt()
		g.drained = true
	case <-g.ctx.Done():
		g.interrupt()
	default:
	}
	if g.closed != "" {
		return g.closed, false
	}
	g.running++
	return "", true
}

// leave ends a target.
func (g *gate) leave(failed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if !failed {
		return
	}
	g.failed++
	if g.closed == "" && g.limit.reached(g.failed, g.total) {
		g.closed = fmt.Sprintf("not started: %s failed, which is the limit of --max-failures %s", countTargets(g.failed), g.limit)
		g.stop(fmt.Sprintf("%s failed: no further target is started", countTargets(g.failed)))
	}
}

// interrupt closes the gate. The caller holds mu.
func (g *gate) interrupt() {
	if g.closed != "" {
		return
	}
	g.closed = "not started: the run was interrupted"
	g.stop(fmt.Sprintf("interrupted: no further target is started; %s under way", countTargets(g.running)))
}

func countTargets(n int) string {
	if n == 1 {
		return "1 target"
	}
	return fmt.Sprintf("%d targets", n)
}
