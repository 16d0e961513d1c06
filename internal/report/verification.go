package report

import (
	"cmp"
	"slices"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// VerificationLines say what a look at the targets showed after they were deployed, and how to
// prove the trust; none if nobody looked.
func VerificationLines(theme Theme, results []bootstrap.Result) (lines []string) {
	health := map[doctor.Health]int{}
	type shared struct {
		bootstrap.Problem
		n int
	}
	var problems []shared
	proof := ""
	for i := range results {
		v := results[i].Verification
		if v == nil {
			continue
		}
		health[doctor.Health(v.Health)]++
		proof = cmp.Or(proof, v.Proof)
		for _, f := range v.Findings {
			if !doctor.Severity(f.Severity).AtLeast(doctor.Failure) {
				continue
			}
			f.Fix = "" // which differs between accounts that have the same trouble
			at := slices.IndexFunc(problems, func(s shared) bool { return s.Problem == f })
			if at < 0 {
				at, problems = len(problems), append(problems, shared{Problem: f})
			}
			problems[at].n++
		}
	}
	add := func(h doctor.Health, mark Mark, text string) {
		if n := health[h]; n > 0 {
			lines = append(lines, theme.wrap(theme.Mark(mark)+" ", "looked at afterwards: "+CountAccounts(n)+" "+text))
		}
	}
	add(doctor.Healthy, MarkGood, "healthy")
	add(doctor.Unproven, MarkWarn, "as documented, not yet proven. Proof:")
	if health[doctor.Unproven] > 0 {
		lines = append(lines, "  "+theme.Strong(cmp.Or(proof, ProveCommand(""))))
	}
	add(doctor.Unhealthy, MarkBad, "with findings: fcoidc doctor shows them")
	add(doctor.NotLooked, MarkWarn, "could not be looked at")
	slices.SortStableFunc(problems, func(a, b shared) int { return cmp.Compare(b.n, a.n) })
	for _, p := range problems {
		lines = append(lines, theme.wrap("  "+theme.Mark(MarkBad)+" "+theme.Strong(p.Code)+" ", escape.Text(p.Summary)+" ("+CountAccounts(p.n)+")"))
	}
	return lines
}
