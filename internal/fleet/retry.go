package fleet

import (
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
)

const (
	// maxAttempts is of one call; AWS_MAX_ATTEMPTS overrides it. With a third of all calls
	// refused, one in two million fails: a run over a thousand accounts makes ten thousand.
	maxAttempts = 12
	maxBackoff  = 20 * time.Second

	// A host that cannot be reached is tried again briefly: it is more often a wrong address
	// or no network than a hiccup, and the user is waiting to hear which.
	maxDials    = 3
	dialBackoff = 200 * time.Millisecond

	// A host that accepts calls and does not answer costs requestTimeout each time.
	maxTimeouts = 5
)

// Retryer is how often and how patiently fcoidc repeats a call. It differs from the SDK's standard
// mode in three things. There is no quota of retries shared by all calls: with a thousand accounts
// behind one client, throttling must make a run slower and not fail it. A host that cannot be
// reached is given up soon. And what repeating does not cure is not repeated; see final.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(backoff)
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(final)}, o.Retryables...)
	})
}

// backoff is the pause after a failed attempt, the first being 1: a random part of a bound that
// doubles, from 1 s for throttling (as AWS's SDKs do) and from 100 ms for everything else.
func backoff(attempt int, err error) (time.Duration, error) {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		if attempt >= maxDials {
			return 0, err
		}
		return dialBackoff, nil
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && attempt >= maxTimeouts {
		return 0, err
	}
	base := 100 * time.Millisecond
	if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool() {
		base = time.Second
	}
	bound := min(base<<min(max(attempt-1, 0), 8), maxBackoff)
	return rand.N(bound) + time.Millisecond, nil //nolint:gosec // jitter needs no secrecy
}

// final refuses to repeat three failures that the SDK would.
func final(err error) aws.Ternary {
	if _, ok := errors.AsType[*smithy.OperationError](err); ok {
		// Another operation failed, the one that was to give credentials. It was repeated as
		// often as was good for it; to repeat it a dozen times more takes half a minute to say
		// "no credentials" where the instance metadata service does not answer.
		return aws.FalseTernary
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return aws.FalseTernary
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "LimitExceededException" {
		return aws.FalseTernary // a quota at CloudFormation; the SDK takes it for throttling
	}
	return aws.UnknownTernary
}
