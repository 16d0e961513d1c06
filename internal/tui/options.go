package tui

import (
	"context"
	"io"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
)

// Options are what [Run] shows, and where.
type Options struct {
	In      io.Reader // a terminal, unless Accessible
	Out     io.Writer // a terminal, unless Accessible; standard error in a command
	Environ []string  // of the process, "NAME=value": what the terminal can do is read from it
	Theme   report.Theme

	// Answers are where the form begins: defaults, and what is fixed.
	Answers Answers

	// Fixed has the questions that flags or a file answered already, with the source as
	// the user knows it: "--org-id", "fcoidc.yaml line 3". They are shown and not asked.
	Fixed map[Question]string

	// Accounts lists the accounts to choose from. It is called once, from another
	// goroutine. Nil if there is nothing to choose.
	Accounts func(context.Context) ([]AccountChoice, error)

	Job Job

	// Planned are plans made already: the review of them comes first. It is nil for the
	// form, and may be nil for a teardown, which then begins by planning.
	Planned *Planned

	// Teardown deletes instead of deploying: nothing is asked, and the confirmation wants
	// the number of accounts typed.
	Teardown bool

	// Accessible asks in plain lines instead, for screen readers and dumb terminals.
	Accessible bool

	// Interrupted is closed when the process is asked from outside to end (SIGTERM,
	// or SIGHUP where the terminal goes away).
	// That is taken like the key: a deployment winds down, anything else is left. When
	// the context ends too, a deployment is left as it is.
	Interrupted <-chan struct{}
}

// Outcome is how the user left the screens.
type Outcome struct {
	// Results has one for each plan, in their order, with what retries made of them. It
	// is nil if nothing was deployed. The summary is for the caller to print, so that it
	// stays on the terminal after the screens.
	Results []bootstrap.Result

	Answers Answers

	Quit        bool // left before deploying: nothing was changed
	Interrupted bool // left by ctrl-c or from outside, or not all of the deployment was done
}
