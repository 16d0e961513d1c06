package bootstrap

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// account is one target's line to AWS: it calls with the target's credentials, counts
// what it sends, waits out throttling and tells the sink.
type account struct {
	target   fleet.Target
	stacks   StackAPI
	identity IdentityAPI
	emit     func(*Event) // fills in At and Target
	slots    chan struct{}
	phase    Phase
	sent     atomic.Int64 // requests, retries included
}

// Bounds on calls. A call's time is that of all its attempts; how long throttling is
// waited out is generous, since giving up would fail a target that AWS only delays.
const (
	callTimeout     = 2 * time.Minute
	throttleFirst   = 500 * time.Millisecond
	throttleLongest = 20 * time.Second
	throttleGiveUp  = 15 * time.Minute
)

// call sends one request for a. It waits while AWS says Throttling, and returns what
// AWS answered in the end.
func call[In, Out, Opt any](ctx context.Context, a *account, fn func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In, options func(*Opt)) (*Out, error) {
	started := time.Now()
	for pause := throttleFirst; ; pause = min(2*pause, throttleLongest) {
		out, err := a.once(ctx, func(ctx context.Context) (any, error) { return fn(ctx, in, options) })
		if err == nil {
			return out.(*Out), nil
		}
		if !throttled(err) || time.Since(started) > throttleGiveUp {
			return nil, err
		}
		wait := jitter(pause)
		a.emit(&Event{Type: EventThrottled, Phase: a.phase, Detail: fmt.Sprintf("AWS asks to slow down; waiting %s", wait.Round(100*time.Millisecond))})
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// once sends a request as soon as one of the run's slots is free. What a request needs,
// for its body and answer and for the SDK's deep stack, is held only by as many as there
// are slots: it has a goroutine of its own, and that of the target stays small however
// long it waits.
func (a *account) once(ctx context.Context, send func(context.Context) (any, error)) (any, error) {
	select {
	case a.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-a.slots }()
	ctx, cancel := context.WithTimeout(fleet.CountCalls(ctx, &a.sent), callTimeout)
	defer cancel()
	answered := make(chan answer)
	go func() {
		var got answer
		defer func() {
			if r := recover(); r != nil {
				got.panicked = panicText(r)
			}
			answered <- got
		}()
		got.out, got.err = send(ctx)
	}()
	got := <-answered
	if got.panicked != "" {
		panic(got.panicked) // for the target to fail with, as if it had sent the request itself
	}
	return got.out, got.err
}

// answer is what came of a request.
type answer struct {
	out      any
	err      error
	panicked string
}

func (a *account) stackOptions(o *cloudformation.Options) {
	o.Credentials = a.target.Config.Credentials
}

func (a *account) identityOptions(o *iam.Options) { o.Credentials = a.target.Config.Credentials }

func (a *account) calls() int { return int(a.sent.Load()) }

// enter says which phase the target is in now.
func (a *account) enter(p Phase, detail string) {
	a.phase = p
	a.emit(&Event{Type: EventPhase, Phase: p, Detail: detail})
}

// jitter is a random duration between half of d and one and a half of it, so that many
// targets do not ask at the same moment.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d) //nolint:gosec // spreads load; nobody gains by guessing it
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
