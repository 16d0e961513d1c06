package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
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
	for _, g := range inShort(run.Groups) {
		if g.Severity.AtLeast(doctor.Warning) {
			v.line(theme.wrap(theme.Mark(findingMark(g.Severity))+" ", theme.Strong(g.Code)+"  "+escape.Text(g.Summary)+accountsOf(run, &g)))
		}
	}
	v.verdict(run)
	_, err := io.WriteString(out, v.b.String())
	return err
}

// accountsOf says which accounts of several share a finding, or how many.
func accountsOf(run *doctor.Run, g *spoken) string {
	const named = 3
	switch {
	case len(run.Targets) == 1:
		return ""
	case len(g.Accounts) <= named:
		return " (" + strings.Join(g.Accounts, ", ") + ")"
	}
	return " (" + CountAccounts(len(g.Accounts)) + ")"
}

type doctorView struct {
	answerView
	account string // the only one that is shown, "" if there are several
}

func newDoctorView(theme Theme) *doctorView { return &doctorView{answerView: *newAnswerView(theme)} }

// target shows every check of one target.
func (v *doctorView) target(r *doctor.TargetReport) {
	s := r.Snapshot
	v.account = s.Account
	v.line(v.theme.Strong(strings.TrimSpace(s.Account+" "+escape.Text(s.Name))) + v.theme.Dim("  "+s.Region))
	category := doctor.Category("")
	often := commonReason(r)
	left := 0
	for i := range r.Results {
		c := &r.Results[i]
		if c.Outcome == doctor.OutcomeSkipped && c.Reason == often {
			left++
			continue
		}
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
	if left > 0 {
		v.line("")
		v.line(v.theme.wrap(v.theme.Mark(MarkSkip)+" ", restOf(left, len(r.Results))+" (skipped: "+escape.Text(often)+")"))
	}
}

// restOf words the checks that were skipped for one reason, left of all.
func restOf(left, all int) string {
	switch {
	case all == 1:
		return "the only check"
	case left == all:
		return fmt.Sprintf("all %d checks", all)
	case left == 1:
		return "the other check"
	}
	return fmt.Sprintf("the other %d checks", left)
}

// commonReason is why most of a target's checks were skipped, "" if there is no such reason: it
// is then told once.
func commonReason(r *doctor.TargetReport) string {
	count := map[string]int{}
	for i := range r.Results {
		if c := &r.Results[i]; c.Outcome == doctor.OutcomeSkipped {
			if count[c.Reason]++; 2*count[c.Reason] > len(r.Results) {
				return c.Reason
			}
		}
	}
	return ""
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
	for _, f := range ofOne(c.Findings) {
		v.finding(&f, "    ", v.account, "")
	}
}

// finding shows one finding of an account, "" if several have it, indented.
func (v *doctorView) finding(f *spoken, indent, account, accounts string) {
	v.line(v.theme.wrap(indent+v.theme.Mark(findingMark(f.Severity))+" ", v.theme.Strong(f.Code)+" ("+string(f.Severity)+"): "+escape.Text(f.Summary)))
	deeper := indent + "    "
	if accounts == "" || strings.HasPrefix(f.Subject, "arn:") { // else the accounts say it
		v.labelled(deeper, v.theme.Dim("at")+"        ", f.Subjects)
	}
	if accounts != "" {
		v.line(v.theme.wrap(deeper+v.theme.Dim("in")+"        ", accounts))
	}
	expected, found := sides(f.Compares)
	if f.Expected != "" {
		v.line(v.theme.wrap(deeper+expected, escape.Text(f.Expected)))
	}
	if f.Found != "" {
		v.line(v.theme.wrap(deeper+found, escape.Text(f.Found)))
	}
	label := "fix       "
	for _, fix := range f.Fixes {
		for l := range strings.SplitSeq(escape.Block(fix), "\n") {
			v.line(deeper + label + v.theme.Strong(l)) // whole, so that it can be pasted
			label = "          "
		}
	}
	if strings.HasPrefix(f.Fix, "aws ") {
		v.line(deeper + v.theme.Dim("          with credentials of "+cmp.Or(account, "the account")))
	}
	if f.FixVaries {
		v.line(deeper + v.theme.Dim("          the first account's; -o json has each one's"))
	}
}

// labelled shows several texts below each other, the label before the first.
func (v *doctorView) labelled(indent, label string, texts []string) {
	for _, text := range texts {
		v.line(v.theme.wrap(indent+label, v.theme.Dim(escape.Text(text))))
		label = "          "
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
		if !r.Allowed && !m.Anywhere && r.Regional.Answer != doctor.Unknown {
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
	for i, g := range ofMany(run.Groups) {
		if i > 0 {
			v.line("")
		}
		accounts := g.Accounts
		more := ""
		if len(accounts) > maxListed {
			accounts, more = accounts[:maxListed], fmt.Sprintf(" and %d more", len(g.Accounts)-maxListed)
		}
		only := ""
		if len(g.Accounts) == 1 {
			only = g.Accounts[0]
		}
		v.finding(&g, "", only, CountAccounts(len(g.Accounts))+": "+strings.Join(accounts, " ")+more)
	}
	v.line("")
}

// verdict is the last word.
func (v *doctorView) verdict(run *doctor.Run) {
	v.line("")
	count := func(h doctor.Health, is func(*doctor.TargetReport) bool, mark Mark, text string) int {
		n := run.CountIf(func(t *doctor.TargetReport) bool { return t.Health() == h && is(t) })
		if n > 0 {
			if len(run.Targets) > 1 {
				text = CountAccounts(n) + " " + text
			}
			v.line(v.theme.wrap(v.theme.Mark(mark)+" ", text))
		}
		return n
	}
	every := func(*doctor.TargetReport) bool { return true }
	failing := func(t *doctor.TargetReport) bool { return t.Worst().AtLeast(doctor.Failure) }
	count(doctor.Healthy, every, MarkGood, "healthy")
	count(doctor.Unproven, (*doctor.TargetReport).Unasked, MarkWarn, "nothing was looked at")
	open := count(doctor.Unproven, (*doctor.TargetReport).Assumes, MarkWarn,
		"could not look whether your runs' tokens have what the trust policies ask for beyond phase and organization; a token and a real exchange show it:")
	open += count(doctor.Unproven, func(t *doctor.TargetReport) bool { return !t.Unasked() && !t.Assumes() }, MarkWarn,
		"set up as Forgecroft documents; not proven until a real exchange:")
	if open > 0 {
		v.line("  " + v.theme.Strong(proveCommand(run)))
	}
	count(doctor.Unhealthy, failing, MarkBad, "with findings"+firstCause(run, doctor.Failure))
	count(doctor.Unhealthy, func(t *doctor.TargetReport) bool { return !failing(t) }, MarkWarn, "with findings"+firstCause(run, doctor.Warning))
	count(doctor.NotLooked, every, MarkBad, "could not be looked at")
	if len(run.Groups) > 0 {
		v.line(v.theme.Dim("  more: fcoidc doctor --explain " + run.Groups[0].Code))
	}
}

// firstCause is the first finding of a severity, or worse where that one is what is asked for.
func firstCause(run *doctor.Run, severity doctor.Severity) string {
	for _, g := range ofMany(run.Groups) {
		if g.Severity == severity || severity == doctor.Failure && g.Severity.AtLeast(severity) {
			return "; first of all " + g.Code + ": " + escape.Text(g.Summary)
		}
	}
	return ""
}

// ProveCommand is the command whose real exchange proves the trust of the targets that these
// flags choose.
func ProveCommand(again string) string { return proveCommand(&doctor.Run{Again: again}) }

// proveCommand is that of a run: with its own token, if it has one.
func proveCommand(run *doctor.Run) string {
	words := []string{"fcoidc doctor", run.Again, "--token-file " + escape.Shell(cmp.Or(run.TokenFile, "plan.jwt")) + " --try"}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
