package doctor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/regions"
)

// CheckOptions say what is known besides the snapshot, and how to judge. What [Asked] has and
// they leave out is as the snapshot says.
type CheckOptions struct {
	Examiner *Examiner
	OrgID    string   // the organization's id as the user knows it; "" if nobody gave it
	Regions  []string // that Forgecroft uses; none: not known
	Only     []string // names or categories of the checks to make; none: all
	Suppress []string // CODE or CODE=ACCOUNT: findings to leave out

	TokenFile string // that holds the token at hand, for fixes to name it; "" if that is not known
}

// Category groups checks; the order is that of an exchange.
type Category string

// The categories.
const (
	CategoryIssuer      Category = "issuer"
	CategoryAccount     Category = "account"
	CategoryProvider    Category = "provider"
	CategoryTrust       Category = "trust"
	CategoryPermissions Category = "permissions"
	CategoryRegions     Category = "regions"
	CategoryToken       Category = "token"
	CategoryExchange    Category = "exchange"
	CategoryHistory     Category = "history"
)

// Check is one question about a target.
type Check struct {
	Name     string // stable, snake_case
	Title    string // reads well before a mark of either kind
	Category Category
	Needs    []Fact   // what must have been looked at
	After    []string // checks whose failure makes this one's answer an effect of theirs

	run func(*target) answerOf
}

// Outcome is what came of a check.
type Outcome string

// The outcomes.
const (
	OutcomeOK        Outcome = "ok"
	OutcomeInfo      Outcome = "info"
	OutcomeWarning   Outcome = "warning"
	OutcomeFailure   Outcome = "failure" // a failure or something critical
	OutcomeSkipped   Outcome = "skipped"
	OutcomeNotLooked Outcome = "could_not_look"
)

// CheckResult is the answer to a check.
type CheckResult struct {
	Check    Check
	Outcome  Outcome
	Findings []Finding
	Reason   string // why it was skipped; for ok, what was seen, "" if the title says all
}

// answerOf is what a check says: findings, or why it does not apply.
type answerOf struct {
	findings []Finding
	seen     string // one clause, shown where all is well
	skip     string // why the question does not arise
	// unknown says that the findings tell what could not be looked at.
	unknown bool
	// doubtful says that all is well only as far as the issuer's documentation is right.
	doubtful bool
}

// found is the answer of a check that looked.
func found(seen string, findings ...Finding) answerOf {
	return answerOf{findings: findings, seen: seen}
}

// Checks are all checks in the order of an exchange.
func Checks() []Check {
	return slices.Concat(issuerChecks(), accountChecks(), providerChecks(), trustChecks(), permissionChecks(), regionChecks(), tokenChecks(), historyChecks())
}

// TargetReport is everything that was found out about a target.
type TargetReport struct {
	Snapshot *Snapshot
	Results  []CheckResult
	Findings []Finding // of all results, the likeliest first cause first, each once
	Roles    []RoleReport
	Matrix   *Matrix // nil if there is no apply role to judge
	Refused  []RefusedGroup
	Attempts []Attempt // real exchanges, where they were asked for

	options CheckOptions
}

// RoleReport is what is said of one role.
type RoleReport struct {
	Role *Role
	// Expected judges the exchange that a run is expected to make; nil without a trust policy.
	Expected *Judgement
	// Token judges the token at hand; nil without one.
	Token *Judgement
}

// target is a snapshot while it is being judged.
type target struct {
	s       *Snapshot
	o       *CheckOptions
	org     string
	source  orgSource
	roles   []roleCase
	matrix  *Matrix
	refused []RefusedGroup
	said    []Finding // of the checks that were made
}

// roleCase is a role with its readings.
type roleCase struct {
	role     *Role
	doc      *policy.Document // nil if it is not known or cannot be read
	expected *Judgement
	token    *Judgement
}

// forToken is [RoleReport.ForToken] where there is a token.
func (c *roleCase) forToken() bool {
	return (&RoleReport{Role: c.role, Token: c.token}).ForToken()
}

// Diagnosed judges a target. It does no I/O.
func Diagnosed(s *Snapshot, o CheckOptions) *TargetReport {
	o.fill(s)
	t := newTarget(s, &o)
	r := &TargetReport{Snapshot: s, Matrix: t.matrix, Refused: t.refused, options: o}
	for _, c := range t.roles {
		r.Roles = append(r.Roles, RoleReport{c.role, c.expected, c.token})
	}
	for _, result := range t.results() {
		if o.wants(result.Check) {
			r.Results = append(r.Results, result)
			r.Findings = append(r.Findings, result.Findings...)
		}
	}
	r.Findings = ranked(r.Findings)
	return r
}

// fill takes over what a look for the snapshot asked, where the options say nothing else. Regions
// of other partitions are other accounts' matter.
func (o *CheckOptions) fill(s *Snapshot) {
	if o.Regions == nil {
		o.Regions = s.Asked.Regions
	}
	o.OrgID, o.TokenFile = cmp.Or(o.OrgID, s.Asked.OrgID), cmp.Or(o.TokenFile, s.Asked.TokenFile)
	o.Regions = regionsIn(s.Partition, o.Regions)
}

// regionsIn are those of the Regions that a partition has; all of them if it is not known.
func regionsIn(partition string, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		p, ok := regions.PartitionOf(id)
		return ok && partition != "" && p.ID != partition
	})
}

// results are those of all checks in their order. The one that looks for drift is made last: it
// leaves out what others have explained.
func (t *target) results() []CheckResult {
	checks := Checks()
	results := make([]CheckResult, len(checks))
	failed := map[string]string{} // titles of failed checks by name
	drift := slices.IndexFunc(checks, func(c Check) bool { return c.Name == checkDrift })
	for i, c := range checks {
		if i == drift {
			continue
		}
		results[i] = t.make(c, failed)
		t.said = append(t.said, results[i].Findings...)
		if results[i].Outcome == OutcomeFailure || results[i].Outcome == OutcomeNotLooked && c.Name == checkIdentity {
			failed[c.Name] = c.Title
		}
	}
	results[drift] = t.make(checks[drift], failed)
	return results
}

func newTarget(s *Snapshot, o *CheckOptions) *target {
	t := &target{s: s, o: o, matrix: Rehearse(s, o.Regions, o.Examiner)}
	t.org, t.source = s.organizationID(o.OrgID)
	tokens := s.Cases()
	for i := range s.Roles {
		c := roleCase{role: &s.Roles[i]}
		if doc, err := policy.Parse([]byte(c.role.Trust)); err == nil {
			c.doc = doc
		}
		if expected, ok := s.expectedCase(c.role, t.org); ok {
			j := o.Examiner.Examine(&expected, false)
			c.expected = &j
		}
		if i < len(tokens) && c.role.Read {
			j := o.Examiner.Examine(&tokens[i], false)
			c.token = &j
		}
		t.roles = append(t.roles, c)
	}
	yours := ""
	if t.source >= orgOfToken {
		yours = t.org
	}
	t.refused = groupRefused(s, o.Examiner, yours)
	return t
}

func (o *CheckOptions) wants(c Check) bool {
	return len(o.Only) == 0 || slices.Contains(o.Only, c.Name) || slices.Contains(o.Only, string(c.Category))
}

// suppressed reports whether the user does not want to hear of a finding.
func (o *CheckOptions) suppressed(code, account string) bool {
	return slices.ContainsFunc(o.Suppress, func(s string) bool {
		only, in, bound := strings.Cut(s, "=")
		return only == code && (!bound || in == account)
	})
}

// make makes a check, unless an earlier failure explains whatever it would say, or what it needs
// could not be looked at.
func (t *target) make(c Check, failed map[string]string) CheckResult {
	result := CheckResult{Check: c}
	if title, ok := failed[checkIdentity]; ok && c.Name != checkIdentity {
		result.Outcome, result.Reason = OutcomeSkipped, "since this is not so: "+title
		return result
	}
	for _, before := range c.After {
		if title, ok := failed[before]; ok {
			result.Outcome, result.Reason = OutcomeSkipped, "since this is not so: "+title
			return result
		}
	}
	answer := c.run(t)
	for _, f := range c.Needs {
		for _, l := range t.s.Unseen(f) {
			answer.findings = append(answer.findings, couldNotLook(l))
			answer.unknown = true
		}
	}
	answer.findings = slices.DeleteFunc(answer.findings, func(f Finding) bool { return t.o.suppressed(f.Code, t.s.Account) })
	for i := range answer.findings {
		f := &answer.findings[i]
		if f.Fix == "" {
			f.Fix = "fcoidc doctor --explain " + f.Code
		}
		f.Fix = t.s.aim(f.Fix)
	}
	result.Findings = answer.findings
	result.Outcome, result.Reason = answer.outcome()
	return result
}

func (a answerOf) outcome() (Outcome, string) {
	if len(a.findings) == 0 {
		if a.skip != "" {
			return OutcomeSkipped, a.skip
		}
		if a.doubtful {
			return OutcomeWarning, a.seen
		}
		return OutcomeOK, a.seen
	}
	worst := slices.MaxFunc(a.findings, func(x, y Finding) int { return cmp.Compare(x.Severity.rank(), y.Severity.rank()) })
	switch {
	case worst.Severity.AtLeast(Failure):
		return OutcomeFailure, ""
	case a.unknown:
		return OutcomeNotLooked, ""
	case worst.Severity == Warning:
		return OutcomeWarning, ""
	}
	return OutcomeInfo, a.seen
}

// couldNotLook words what could not be looked at. The organisation's policies are out of reach for
// most accounts, so that nobody need worry.
func couldNotLook(l Looked) Finding {
	f := Finding{Code: "could_not_look", Severity: Warning, Subject: l.What, Summary: l.What + " could not be looked at", Found: l.Reason, Fix: l.Fix}
	if l.Action != "" {
		f.Expected = "the permission " + l.Action
		if l.Fact != FactOrganization && l.Fact != FactIdentity {
			f.Fix = "fcoidc print-policy --for doctor"
		}
		f.Summary += ": needs " + l.Action
	}
	if l.Fact == FactOrganization {
		f.Severity = Info
	}
	return f
}

// last are the codes that tell of traces of a cause rather than of the cause, or of no fault.
var last = []string{"stack_drifted", claimUnknown, "history_refused", "could_not_look", "condition_key_undocumented", "org_id_unknown", "regions_unknown"}

// ranked sorts findings: the worst first, among equals in the order of an exchange, traces of
// other causes last. Of equal ones the first stays.
func ranked(list []Finding) []Finding {
	var unique []Finding
	for _, f := range list {
		if !slices.ContainsFunc(unique, func(have Finding) bool { return have.Code == f.Code && have.Subject == f.Subject }) {
			unique = append(unique, f)
		}
	}
	slices.SortStableFunc(unique, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.rank(), a.Severity.rank()), cmp.Compare(slices.Index(last, a.Code), slices.Index(last, b.Code)))
	})
	return unique
}
