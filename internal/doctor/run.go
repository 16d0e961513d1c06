package doctor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// Health is the verdict on a target.
type Health string

// The verdicts. Unproven: nothing is wrong, but nobody knows that all is well: the trust rests on
// condition keys that the issuer alone documents, which no real exchange has proved, or on claims
// that no token has shown, or nothing was looked at. NotLooked: the account could not be entered, or
// neither role be read.
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
	case r.Healthy() && !r.Assumes() && !r.Unasked():
		return Healthy
	case !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity.AtLeast(Warning) && f.Code != undocumentedKey }):
		return Unproven
	}
	return Unhealthy
}

// Assumes reports whether a role asks for claims of which only a token could tell that runs have them.
func (r *TargetReport) Assumes() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == claimUnknown })
}

// Unasked reports whether no check was made, for want of what it takes.
func (r *TargetReport) Unasked() bool {
	return len(r.Results) > 0 && !slices.ContainsFunc(r.Results, func(c CheckResult) bool { return c.Outcome != OutcomeSkipped })
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
	// TokenFile holds the token at hand; "" if there is none or its file is not known.
	TokenFile string
}

// NewRun puts the reports of a run together.
func NewRun(at time.Time, targets []*TargetReport) *Run {
	return &Run{At: at, Targets: targets, Groups: Group(targets)}
}

// Count is how many targets have a verdict.
func (r *Run) Count(h Health) int {
	return r.CountIf(func(t *TargetReport) bool { return t.Health() == h })
}

// CountIf is how many targets are so.
func (r *Run) CountIf(is func(*TargetReport) bool) (n int) {
	for _, t := range r.Targets {
		if is(t) {
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
// which the issuer alone documents, and one that it refused is the first of all findings, unless
// one of them said why before it was made.
func (r *TargetReport) Proved(attempts []Attempt) {
	r.Attempts = append(r.Attempts, attempts...)
	r.Snapshot.Attempts = r.Attempts
	result := CheckResult{Check: Check{Name: "try", Title: "AWS grants a real exchange", Category: CategoryExchange}, Outcome: OutcomeOK}
	var granted []string
	for i := range attempts {
		a := &attempts[i]
		if a.Granted {
			granted = append(granted, a.RoleARN)
			continue
		}
		result.Outcome = OutcomeFailure
		if r.toldOf(a) != "" {
			continue
		}
		for _, f := range a.findings() {
			if f.Fix = r.Snapshot.aim(f.Fix); !r.options.suppressed(f.Code, r.Snapshot.Account) {
				result.Findings = append(result.Findings, f)
			}
		}
	}
	result.Reason = r.answers(attempts)
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

// answers are AWS's answers, each once, with the roles that it was given for.
func (r *TargetReport) answers(attempts []Attempt) string {
	var answers []string
	roles := map[string][]string{}
	for i := range attempts {
		a := &attempts[i]
		answer := a.answer()
		if cause := r.toldOf(a); cause != "" {
			answer += ": " + cause
		}
		if !slices.Contains(answers, answer) {
			answers = append(answers, answer)
		}
		if !a.Granted { // a grant's answer is the role
			roles[answer] = append(roles[answer], nameOf(a.RoleARN))
		}
	}
	for i, answer := range answers {
		if len(roles[answer]) > 0 {
			answers[i] += " (" + strings.Join(roles[answer], ", ") + ")"
		}
	}
	return strings.Join(answers, "; ")
}

// toldOf is the code of the finding that says why AWS answered an attempt as it was predicted to, ""
// if there is none. What is said of the role says more than what is said of all.
func (r *TargetReport) toldOf(a *Attempt) string {
	if !a.Agrees {
		return ""
	}
	ofAll := ""
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case !a.explainedBy(f):
		case strings.HasPrefix(f.Subject, a.RoleARN):
			return f.Code
		case ofAll == "" && !strings.Contains(f.Subject, ":role/"):
			ofAll = f.Code
		}
	}
	return ofAll
}

// explainedBy reports whether a finding tells a cause of a refusal, in its own words or as another
// check does.
func (a *Attempt) explainedBy(f *Finding) bool {
	return f.Severity.AtLeast(Failure) && slices.ContainsFunc(a.Diagnoses, func(d Diagnosis) bool {
		return d.Cause == f.Code || f.Code == "trust_redirected" && slices.Contains(orgCauses, d.Cause)
	})
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
		list[i] = Finding{Code: d.Cause, Severity: Info, Subject: a.RoleARN, Summary: d.Summary, Expected: d.Expected, Found: cmp.Or(d.Found, answer), Fix: d.Fix, Compares: d.Compares && d.Found != ""}
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

// ForToken reports whether the token that was judged is for the role: both are of one phase, as far
// as they say. A token of a phase that does not exist is for no role, so that each has to refuse it.
func (r *RoleReport) ForToken() bool {
	phase := phaseOfToken(r.Token.Case.Token)
	return phase == "" || r.Role.Phase == "" || phase == r.Role.Phase
}

// phaseOfToken is the phase of a token, "" if it names none of the two.
func phaseOfToken(t *claims.Token) Phase {
	claim, _ := t.Claim("phase")
	switch phase := Phase(claim.Text()); phase {
	case Plan, Apply:
		return phase
	}
	return ""
}
