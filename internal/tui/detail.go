package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

// detailPane is what is known of the selected account, scrolled, on height lines.
func (b *Board) detailPane(s Styles, width, height int) []string {
	lines := b.rows.at(b.selected).detail(s, width)
	if len(lines) <= height {
		return lines
	}
	first := min(b.scroll, len(lines)-height)
	end := first + height
	shown := append([]string{}, lines[first:end]...)
	if end < len(lines) {
		shown[height-1] = "  " + s.Dim.Paint(moreBelow(s, len(lines)-end+1, ""))
	}
	return shown
}

// lastScroll is how far the detail can be scrolled.
func (b *Board) lastScroll() int {
	lines := b.rows.at(b.selected).detail(NewStyles(report.Theme{}, true), detailWidth(b.width))
	return max(len(lines)-bodyHeight(b.height)+boardHead, 0)
}

// detailWidth is how many of width columns the detail gets.
func detailWidth(width int) int {
	if width < sideBySide {
		return width
	}
	return width - rowsWidth(width) - paneRule
}

// detailLabel is how wide the labels are.
const detailLabel = 10

// detail is the account's story in full: who it is, how it stands and why, what to do,
// and every event.
func (r *row) detail(s Styles, width int) []string {
	d := &detailLines{styles: s, width: width}
	head := margin + s.Mark(r.mark()) + " " + s.Strong.Paint(outside(r.target.Account))
	region := outside(r.target.Region)
	if name := outside(r.target.Name); name != "" {
		head += "  " + cutTo(name, width-textWidth(head)-textWidth(region)-4, s.Ellipsis)
	}
	d.lines = append(d.lines, cutTo(head+"  "+region, width, s.Ellipsis), "")
	d.field("state", r.stateSentence())
	r.why(d)
	d.field("plan role", r.output(template.OutputPlanRoleARN))
	d.field("apply role", r.output(template.OutputApplyRoleARN))
	d.field("found by", r.target.Source)
	d.field("acts as", r.target.Caller)
	if r.throttle > 0 {
		d.field("throttled", timesWords(r.throttle))
	}
	r.events(d)
	return d.lines
}

// why is the cause and the way out.
func (r *row) why(d *detailLines) {
	switch {
	case r.result != nil && r.result.Failure != nil:
		d.field("cause", causeWords(r.result.Failure))
		d.field("fix", r.result.Failure.Fix)
	case r.result != nil:
		d.field("because", r.result.Reason)
	case r.trouble != nil:
		d.field("cause", resourceWords(r.trouble))
	case r.plan != nil:
		d.field("because", r.plan.Reason)
		d.field("fix", r.plan.Fix)
	}
}

func (r *row) stateSentence() string {
	text := r.words()
	if r.total > 0 {
		text += fmt.Sprintf(", %d of %d resources", r.done, r.total)
	}
	if r.state.settled() && r.worked() {
		text += ", after " + clock(r.elapsed)
	}
	return text
}

func (r *row) output(name string) string {
	if r.result == nil {
		return ""
	}
	return r.result.Outputs[name]
}

// events is the history, a line each, with what AWS said of it below.
func (r *row) events(d *detailLines) {
	history := r.history()
	if len(history) == 0 {
		return
	}
	d.lines = append(d.lines, "")
	for _, e := range history {
		label := ""
		if !e.at.IsZero() {
			label = e.at.Format(time.TimeOnly)
		}
		d.field(label, e.words())
	}
}

// words is the event in the words of AWS, which can be looked up.
func (e *entry) words() string {
	switch {
	case e.resource != nil:
		return strings.TrimSpace(e.resource.LogicalID + " " + e.resource.Status + "  " + e.resource.Reason)
	case e.kind == bootstrap.EventThrottled && e.times > 1:
		return fmt.Sprintf("%s (%d times)", e.detail, e.times)
	case e.kind == bootstrap.EventPlanned:
		return "planned: " + e.detail
	case e.kind != bootstrap.EventPhase:
		return e.detail
	case e.phase == bootstrap.PhaseQueued:
		return "queued"
	case e.detail == "":
		return phaseWords(e.phase, false)
	default:
		return phaseWords(e.phase, false) + ": " + e.detail
	}
}

// detailLines collects labelled text, wrapped so that it hangs beside its label.
type detailLines struct {
	styles Styles
	width  int
	lines  []string
}

// field adds text of others, unless there is none.
func (d *detailLines) field(label, text string) {
	if text == "" {
		return
	}
	room := d.width - detailLabel - 4
	for i, line := range wrapTo(outside(text), room) {
		if i > 0 {
			label = ""
		}
		d.lines = append(d.lines, "  "+d.styles.Dim.Paint(padTo(label, detailLabel, false))+"  "+strings.TrimRight(line, " "))
	}
}
