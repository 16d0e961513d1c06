package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// sandboxDir is where the sandbox keeps its state between runs.
func (sys *IO) sandboxDir() (string, error) {
	state, err := sys.stateDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(state, "sandbox"), nil
}

// open starts the sandbox on its state folder.
func (f *sandboxFlags) open(sys *IO) (*sandbox.Sandbox, error) {
	dir, err := sys.sandboxDir()
	if err != nil {
		return nil, err
	}
	faults, err := sandbox.ParseFaults(strings.Join(f.Faults, ","))
	if err != nil {
		return nil, usagef("the faults: docs/sandbox.md", "--fault: %w", err)
	}
	return sandbox.New(sandbox.Options{
		Dir: dir, Accounts: f.Accounts, StackDuration: f.StackDuration, APILatency: f.APILatency, Faults: faults, Keys: f.Keys,
	})
}

func newSandbox(sys *IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sandbox <command>",
		GroupID: groupLearn,
		Short:   "A local, pretended AWS: serve it, mint tokens, make faults, empty it",
		Long: `The sandbox imitates the parts of AWS that fcoidc and its users' clients call:
CloudFormation, IAM, STS, CloudTrail and Organizations, with many accounts. Its state is kept
between runs, so that "bootstrap --sandbox" and later commands see the same accounts.
What it imitates and what not: docs/sandbox.md.`,
	}
	cmd.AddCommand(newSandboxServe(sys), newSandboxToken(sys, runSandboxToken), newSandboxBreak(sys, runSandboxBreak),
		newSandboxExec(sys, runSandboxExec), newSandboxReset(sys))
	return cmd
}

type serveOptions struct {
	IO     *IO
	Listen string
	Issuer string // where the issuer listens
	Shape  sandboxFlags
}

func newSandboxServe(sys *IO) *cobra.Command {
	o := serveOptions{IO: sys}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the sandbox over HTTP to the AWS CLI, SDKs and Terraform",
		Example: `  fcoidc sandbox serve --listen 127.0.0.1:4566 > sandbox.env &
  . ./sandbox.env
  aws organizations list-accounts
  aws sts assume-role --role-session-name me \
    --role-arn arn:aws:iam::010000000002:role/OrganizationAccountAccessRole
  aws sts assume-role-with-web-identity --role-session-name run-1 \
    --role-arn arn:aws:iam::010000000001:role/forgecroft-runner-plan \
    --web-identity-token "$(fcoidc sandbox token --phase plan)"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Shape.checkShape(); err != nil {
				return err
			}
			return runServe(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&o.Issuer, "issuer-listen", "127.0.0.1:0", "`address` where the issuer answers, over TLS")
	o.Shape.addShape(cmd)
	o.Shape.addKeys(cmd)
	return cmd
}

func runServe(ctx context.Context, o serveOptions) error {
	box, err := o.Shape.open(o.IO)
	if err != nil {
		return err
	}
	issuer, err := box.Issuer(template.DefaultIssuer)
	if err != nil {
		return err
	}
	keys, err := issuer.Listen(ctx, o.Issuer)
	if err != nil {
		return usagef("", "--issuer-listen: %w", err)
	}
	defer func() { _ = keys.Close() }() // the process ends with it
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return usagef("", "--listen %s: %w", o.Listen, err)
	}
	url := "http://" + ln.Addr().String()
	writeEnvironment(o.IO.Out, url, sandbox.AdminCredentials(box.Accounts()[0].ID))
	fmt.Fprintf(o.IO.Err, "the sandbox serves %s at %s; ctrl-c ends it\n", report.CountAccounts(len(box.Accounts())), url)
	fmt.Fprintf(o.IO.Err, "its issuer: curl --cacert %s --connect-to %s:443:%s %s/.well-known/openid-configuration\n",
		escape.Quoted(box.CAFile()), issuer.Host(), keys.Addr(), issuer.URL())

	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	select {
	case err = <-done:
		return fmt.Errorf("serve the sandbox: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("end the sandbox's server: %w", err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the sandbox: %w", err)
	}
	return nil
}

// writeEnvironment writes what makes other clients talk to the sandbox, for a shell.
func writeEnvironment(w io.Writer, url string, admin aws.Credentials) {
	set, unset := sandboxEnvironment(url, admin)
	for _, v := range set {
		fmt.Fprintf(w, "export %s=%s\n", v.name, escape.Quoted(v.value))
	}
	fmt.Fprintln(w, "unset", strings.Join(unset, " "))
}

type variable struct{ name, value string }

// sandboxEnvironment is what makes other clients talk to the sandbox. Everything that could lead
// them to the real AWS is set or cleared: the address of STS by its own name too, since the Go
// SDK's role profiles ignore the general one.
func sandboxEnvironment(url string, admin aws.Credentials) (set []variable, unset []string) {
	set = []variable{
		{"AWS_ENDPOINT_URL", url},
		{"AWS_ENDPOINT_URL_STS", url},
		{"AWS_ACCESS_KEY_ID", admin.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", admin.SecretAccessKey},
		{"AWS_REGION", sandboxRegion},
		{"AWS_DEFAULT_REGION", sandboxRegion}, // the AWS CLI and boto3 read this one
	}
	unset = []string{
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_ORGANIZATIONS",
		"AWS_ENDPOINT_URL_CLOUDTRAIL", "AWS_ENDPOINT_URL_ACCOUNT",
	}
	return set, unset
}

func newSandboxReset(sys *IO) *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Empty the sandbox: every account is as new",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := sys.sandboxDir()
			if err != nil {
				return err
			}
			if err := sandbox.Reset(dir); err != nil {
				return err
			}
			fmt.Fprintln(sys.Err, "the sandbox is empty")
			return nil
		},
	}
}
