package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// Lines is a sink that writes one line a phase, prefixed by account and name, and a
// failure with its cause and fix.
type Lines struct {
	w         io.Writer
	theme     Theme
	column    int            // width of the widest name
	throttled map[string]int // by account: how often AWS asked to slow down
}

// maxNameColumn bounds the name's column: a longer name is written whole, out of line.
const maxNameColumn = 24

// NewLines returns a sink that writes to w, aligned for the targets' names.
func NewLines(w io.Writer, theme Theme, targets []fleet.Target) *Lines {
	l := &Lines{w: w, theme: theme, throttled: map[string]int{}}
	for _, t := range targets {
		l.column = max(l.column, min(lipgloss.Width(escape.Text(t.Name)), maxNameColumn))
	}
	return l
}

// Emit writes what e says, if it is worth a line of its own.
func (l *Lines) Emit(e bootstrap.Event) {
	switch e.Type {
	case bootstrap.EventPlanned:
		// the review says it, with the changes
	case bootstrap.EventPhase:
		if e.Phase != bootstrap.PhasePlan && e.Phase != bootstrap.PhaseQueued && e.Phase != bootstrap.PhaseDone {
			l.line(e.Target, l.theme.Mark(MarkWait), phaseWords(e.Phase)+suffix(e.Detail))
		}
	case bootstrap.EventResource:
		if failedStatus(e.Resource.Status) {
			l.line(e.Target, l.theme.Mark(MarkWarn),
				e.Resource.LogicalID+" "+e.Resource.Status+suffix(e.Resource.Reason))
		}
	case bootstrap.EventThrottled:
		l.slowedDown(e)
	case bootstrap.EventStopping:
		fmt.Fprintf(l.w, "%s %s\n", l.theme.Mark(MarkWarn), escape.Text(e.Detail))
	case bootstrap.EventFinished:
		l.finished(e.Result)
	}
}

// slowedDown says it once a target; how often in all, its last line says.
func (l *Lines) slowedDown(e bootstrap.Event) {
	l.throttled[e.Target.Account]++
	if l.throttled[e.Target.Account] == 1 {
		l.line(e.Target, l.theme.Mark(MarkInfo), e.Detail)
	}
}

func (l *Lines) finished(r *bootstrap.Result) {
	text := outcome(r)
	if n := l.throttled[r.Target.Account]; n > 1 {
		text += fmt.Sprintf(" (AWS asked to slow down %d times)", n)
	}
	l.line(r.Target, l.theme.Mark(statusMark(r.Status)), text)
	if f := r.Failure; f != nil {
		if unsaid(failureText(f), r.Reason) {
			l.detail("cause", failureText(f))
		}
		l.detail("fix", f.Fix)
	}
}

// unsaid reports whether text tells more than said, which stands just above it.
func unsaid(text, said string) bool { return said == "" || !strings.Contains(text, said) }

func (l *Lines) line(t fleet.Target, mark, text string) {
	name := escape.Text(t.Name)
	pad := strings.Repeat(" ", max(0, l.column-lipgloss.Width(name)))
	fmt.Fprintln(l.w, l.theme.wrap(fmt.Sprintf("%s %s%s  %s ", t.Account, name, pad, mark), escape.Text(text)))
}

func (l *Lines) detail(label, text string) {
	if text == "" {
		return
	}
	fmt.Fprintln(l.w, l.theme.wrap(strings.Repeat(" ", 12+1+l.column+2+2)+l.theme.Dim(label+":")+" ", escape.Text(text)))
}

func suffix(detail string) string {
	if detail == "" {
		return ""
	}
	return ": " + detail
}

func failedStatus(status string) bool {
	return strings.HasSuffix(status, "_FAILED") || strings.HasSuffix(status, "ROLLBACK_IN_PROGRESS")
}

// phaseWords is a phase as a line says it.
func phaseWords(p bootstrap.Phase) string {
	switch p {
	case bootstrap.PhaseQueued:
		return "queued"
	case bootstrap.PhasePlan:
		return "reading what is there"
	case bootstrap.PhaseChangeSet:
		return "creating the change set"
	case bootstrap.PhaseDelete:
		return "deleting the stack"
	case bootstrap.PhaseDeploy:
		return "deploying"
	case bootstrap.PhaseWait:
		return "waiting for an operation that runs already"
	case bootstrap.PhaseDone:
		return "done"
	default:
		return string(p)
	}
}

// outcome is one line on how a target ended.
func outcome(r *bootstrap.Result) string {
	switch r.Status {
	case bootstrap.StatusSucceeded:
		if r.Action == bootstrap.ActionNone {
			return "nothing to change"
		}
		return pastTense(r.Action) + " in " + Duration(r.Elapsed)
	case bootstrap.StatusFailed:
		return string(r.Action) + " failed after " + Duration(r.Elapsed)
	case bootstrap.StatusBlocked:
		return "blocked" + suffix(r.Reason)
	case bootstrap.StatusSkipped:
		return "skipped" + suffix(r.Reason)
	case bootstrap.StatusInProgress:
		return "still in progress" + suffix(r.Reason)
	default:
		return string(r.Status)
	}
}

func pastTense(a bootstrap.Action) string {
	switch a {
	case bootstrap.ActionCreate:
		return "created"
	case bootstrap.ActionUpdate:
		return "updated"
	case bootstrap.ActionRecreate:
		return "recreated"
	case bootstrap.ActionDelete:
		return "deleted"
	case bootstrap.ActionNone, bootstrap.ActionBlocked, bootstrap.ActionSkipped:
		return string(a)
	default:
		return string(a)
	}
}

func statusMark(s bootstrap.Status) Mark {
	switch s {
	case bootstrap.StatusSucceeded:
		return MarkGood
	case bootstrap.StatusFailed:
		return MarkBad
	case bootstrap.StatusBlocked:
		return MarkWarn
	case bootstrap.StatusSkipped:
		return MarkSkip
	case bootstrap.StatusInProgress:
		return MarkWait
	default:
		return MarkInfo
	}
}

func failureText(f *bootstrap.Failure) string {
	text := f.Message
	if f.Resource != "" {
		text = f.Resource + ": " + text
	}
	if f.Code != "" {
		text += " (" + f.Code + ")"
	}
	return text
}

// Duration is d for people: "0.4 s", "22 s", "3 m 05 s".
func Duration(d time.Duration) string {
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		s := int(d.Round(time.Second).Seconds())
		return fmt.Sprintf("%d m %02d s", s/60, s%60)
	}
}
