package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// WriteSummary writes how a run of bootstrap ended: the role ARNs to paste, what did
// not succeed with its fix, the totals, and what to do next in Forgecroft.
func WriteSummary(w io.Writer, theme Theme, results []bootstrap.Result) error {
	var b strings.Builder
	writeARNs(&b, theme, results)
	writeUnfinished(&b, theme, results)
	fmt.Fprintf(&b, "%s\n", Totals(theme, results))
	for _, l := range VerificationLines(theme, results) {
		fmt.Fprintln(&b, l)
	}
	if hasARNs(results) && !interrupted(results) {
		writeNextSteps(&b, theme)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteTeardownSummary writes how a run of teardown ended.
func WriteTeardownSummary(w io.Writer, theme Theme, results []bootstrap.Result) error {
	var b strings.Builder
	writeUnfinished(&b, theme, results)
	fmt.Fprintf(&b, "%s\n", Totals(theme, results))
	_, err := io.WriteString(w, b.String())
	return err
}

// writeARNs gives each ARN a line of its own, so that it can be selected whole in a
// terminal of 80 columns.
func writeARNs(b *strings.Builder, theme Theme, results []bootstrap.Result) {
	written := false
	for i := range results {
		r := &results[i]
		if r.Status != bootstrap.StatusSucceeded || r.Outputs[template.OutputPlanRoleARN] == "" {
			continue
		}
		written = true
		writeRoleARNs(b, theme, statusMark(r.Status), r.Target, r.Outputs)
	}
	if written {
		b.WriteByte('\n')
	}
}

func writeRoleARNs(b *strings.Builder, theme Theme, mark Mark, t fleet.Target, outputs map[string]string) {
	fmt.Fprintf(b, "%s %s\n", theme.Mark(mark), theme.Strong(who(t)))
	for _, name := range []string{template.OutputPlanRoleARN, template.OutputApplyRoleARN} {
		fmt.Fprintf(b, "    %s %s\n", theme.Dim(fmt.Sprintf("%-13s", name)), escape.Text(outputs[name]))
	}
}

// who is a target for people: its id, and its name if it has one.
func who(t fleet.Target) string { return strings.TrimRight(t.Account+" "+escape.Text(t.Name), " ") }

// WriteUnfinished writes which targets did not succeed, why, and what to do about each.
func WriteUnfinished(w io.Writer, theme Theme, results []bootstrap.Result) error {
	var b strings.Builder
	writeUnfinished(&b, theme, results)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeUnfinished(b *strings.Builder, theme Theme, results []bootstrap.Result) {
	skipped := map[string]int{} // by reason: how many were left out for it
	for i := range results {
		r := &results[i]
		switch r.Status {
		case bootstrap.StatusSucceeded:
			continue
		case bootstrap.StatusSkipped:
			if skipped[r.Reason]++; skipped[r.Reason] > shownSkipped {
				continue
			}
		case bootstrap.StatusFailed, bootstrap.StatusBlocked, bootstrap.StatusInProgress:
		}
		fmt.Fprintln(b, theme.wrap(theme.Mark(statusMark(r.Status))+" "+who(r.Target)+"  ", escape.Text(outcome(r))))
		if f := r.Failure; f != nil {
			writeUnlessSaid(b, theme, "cause:", failureText(f), r.Reason)
			writeUnlessSaid(b, theme, "fix:", f.Fix, r.Reason)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		if more := skipped[reason] - shownSkipped; more > 0 {
			fmt.Fprintln(b, theme.wrap(theme.Mark(MarkSkip)+" ", fmt.Sprintf("and %d more skipped: %s", more, escape.Text(reason))))
		}
	}
}

// shownSkipped is how many targets that were skipped for one reason are named before the
// others are counted: after an interrupt they are often hundreds.
const shownSkipped = 3

// writeUnlessSaid writes a labelled line, unless the line above said the same.
func writeUnlessSaid(b *strings.Builder, theme Theme, label, text, said string) {
	if text != "" && unsaid(text, said) {
		fmt.Fprintln(b, theme.wrap("    "+theme.Dim(label)+" ", escape.Text(text)))
	}
}

// Totals says in one line how many targets ended how.
func Totals(theme Theme, results []bootstrap.Result) string {
	s := summarise(results)
	parts := []string{fmt.Sprintf("%d of %s", s.Succeeded, CountAccounts(s.Targets)) + " as asked for"}
	for _, c := range []struct {
		n    int
		word string
	}{{s.Failed, "failed"}, {s.Blocked, "blocked"}, {s.Skipped, "skipped"}, {s.InProgress, "still in progress"}} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	mark := MarkGood
	if s.Succeeded < s.Targets {
		mark = MarkWarn
	}
	return theme.Mark(mark) + " " + theme.Strong(strings.Join(parts, ", "))
}

func hasARNs(results []bootstrap.Result) bool {
	for i := range results {
		if results[i].Status == bootstrap.StatusSucceeded && results[i].Outputs[template.OutputPlanRoleARN] != "" {
			return true
		}
	}
	return false
}

// interrupted reports whether targets were left out or go on without us: what comes next
// is to run the command again, not to paste ARNs.
func interrupted(results []bootstrap.Result) bool {
	for i := range results {
		if r := &results[i]; r.Status == bootstrap.StatusInProgress || r.Status == bootstrap.StatusSkipped && r.Failure != nil {
			return true
		}
	}
	return false
}

// NextSteps is what to do in Forgecroft with the role ARNs, as its own documentation has it.
func NextSteps() []string {
	return []string{
		`Settings → Credentials → New → "AWS — OIDC": paste PlanRoleArn and ApplyRoleArn, save.`,
		"Attach the credential to a workspace.",
		"Trigger a run: plan uses the read-only role, apply the writing one. AccessDenied? fcoidc doctor says why; have your OrgId at hand.",
	}
}

func writeNextSteps(b *strings.Builder, theme Theme) {
	fmt.Fprintf(b, "\n%s\n", theme.Strong("Next, in Forgecroft"))
	for i, step := range NextSteps() {
		fmt.Fprintln(b, theme.wrap(fmt.Sprintf("  %d. ", i+1), step))
	}
}
