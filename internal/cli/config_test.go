package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/forgecroft/fcoidc/internal/config"
	"github.com/forgecroft/fcoidc/internal/tui"
)

const configured = `
org_id: 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff
allowed_regions: [us-east-1, eu-west-1]
trust_mode: subject
plan_subject: "a,b"
apply_subject: c
workspace_id: w
issuer: https://issuer.example.com
audience: aud
stack_name: ours
existing_provider: reuse
parameters: {PlanRoleName: planner, MaxSessionDuration: 7200}
max_failures: 10%
targets:
  profiles: [p, q]
  accounts: ["012345678901"]
  accounts_file: all.csv
  exclude_accounts: ["111111111111"]
  role_names: [r, s]
  external_id: ext
  region: eu-west-1
  concurrency: 7
`

// typed are the flags that say the same.
func typed(dir string) []string {
	return []string{
		"--org-id", "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff", "--allowed-regions", "us-east-1,eu-west-1",
		"--trust-mode", "subject", "--plan-subject", "a,b", "--apply-subject", "c", "--workspace-id", "w",
		"--issuer", "https://issuer.example.com", "--audience", "aud", "--stack-name", "ours", "--existing-provider", "reuse",
		"--parameter", "MaxSessionDuration=7200", "--parameter", "PlanRoleName=planner", "--max-failures", "10%",
		"--profile", "p", "--profile", "q", "--account", "012345678901", "--accounts-file", filepath.Join(dir, "all.csv"),
		"--exclude-account", "111111111111", "--role-name", "r", "--role-name", "s", "--external-id", "ext",
		"--region", "eu-west-1", "--concurrency", "7",
	}
}

// parse returns what bootstrap makes of args, without running it.
func parse(t *testing.T, args ...string) bootstrapOptions {
	t.Helper()
	var got bootstrapOptions
	cmd := newBootstrap(&IO{Err: io.Discard}, &globals{}, func(_ context.Context, o bootstrapOptions) error {
		got = o
		return nil
	})
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return got
}

func writeConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fcoidc.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sameAnswers compares options but for who gave them.
var sameAnswers = cmp.Options{cmpopts.IgnoreFields(bootstrapOptions{}, "IO", "Globals", "Config"), cmpopts.EquateEmpty()}

func TestAFileAnswersAsTheFlagsDo(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, configured)
	got, want := parse(t, "--config", file), parse(t, typed(filepath.Dir(file))...)
	want.Targets.Exclude, want.Targets.Spared = nil, want.Targets.Exclude // of a file, an exclusion may name none of the targets
	if diff := cmp.Diff(want, got, sameAnswers); diff != "" {
		t.Error(diff)
	}
}

func TestASavedFormIsNotAskedForItsWorkspaceAgain(t *testing.T) {
	t.Parallel()
	const workspace = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeee0000"
	for name, tc := range map[string]struct {
		answers tui.Answers
		want    string // in the file
	}{
		"none":                     {tui.Answers{TrustMode: tui.TrustModeClaims}, config.NoWorkspace},
		"one":                      {tui.Answers{TrustMode: tui.TrustModeClaims, WorkspaceID: workspace}, workspace},
		"a mode that does not ask": {tui.Answers{TrustMode: tui.TrustModeSubject}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := new(bootstrapOptions).with(tc.answers)
			if err != nil {
				t.Fatal(err)
			}
			saved := o.asConfig(".")
			if saved.WorkspaceID != tc.want {
				t.Errorf("the file says %q, not %q", saved.WorkspaceID, tc.want)
			}
			again := parse(t, "--config", writeConfig(t, string(saved.Marshal())))
			if again.Trust.WorkspaceID != tc.answers.WorkspaceID {
				t.Errorf("read back, the workspace is %q", again.Trust.WorkspaceID)
			}
			if asked := again.fixed()[tui.QuestionWorkspaceID] == ""; asked != (tc.want == "") {
				t.Errorf("asked again: %t", asked)
			}
		})
	}
}

func TestAFlagWinsOverTheFile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want func(o *bootstrapOptions) // what the flags change in the file's answers
	}{
		"text":                        {[]string{"--org-id", "x"}, func(o *bootstrapOptions) { o.Trust.OrgID = "x" }},
		"empty text":                  {[]string{"--workspace-id", ""}, func(o *bootstrapOptions) { o.Trust.WorkspaceID = "" }},
		"the default":                 {[]string{"--concurrency", "32"}, func(o *bootstrapOptions) { o.Targets.Concurrency = 32 }},
		"a list as a whole":           {[]string{"--allowed-regions", "us-west-2"}, func(o *bootstrapOptions) { o.Trust.AllowedRegions = []string{"us-west-2"} }},
		"a choice":                    {[]string{"--trust-mode", "claims"}, func(o *bootstrapOptions) { o.Trust.TrustMode = modeClaims }},
		"accounts, the accounts file": {[]string{"--account", "222222222222"}, func(o *bootstrapOptions) { o.Targets.Accounts, o.Targets.AccountsFile = []string{"222222222222"}, "" }},
		"an accounts file, accounts":  {[]string{"--accounts-file", "x.csv"}, func(o *bootstrapOptions) { o.Targets.Accounts, o.Targets.AccountsFile = nil, "x.csv" }},
		"exclusions add up":           {[]string{"--exclude-account", "333333333333"}, func(o *bootstrapOptions) { o.Targets.Exclude = []string{"333333333333"} }},
		"an exclusion given twice":    {[]string{"--exclude-account", "111111111111"}, func(o *bootstrapOptions) { o.Targets.Exclude = []string{"111111111111"} }},
		"one parameter":               {[]string{"--parameter", "PlanRoleName=x"}, func(o *bootstrapOptions) { o.Trust.Parameters = []string{"PlanRoleName=x", "MaxSessionDuration=7200"} }},
		"a parameter with its own flag": {[]string{"--parameter", "Audience=x"}, func(o *bootstrapOptions) {
			o.Trust.Audience = ""
			o.Trust.Parameters = []string{"Audience=x", "MaxSessionDuration=7200", "PlanRoleName=planner"}
		}},
		"the sandbox, profiles": {[]string{"--sandbox"}, func(o *bootstrapOptions) { o.Targets.Sandbox.Enabled, o.Targets.Profiles = true, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := writeConfig(t, configured)
			want := parse(t, "--config", file)
			tc.want(&want)
			if diff := cmp.Diff(want, parse(t, append(tc.args, "--config", file)...), sameAnswers); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSourcesSayWhoAnsweredWhat(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, "stack_name: ours\norg_id: x\ntargets:\n  accounts: ['012345678901']\n")
	o := parse(t, "--config", file, "--org-id", "y", "--region", "us-east-1")
	want := map[string]string{"org_id": "--org-id", "region": "--region", "stack_name": file + " line 1", "accounts": file + " line 4"}
	if diff := cmp.Diff(want, o.sources()); diff != "" {
		t.Error(diff)
	}
	o = parse(t)
	if len(o.sources()) != 0 {
		t.Errorf("nothing was answered, yet %v", o.sources())
	}
}

func TestEveryKeyStandsForAFlagOfBootstrap(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("fcoidc.yaml", []byte(configured))
	if err != nil {
		t.Fatal(err)
	}
	cmd := newBootstrap(&IO{}, &globals{}, nil)
	for _, a := range answersOf(c) {
		if cmd.Flags().Lookup(a.flag) == nil {
			t.Errorf("%s stands for --%s, which bootstrap does not have", a.key, a.flag)
		}
		if _, ok := c.Place(a.key); !ok || len(a.values) == 0 {
			t.Errorf("%s is not read", a.key)
		}
	}
}

func TestARunByFileEndsAsTheSameRunByFlags(t *testing.T) {
	t.Parallel()
	file := writeConfig(t, `
org_id: 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff
allowed_regions: [us-east-1, eu-west-1]
stack_name: ours
parameters: {MaxSessionDuration: 7200}
targets: {accounts: ["010000000002", "010000000004"], region: eu-west-1}
`)
	byFile := results(t, "--config", file)
	byFlags := results(t, "--org-id", "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff", "--allowed-regions", "us-east-1,eu-west-1", "--stack-name", "ours",
		"--parameter", "MaxSessionDuration=7200", "--account", "010000000002", "--account", "010000000004", "--region", "eu-west-1")
	if diff := cmp.Diff(byFlags, byFile); diff != "" {
		t.Error(diff)
	}
}

// results runs bootstrap on a sandbox of its own and returns its JSON without what differs from
// run to run.
func results(t *testing.T, args ...string) any {
	t.Helper()
	state := t.TempDir()
	var out, errs bytes.Buffer
	code := Main(t.Context(), append([]string{"bootstrap", "--sandbox", "--yes", "-o", "json"}, args...), &IO{
		In: strings.NewReader(""), Out: &out, Err: &errs, ErrSize: func() (int, int) { return 0, 0 },
		Getenv: func(name string) string {
			if name == "FCOIDC_STATE_DIR" {
				return state
			}
			return ""
		},
		Interrupts: func() (<-chan os.Signal, func()) { return nil, func() {} },
	})
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	var doc any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return withoutChance(doc)
}

func withoutChance(doc any) any {
	switch v := doc.(type) {
	case map[string]any:
		for name := range v {
			switch name {
			case "run_id", "seconds", "stack_id", "api_calls":
				delete(v, name)
			default:
				v[name] = withoutChance(v[name])
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutChance(v[i])
		}
	}
	return doc
}

func TestSavingOverOtherAnswersSaysHow(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("fcoidc.yaml", []byte("org_id: 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := new(bootstrapOptions).with(tui.Answers{TrustMode: tui.TrustModeClaims})
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.save()
	if h, ok := errors.AsType[hinter](err); !errors.Is(err, config.ErrOther) || !ok || !strings.Contains(h.Hint(), "--config fcoidc.yaml") {
		t.Errorf("it says %v", err)
	}
}
