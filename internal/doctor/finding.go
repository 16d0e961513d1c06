// Package doctor says why an exchange is refused and what to do about it.
//
// It has two halves. Collecting looks at an account, bounded in time and size, and returns a
// [Snapshot]: plain data, without a secret. Judging is pure: from a case and what AWS would
// answer to it ([exchange.Verdict]) follow ranked causes ([Diagnose]), from a snapshot findings.
package doctor

// Severity is how bad a finding is.
type Severity string

// The severities, worst first. Critical: somebody gets in who should not. Failure: what should
// work does not. Warning: it works and may not go on, or nobody has proved it. Info: good to know.
const (
	Critical Severity = "critical"
	Failure  Severity = "failure"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// AtLeast reports whether s is as bad as floor or worse.
func (s Severity) AtLeast(floor Severity) bool { return s.rank() >= floor.rank() }

func (s Severity) rank() int {
	switch s {
	case Critical:
		return 3
	case Failure:
		return 2
	case Warning:
		return 1
	default:
		return 0
	}
}

// Finding is one thing seen, with what to do. Its Code is stable, snake_case and never used for
// anything else; docs/causes explains each.
type Finding struct {
	Code     string
	Severity Severity
	Subject  string // the role, provider, policy or target looked at
	Summary  string // one line
	Expected string
	Found    string
	Fix      string // what can be pasted: a command, a condition, a parameter
	Compares bool   // Expected is what a trust policy asks for, Found what a token says
}

// Diagnosis is one cause of a refused exchange.
type Diagnosis struct {
	Cause    string // a stable code; docs/causes explains each
	Summary  string // one line
	Expected string
	Found    string
	Fix      string   // what can be pasted
	Evidence []string // further things seen that speak for the cause, a line each
	Place    *Place   // where in the trust policy; nil if it is not there
	Shown    bool     // the case itself shows it; false for what only the symptom suggests
	Compares bool     // Expected is what the trust policy asks for, Found what the token says
}

// Place is a stretch of one line of a trust policy.
type Place struct {
	Statement    int    // from 1
	Line, Column int    // of the first character, from 1
	Width        int    // in characters
	Text         string // the whole line
	Note         string // what to write under it
}
