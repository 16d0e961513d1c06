// Command fcoidc sets up, checks and explains the trust between Forgecroft and AWS accounts.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/forgecroft/fcoidc/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), cli.EndSignals()...)
	code := cli.Main(ctx, os.Args[1:], cli.System())
	stop()
	os.Exit(code) // the only os.Exit: everywhere else returns an error, so deferred work runs
}
