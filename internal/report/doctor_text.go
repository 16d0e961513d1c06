package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// WriteDoctorText writes a run of doctor for people. Of one account it shows every check, of
// many what they have in common and a table of accounts and categories. It ends with a verdict.
func WriteDoctorText(out io.Writer, theme Theme, run *doctor.Run) error {
	v := newDoctorView(theme)
	if len(run.Targets) == 1 {
		v.target(run.Targets[0])
	} else {
		v.groups(run)
		v.table(run)
	}
	v.verdict(run)
	_, err := io.WriteString(out, v.b.String())
	return err
}

// WriteDoctorShort writes the problems alone, and the verdict.
func WriteDoctorShort(out io.Writer, theme Theme, run *doctor.Run) error {
	v := newDoctorView(theme)
	told := map[string]bool{}
	for i := range run.Groups {
		g := &run.Groups[i]
		if said := g.Code + g.Summary; g.Severity.AtLeast(doctor.Warning) && !told[said] { // of both roles once
			told[said] = true
			v.line(theme.wrap(theme.Mark(findingMark(g.Severity))+" "+theme.Strong(g.Code)+"  ", escape.Text(g.Summary)+accountsOf(run, g)))
		}
	}
	v.verdict(run)
	_, err := io.WriteString(out, v.b.String())
	return err
}

// accountsOf says how many accounts of several share a finding.
func accountsOf(run *doctor.Run, g *doctor.Common) string {
	if len(run.Targets) == 1 {
		return ""
	}
	return " (" + CountAccounts(len(g.Accounts)) + ")"
}

type doctorView struct{ answerView }

func newDoctorView(theme Theme) *doctorView { return &doctorView{*newAnswerView(theme)} }

// target shows every check of one target.
func (v *doctorView) target(r *doctor.TargetReport) {
	s := r.Snapshot
	v.line(v.theme.Strong(strings.TrimSpace(s.Account+" "+escape.Text(s.Name))) + v.theme.Dim("  "+s.Region))
	category := doctor.Category("")
	for i := range r.Results {
		c := &r.Results[i]
		if c.Check.Category != category {
			if category == doctor.CategoryRegions {
				v.matrix(r.Matrix)
			}
			category = c.Check.Category
			v.line("")
			v.line(v.theme.Strong(categoryTitle(category)))
		}
		v.result(c)
	}
	if category == doctor.CategoryRegions {
		v.matrix(r.Matrix)
	}
}

func categoryTitle(c doctor.Category) string {
	return strings.ToUpper(string(c[:1])) + string(c[1:])
}

var outcomeMarks = map[doctor.Outcome]Mark{
	doctor.OutcomeOK: MarkGood, doctor.OutcomeInfo: MarkInfo, doctor.OutcomeWarning: MarkWarn,
	doctor.OutcomeFailure: MarkBad, doctor.OutcomeSkipped: MarkSkip, doctor.OutcomeNotLooked: MarkWait,
}

func (v *doctorView) result(c *doctor.CheckResult) {
	text := c.Check.Title
	switch {
	case c.Outcome == doctor.OutcomeSkipped:
		text += " (skipped: " + c.Reason + ")"
	case c.Reason != "":
		text += ": " + c.Reason
	}
	v.line(v.theme.wrap("  "+v.theme.Mark(outcomeMarks[c.Outcome])+" ", escape.Text(text)))
	for i := range c.Findings {
		v.finding(&c.Findings[i], "    ", "")
	}
}

// finding shows one finding, indented.
func (v *doctorView) finding(f *doctor.Finding, indent, accounts string) {
	v.line(v.theme.wrap(indent+v.theme.Mark(findingMark(f.Severity))+" ", v.theme.Strong(f.Code)+" ("+string(f.Severity)+"): "+escape.Text(f.Summary)))
	deeper := indent + "    "
	if f.Subject != "" && accounts == "" {
		v.line(v.theme.wrap(deeper+v.theme.Dim("at")+"        ", v.theme.Dim(escape.Text(f.Subject))))
	}
	if accounts != "" {
		v.line(v.theme.wrap(deeper+v.theme.Dim("in")+"        ", accounts))
	}
	if f.Expected != "" {
		v.line(v.theme.wrap(deeper+"expected  ", escape.Text(f.Expected)))
	}
	if f.Found != "" {
		v.line(v.theme.wrap(deeper+"found     ", escape.Text(f.Found)))
	}
	for i, l := range strings.Split(escape.Block(f.Fix), "\n") {
		switch {
		case f.Fix == "":
		case i == 0:
			v.line(deeper + "fix       " + v.theme.Strong(l))
		default:
			v.line(deeper + "          " + v.theme.Strong(l))
		}
	}
}

// matrix shows where the apply role may act.
func (v *doctorView) matrix(m *doctor.Matrix) {
	if m == nil || len(m.Rows) == 0 {
		return
	}
	v.line("")
	var t, services table
	t.row(v.theme.Dim("Region"), v.theme.Dim("services"), v.theme.Dim("IAM"), v.theme.Dim("STS"), "")
	for i := range m.Rows {
		r := &m.Rows[i]
		var notes []string
		if r.Asked {
			notes = append(notes, "used by Forgecroft")
		}
		if !r.Allowed && !m.Anywhere {
			notes = append(notes, "not in AllowedRegions")
		}
		t.row(r.Region, v.cell(r.Regional), v.cell(r.Global), v.cell(r.STS), v.theme.Dim(strings.Join(notes, ", ")))
	}
	for _, s := range m.Services {
		services.row(escape.Text(s.Name), v.cell(s.Cell), v.theme.Dim("answers as "+s.Endpoint))
	}
	_ = t.writeTo(&v.b, "    ") // a Builder takes everything
	v.line("")
	_ = services.writeTo(&v.b, "    ")
}

func (v *doctorView) cell(c doctor.Cell) string {
	mark := map[doctor.Answer]Mark{doctor.Yes: MarkGood, doctor.No: MarkBad, doctor.Perhaps: MarkWarn, doctor.Unknown: MarkWait}[c.Answer]
	return v.theme.Mark(mark) + " " + string(c.Answer)
}

// maxListed is how many accounts a finding lists before it counts the rest.
const maxListed = 12

// groups shows what accounts have in common, the worst first.
func (v *doctorView) groups(run *doctor.Run) {
	for i := range run.Groups {
		g := &run.Groups[i]
		if i > 0 {
			v.line("")
		}
		accounts := g.Accounts
		more := ""
		if len(accounts) > maxListed {
			accounts, more = accounts[:maxListed], fmt.Sprintf(" and %d more", len(g.Accounts)-maxListed)
		}
		v.finding(&g.Finding, "", CountAccounts(len(g.Accounts))+": "+strings.Join(accounts, " ")+more)
		if g.FixVaries {
			v.line("    " + v.theme.Dim("          the first account's; -o json has each one's"))
		}
	}
	v.line("")
}

// categories are the columns of the table, in the order of an exchange.
var categories = []doctor.Category{
	doctor.CategoryIssuer, doctor.CategoryAccount, doctor.CategoryProvider, doctor.CategoryTrust, doctor.CategoryPermissions,
	doctor.CategoryRegions, doctor.CategoryToken, doctor.CategoryExchange, doctor.CategoryHistory,
}

// table shows accounts by categories. Of more than a screenful only those with something to
// say are listed, and the others counted.
func (v *doctorView) table(run *doctor.Run) {
	var t table
	head := []string{v.theme.Dim("account"), v.theme.Dim("name")}
	for _, c := range categories {
		head = append(head, v.theme.Dim(string(c)))
	}
	t.row(head...)
	const screenful = 40
	quiet := 0
	for _, r := range run.Targets {
		if h := r.Health(); len(run.Targets) > screenful && (h == doctor.Healthy || h == doctor.Unproven) {
			quiet++
			continue
		}
		row := []string{r.Snapshot.Account, escape.Text(r.Snapshot.Name)}
		for _, c := range categories {
			row = append(row, v.worst(r, c))
		}
		t.row(row...)
	}
	if quiet == len(run.Targets) {
		return
	}
	_ = t.writeTo(&v.b, "") // a Builder takes everything
	if quiet > 0 {
		v.line(v.theme.Dim(fmt.Sprintf("and %s with nothing to see", CountAccounts(quiet))))
	}
}

// badness orders outcomes for a cell that stands for several.
var badness = []doctor.Outcome{
	doctor.OutcomeSkipped, doctor.OutcomeOK, doctor.OutcomeInfo, doctor.OutcomeNotLooked, doctor.OutcomeWarning, doctor.OutcomeFailure,
}

// worst is the mark of the worst outcome of a category.
func (v *doctorView) worst(r *doctor.TargetReport, c doctor.Category) string {
	most := -1
	for i := range r.Results {
		if r.Results[i].Check.Category != c {
			continue
		}
		for n, o := range badness {
			if o == r.Results[i].Outcome {
				most = max(most, n)
			}
		}
	}
	if most < 0 {
		return ""
	}
	return v.theme.Mark(outcomeMarks[badness[most]])
}

// verdict is the last word.
func (v *doctorView) verdict(run *doctor.Run) {
	v.line("")
	count := func(h doctor.Health, mark Mark, text string) {
		if n := run.Count(h); n > 0 {
			if len(run.Targets) > 1 {
				text = CountAccounts(n) + " " + text
			}
			v.line(v.theme.wrap(v.theme.Mark(mark)+" ", text))
		}
	}
	count(doctor.Healthy, MarkGood, "healthy")
	count(doctor.Unproven, MarkWarn, "as Forgecroft documents it; not proven until a real exchange: fcoidc doctor --token-file <a plan token> --try")
	count(doctor.Unhealthy, MarkBad, "with findings"+firstCause(run))
	count(doctor.NotLooked, MarkBad, "could not be looked at")
	if len(run.Groups) > 0 {
		v.line(v.theme.Dim("  more: fcoidc doctor --explain " + run.Groups[0].Code))
	}
}

func firstCause(run *doctor.Run) string {
	if len(run.Groups) == 0 {
		return ""
	}
	g := &run.Groups[0]
	return ", the first: " + g.Code + ", " + escape.Text(g.Summary)
}
