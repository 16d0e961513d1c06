package bootstrap

import (
	"context"
	"fmt"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// StackView is what one account's stack says of itself.
type StackView struct {
	Target     fleet.Target
	StackID    string // empty if there is no stack
	Status     string // CREATE_COMPLETE, ...
	Parameters map[string]string
	Outputs    map[string]string
	Failure    *Failure // set if there is no stack or the account could not be looked at
}

// View reads the stack of every target, in their order, and changes nothing. An account
// that cannot be read has its Failure set. If ctx ends, the error is ctx's.
func (e *Engine) View(ctx context.Context, targets []fleet.Target) ([]StackView, error) {
	views := make([]StackView, len(targets))
	e.each(len(targets), func(i int) { views[i] = e.viewOne(ctx, targets[i]) })
	return views, ctx.Err()
}

func (e *Engine) viewOne(ctx context.Context, t fleet.Target) StackView {
	v := StackView{Target: t}
	if t.Err != nil {
		b := unreachable(t)
		v.Failure = &Failure{Code: b.code, Message: b.reason, Fix: b.fix}
		return v
	}
	stack, err := e.account(&t).describeStack(ctx, e.request.StackName)
	switch {
	case err != nil:
		v.Failure = failureOf(t, err)
	case stack == nil:
		v.Failure = &Failure{
			Code: "stack_missing", Message: fmt.Sprintf("there is no stack %s in %s", e.request.StackName, t.Region),
			Fix: "deploy it: " + bootstrapCommand(t, e.request.StackName),
		}
	default:
		v.StackID, v.Status = stack.ID, string(stack.Status)
		v.Parameters, v.Outputs = stack.Parameters, stack.Outputs
	}
	return v
}
