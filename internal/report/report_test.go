package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func target(account, name string) fleet.Target {
	return fleet.Target{Account: account, Name: name, Region: "us-east-1", Partition: "aws"}
}

func parameters() map[string]string {
	return template.WithDefaults(map[string]string{
		template.ParamOrgID:          "11111111-1111-1111-1111-111111111111",
		template.ParamAllowedRegions: "us-east-1,eu-west-1",
	})
}

func plans() []bootstrap.Plan {
	grown := []bootstrap.Change{
		{Kind: bootstrap.ChangeParameter, Name: "AllowedRegions", From: "us-east-1", To: "us-east-1,eu-west-1", Summary: "AllowedRegions: us-east-1 becomes us-east-1,eu-west-1"},
	}
	return []bootstrap.Plan{
		{Target: target("010000000001", "management"), Action: bootstrap.ActionCreate, Reason: "There is no stack yet.", Parameters: parameters()},
		{Target: target("010000000002", "security"), Action: bootstrap.ActionCreate, Reason: "There is no stack yet.", Parameters: parameters()},
		{Target: target("010000000003", "東京"), Action: bootstrap.ActionUpdate, Changes: grown, Parameters: parameters()},
		{
			Target: target("010000000004", "legacy"), Action: bootstrap.ActionBlocked, Code: "provider_exists",
			Reason: "Account 010000000004 has a provider for the issuer already.", Fix: "--existing-provider reuse",
		},
		{Target: target("010000000005", "done"), Action: bootstrap.ActionNone, Parameters: parameters()},
	}
}

func results() []bootstrap.Result {
	outputs := map[string]string{
		template.OutputPlanRoleARN:     "arn:aws:iam::010000000001:role/forgecroft-runner-plan",
		template.OutputApplyRoleARN:    "arn:aws:iam::010000000001:role/forgecroft-runner-apply",
		template.OutputOIDCProviderARN: "arn:aws:iam::010000000001:oidc-provider/api.forgecroft.com",
	}
	return []bootstrap.Result{
		{
			Target: target("010000000001", "management"), Action: bootstrap.ActionCreate, Status: bootstrap.StatusSucceeded,
			StackID: "arn:aws:cloudformation:us-east-1:010000000001:stack/forgecroft-runner-oidc/1", Outputs: outputs, APICalls: 10, Elapsed: 21 * time.Second,
		},
		{
			Target: target("010000000002", "\x1b[31msecurity"), Action: bootstrap.ActionCreate, Status: bootstrap.StatusFailed, Elapsed: 4 * time.Second, APICalls: 14,
			Failure: &bootstrap.Failure{Code: "ROLLBACK_COMPLETE", Resource: "OidcProvider", Message: "Could not connect\u202e to OIDC provider", Fix: "check the issuer"},
		},
		{
			Target: target("010000000003", "legacy"), Action: bootstrap.ActionBlocked, Status: bootstrap.StatusBlocked, Reason: "A provider exists.",
			Failure: &bootstrap.Failure{Code: "provider_exists", Message: "A provider exists.", Fix: "--existing-provider reuse"},
		},
		{Target: target("010000000004", "late"), Action: bootstrap.ActionCreate, Status: bootstrap.StatusInProgress, Reason: "left before it ended"},
	}
}

func TestAReviewBeginsWithWarnings(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	warnings := []string{"the issuer cannot be reached\n  no such host\x1b[31m\n  going on"}
	if err := report.WriteReview(&out, report.Theme{}, "api.forgecroft.com", warnings, plans()); err != nil {
		t.Fatal(err)
	}
	want := "! the issuer cannot be reached\n    no such host\\x1b[31m\n    going on\n\n"
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("it does not begin with\n%s\n%s", want, out.String())
	}
}

func TestTheReviewPutsAccountsWithTheSamePlanTogether(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteReview(&out, report.Theme{}, "api.forgecroft.com", nil, plans()); err != nil {
		t.Fatal(err)
	}
	golden(t, "review.txt", out.String())
}

func TestProseHangsUnderItself(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteReview(&out, report.Theme{Width: 60}, "api.forgecroft.com", nil, plans()); err != nil {
		t.Fatal(err)
	}
	golden(t, "review-60.txt", out.String())
}

func TestTheReviewCountsAccountsThatItDoesNotName(t *testing.T) {
	t.Parallel()
	var many []bootstrap.Plan
	for range 25 {
		many = append(many, plans()[0])
	}
	var out bytes.Buffer
	if err := report.WriteReview(&out, report.Theme{}, "api.forgecroft.com", nil, many); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "25 accounts") || !strings.Contains(got, "and 5 more") {
		t.Errorf("the review does not count:\n%s", got)
	}
}

func TestTheReviewPutsFixesOfSeveralProfilesTogether(t *testing.T) {
	t.Parallel()
	var blocked []bootstrap.Plan
	for _, name := range []string{"prod", "dev"} {
		p := plans()[3]
		p.Target.AWS = "aws --profile " + name
		p.Fix = "look at it: " + p.Target.AWS + " iam get-role --role-name forgecroft-runner-plan"
		blocked = append(blocked, p)
	}
	var out bytes.Buffer
	if err := report.WriteReview(&out, report.Theme{}, "api.forgecroft.com", nil, blocked); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "2 accounts") {
		t.Errorf("the two are not one group:\n%s", out.String())
	}
}

func TestTheReviewSaysWhatTheRolesCanDo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		params   map[string]string
		says     string
		mustHide string
	}{
		"without the global Region IAM is out of reach": {
			map[string]string{template.ParamAllowedRegions: "eu-west-1"}, "cannot manage IAM", "make itself an unrestricted role",
		},
		"in GovCloud it is another Region": {
			map[string]string{template.ParamAllowedRegions: "us-gov-east-1"}, "us-gov-west-1 is not in AllowedRegions", "us-east-1 is not",
		},
		"with it apply can free itself": {
			map[string]string{template.ParamAllowedRegions: "us-east-1"}, "make itself an unrestricted role", "cannot manage IAM",
		},
		"unless a boundary holds it": {
			map[string]string{template.ParamAllowedRegions: "us-east-1", template.ParamPermissionsBoundaryARN: "arn:aws:iam::123456789012:policy/b"},
			"ReadOnlyAccess", "make itself an unrestricted role",
		},
		"a narrower plan policy needs no warning": {
			map[string]string{template.ParamAllowedRegions: "us-east-1", template.ParamPlanPolicyARN: "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"},
			"not proven until a real exchange", "objects in S3",
		},
		"documented keys need no proof": {
			map[string]string{template.ParamAllowedRegions: "us-east-1", template.ParamTrustMode: template.TrustModeSubject},
			"ReadOnlyAccess", "not proven",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			p := []bootstrap.Plan{{Target: target("010000000001", ""), Action: bootstrap.ActionCreate, Parameters: template.WithDefaults(tt.params)}}
			if err := report.WriteReview(&out, report.Theme{}, "api.forgecroft.com", nil, p); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("does not say %q:\n%s", tt.says, out.String())
			}
			if strings.Contains(out.String(), tt.mustHide) {
				t.Errorf("says %q:\n%s", tt.mustHide, out.String())
			}
		})
	}
}

func TestTheSummaryNamesARNsFailuresAndNextSteps(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteSummary(&out, report.Theme{}, results()); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", out.String())
}

func TestTheRunDocumentIsTheContract(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteRunJSON(&out, report.Run{ID: "run-1", TemplateSHA256: "abc"}, results()); err != nil {
		t.Fatal(err)
	}
	golden(t, "run.json", out.String())
}

func TestNoControlCharacterReachesATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := report.NewLines(&out, report.Theme{}, nil)
	for _, r := range results() {
		lines.Emit(bootstrap.Event{Type: bootstrap.EventFinished, Target: r.Target, Result: &r})
	}
	if err := report.WriteSummary(&out, report.Theme{}, results()); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("control characters of a name or message were printed: %q", out.String())
	}
	if !strings.Contains(out.String(), `\x1b[31msecurity`) {
		t.Errorf("the name is not shown escaped:\n%s", out.String())
	}
}

func TestALineSaysABlockOnceAndThrottlingOnceATarget(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	lines := report.NewLines(&out, report.Theme{}, nil)
	busy, blocked := results()[0], results()[2]
	for range 3 {
		lines.Emit(bootstrap.Event{Type: bootstrap.EventThrottled, Target: busy.Target, Detail: "AWS asks to slow down"})
	}
	lines.Emit(bootstrap.Event{Type: bootstrap.EventFinished, Target: busy.Target, Result: &busy})
	lines.Emit(bootstrap.Event{Type: bootstrap.EventFinished, Target: blocked.Target, Result: &blocked})
	golden(t, "lines.txt", out.String())
}

func TestColourNeverStandsAlone(t *testing.T) {
	t.Parallel()
	var plain, coloured bytes.Buffer
	if err := report.WriteSummary(&plain, report.Theme{}, results()); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteSummary(&coloured, report.Theme{Color: true}, results()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(coloured.String(), "\x1b[") {
		t.Error("no colour in the coloured summary")
	}
	if got := stripColour(coloured.String()); got != plain.String() {
		t.Errorf("without its colours the summary differs (-plain +stripped):\n%s", cmp.Diff(plain.String(), got))
	}
}

func stripColour(s string) string {
	var b strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			break
		}
		_, s, _ = strings.Cut(rest, "m")
	}
	return b.String()
}

func TestNDJSONEndsWithTheResultDocument(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	sink := report.NewNDJSON(&out, "run-1")
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	sink.Emit(bootstrap.Event{
		At: at, Type: bootstrap.EventResource, Target: target("010000000001", ""), Phase: bootstrap.PhaseDeploy,
		Resource: &bootstrap.ResourceEvent{LogicalID: "PlanRole", Status: "CREATE_COMPLETE", Reason: "a\nb"},
	})
	if err := sink.Finish(at, report.Run{ID: "run-1"}, results()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), out.String())
	}
	want := `{"version":1,"type":"resource","ts":"2026-11-01T12:00:00.000Z","run_id":"run-1","account":"010000000001","region":"us-east-1","phase":"deploy","resource":"PlanRole","status":"CREATE_COMPLETE","reason":"a\nb"}`
	if lines[0] != want {
		t.Errorf("event line\n got %s\nwant %s", lines[0], want)
	}
	var last struct {
		Version int
		Type    string
		RunID   string `json:"run_id"`
		Targets []any
		Summary map[string]any
	}
	if err := json.Unmarshal([]byte(lines[1]), &last); err != nil {
		t.Fatal(err)
	}
	if last.Version != 1 || last.Type != "result" || last.RunID != "run-1" || len(last.Targets) != 4 || last.Summary["failed"] != 1.0 {
		t.Errorf("last line: %s", lines[1])
	}
}

// fullDisk fails every write.
type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestNDJSONReportsAWriteThatFailed(t *testing.T) {
	t.Parallel()
	sink := report.NewNDJSON(fullDisk{}, "run-1")
	sink.Emit(bootstrap.Event{Type: bootstrap.EventPhase})
	if err := sink.Finish(time.Time{}, report.Run{}, nil); !errors.Is(err, errFull) {
		t.Errorf("Finish = %v, want %v", err, errFull)
	}
}

func stacks() []bootstrap.StackView {
	return []bootstrap.StackView{
		{Target: target("010000000001", "=cmd()"), Status: "CREATE_COMPLETE", StackID: "id", Outputs: results()[0].Outputs},
		{Target: target("010000000002", "it's"), Failure: &bootstrap.Failure{Code: "AccessDenied", Message: "no"}},
	}
}

func TestCSVIsNoFormula(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteOutputsCSV(&out, stacks()); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.csv", out.String())
}

func TestOutputsAsTextAndJSON(t *testing.T) {
	t.Parallel()
	var text, doc bytes.Buffer
	if err := report.WriteOutputsText(&text, report.Theme{ASCII: true}, stacks()); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.txt", text.String())
	if err := report.WriteOutputsJSON(&doc, stacks()); err != nil {
		t.Fatal(err)
	}
	golden(t, "outputs.json", doc.String())
}

func TestEnvIsQuotedForAShell(t *testing.T) {
	t.Parallel()
	one := []bootstrap.StackView{{Target: target("010000000001", ""), Outputs: map[string]string{
		template.OutputPlanRoleARN: "arn:aws:iam::010000000001:role/a'b $(rm)",
	}}}
	var out bytes.Buffer
	if err := report.WriteOutputsEnv(&out, one); err != nil {
		t.Fatal(err)
	}
	if want := `export FORGECROFT_PLAN_ROLE_ARN='arn:aws:iam::010000000001:role/a'\''b $(rm)'` + "\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	if err := report.WriteOutputsEnv(&out, append(stacks(), one...)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "export FORGECROFT_PLAN_ROLE_ARN_010000000001='arn:") {
		t.Errorf("of several accounts each name ends in the id, got %q", out.String())
	}
}

func TestDurationReadsLikeSpeech(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 340 * time.Millisecond: "0.3 s", 9940 * time.Millisecond: "9.9 s", 9960 * time.Millisecond: "10 s",
		59 * time.Second: "59 s", 59600 * time.Millisecond: "1 m 00 s", 185 * time.Second: "3 m 05 s",
	} {
		if got := report.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAnInterruptedRunCountsWhatItLeftOutAndSaysNothingOfPasting(t *testing.T) {
	t.Parallel()
	many := results()[:1]
	for range 100 {
		many = append(many, bootstrap.Result{
			Target: target("010000000009", ""), Action: bootstrap.ActionCreate, Status: bootstrap.StatusSkipped, Reason: "the run was interrupted",
			Failure: &bootstrap.Failure{Code: "not_started", Message: "the run was interrupted"},
		})
	}
	var out bytes.Buffer
	if err := report.WriteSummary(&out, report.Theme{}, many); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "010000000009") != 3 || !strings.Contains(got, "and 97 more skipped: the run was interrupted") {
		t.Errorf("a hundred accounts left out:\n%s", got)
	}
	if strings.Contains(out.String(), "Next, in Forgecroft") {
		t.Errorf("after an interrupt it speaks of pasting ARNs:\n%s", out.String())
	}
}

func TestTheProofOfADeploymentCanBePasted(t *testing.T) {
	t.Parallel()
	unproven := func(proof string) []bootstrap.Result {
		return []bootstrap.Result{{Status: bootstrap.StatusSucceeded, Verification: &bootstrap.Verification{Health: "unproven", Proof: proof}}}
	}
	for name, test := range map[string]struct {
		results []bootstrap.Result
		want    string
	}{
		"by the flags of the run": {unproven("fcoidc doctor --sandbox --account 010000000001 --token-file plan.jwt --try"), "  fcoidc doctor --sandbox --account 010000000001 --token-file plan.jwt --try"},
		"where none is known":     {unproven(""), "  fcoidc doctor --token-file plan.jwt --try"},
	} {
		lines := report.VerificationLines(report.Theme{Width: 60}, test.results)
		if len(lines) == 0 || lines[len(lines)-1] != test.want {
			t.Errorf("%s: %q does not end with %q", name, lines, test.want)
		}
	}
}

func TestALongNameHidesNoRegionOnATerminal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("platform-", 12)
	plans := []bootstrap.Plan{
		{Target: target("010000000001", "dev"), Action: bootstrap.ActionCreate},
		{Target: target("010000000002", long), Action: bootstrap.ActionCreate},
	}
	for _, width := range []int{0, 58, 80} {
		var out strings.Builder
		if err := report.WriteReview(&out, report.Theme{Width: width}, "api.forgecroft.com", nil, plans); err != nil {
			t.Fatal(err)
		}
		if width == 0 && !strings.Contains(out.String(), long) {
			t.Errorf("where there is room for it the name is cut:\n%s", out.String())
		}
		for line := range strings.Lines(out.String()) {
			if strings.Contains(line, "01000000000") && (!strings.HasSuffix(line, "us-east-1\n") || width > 0 && utf8.RuneCountInString(line) > width) {
				t.Errorf("%d columns: the Region is out of sight: %q", width, line)
			}
		}
	}
}
