package fleet

import (
	"context"
	"sync/atomic"

	"github.com/aws/smithy-go/middleware"
)

// countKey finds the counter of a request in its context.
type countKey struct{}

// CountCalls returns a context whose requests to AWS are counted in n, retries included,
// by clients that have [CountAttempts].
func CountCalls(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, countKey{}, n)
}

// CountAttempts is an API option of the SDK's clients. It counts each attempt of a request
// where it leaves, so that retries count.
func CountAttempts(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CountAttempts",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
			if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
				n.Add(1)
			}
			return next.HandleDeserialize(ctx, in)
		}), middleware.Before)
}
