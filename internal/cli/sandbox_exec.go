package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/sandbox"
)

type sandboxExecOptions struct {
	IO      *IO
	Account string
	Command []string
}

func newSandboxExec(sys *IO, run func(context.Context, sandboxExecOptions) error) *cobra.Command {
	o := sandboxExecOptions{IO: sys}
	cmd := &cobra.Command{
		Use:   "exec [flags] -- <command> [argument...]",
		Short: "Run a command, such as one of the AWS CLI, in an account of the sandbox",
		Long: `Run a command with an environment that makes AWS the sandbox and the caller the administrator of
one of its accounts. The sandbox is served on this machine as long as the command runs; its exit
code is the command's. The real AWS is out of reach for it.`,
		Example: `  fcoidc sandbox exec --account 010000000002 -- aws iam list-roles
  fcoidc sandbox exec -- terraform plan`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Command = args
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().SetInterspersed(false) // what follows the command's name is its own
	cmd.Flags().StringVar(&o.Account, "account", "", "`ID` of the account (default: the management account)")
	return cmd
}

func runSandboxExec(ctx context.Context, o sandboxExecOptions) error {
	box, err := new(sandboxFlags).open(o.IO)
	if err != nil {
		return err
	}
	all := box.Accounts()
	at := 0
	if o.Account != "" {
		if at = slices.IndexFunc(all, func(a sandbox.Account) bool { return a.ID == o.Account }); at < 0 {
			return usagef("", "the sandbox has no account %s; its accounts are %s to %s", o.Account, all[0].ID, all[len(all)-1].ID)
		}
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the sandbox: %w", err)
	}
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(ln) // its only news is that it was closed
	}()
	defer func() {
		_ = server.Close() // nobody is left to talk to it
		<-served
	}()
	set, unset := sandboxEnvironment("http://"+ln.Addr().String(), sandbox.AdminCredentials(all[at].ID))
	return o.run(ctx, changed(o.IO.Environ, set, unset))
}

// run runs the command on this process's own streams. An interrupt reaches it from the terminal;
// it is killed only if that did not end it.
func (o *sandboxExecOptions) run(ctx context.Context, environ []string) error {
	command := exec.CommandContext(ctx, o.Command[0], o.Command[1:]...) //nolint:gosec // because running what the user names is what it is for
	command.Env, command.Stdin, command.Stdout, command.Stderr = environ, o.IO.In, o.IO.Out, o.IO.Err
	command.Cancel = func() error { return nil }
	command.WaitDelay = 5 * time.Second
	err := command.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok && ended.ExitCode() > 0 {
		return exit(ended.ExitCode())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return usagef("", "run %s: %w", o.Command[0], err)
	}
	return nil
}

// changed is an environment with some variables set and others cleared.
func changed(environ []string, set []variable, unset []string) []string {
	environ = slices.DeleteFunc(slices.Clone(environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(unset, name) || slices.ContainsFunc(set, func(v variable) bool { return v.name == name })
	})
	for _, v := range set {
		environ = append(environ, v.name+"="+v.value)
	}
	return environ
}
