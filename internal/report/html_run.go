package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/template"
)

// deployed shows a run of bootstrap: each account on the common axis of time, with how it ended.
func (p *page) deployed() part {
	d := p.report.Deploy
	if d == nil {
		return nil
	}
	t := d.Timeline
	if t == nil {
		t = NewTimeline()
	}
	chart := newChart(t)
	order := slices.Clone(d.Results)
	slices.SortStableFunc(order, func(a, b bootstrap.Result) int { return rank(b.Status) - rank(a.Status) })
	shown := parts{}
	folded := parts{}
	for i := range order {
		row := chart.row(&order[i])
		if i < shownLanes || order[i].Status == bootstrap.StatusFailed {
			shown = append(shown, row)
		} else {
			folded = append(folded, row)
		}
	}
	return parts{
		el("p", text(chart.summary(d.Results))),
		each(t.stops, func(s stop) part {
			return el("p", signWarn.alone(), text(" "), instant(s.at), text(": "+s.why))
		}),
		each(d.Run.Notes, func(note string) part { return el("p", signInfo.alone(), text(" "+note)) }),
		chart.legend(),
		lanesTable(shown),
		when(len(folded) > 0, el("details", el("summary", text(fmt.Sprintf("%d more accounts", len(folded)))), lanesTable(folded))),
	}
}

// shownLanes is how many accounts of a run stand open.
const shownLanes = 60

func rank(s bootstrap.Status) int {
	return slices.Index([]bootstrap.Status{
		bootstrap.StatusSucceeded, bootstrap.StatusSkipped, bootstrap.StatusInProgress, bootstrap.StatusBlocked, bootstrap.StatusFailed,
	}, s)
}

func lanesTable(rows parts) part {
	return el("table", class("stack lanes"),
		el("thead", el("tr", column("Account"), column("How it ended"), column("When it did what"))),
		el("tbody", rows))
}

// chart draws lanes on one axis.
type chart struct {
	timeline *Timeline
	axis     axis
	phases   []bootstrap.Phase // that occur, in the order of a run
}

func newChart(t *Timeline) *chart {
	c := &chart{timeline: t, axis: newAxis(t.lanes)}
	for _, phase := range []bootstrap.Phase{bootstrap.PhasePlan, bootstrap.PhaseWait, bootstrap.PhaseChangeSet, bootstrap.PhaseDelete, bootstrap.PhaseDeploy} {
		for _, l := range t.lanes {
			if slices.ContainsFunc(l.spans, func(s span) bool { return s.phase == phase }) {
				c.phases = append(c.phases, phase)
				break
			}
		}
	}
	return c
}

func (c *chart) summary(results []bootstrap.Result) string {
	s := summarise(results)
	text := plural(s.APICalls, "request", "requests") + " to AWS"
	if c.axis.total > 0 {
		text = Duration(c.axis.total) + " of work, " + text
	}
	if c.axis.idle > 0 {
		text += "; " + Duration(c.axis.idle) + " in which nothing ran, such as a review being read, are left out below"
	}
	return text + "."
}

func (c *chart) legend() part {
	if len(c.phases) == 0 {
		return parts(nil)
	}
	return el("ul", class("phases"), attr("aria-label", "Phases"), each(c.phases, func(phase bootstrap.Phase) part {
		return el("li", el("span", class("swatch "+string(phase)), attr("aria-hidden", "true")), text(" "+phaseWords(phase)))
	}))
}

// row is an account of the run.
func (c *chart) row(r *bootstrap.Result) part {
	s := resultSign(r.Status)
	return el("tr",
		el("th", attr("scope", "row"), known(r.Target.Account, r.Target.Name), text(" "), small(r.Target.Region)),
		cell("How it ended", s.badge(), el("div", text(outcome(r))), failed(r), verified(r.Verification), arns(r)),
		cell("When it did what", c.lane(c.timeline.lanes[r.Target.String()])))
}

func resultSign(s bootstrap.Status) sign {
	word := strings.ReplaceAll(string(s), "_", " ")
	switch s {
	case bootstrap.StatusSucceeded:
		return sign{"good", "✓", word}
	case bootstrap.StatusFailed:
		return sign{"bad", "✗", word}
	case bootstrap.StatusBlocked:
		return sign{"warn", "!", word}
	case bootstrap.StatusSkipped:
		return sign{"skipped", "○", word}
	case bootstrap.StatusInProgress:
		return sign{"open", "…", word}
	}
	return signInfo
}

func failed(r *bootstrap.Result) part {
	f := r.Failure
	if f == nil {
		return parts(nil)
	}
	return parts{
		when(unsaid(failureText(f), r.Reason), el("div", class("seen"), text(failureText(f)))),
		when(f.Fix != "", paste(f.Fix)),
	}
}

// verified is what a look at the account showed afterwards.
func verified(v *bootstrap.Verification) part {
	if v == nil {
		return parts(nil)
	}
	return el("div", text("then looked at: "), healthSign(doctor.Health(v.Health)).badge())
}

func healthSign(h doctor.Health) sign {
	switch h {
	case doctor.Healthy:
		return healthy.sign()
	case doctor.Unproven:
		return unproven.sign()
	case doctor.NotLooked:
		return unreached.sign()
	case doctor.Unhealthy:
		return sign{"bad", "✗", "findings"}
	}
	return signInfo
}

// arns are what one pastes into Forgecroft.
func arns(r *bootstrap.Result) part {
	var list parts
	for _, name := range []string{template.OutputPlanRoleARN, template.OutputApplyRoleARN} {
		if arn := r.Outputs[name]; arn != "" {
			list = append(list, el("div", class("seen"), text(name+" "), code(arn)))
		}
	}
	if list == nil {
		return list
	}
	return el("details", el("summary", text("Role ARNs")), list)
}

// lane is a target's bar with the same in words.
func (c *chart) lane(l *lane) part {
	if l == nil || len(l.spans) == 0 {
		return text("–")
	}
	var bars parts
	var words []string
	for _, s := range l.spans {
		if s.to.IsZero() {
			continue
		}
		from, to := c.axis.at(s.from), c.axis.at(s.to)
		bars = append(bars, el("rect", class(string(s.phase)),
			attr("x", percent(c.axis.share(from))), attr("width", percent(max(c.axis.share(to-from), 0.2))), attr("height", "100%")))
		words = append(words, phaseWords(s.phase)+" "+Duration(s.to.Sub(s.from)))
	}
	if l.throttled > 0 {
		words = append(words, "AWS asked to slow down "+plural(l.throttled, "time", "times"))
	}
	return parts{
		el("svg", class("lane"), attr("aria-hidden", "true"), bars),
		el("div", class("seen"), text(strings.Join(words, " · "))),
		c.story(l),
	}
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) + "%" }

// story lists the stack events of a target.
func (c *chart) story(l *lane) part {
	if len(l.story) == 0 || len(c.timeline.lanes) > manyAccounts {
		return parts(nil)
	}
	return el("details", el("summary", text(plural(len(l.story)+l.more, "stack event", "stack events"))),
		el("ol", class("story"), each(l.story, func(e told) part {
			line := el("li", el("b", text("+"+Duration(c.axis.at(e.at)))), text(" "+e.resource+" "+e.status))
			if e.reason != "" {
				line.AppendChild(el("div", class("seen"), text(e.reason)).Node)
			}
			return line
		})))
}
