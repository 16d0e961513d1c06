package cli_test

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/forgecroft/fcoidc/internal/cli"
)

// TestMain lets scripts run the real command line in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"fcoidc": func() {
			ctx, stop := signal.NotifyContext(context.Background(), cli.EndSignals()...)
			code := cli.Main(ctx, os.Args[1:], cli.System())
			stop()
			os.Exit(code)
		},
	})
}

// TestScripts runs testdata/script/*.txtar: one small story a behaviour. Each script has
// a home and a state folder of its own, and an environment without AWS settings.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("FCOIDC_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_CONFIG_FILE", filepath.Join(env.WorkDir, "aws-config"))
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(env.WorkDir, "aws-credentials"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"json":   jsonCommand,
			"schema": schemaCommand,
		},
	})
}
