package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

// hostile is what somebody in an account may have written into a text: it recolours a terminal in
// two ways, turns the direction of reading, and holds what an escape changes into something else.
const hostile = "a\tb\x1b[31m\u009b31m\u202e\x7f<&>\\x1b'"

func hostileResult() bootstrap.Result {
	return bootstrap.Result{
		Target: target("010000000001", hostile), Action: bootstrap.ActionRecreate, Status: bootstrap.StatusFailed,
		Reason: hostile, StackID: hostile, Outputs: map[string]string{template.OutputPlanRoleARN: hostile}, Notes: []string{hostile},
		Changes:  []bootstrap.Change{{Kind: bootstrap.ChangeTag, Name: hostile, From: hostile, To: hostile, Summary: hostile}},
		Failure:  &bootstrap.Failure{Code: hostile, Message: hostile, Resource: hostile, Fix: hostile},
		Attempts: []bootstrap.ResourceEvent{{LogicalID: hostile, Type: hostile, Status: hostile, Reason: hostile}},
		Verification: &bootstrap.Verification{
			Health: "unhealthy", Proof: hostile, Findings: []bootstrap.Problem{{Code: "c", Severity: "failure", Summary: hostile, Fix: hostile}},
		},
	}
}

func hostileViews() []bootstrap.StackView {
	r := hostileResult()
	return []bootstrap.StackView{
		{Target: r.Target, StackID: hostile, Status: hostile, Outputs: r.Outputs, Failure: r.Failure},
		{Target: r.Target, StackID: hostile, Status: hostile},
	}
}

// wantHarmless wants nothing in text that acts on a terminal.
func wantHarmless(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("it holds %U:\n%q", r, text)
			return
		}
	}
}

// hostileEvents are events of result with as many hostile texts as there can be.
func hostileEvents(result *bootstrap.Result) []bootstrap.Event {
	events := []bootstrap.Event{
		{Type: bootstrap.EventPhase, Detail: hostile},
		{Type: bootstrap.EventPlanned, Plan: &bootstrap.Plan{Reason: hostile}},
		{Type: bootstrap.EventResource, Resource: &bootstrap.ResourceEvent{LogicalID: hostile, Status: hostile, Reason: hostile}},
		{Type: bootstrap.EventFinished, Result: result},
	}
	for i := range events {
		events[i].At, events[i].Target = time.Date(2026, 3, 14, 9, 26, 0, 0, time.UTC), result.Target
	}
	return events
}

func TestJSONKeepsEveryTextAndActsOnNoTerminal(t *testing.T) {
	t.Parallel()
	result := hostileResult()
	run := report.Run{ID: "r", Notes: []string{hostile}}
	var document, views, lines bytes.Buffer
	if err := report.WriteRunJSON(&document, run, []bootstrap.Result{result}); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteOutputsJSON(&views, hostileViews()); err != nil {
		t.Fatal(err)
	}
	events := report.NewNDJSON(&lines, "r")
	for _, e := range hostileEvents(&result) {
		events.Emit(e)
	}
	if err := events.Finish(time.Time{}, run, []bootstrap.Result{result}); err != nil {
		t.Fatal(err)
	}
	all := append(strings.Split(strings.TrimSpace(lines.String()), "\n"), document.String(), views.String())
	for i, least := range []int{1, 1, 3, 2, 20, 20, 9} {
		wantHarmless(t, all[i])
		var doc any
		if err := json.Unmarshal([]byte(all[i]), &doc); err != nil {
			t.Fatal(err)
		}
		if kept := count(doc, hostile); kept < least {
			t.Errorf("%d of at least %d texts are what they were:\n%s", kept, least, all[i])
		}
	}
}

// count is how often text is a value in doc, and no other text holds a part of it.
func count(doc any, text string) (n int) {
	switch v := doc.(type) {
	case map[string]any:
		for _, member := range v {
			n += count(member, text)
		}
	case []any:
		for _, element := range v {
			n += count(element, text)
		}
	case string:
		if v == text {
			return 1
		}
		if strings.Contains(v, "31m") {
			return -1000 // changed
		}
	}
	return n
}

func TestTablesAndAssignmentsActOnNoTerminal(t *testing.T) {
	t.Parallel()
	var table, assignments, text bytes.Buffer
	if err := report.WriteOutputsCSV(&table, hostileViews()); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteOutputsEnv(&assignments, hostileViews()); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteOutputsText(&text, report.Theme{}, hostileViews()); err != nil {
		t.Fatal(err)
	}
	const shown = `a\tb\x1b[31m\x9b31m\u202e\x7f<&>\x1b'`
	for _, b := range []*bytes.Buffer{&table, &assignments, &text} {
		wantHarmless(t, b.String())
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil || rows[1][4] != shown || rows[1][3] != shown {
		t.Errorf("rows %q, %v", rows, err)
	}
	script := assignments.String() + `printf %s "$FORGECROFT_PLAN_ROLE_ARN_010000000001"`
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
	if err != nil || string(out) != shown {
		t.Errorf("a shell reads %q, %v", out, err)
	}
}

func TestLinesAndSummariesActOnNoTerminal(t *testing.T) {
	t.Parallel()
	result := hostileResult()
	failed := hostileEvents(&result)
	failed[2].Resource.Status = hostile + "_FAILED"
	result.Verification.Health = "findings"
	done := hostileResult()
	done.Status, done.Failure = bootstrap.StatusSucceeded, nil
	results := []bootstrap.Result{result, done}
	var b bytes.Buffer
	lines := report.NewLines(&b, report.Theme{}, nil)
	for _, e := range append(hostileEvents(&done), failed...) {
		lines.Emit(e)
	}
	for _, write := range []func() error{
		func() error { return report.WriteSummary(&b, report.Theme{}, results) },
		func() error { return report.WriteTeardownSummary(&b, report.Theme{}, results) },
		func() error {
			return report.WriteReview(&b, report.Theme{}, "p", []string{hostile}, []bootstrap.Plan{
				{Target: result.Target, Action: bootstrap.ActionUpdate, Reason: hostile, Changes: result.Changes, Notes: result.Notes, StackID: hostile},
				{Target: result.Target, Action: bootstrap.ActionBlocked, Reason: hostile, Code: hostile, Fix: hostile},
			})
		},
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	wantHarmless(t, b.String())
}
