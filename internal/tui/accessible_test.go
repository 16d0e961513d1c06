package tui

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// spoken runs the plain mode on the given lines, and returns what it wrote.
func spoken(t *testing.T, o Options, lines ...string) (Outcome, string) {
	t.Helper()
	var out bytes.Buffer
	o.Accessible, o.In, o.Out = true, strings.NewReader(strings.Join(lines, "\n")+"\n"), &out
	outcome, err := Run(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("an escape sequence was written: %q", out.String())
	}
	return outcome, out.String()
}

func TestThePlainModeAsksTheSame(t *testing.T) {
	t.Parallel()
	outcome, out := spoken(t, fakeOptions(&fakeJob{}),
		"1111", exampleOrg, "?ireland", "eu-west-9", "us-east-1, eu-west-1", "nowhere", "1, security, 010000000003", "1", "", "yes")
	want := Answers{
		OrgID: exampleOrg, Regions: []string{"us-east-1", "eu-west-1"},
		Accounts: []string{"010000000001", "010000000002", "010000000003"}, TrustMode: TrustModeClaims,
	}
	if diff := cmp.Diff(want, outcome.Answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s\n%s", diff, out)
	}
	if len(outcome.Results) != 3 || outcome.Quit || outcome.Interrupted {
		t.Errorf("outcome %+v\n%s", outcome, out)
	}
	for _, said := range []string{
		"Forgecroft → Settings → Organization", `The organization "1111" is not a UUID`, "eu-west-1  Europe (Ireland)", `"eu-west-9"`,
		`"nowhere" is none of the accounts`, "3  010000000003  東京", "2  Subject", "Deploy to 3 accounts of the sandbox?",
	} {
		if !strings.Contains(out, said) {
			t.Errorf("%q was not said:\n%s", said, out)
		}
	}
}

func TestThePlainModeChangesAnAnswerSavesAndAllows(t *testing.T) {
	t.Parallel()
	j := &fakeJob{providers: []string{"010000000001"}, trusted: []string{"010000000002"}}
	outcome, out := spoken(t, fakeOptions(j),
		exampleOrg, "us-east-1", "all", "1", "", "save", "edit", "2", "eu-west-1", "provider", "yes", "trust", "no", "trust", "yes", "what", "yes")
	if len(outcome.Results) != 5 || !j.asked.ReuseProvider || !j.asked.AllowTrustChange || strings.Join(j.asked.Regions, ",") != "eu-west-1" {
		t.Errorf("outcome %+v, planned for %+v\n%s", outcome, j.asked, out)
	}
	if len(j.saved) != 1 || !strings.Contains(out, "Wrote fcoidc.yaml.") || !strings.Contains(out, `"what" is none of the answers`) {
		t.Errorf("saved %v\n%s", j.saved, out)
	}
}

func TestThePlainModeBreaksLinesAtBlanks(t *testing.T) {
	t.Parallel()
	o := fakeOptions(&fakeJob{})
	o.Theme.Width = 40
	_, out := spoken(t, o, exampleOrg, "us-east-1", "all", "1", "", "no")
	for _, said := range []string{
		"Which Forgecroft organization may assume\nthe roles?\n", "Regions (separated by commas; ? lists\nthem, ? europe searches)", "Workspace: ",
	} {
		if !strings.Contains(out, said) {
			t.Errorf("%q was not said:\n%s", said, out)
		}
	}
}

func TestThePlainModeTriesAgainWhatFailed(t *testing.T) {
	t.Parallel()
	j := &fakeJob{fails: map[string]int{"010000000002": 1}}
	outcome, out := spoken(t, fakeOptions(j), exampleOrg, "us-east-1", "all", "", "", "yes", "yes")
	if j.deploys != 2 || len(outcome.Results) != 5 || outcome.Results[1].Status != bootstrap.StatusSucceeded {
		t.Errorf("%d deployments, results %+v\n%s", j.deploys, outcome.Results, out)
	}
}

func TestThePlainModeIsLeft(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"by the end of the input": {exampleOrg, "us-east-1"},
		"by no":                   {exampleOrg, "us-east-1", "all", "", "", "no"},
	} {
		j := &fakeJob{}
		outcome, out := spoken(t, fakeOptions(j), lines...)
		if !outcome.Quit || outcome.Results != nil || j.deploys != 0 {
			t.Errorf("%s: %+v\n%s", name, outcome, out)
		}
	}
}

func TestThePlainModeOfATeardownWantsTheNumber(t *testing.T) {
	t.Parallel()
	j := &fakeJob{deleting: true}
	if outcome, out := spoken(t, Options{Job: j, Teardown: true}, "yes"); !outcome.Quit || j.deploys != 0 || !strings.Contains(out, "Nothing was deleted.") {
		t.Errorf("a habitual yes: %+v\n%s", outcome, out)
	}
	if outcome, out := spoken(t, Options{Job: j, Teardown: true}, "2"); outcome.Quit || len(outcome.Results) != 2 {
		t.Errorf("the number: %+v\n%s", outcome, out)
	}
}

func TestThePlainModeEndsWithAnInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	o := fakeOptions(&fakeJob{})
	o.Accessible, o.In, o.Out = true, blocked{}, &out
	outcome, err := Run(ctx, o)
	if err != nil || !outcome.Quit || !outcome.Interrupted {
		t.Errorf("%+v, %v", outcome, err)
	}
}

// blocked is input that never comes.
type blocked struct{}

func (blocked) Read([]byte) (int, error) { select {} }

func TestARejectedAnswerIsNotTheOneThatEnterTakes(t *testing.T) {
	t.Parallel()
	o := fakeOptions(&fakeJob{})
	o.Answers = Answers{OrgID: exampleOrg, Regions: []string{"us-east-1"}}
	outcome, out := spoken(t, o, "acme", "", "mars-1", "", "1", "1", "abc", "", "yes")
	if outcome.Answers.OrgID != exampleOrg || strings.Join(outcome.Answers.Regions, ",") != "us-east-1" || outcome.Answers.WorkspaceID != "" {
		t.Errorf("the answers are %+v\n%s", outcome.Answers, out)
	}
	for _, wrong := range []string{"enter takes acme", "enter takes mars-1", "enter takes abc"} {
		if strings.Contains(out, wrong) {
			t.Errorf("%q:\n%s", wrong, out)
		}
	}
	if len(outcome.Results) != 1 {
		t.Errorf("no way on:\n%s", out)
	}
}

func TestAWorkspaceCanBeTakenBack(t *testing.T) {
	t.Parallel()
	const workspace = "22222222-2222-2222-2222-222222222222"
	outcome, out := spoken(t, fakeOptions(&fakeJob{}), exampleOrg, "us-east-1", "1", "1", workspace, "edit", "5", "none", "yes")
	if outcome.Answers.WorkspaceID != "" || !strings.Contains(out, "Workspace; enter takes "+workspace+", none lets every workspace apply: ") {
		t.Errorf("the workspace is %q\n%s", outcome.Answers.WorkspaceID, out)
	}
}

func TestAQuestionMarkExplainsTheQuestion(t *testing.T) {
	t.Parallel()
	_, out := spoken(t, fakeOptions(&fakeJob{}), "?", "")
	if strings.Count(out, "Which Forgecroft organization may assume the roles?") != 2 || strings.Contains(out, "us-east-1") {
		t.Errorf("? at the organization says\n%s", out)
	}
	_, out = spoken(t, fakeOptions(&fakeJob{}), exampleOrg, "us-east-1", "1", "?")
	if strings.Count(out, "3  Session tags") != 2 || strings.Count(out, "eu-west-1") != 0 {
		t.Errorf("? at the trust mode says\n%s", out)
	}
}

func TestLeavingAtAPromptEndsItsLine(t *testing.T) {
	t.Parallel()
	interrupted := make(chan struct{})
	o := fakeOptions(&fakeJob{})
	var out bytes.Buffer
	o.Accessible, o.In, o.Out, o.Interrupted = true, blocked{}, &out, interrupted
	time.AfterFunc(50*time.Millisecond, func() { close(interrupted) })
	if _, err := Run(t.Context(), o); err != nil || !strings.HasSuffix(out.String(), "Organization: \n") {
		t.Errorf("%v, %q", err, out.String())
	}
}
