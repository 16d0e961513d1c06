// Package cli is the command line: flags, validation, choice of view, exit codes.
// It wires the engines to the world and is the only package that starts the sandbox.
package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// Main runs the command that args name and returns the process's exit code.
func Main(ctx context.Context, args []string, sys *IO) int {
	sys.Args, sys.done = args, ctx.Done()
	root := newRoot(sys)
	root.SetArgs(args)
	root.SetIn(sys.In)
	root.SetOut(sys.Out)
	root.SetErr(sys.Err)
	err := root.ExecuteContext(ctx)
	printError(sys, err)
	return codeOf(err)
}

// printError says what went wrong and, where it is known, what to try next.
func printError(sys *IO, err error) {
	if err == nil {
		return
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.err == nil {
		return
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "interrupted"
	}
	fmt.Fprintf(sys.Err, "fcoidc: %s\n", escape.Block(withoutTokens(text)))
	if h, ok := errors.AsType[hinter](err); ok && h.Hint() != "" {
		fmt.Fprintf(sys.Err, "hint: %s\n", escape.Block(withoutTokens(h.Hint())))
	}
}

// tokenPattern is the beginning of a JSON object in base64url, and what follows it.
var tokenPattern = lazyregexp.New(`eyJ[A-Za-z0-9_=-]{5,}(\.[A-Za-z0-9_=-]*)*`)

// withoutTokens takes tokens out of an error: one that was typed in the place of a file
// or of a flag's value may be a live credential.
func withoutTokens(text string) string {
	return tokenPattern.ReplaceAllString(text, "[a token]")
}
