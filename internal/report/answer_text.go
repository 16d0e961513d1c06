package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// WriteAnswerText writes what is said of a case for a person: the answer, the causes with the
// place in the trust policy that each is about, the findings, and the policy's own trace.
func WriteAnswerText(out io.Writer, theme Theme, j *doctor.Judgement) error {
	v := newAnswerView(theme)
	v.verdict(j)
	v.diagnoses(j.Diagnoses)
	v.trace(j.Verdict)
	v.findings(j.Findings)
	v.more(j)
	_, err := io.WriteString(out, v.b.String())
	return err
}

// WriteAnswerShort writes the problems alone, a line each, and the verdict.
func WriteAnswerShort(out io.Writer, theme Theme, j *doctor.Judgement) error {
	v := newAnswerView(theme)
	v.verdict(j)
	for _, d := range j.Diagnoses {
		v.line(theme.wrap("  "+theme.Strong(d.Cause)+"  ", escape.Text(d.Summary)))
	}
	for _, f := range j.Findings {
		v.line(theme.wrap("  "+theme.Mark(findingMark(f.Severity))+" "+theme.Strong(f.Code)+"  ", escape.Text(f.Summary)))
	}
	_, err := io.WriteString(out, v.b.String())
	return err
}

type answerView struct {
	b     strings.Builder
	theme Theme
}

func newAnswerView(theme Theme) *answerView {
	if theme.Width == 0 {
		theme.Width = proseWidth
	}
	return &answerView{theme: theme}
}

func (v *answerView) line(s string) {
	v.b.WriteString(strings.TrimRight(s, " "))
	v.b.WriteByte('\n')
}

// verdict is the answer in one line, and whose word it rests on.
func (v *answerView) verdict(j *doctor.Judgement) {
	x := j.Verdict
	unstorable := x.Decision == exchange.Allow && j.Storable != nil && !*j.Storable
	switch {
	case x.Decision == exchange.Deny:
		answer := x.Code
		if x.Message != "" {
			answer += ": " + x.Message
		}
		v.line(v.theme.wrap(v.theme.Mark(MarkBad)+" "+v.theme.Text(MarkBad, "deny")+"   ", escape.Text(answer)))
		v.dim("at the stage: " + strings.ReplaceAll(string(x.Stage), "_", " "))
	case x.Decision == exchange.Unknown && len(x.Unknown) > 0:
		v.line(v.theme.wrap(v.theme.Mark(MarkWarn)+" "+v.theme.Text(MarkWarn, "unknown")+"   ", "it rests on what only the call could tell: "+escape.Text(strings.Join(x.Unknown, ", "))))
	case x.Decision == exchange.Unknown:
		v.line(v.theme.Mark(MarkWarn) + " " + v.theme.Text(MarkWarn, "unknown") + "   there is not enough to judge by")
	case x.Basis == exchange.ByIssuer:
		v.line(v.theme.Mark(MarkWarn) + " " + v.theme.Text(MarkWarn, "allow") + "   as the issuer documents it; not proven until a real exchange")
		v.dim("by the condition keys that AWS publishes: " + string(x.DecisionDocumented))
		v.dim("the proof: " + ProveCommand(""))
	case unstorable:
		v.line(v.theme.Mark(MarkWarn) + " " + v.theme.Text(MarkWarn, "allow") + "   as the policy is written")
	default:
		v.line(v.theme.Mark(MarkGood) + " " + v.theme.Text(MarkGood, "allow"))
	}
	if unstorable {
		v.dim("no role can have the policy so: IAM would not store it")
	}
	if x.Decision != x.DecisionDocumented && x.Basis != exchange.ByIssuer {
		v.dim("by the condition keys that AWS publishes: " + string(x.DecisionDocumented))
	}
	if x.Decision == exchange.Allow && j.TimesUnjudged() {
		v.dim("the token's times were not judged, since nothing says at what time; fcoidc decode shows them")
	}
	for _, rule := range x.Open.List() {
		v.dim("AWS leaves this open; taken here: " + rule.String())
	}
}

func (v *answerView) dim(text string) {
	v.line(v.theme.Dim(v.theme.wrap("  ", escape.Text(text))))
}

func (v *answerView) diagnoses(list []doctor.Diagnosis) {
	for i := range list {
		d := &list[i]
		v.line("")
		number := strconv.Itoa(i+1) + ". "
		title := v.theme.Strong(d.Cause)
		if !d.Shown {
			title += v.theme.Dim(" (the symptom suggests it, nothing here shows it)")
		}
		v.line(number + title)
		v.line(v.theme.wrap("   ", escape.Text(d.Summary)))
		v.place(d.Place)
		v.compared(d.Expected, d.Found, d.Compares)
		v.fix(d.Fix)
		for _, e := range d.Evidence {
			v.line(v.theme.Dim(v.theme.wrap("   "+v.theme.Mark(MarkInfo)+" ", escape.Text(e))))
		}
	}
}

// place shows the line that a cause is about with a caret under what is at fault, as compilers do.
func (v *answerView) place(p *doctor.Place) {
	if p == nil {
		return
	}
	where := "trust policy, line " + strconv.Itoa(p.Line)
	if p.Statement > 0 {
		where = "trust policy, statement " + strconv.Itoa(p.Statement) + ", line " + strconv.Itoa(p.Line)
	}
	number := strconv.Itoa(p.Line)
	gutter := strings.Repeat(" ", len(number))
	v.line("   " + v.theme.Dim(gutter+"--> "+where))
	text, column := v.cut(p, v.room(len(number)))
	before := escape.Text(string([]rune(text)[:column-1]))
	marked := escape.Text(string([]rune(text)[column-1 : min(column-1+p.Width, len([]rune(text)))]))
	v.line("   " + v.theme.Dim(number+" |") + " " + escape.Text(text))
	indent := strings.Repeat(" ", lipgloss.Width(before))
	caret := strings.Repeat("^", max(lipgloss.Width(marked), 1))
	edge := "   " + v.theme.Dim(gutter+" |") + " "
	if lipgloss.Width(edge+indent+caret+" "+p.Note) <= v.theme.Width {
		v.line(edge + indent + v.theme.Text(MarkBad, caret+" "+p.Note))
		return
	}
	v.line(edge + indent + v.theme.Text(MarkBad, caret))
	v.line(edge + v.theme.Text(MarkBad, p.Note))
}

// room is how many columns a line of source may take.
func (v *answerView) room(digits int) int {
	const least = 40
	return max(v.theme.Width-digits-6, least)
}

// cut shortens a line of source so that what is at fault shows, and returns the column anew. Of
// a long line it keeps what stands around it; tabs and the indentation count as blanks.
func (v *answerView) cut(p *doctor.Place, room int) (line string, at int) {
	column, width := p.Column, p.Width
	runes := []rune(strings.ReplaceAll(p.Text, "\t", " "))
	indent := 0
	for indent < len(runes) && runes[indent] == ' ' && indent < column-1 {
		indent++
	}
	start := min(max(indent-2, 0), column-1)
	runes, column = runes[start:], column-start
	if len(runes) <= room {
		return string(runes), column
	}
	from := max(0, min(column-1-room/3, len(runes)-room))
	to := min(len(runes), max(from+room, column-1+width))
	line = string(runes[from:to])
	if from > 0 && !v.theme.ASCII {
		line = "…" + string(runes[from+1:to])
	}
	return line, column - from
}

// sides are the labels of what is expected and what was found: by their own names where a trust
// policy is compared with a token, since either of them may be the one that is wrong.
func sides(compares bool) (expected, found string) {
	if compares {
		return "policy    ", "token     "
	}
	return "expected  ", "found     "
}

// compared shows expected and found one under the other, with a mark where they part. policy says
// that a trust policy's value is compared with a token's.
func (v *answerView) compared(expected, found string, policy bool) {
	if expected == "" && found == "" {
		return
	}
	e, f := escape.Text(expected), escape.Text(found)
	above, below := sides(policy)
	above, below = "   "+above, "   "+below
	v.line(v.theme.wrap(above, e))
	v.line(v.theme.wrap(below, f))
	n := parting(e, f)
	if n < worthMarking || max(lipgloss.Width(e), lipgloss.Width(f))+len(above) > v.theme.Width {
		return
	}
	v.line(strings.Repeat(" ", len(below)) + strings.Repeat(" ", lipgloss.Width(string([]rune(f)[:n]))) + v.theme.Text(MarkBad, "^ from here on"))
}

// worthMarking is how much two texts must have in common for a mark where they part to help.
const worthMarking = 4

// parting is where two texts that begin alike part; 0 where they do not begin alike or are equal.
func parting(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	if n == len(x) && n == len(y) || n == len(y) {
		return 0
	}
	return n
}

func (v *answerView) fix(fix string) {
	for i, l := range strings.Split(escape.Block(fix), "\n") {
		label := "   fix       "
		if i > 0 {
			label = "             "
		}
		if l != "" {
			v.line(label + v.theme.Strong(l))
		}
	}
}

// trace shows how the trust policy came to its answer.
func (v *answerView) trace(x *exchange.Verdict) {
	if len(x.Trace.Statements) == 0 {
		return
	}
	v.line("")
	v.line(v.theme.Strong("The trust policy, statement by statement"))
	for i := range x.Trace.Statements {
		s := &x.Trace.Statements[i]
		outcome := "does not match"
		if s.Matched {
			outcome = "matches"
		}
		title := fmt.Sprintf("%d. %s %s", s.Statement.Index+1, s.Statement.Effect, outcome)
		if s.Statement.Sid.Text != "" {
			title += " (" + s.Statement.Sid.Text + ")"
		}
		v.line("  " + escape.Text(title))
		v.element(s.Principal)
		v.element(s.Action)
		for k := range s.Conditions {
			c := &s.Conditions[k]
			v.held(c.Holds, c.Condition.OperatorName.Text+" "+c.Condition.Key.Text+": "+c.Reason())
		}
	}
}

func (v *answerView) element(e policy.ElementTrace) { v.held(e.Holds, e.Reason()) }

func (v *answerView) held(holds bool, text string) {
	mark := MarkBad
	if holds {
		mark = MarkGood
	}
	v.line(v.theme.wrap("     "+v.theme.Mark(mark)+" ", escape.Text(text)))
}

func (v *answerView) findings(list []doctor.Finding) {
	if len(list) == 0 {
		return
	}
	v.line("")
	v.line(v.theme.Strong("Beside this exchange"))
	for i := range list {
		f := &list[i]
		v.line(v.theme.wrap("  "+v.theme.Mark(findingMark(f.Severity))+" ", v.theme.Strong(f.Code)+" ("+string(f.Severity)+"): "+escape.Text(f.Summary)))
		if f.Expected != "" {
			v.line(v.theme.wrap("      expected  ", escape.Text(f.Expected)))
		}
		if f.Found != "" {
			v.line(v.theme.wrap("      found     ", escape.Text(f.Found)))
		}
		for k, l := range strings.Split(escape.Block(f.Fix), "\n") {
			switch {
			case f.Fix == "":
			case k == 0:
				v.line("      fix       " + v.theme.Strong(l))
			default:
				v.line("                " + v.theme.Strong(l))
			}
		}
	}
}

func findingMark(s doctor.Severity) Mark {
	switch s {
	case doctor.Critical, doctor.Failure:
		return MarkBad
	case doctor.Warning:
		return MarkWarn
	case doctor.Info:
		return MarkInfo
	}
	return MarkInfo
}

// more says where to read on.
func (v *answerView) more(j *doctor.Judgement) {
	code := ""
	switch {
	case len(j.Diagnoses) > 0:
		code = j.Diagnoses[0].Cause
	case len(j.Findings) > 0:
		code = j.Findings[0].Code
	default:
		return
	}
	v.line("")
	v.line(v.theme.Dim("More: fcoidc doctor --explain " + code))
}
