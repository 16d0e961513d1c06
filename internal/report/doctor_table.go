package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// categories are the columns of the table, in the order of an exchange.
var categories = []doctor.Category{
	doctor.CategoryIssuer, doctor.CategoryAccount, doctor.CategoryProvider, doctor.CategoryTrust, doctor.CategoryPermissions,
	doctor.CategoryRegions, doctor.CategoryToken, doctor.CategoryExchange, doctor.CategoryHistory,
}

// table shows accounts by categories, those aside that no check was made of. Of more than a
// screenful only accounts with something to say are listed, and the others counted.
func (v *doctorView) table(run *doctor.Run) {
	var t table
	head := []string{v.theme.Dim("account"), v.theme.Dim("name")}
	made, skipped := checked(run)
	for _, c := range made {
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
		for _, c := range made {
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
	v.legend(skipped)
}

// checked parts the categories into those of which any target had a check made, and the others.
func checked(run *doctor.Run) (made, skipped []doctor.Category) {
	for _, c := range categories {
		if slices.ContainsFunc(run.Targets, func(r *doctor.TargetReport) bool {
			return slices.ContainsFunc(r.Results, func(x doctor.CheckResult) bool {
				return x.Check.Category == c && x.Outcome != doctor.OutcomeSkipped
			})
		}) {
			made = append(made, c)
		} else {
			skipped = append(skipped, c)
		}
	}
	return made, skipped
}

// legend says what the marks of the table mean, and which categories it leaves out.
func (v *doctorView) legend(skipped []doctor.Category) {
	var words []string
	for _, m := range []struct {
		mark Mark
		word string
	}{{MarkGood, "good"}, {MarkInfo, "to know"}, {MarkWarn, "warning"}, {MarkBad, "failure"}, {MarkWait, "could not look"}, {MarkSkip, "skipped"}} {
		words = append(words, v.theme.Mark(m.mark)+" "+v.theme.Dim(m.word))
	}
	v.line(strings.Join(words, "  "))
	if len(skipped) == 0 {
		return
	}
	names := make([]string, len(skipped))
	for i, c := range skipped {
		names[i] = string(c)
	}
	v.line(v.theme.Dim(v.theme.wrap("skipped everywhere: ", strings.Join(names, ", "))))
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
