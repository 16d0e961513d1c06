package doctor

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Health is the verdict on a target.
type Health string

// The verdicts. Unproven: nothing is wrong, but the trust rests on condition keys that the issuer
// alone documents, and no real exchange has proved them. NotLooked: the account could not be
// entered, or neither role be read.
const (
	Healthy   Health = "healthy"
	Unproven  Health = "unproven"
	Unhealthy Health = "findings"
	NotLooked Health = "not_looked"
)

// Health is the verdict on the target.
func (r *TargetReport) Health() Health {
	switch {
	case !r.Reached(), r.blind():
		return NotLooked
	case r.Healthy():
		return Healthy
	case !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity.AtLeast(Warning) && f.Code != undocumentedKey }):
		return Unproven
	}
	return Unhealthy
}

// blind reports whether nothing of the trust could be read: neither role, and no permission to say
// that there is none.
func (r *TargetReport) blind() bool {
	s := r.Snapshot
	return !slices.ContainsFunc(s.Roles, func(role Role) bool { return role.Read || role.Gone }) &&
		len(s.Unseen(FactRoles))+len(s.Unseen(FactStack)) > 0
}

// undocumentedKey is the finding that a real exchange disproves.
const undocumentedKey = "condition_key_undocumented"

// Run is one run of doctor over all its targets.
type Run struct {
	At      time.Time
	Targets []*TargetReport
	Groups  []Common // their findings, those that are the same put together
	Again   string   // the flags that choose the targets once more, "" for those of the current credentials
}

// NewRun puts the reports of a run together.
func NewRun(at time.Time, targets []*TargetReport) *Run {
	return &Run{At: at, Targets: targets, Groups: Group(targets)}
}

// Count is how many targets have a verdict.
func (r *Run) Count(h Health) int {
	n := 0
	for _, t := range r.Targets {
		if t.Health() == h {
			n++
		}
	}
	return n
}

// Bad reports whether some finding is of a severity or worse.
func (r *Run) Bad(floor Severity) bool {
	return slices.ContainsFunc(r.Groups, func(g Common) bool { return g.Severity.AtLeast(floor) })
}

// First are the first causes of the run: what keeps exchanges from working, the worst first.
func (r *Run) First() []Common {
	var first []Common
	for _, g := range r.Groups {
		if g.Severity.AtLeast(Failure) {
			first = append(first, g)
		}
	}
	return first
}

// Proved adds what a real exchange showed: one that AWS granted proves that it fills the keys
// which the issuer alone documents, and one that it refused is the first of all findings.
func (r *TargetReport) Proved(attempts []Attempt) {
	r.Attempts = append(r.Attempts, attempts...)
	r.Snapshot.Attempts = r.Attempts
	result := CheckResult{Check: Check{Name: "try", Title: "AWS grants a real exchange", Category: CategoryExchange}, Outcome: OutcomeOK}
	var granted, answers []string
	for i := range attempts {
		a := &attempts[i]
		answers = append(answers, a.answer())
		if a.Granted {
			granted = append(granted, a.RoleARN)
			continue
		}
		result.Outcome = OutcomeFailure
		for _, f := range a.findings() {
			if f.Fix = r.Snapshot.aim(f.Fix); !r.options.suppressed(f.Code, r.Snapshot.Account) {
				result.Findings = append(result.Findings, f)
			}
		}
	}
	result.Reason = strings.Join(answers, "; ")
	switch {
	case len(attempts) == 0:
		result.Outcome, result.Reason = OutcomeSkipped, "no role for the token's phase could be tried"
	case result.Outcome == OutcomeOK:
		r.disprove(granted)
	}
	at := slices.IndexFunc(r.Results, func(c CheckResult) bool { return c.Check.Category == CategoryHistory })
	if at < 0 {
		at = len(r.Results)
	}
	r.Results = slices.Insert(r.Results, at, result)
	r.Findings = ranked(append(result.Findings, r.Findings...))
}

// disprove takes out of the report what was said of keys that AWS filled: those that the roles
// test which it granted. A role that tests the same ones is proved with them.
func (r *TargetReport) disprove(granted []string) {
	proved := map[string]bool{} // by what was said, which names the keys
	undocumented := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Code != undocumentedKey {
			continue
		}
		undocumented++
		if slices.ContainsFunc(granted, func(arn string) bool { return strings.HasPrefix(f.Subject, arn) }) {
			proved[f.Summary] = true
		}
	}
	is := func(f Finding) bool { return f.Code == undocumentedKey && proved[f.Summary] }
	left := len(r.Findings)
	r.Findings = slices.DeleteFunc(r.Findings, is)
	all := left-len(r.Findings) == undocumented
	for i := range r.Results {
		c := &r.Results[i]
		had := len(c.Findings)
		c.Findings = slices.DeleteFunc(c.Findings, is)
		if c.Outcome == OutcomeWarning && len(c.Findings) == 0 && (had > 0 || all) { // also one that rested on the keys
			c.Outcome, c.Reason = OutcomeOK, "AWS fills the condition keys, as a real exchange showed"
		}
	}
}

// findings are the causes of a refused attempt, the first of them the failure.
func (a *Attempt) findings() []Finding {
	answer := strings.TrimPrefix(a.Code+": "+a.Message, ": ")
	if len(a.Diagnoses) == 0 {
		return []Finding{{
			Code: "exchange_refused", Severity: Failure, Subject: a.RoleARN, Summary: "AWS refuses the exchange",
			Expected: "the exchange granted", Found: answer, Fix: "fcoidc doctor --token-file <a new token> --try",
		}}
	}
	list := make([]Finding, len(a.Diagnoses))
	for i, d := range a.Diagnoses {
		list[i] = Finding{Code: d.Cause, Severity: Info, Subject: a.RoleARN, Summary: d.Summary, Expected: d.Expected, Found: cmp.Or(d.Found, answer), Fix: d.Fix}
	}
	list[0].Severity = Failure
	return list
}

// settling are findings that IAM's propagation can explain.
var settling = []string{"iam_propagation", "provider_missing", "role_missing"}

// Unsettled reports whether what was found may be gone in a moment.
func (r *TargetReport) Unsettled() bool {
	for i := range r.Attempts {
		if r.Attempts[i].Propagating() {
			return true
		}
	}
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return slices.Contains(settling, f.Code) })
}

// ForToken reports whether the token that was judged is of the role's phase, as far as both say.
func (r *RoleReport) ForToken() bool {
	phase, ok := r.Token.Case.Token.Claim("phase")
	return !ok || r.Role.Phase == "" || phase.Text() == string(r.Role.Phase)
}
