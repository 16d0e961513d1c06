package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// The exit codes of every command; `fcoidc help exit-codes` prints them.
const (
	exitOK          = 0
	exitFailed      = 1   // could not do it
	exitUsage       = 2   // wrong usage
	exitBad         = 3   // the answer is bad: a finding, a denial, a failed verification
	exitPartial     = 4   // some targets failed or could not be looked at, others did not
	exitPending     = 5   // changes pending (--dry-run --detailed-exitcode)
	exitInterrupted = 130 // as shells count SIGINT
)

const exitCodesHelp = `Exit codes

  0    done; everything is as asked for
  1    could not do it
  2    wrong usage: a flag, a file or an answer is missing or wrong; nothing was changed
  3    the answer is bad: a finding at or above --fail-on, a decision "deny", a failed verification
  4    some targets failed or could not be looked at, others did not (3 wins)
  5    changes pending (--dry-run --detailed-exitcode)
  130  interrupted`

// exitError carries an exit code. With a nil err nothing more is printed: the
// command has said everything itself.
type exitError struct {
	code int
	err  error
	hint string
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// Hint is what to try next.
func (e *exitError) Hint() string { return e.hint }

// usagef is an error in how the command was called, with a hint that may be empty.
func usagef(hint, format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// exit ends a command that has already said why.
func exit(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// hinter is an error that knows a next step.
type hinter interface {
	error
	Hint() string
}

// codeOf is the exit code that err asks for.
func codeOf(err error) int {
	if err == nil {
		return exitOK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if _, ok := errors.AsType[*fleet.InputError](err); ok {
		return exitUsage
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitFailed
}
