package bootstrap

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

// callError is an answer of AWS with what we were doing before it. Its text is made for
// people: that of the SDK nests several layers.
type callError struct {
	what string
	err  error
}

// doing says what err happened in, nil if it did not.
func doing(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &callError{what: fmt.Sprintf(format, args...), err: err}
}

func (e *callError) Error() string { return e.what + ": " + awserr.Classify(e.err).Error() }

func (e *callError) Unwrap() error { return e.err }

// failedError says that a target failed, and why.
type failedError struct{ failure *Failure }

func (e *failedError) Error() string { return e.failure.Message }

// lostError says that an operation was started and that we do not know how it ended.
type lostError struct {
	what string // "stack arn:... goes on"
	err  error
}

func (e *lostError) Error() string { return e.what + ": " + e.err.Error() }

func (e *lostError) Unwrap() error { return e.err }

// throttled reports whether AWS asked to slow down.
func throttled(err error) bool { return awserr.Is(err, awserr.KindThrottled) }

// errorCode is AWS's code for err, empty if err is not an answer of AWS.
func errorCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// errorMessage is AWS's text for err, or err's own.
func errorMessage(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		return e.ErrorMessage()
	}
	return err.Error()
}

// hinter is an error that knows a next step.
type hinter interface {
	error
	Hint() string
}
