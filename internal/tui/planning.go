package tui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// planning is the screen on which one waits for the plans. It is a value.
type planning struct {
	started   time.Time
	expected  int // accounts, 0 if not known
	entered   int
	planned   int
	blocked   int
	throttled int
	recent    []bootstrap.Plan // the last few that were planned, newest last
	problem   string           // why there are no plans
	hint      string
	editable  bool // there is a question to go back to
}

// recentPlans is how many plans the screen names at most.
const recentPlans = 40

func newPlanning(now time.Time, expected int, editable bool) planning {
	return planning{started: now, expected: expected, editable: editable}
}

func (p planning) apply(e *bootstrap.Event) planning {
	switch e.Type {
	case bootstrap.EventPlanned:
		p.planned++
		if e.Plan.Action == bootstrap.ActionBlocked {
			p.blocked++
		}
		recent := append([]bootstrap.Plan(nil), p.recent[max(0, len(p.recent)+1-recentPlans):]...)
		p.recent = append(recent, *e.Plan)
	case bootstrap.EventThrottled:
		p.throttled++
	case bootstrap.EventPhase:
		if e.Phase == bootstrap.PhaseQueued {
			p.entered++
		}
	case bootstrap.EventResource, bootstrap.EventFinished, bootstrap.EventStopping:
	}
	return p
}

// failed is p after planning ended without plans.
func (p planning) failed(err error) planning {
	p.problem, p.hint = errorText(err), hintOf(err)
	return p
}

// Render draws the screen.
func (p planning) Render(s Styles, title string, width, height int, now time.Time) string {
	f := Frame{Title: title, Foot: p.help(s, width)}
	if p.problem != "" {
		f.Body = p.renderProblem(s, width)
		return f.Render(s, width, height)
	}
	f.Aside = s.Dim.Paint(report.Duration(max(0, now.Sub(p.started).Truncate(time.Second))))
	f.Body = []string{"", "  " + s.Strong.Paint("Looking at what is there. Nothing is changed."), "", "  " + p.progress(s, width-4), ""}
	room := bodyHeight(height) - len(f.Body)
	for i := max(0, len(p.recent)-room); i < len(p.recent); i++ {
		f.Body = append(f.Body, "  "+plannedLine(s, &p.recent[i]))
	}
	return f.Render(s, width, height)
}

func (p planning) progress(s Styles, room int) string {
	done, count := p.planned, ""
	if p.planned == 0 && p.entered > 0 {
		done, count = p.entered, "entered "
	}
	if p.expected > 0 {
		count += fmt.Sprintf("%d of %s", done, accountCount(max(p.expected, done)))
	} else {
		count += accountCount(done)
	}
	if p.blocked > 0 {
		count += fmt.Sprintf(", %d blocked", p.blocked)
	}
	if p.throttled > 0 {
		count += fmt.Sprintf(", AWS asked to slow down %d times", p.throttled)
	}
	if p.expected == 0 {
		return count
	}
	return bar(s, min(20, room/2), p.planned-p.blocked, p.blocked, max(p.expected, p.planned)) + "  " + count
}

func plannedLine(s Styles, p *bootstrap.Plan) string {
	line := s.Mark(actionMark(p.Action)) + " " + p.Target.Account + "  " + outside(p.Target.Name) + "  " + actionWords(p.Action)
	if p.Action == bootstrap.ActionBlocked {
		line += ": " + escape.Text(p.Reason)
	}
	return line
}

func (p planning) renderProblem(s Styles, width int) []string {
	lines := []string{""}
	for i, text := range strings.Split(p.problem, `\n`) {
		mark := "    "
		if i == 0 {
			mark = "  " + s.Mark(report.MarkBad) + " "
		}
		for j, l := range wrapTo(text, width-6) {
			if j > 0 {
				mark = "    "
			}
			lines = append(lines, mark+l)
		}
	}
	if p.hint != "" {
		lines = append(lines, "")
		lines = append(lines, indented(s, "    ", p.hint, width-2, false)...)
	}
	return append(lines, "", "    Nothing was changed.")
}

// planningKeys are the keys while one waits for plans.
type planningKeys struct{ Again, Edit, Leave key.Binding }

func newPlanningKeys() planningKeys {
	return planningKeys{
		Again: key.NewBinding(key.WithKeys("r"), key.WithHelp("r", "try again")),
		Edit:  key.NewBinding(key.WithKeys("e", "esc"), key.WithHelp("e", "change an answer")),
		Leave: key.NewBinding(key.WithKeys("q", "ctrl+c"), key.WithHelp("q", "leave")),
	}
}

func (p planning) help(s Styles, width int) string {
	k := newPlanningKeys()
	k.Again.SetEnabled(p.problem != "")
	k.Edit.SetEnabled(p.editable)
	return HelpLine(s, width, k.Again, k.Edit, k.Leave)
}
