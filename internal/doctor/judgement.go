package doctor

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
)

// Judgement is all that is said of one case.
type Judgement struct {
	Case      *exchange.Case
	Verdict   *exchange.Verdict
	Diagnoses []Diagnosis // the likeliest cause first
	Findings  []Finding   // what is wrong with the trust policy beside the exchange at hand; shared, not to be changed
	Storable  *bool       // whether IAM would take the trust policy; nil if there is none

	diagnoser diagnoser // of Diagnoses
}

// Examiner judges cases. It may be used by several goroutines.
type Examiner struct {
	judge *exchange.Judge
	table *claims.KeyTable
	kept  kept
}

// NewExaminer returns an examiner that asks this judge.
func NewExaminer(judge *exchange.Judge, table *claims.KeyTable) *Examiner {
	return &Examiner{judge: judge, table: table}
}

// Examine says what AWS would answer to a case, why, and what to do, and why IAM would not store the
// trust policy. With audit it also says what else is wrong with that policy, whatever the token.
func (e *Examiner) Examine(c *exchange.Case, audit bool) Judgement {
	var j Judgement
	e.ExamineInto(&j, c, audit)
	return j
}

// ExamineInto is [Examiner.Examine] into the memory of a judgement that is no longer needed.
func (e *Examiner) ExamineInto(j *Judgement, c *exchange.Case, audit bool) {
	v := j.Verdict
	if v == nil {
		v = new(exchange.Verdict)
	}
	e.judge.VerdictInto(v, c)
	*j = Judgement{Case: c, Verdict: v, Diagnoses: j.Diagnoses[:0], diagnoser: j.diagnoser}
	j.Diagnoses = j.diagnoser.diagnose(j.Diagnoses, c, v, e.symptom)
	if v.Policy == nil {
		return
	}
	j.Findings = e.refusals(v.Policy)
	storable := len(j.Findings) == 0
	j.Storable = &storable
	if audit && v.Policy.Document != nil {
		j.Findings = e.audit(c, v)
	}
}

// TimesUnjudged reports whether the token has times that were not judged, because the case does not
// say when.
func (j *Judgement) TimesUnjudged() bool {
	t := j.Case.Token
	if t == nil || !j.Case.Now.IsZero() {
		return false
	}
	return slices.ContainsFunc([]string{"exp", "iat", "nbf"}, func(name string) bool {
		_, ok := t.Claim(name)
		return ok
	})
}

// Bad reports whether the exchange is denied, or a finding is of a severity or worse.
func (j *Judgement) Bad(floor Severity) bool {
	if j.Verdict.Decision == exchange.Deny {
		return true
	}
	for i := range j.Findings {
		if j.Findings[i].Severity.AtLeast(floor) {
			return true
		}
	}
	return false
}
