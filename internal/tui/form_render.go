package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/report"
)

// roomyForm is the height of a screen from which on the form also lists all answers.
const roomyForm = 20

// below is how many lines a page of the form keeps for what is wrong with the answer.
const below = 3

// Render draws the page that is open.
func (f form) Render(s Styles, title string, width, height int) string {
	body := f.head(s, width, height)
	body = append(body, f.widget(s, width-4)...)
	return Frame{Title: title, Aside: f.progress(s), Body: body, Foot: f.help(s, width)}.Render(s, width, height)
}

// fitted gives the lists as many lines as the screen has for them.
func (f form) fitted(s Styles, width, height int) form {
	if f.at == QuestionRegions || f.at == QuestionAccounts {
		lines := bodyHeight(height) - len(f.head(s, width, height)) - 1 - below
		f.regions, f.accounts = f.regions.sized(lines), f.accounts.sized(lines)
	}
	return f
}

func (f form) progress(s Styles) string {
	all := f.questions()
	return s.Dim.Paint(fmt.Sprintf("question %d of %d", slices.Index(all, f.at)+1, len(all)))
}

// head is what stands above the answer: all answers so far, and the question.
func (f form) head(s Styles, width, height int) []string {
	var lines []string
	if height >= roomyForm {
		lines = append(lines, "")
		for _, q := range f.questions() {
			lines = append(lines, f.answerLine(s, q, width))
		}
	}
	p := pages[f.at]
	lines = append(lines, "", "  "+s.Strong.Paint(p.ask))
	if p.help != "" {
		lines = append(lines, indented(s, "  ", spelled(s, p.help), width-2, true)...)
	}
	return append(lines, "")
}

// answerLine is one line of the list of answers.
func (f form) answerLine(s Styles, q Question, width int) string {
	mark := " "
	if f.fixed[q] != "" || f.passed(q) {
		mark = s.Mark(report.MarkGood)
	}
	if q == f.at {
		mark = s.Accent.Paint(s.Pointer)
	}
	left := "  " + mark + " " + strong(s, q == f.at, padTo(pages[q].label, 14, false)) + " " + f.summary(s, q)
	return spread(left, s.Dim.Paint(escape.Text(f.fixed[q])), width-2, s.Ellipsis)
}

// passed reports whether q was answered before the question that is open.
func (f form) passed(q Question) bool {
	all := f.questions()
	return f.revising || f.done || slices.Index(all, q) < slices.Index(all, f.at)
}

// summary is the answer to q in one line.
func (f form) summary(s Styles, q Question) string {
	if f.fixed[q] == "" && !f.passed(q) && q != f.at {
		return ""
	}
	text := f.answerText(q)
	if text == "" && q != f.at {
		return s.Dim.Paint(pages[q].empty)
	}
	return text
}

func (f form) answerText(q Question) string {
	switch q {
	case QuestionRegions:
		return escape.Text(strings.Join(f.answers.Regions, ", "))
	case QuestionAccounts:
		return escape.Text(f.accountsSummary())
	case QuestionTrustMode:
		return f.answers.modeTitle()
	default:
		return escape.Text(*f.answers.text(q))
	}
}

// list is the answers that can be changed, a line each.
func (f form) list() []string {
	var lines []string
	for _, q := range f.editable() {
		lines = append(lines, padTo(pages[q].label, 14, false)+" "+cmp.Or(f.answerText(q), pages[q].empty))
	}
	return lines
}

// fewAccounts is up to how many accounts are named instead of counted.
const fewAccounts = 3

func (f form) accountsSummary() string {
	n := len(f.answers.Accounts)
	switch {
	case n == 0 && f.fixed[QuestionAccounts] != "":
		return "as given"
	case n == 0:
		return ""
	case n <= fewAccounts:
		return strings.Join(f.answers.Accounts, ", ")
	default:
		return accountCount(n)
	}
}

// widget is what the page is answered with, and what is wrong with the answer.
func (f form) widget(s Styles, room int) []string {
	var lines []string
	switch f.at {
	case QuestionRegions:
		lines = f.regions.render(s, room)
		lines = append(lines, f.below(s, room, f.regionsHint())...)
	case QuestionAccounts:
		lines = f.accountsWidget(s, room)
	case QuestionTrustMode:
		lines = f.renderModes(s, room)
	default:
		lines = append(lines, s.Accent.Paint("> ")+f.input.render(s, placeholders[f.at], room-2), "")
		if mark, text := f.verdict(); text != "" {
			lines = append(lines, marked(s, mark, text, room)...)
		}
	}
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

func (f form) accountsWidget(s Styles, room int) []string {
	switch {
	case f.loading:
		return []string{s.Dim.Paint("looking for accounts" + s.Ellipsis)}
	case f.loadProblem != "":
		lines := marked(s, report.MarkBad, escape.Text(f.loadProblem), room)
		if f.loadHint != "" {
			lines = append(lines, indented(s, "  ", escape.Text(f.loadHint), room, false)...)
		}
		return append(lines, "", "enter tries again.")
	}
	return append(f.accounts.render(s, room), f.below(s, room, "")...)
}

// below says what is wrong with a choice, or else hint.
func (f form) below(s Styles, room int, hint string) []string {
	problem := f.problem(f.at)
	switch empty := len(f.answers.Regions) == 0 && f.at == QuestionRegions || len(f.answers.Accounts) == 0 && f.at == QuestionAccounts; {
	case problem != "" && (!empty || f.insisted):
		return append([]string{""}, marked(s, report.MarkBad, escape.Text(problem), room)...)
	case problem == "" && hint != "":
		return append([]string{""}, marked(s, report.MarkInfo, hint, room)...)
	}
	return nil
}

// regionsHint says what leaving out the Region of global services means.
func (f form) regionsHint() string {
	if len(f.answers.Regions) == 0 {
		return ""
	}
	p, ok := regions.PartitionOf(f.answers.Regions[0])
	if !ok || slices.Contains(f.answers.Regions, p.GlobalRegion) {
		return ""
	}
	return "Without " + p.GlobalRegion + " apply cannot manage IAM and other global services."
}

// marked is a mark and text that hangs under itself.
func marked(s Styles, m report.Mark, text string, room int) []string {
	lines := wrapTo(text, room-2)
	for i := range lines {
		if i == 0 {
			lines[i] = s.Mark(m) + " " + lines[i]
		} else {
			lines[i] = "  " + lines[i]
		}
	}
	return lines
}

// help is the keys of the page that is open.
func (f form) help(s Styles, width int) string {
	next, back := f.keys.Next, f.keys.Back
	if f.revising {
		next = short(next, "enter", "to the review")
		back = short(back, "esc", "back")
	}
	back.SetEnabled(f.revising || f.preceding(f.at) != "")
	leave := key.NewBinding(key.WithKeys("ctrl+c"), key.WithHelp("ctrl+c", "leave"))
	updown := short(f.pickKeys.Up, "↑↓", "move")
	clearing := f.keys.Clear
	clearing.SetEnabled(f.clearable())
	switch f.at {
	case QuestionRegions, QuestionAccounts:
		return HelpLine(s, width, f.toggleKey(), f.pickKeys.All, next, clearing, back, leave, updown)
	case QuestionTrustMode:
		return HelpLine(s, width, updown, next, back, leave)
	default:
		if f.input.String() != "" && !f.clearable() {
			clearing = f.keys.Empty
		}
		return HelpLine(s, width, next, clearing, back, leave)
	}
}
