package tui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// Render draws the page that is open, with a question below it if one is.
func (r review) Render(s Styles, title string, width, height int) string {
	f := Frame{Title: title, Aside: r.where(s), Body: r.topLines(s, width), Foot: r.help(s, width)}
	f.Body = append(f.Body, r.pageLines(s, width)...)
	for len(f.Body) < bodyHeight(height)-len(r.bottomLines(s, width)) {
		f.Body = append(f.Body, "")
	}
	f.Body = append(f.Body, r.bottomLines(s, width)...)
	return f.Render(s, width, height)
}

// fixedLines are those of the body that do not scroll.
func (r review) fixedLines(s Styles, width int) []string {
	return append(r.topLines(s, width), r.bottomLines(s, width)...)
}

func (r review) topLines(s Styles, width int) []string {
	lines := []string{"", "  " + r.countsLine(s)}
	if r.page == pageOverview {
		lines = append(lines, r.ways(s, width)...)
	}
	return append(lines, "")
}

func (r review) bottomLines(s Styles, width int) []string {
	if lines := r.askLines(s, width); lines != nil {
		return lines
	}
	if r.notice == "" {
		return []string{"  " + s.Dim.Paint(r.more(s))}
	}
	mark := report.MarkGood
	if r.bad {
		mark = report.MarkBad
	}
	return append([]string{""}, prose("  "+s.Mark(mark)+" ", r.notice, width)...)
}

// more says that the screen does not show it all.
func (r review) more(s Styles) string {
	left := len(r.lines) - r.scroll - r.height
	if r.page == pageAccounts || left <= 0 {
		return ""
	}
	if r.page == pageOverview && r.notes > 0 {
		return moreBelow(s, left, ", with what is good to know")
	}
	return moreBelow(s, left, "")
}

// where says which page is open, and which part of it.
func (r review) where(s Styles) string {
	text := "review"
	if r.page != pageAccounts && len(r.lines) > r.height {
		text = fmt.Sprintf("review %s lines %d-%d of %d", s.Dot, r.scroll+1, min(r.scroll+r.height, len(r.lines)), len(r.lines))
	}
	return s.Dim.Paint(text)
}

func (r review) pageLines(s Styles, width int) []string {
	if r.page == pageAccounts {
		return r.rows(s, width)
	}
	return r.lines[r.scroll:min(r.scroll+r.height, len(r.lines))]
}

// reviewTable has a row an account.
func reviewTable(plans []bootstrap.Plan) Table {
	name, regions := 1, false
	for i := range plans {
		t := &plans[i].Target
		if name < maxName {
			name = min(max(name, textWidth(outside(t.Name))), maxName)
		}
		regions = regions || t.Region != plans[0].Target.Region
	}
	region := Column{}
	if regions {
		region = Column{Title: "region", Min: 14, Max: 14, Drop: 2}
	}
	return Table{Columns: []Column{
		{Title: "account", Min: 12, Max: 12},
		{Title: "name", Min: min(name, minName), Max: name, Drop: 1},
		region,
		{Title: "plan", Min: len("nothing to change"), Max: len("nothing to change")},
		{Title: "why", Min: 16, Drop: 3},
	}}
}

func (r review) rows(s Styles, width int) []string {
	layout := r.table.Layout(width)
	lines := []string{layout.Header(s)}
	first, end := window(len(r.shown), r.cursor, r.height-1)
	for at := first; at < end; at++ {
		p := &r.planned.Plans[r.order[r.shown[at]]]
		line := Line{Mark: s.Mark(actionMark(p.Action)), Selected: at == r.cursor, Cells: []Cell{
			{Text: outside(p.Target.Account)},
			{Text: outside(p.Target.Name)},
			{Text: outside(p.Target.Region)},
			{Text: actionWords(p.Action)},
			{Text: outside(p.Reason), Ink: s.Dim},
		}}
		if line.Selected {
			line.Cells[0].Ink, line.Cells[1].Ink = s.Strong, s.Strong
		}
		lines = append(lines, layout.Line(s, line))
	}
	if len(r.shown) == 0 {
		lines = append(lines, "    "+s.Dim.Paint("no account matches; esc clears the filter"))
	}
	return lines
}

// account is the plan under the cursor in full.
func (r review) account(s Styles, width int) []string {
	p := r.plan()
	if p == nil {
		return nil
	}
	t := &p.Target
	who := cutTo(strings.TrimSpace(outside(t.Account)+" "+outside(t.Name)), width-4-textWidth(outside(t.Region)), s.Ellipsis)
	lines := []string{"  " + s.Strong.Paint(who) + "  " + outside(t.Region)}
	lines = append(lines, prose("  "+s.Mark(actionMark(p.Action))+" ", escape.Text(actionWords(p.Action)+because(p.Reason)), width)...)
	if p.Fix != "" {
		lines = append(lines, prose("    "+s.Dim.Paint("fix: "), escape.Text(p.Fix), width)...)
	}
	for _, about := range []struct{ label, text string }{{"acts as ", t.Caller}, {"asked for by ", t.Source}, {"stack ", p.StackID}} {
		if about.text != "" {
			lines = append(lines, prose("    "+s.Dim.Paint(about.label), escape.Text(about.text), width)...)
		}
	}
	lines = append(lines, changeLines(s, p.Changes, width)...)
	if len(p.Notes) > 0 {
		lines = append(lines, "", "  "+s.Strong.Paint("Good to know"))
		for _, n := range p.Notes {
			lines = append(lines, prose("  "+s.Mark(report.MarkInfo)+" ", escape.Text(n), width)...)
		}
	}
	if changes(p.Action) && len(p.Parameters) > 0 {
		lines = append(lines, "", "  "+s.Strong.Paint("Parameters"))
		for _, name := range slices.Sorted(maps.Keys(p.Parameters)) {
			lines = append(lines, prose("    "+s.Dim.Paint(padTo(name, 24, false))+" ", escape.Text(p.Parameters[name]), width)...)
		}
	}
	return lines
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// prose is text after first, and under itself where it takes several lines.
func prose(first, text string, width int) []string {
	indent := strings.Repeat(" ", textWidth(first))
	lines := wrapTo(text, width-2-len(indent))
	for i := range lines {
		if i == 0 {
			lines[i] = first + lines[i]
		} else {
			lines[i] = indent + lines[i]
		}
	}
	return lines
}

// changeLines is what changes, in words and colour, and for IAM statements also to the letter.
func changeLines(s Styles, changes []bootstrap.Change, width int) []string {
	if len(changes) == 0 {
		return nil
	}
	lines := []string{"", "  " + s.Strong.Paint("Changes")}
	for _, c := range bootstrap.Told(changes) {
		sign, ink := changeSign(s, &c)
		for _, l := range prose("  "+sign+" ", escape.Text(c.Summary), width) {
			lines = append(lines, ink.Paint(l))
		}
		if c.Kind == bootstrap.ChangeStatement {
			lines = append(lines, statementLines(s, "-", s.Bad, c.From, width)...)
			lines = append(lines, statementLines(s, "+", s.Good, c.To, width)...)
		}
	}
	return lines
}

// changeSign tells what is added from what goes and what becomes another.
func changeSign(s Styles, c *bootstrap.Change) (string, Ink) {
	switch {
	case c.To == "Add", c.From == "" && c.To != "" && c.Kind != bootstrap.ChangeResource:
		return "+", s.Good
	case c.To == "Remove", c.To == "" && c.From != "":
		return "-", s.Bad
	default:
		return "~", s.Warn
	}
}

// statementLines is an IAM statement as it will stand in the policy.
func statementLines(s Styles, sign string, ink Ink, statement string, width int) []string {
	if statement == "" {
		return nil
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(statement), "", "  "); err != nil {
		pretty.Reset()
		pretty.WriteString(statement)
	}
	var lines []string
	for l := range strings.SplitSeq(pretty.String(), "\n") {
		lines = append(lines, cutTo("      "+ink.Paint(sign+" "+escape.Text(l)), width, s.Ellipsis))
	}
	return lines
}

// help is the keys that do something now.
func (r review) help(s Styles, width int) string {
	k, ask := newReviewKeys(), newAskKeys()
	switch r.ask {
	case askDeploy, askTrust, askProvider:
		return HelpLine(s, width, ask.Yes, ask.No)
	case askNumber:
		return HelpLine(s, width, short(k.Go, "enter", "delete"), short(k.Back, "esc", "back"))
	case askWhich:
		return HelpLine(s, width, short(k.Go, "enter", "change it"), short(k.Down, "↑↓", "move"), short(ask.Yes, numbers(len(r.which)), "choose"), short(ask.No, "esc", "back"))
	case askNothing:
	}
	if r.filter.IsOpen() {
		return r.filter.Render(s, width, len(r.shown), len(r.order))
	}
	scroll := short(k.Down, "↑↓", "scroll")
	k.Edit.SetEnabled(len(r.which) > 0)
	k.Save.SetEnabled(!r.teardown)
	switch r.page {
	case pageAccounts:
		return HelpLine(s, width, short(k.Open, "enter", "open"), short(k.Filter, "/", "filter"), short(k.Down, "↑↓", "move"), short(k.Back, "esc", "back"))
	case pageAccount:
		return HelpLine(s, width, scroll, short(k.Back, "esc", "back"))
	case pageOverview:
	}
	k.Provider.SetEnabled(len(r.providers) > 0)
	k.Trust.SetEnabled(len(r.trusts) > 0)
	return HelpLine(s, width, short(k.Go, "enter", r.goWords()), short(k.Provider, "p", "provider"), short(k.Trust, "t", "trust"),
		short(k.Edit, "e", "edit"), short(k.Accounts, "tab", "accounts"), short(k.Save, "w", "save"), short(k.Leave, "q", "leave"), scroll)
}

// goWords is what enter leads to.
func (r review) goWords() string {
	switch {
	case r.pending == 0:
		return "summary"
	case r.teardown:
		return "delete in " + accountCount(r.pending)
	default:
		return "deploy to " + accountCount(r.pending)
	}
}

// numbers is the keys that choose one of n answers.
func numbers(n int) string {
	if n == 1 {
		return "1"
	}
	return fmt.Sprintf("1-%d", n)
}

// moreBelow says that n lines more are there, what is in them, and how to get to them.
func moreBelow(s Styles, n int, what string) string {
	if n == 1 {
		return s.Ellipsis + " 1 more line below" + what + ": pgdn"
	}
	return fmt.Sprintf("%s %d more lines below%s: pgdn", s.Ellipsis, n, what)
}
