package bootstrap

import (
	"context"
	"errors"
	"time"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// operation is a stack operation that is waited for.
type operation struct {
	stackID string
	pace    *pace
	part    part
	slow    bool // the endpoint takes its time: a look right at the start is in vain

	// changeSet is the one that was executed. A stack that still names another has not
	// begun: right after the call CloudFormation may answer from before it.
	changeSet string
	watch     *watch // tells the sink what happens to the resources; nil if nobody need know
}

// waitLimit is when a run stops waiting for one operation. CloudFormation goes on.
const waitLimit = time.Hour

// errStillRunning says that an operation outlasted [waitLimit].
var errStillRunning = errors.New("the stack operation still runs after an hour")

// pollErrors is how many looks in a row may fail before a run gives up watching. Each
// of them has been retried by itself.
const pollErrors = 4

// await waits until op is over and returns the stack, nil if it is gone. Its error
// says that we do not know how the operation ended.
func (a *account) await(ctx context.Context, op operation) (*Stack, error) {
	started := time.Now()
	looks := newLooks(op)
	failed := 0
	for time.Since(started) < waitLimit {
		if err := pause(ctx, started, op.pace, looks.due); err != nil {
			return nil, err
		}
		stack, over, err := a.look(ctx, op, looks.count)
		looks.looked(time.Since(started))
		if over && op.stale(stack) && time.Since(started) < staleLimit {
			over = false
		}
		switch {
		case err != nil:
			if failed++; failed >= pollErrors || errorCode(err) != "" || ctx.Err() != nil {
				return nil, err
			}
		case over:
			op.pace.measured(time.Since(started), stack == nil || healthy(stack.Status) || stack.Status == cfntypes.StackStatusDeleteComplete)
			return stack, nil
		default:
			failed = 0
		}
	}
	return nil, errStillRunning
}

// pause sleeps until the next look is due, measured from started; when it is due may
// change while it sleeps.
func pause(ctx context.Context, started time.Time, p *pace, due func(elapsed time.Duration, e expectation) time.Duration) error {
	for {
		expected, changed := p.expected()
		elapsed := time.Since(started)
		left := due(elapsed, expected) - elapsed
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// describeEvery is how often, in looks, the stack itself is read even if its events do
// not say that it is done.
const describeEvery = 10

// look reads how an operation stands. While someone watches, events are read instead of
// the stack, which is read when they say that it is done.
func (a *account) look(ctx context.Context, op operation, count int) (stack *Stack, over bool, err error) {
	if op.watch != nil && op.part.role == watched && count > 0 {
		ended, err := op.watch.read(ctx, a)
		if err != nil {
			return nil, false, err
		}
		if !ended && count%describeEvery != 0 {
			return nil, false, nil
		}
	}
	stack, err = a.describeStack(ctx, op.stackID)
	if err != nil {
		return nil, false, err
	}
	return stack, stack == nil || !unsettled(stack), nil
}

// staleLimit is how long an answer from before the operation is taken for one. Then the
// endpoint is one that does not tell which change set a stack is of.
const staleLimit = 10 * time.Second

func (op *operation) stale(s *Stack) bool {
	return s != nil && op.changeSet != "" && s.ChangeSet != "" && s.ChangeSet != op.changeSet
}

// unsettled reports whether an operation runs on s, or is about to: a change set that
// was just executed on a new stack leaves the shell's state for a moment.
func unsettled(s *Stack) bool {
	return running(s.Status) || moveOf(s.Status) == moveCreate && s.Status != cfntypes.StackStatusDeleteComplete
}
