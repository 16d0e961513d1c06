package cli

import (
	"context"
	"syscall"
)

// stages turns the interrupts of a long run into its two stages. The first closes drain:
// nothing new is started, what runs is waited for. The second cancels the returned
// context: the run is left as it is. ctx is the process's own, cancelled by the first.
func stages(ctx context.Context, sys *IO) (run context.Context, drain <-chan struct{}, stop func()) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	signals, unsubscribe := sys.Interrupts()
	done := make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-ctx.Done():
		case <-done:
			return
		}
		// The interrupt that cancelled ctx reaches us too; only what comes after it counts.
		for first := true; ; first = false {
			select {
			case s := <-signals:
				// A terminal that goes away may say so more than once: the kernel and the shell do.
				if !first && s != syscall.SIGHUP {
					cancel()
					return
				}
			case <-done:
				return
			}
		}
	}()
	return run, ctx.Done(), func() {
		unsubscribe()
		close(done)
		<-finished
		cancel()
	}
}
