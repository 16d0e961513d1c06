package doctor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func trustChecks() []Check {
	return []Check{
		{Name: "roles", Title: "the roles exist", Category: CategoryTrust, Needs: []Fact{FactRoles}, run: rolesThere},
		{Name: "trust_admits", Title: "the trust policies admit the tokens of runs", Category: CategoryTrust, run: trustAdmits},
		{Name: "trust_organization", Title: "the trust policies name your organization", Category: CategoryTrust, run: trustOrganization},
		{Name: "trust_phases", Title: "a plan token cannot assume the apply role", Category: CategoryTrust, run: trustPhases},
		{Name: "trust_holes", Title: "nobody else gets in", Category: CategoryTrust, run: trustHoles},
	}
}

// orgCauses are the causes that another check tells of.
var orgCauses = []string{"org_id_mismatch", "org_id_case_mismatch"}

// providerCauses stand in the way before the trust policy does; the checks of issuer and provider
// tell of them.
var providerCauses = []string{
	"provider_missing", "issuer_url_mismatch", "aud_not_in_provider", "thumbprint_mismatch", "discovery_unreachable", "role_missing",
}

// propagating passes by itself, and says something only where a real token was refused.
const propagating = "iam_propagation"

func rolesThere(t *target) answerOf {
	switch {
	case len(t.s.Roles) == 0:
		return answerOf{skip: "none is known"}
	case t.stackDead():
		return answerOf{skip: "the stack that makes them was not made"}
	}
	var list []Finding
	var names []string
	for i := range t.s.Roles {
		r := &t.s.Roles[i]
		names = append(names, r.Name)
		if r.Gone {
			f := Finding{
				Code: "role_missing", Severity: Failure, Subject: r.ARN, Summary: "the role " + r.Name + " is not in the account", Expected: r.ARN, Found: "no role of that name",
			}
			f.Fix = t.fixMissingRole(r)
			list = append(list, f)
		}
	}
	return found(strings.Join(names, ", "), list...)
}

// fixMissingRole brings a role back. CloudFormation does not see that it is gone, so the stack is
// made anew; the provider outlives it.
func (t *target) fixMissingRole(r *Role) string {
	switch {
	case t.s.Stack() == nil:
		return t.bootstrap(nil)
	case !t.madeByStack(r):
		return "make " + r.Name + " again where it was made, or name the role that is meant"
	}
	return t.fixByDoctor()
}

// trustAdmits asks of every role whether it admits the token that a run brings.
func trustAdmits(t *target) answerOf {
	var list []Finding
	judged, byIssuer, unknown := 0, false, false
	for i := range t.roles {
		c := &t.roles[i]
		if c.expected == nil {
			continue
		}
		judged++
		if f, ok := t.assumed(c); ok {
			list, unknown = append(list, f), true
		}
		byIssuer = byIssuer || c.expected.Verdict.Basis == exchange.ByIssuer
		for _, d := range c.expected.Diagnoses {
			if d.Shown && d.Cause != propagating && !slices.Contains(orgCauses, d.Cause) && !slices.Contains(providerCauses, d.Cause) {
				list = append(list, t.diagnosed(d, c, c.expected))
			}
		}
	}
	if judged == 0 {
		return answerOf{skip: "no trust policy could be read"}
	}
	if len(list) == 0 && byIssuer {
		return answerOf{seen: "as the issuer documents its tokens; not proven until a real exchange", doubtful: true}
	}
	answer := found("by the token that the issuer's documentation promises", list...)
	answer.unknown = unknown
	return answer
}

// claimUnknown is the finding about a condition that only the claims of a real token can answer.
const claimUnknown = "claim_value_unknown"

// assumed tells of the claims that a role asks for and the expected token was given, since nothing
// but a real one shows what runs have there. What our own stack was told to ask for is meant so.
func (t *target) assumed(c *roleCase) (Finding, bool) {
	if c.doc == nil || c.expected.Verdict.Decision != exchange.Allow || c.token != nil && c.forToken() {
		return Finding{}, false
	}
	var asked []string
	for _, condition := range askedOf(c.doc, withoutScheme(t.s.IssuerURL)) {
		if !slices.Contains(knownClaims, condition.claim) && !condition.anything() && !t.s.Stack().asksFor(&condition, c.role.Phase) {
			asked = append(asked, strings.TrimPrefix(condition.claim, tagPrefix)+" = "+strings.Join(condition.values, " or "))
		}
	}
	if len(asked) == 0 {
		return Finding{}, false
	}
	what := strings.Join(asked, " and ")
	f := Finding{
		Code: claimUnknown, Severity: Info, Subject: c.role.ARN, Expected: "tokens with " + what, Found: "no token of " + c.role.run() + " to see it in",
		Summary: c.role.called() + " also asks for " + what + "; whether your runs' tokens have it is not known: give --token-file",
		Fix:     t.doctorWith("--token-file " + cmp.Or(string(c.role.Phase), "token") + ".jwt"),
	}
	if t.stackTrust(c.role) != "" {
		f.Severity = Warning
		f.Summary = c.role.called() + " also asks for " + what + ", which its stack did not; whether your runs' tokens have it is not known: give --token-file"
	}
	return f, true
}

// called is how a role is spoken of.
func (r *Role) called() string {
	if r.Phase == "" {
		return "the role " + r.Name
	}
	return "the " + string(r.Phase) + " role"
}

// run is how a run is spoken of whose token is for the role.
func (r *Role) run() string {
	switch r.Phase {
	case Plan:
		return "a plan"
	case Apply:
		return "an apply"
	}
	return "a run"
}

// diagnosed is a cause of a judgement as a finding about a role. Where it is known what the role's
// trust policy should say, the way out is that policy with what is wrong put right.
func (t *target) diagnosed(d Diagnosis, c *roleCase, j *Judgement) Finding {
	f := Finding{Code: d.Cause, Severity: Failure, Subject: c.role.ARN, Summary: d.Summary, Expected: d.Expected, Found: d.Found, Fix: d.Fix, Compares: d.Compares}
	if m := t.mendTrust(c, j); m.mends(d.Cause) {
		m.into(&f, c.role)
	} else if strings.Contains(f.Fix, "fcoidc bootstrap ") && !t.madeByStack(c.role) {
		f.Fix = t.trustByHand(d, c.role)
	}
	if d.Cause == propagating {
		f.Severity = Warning
	}
	return f
}

func trustOrganization(t *target) answerOf {
	var list []Finding
	judged := 0
	for i := range t.roles {
		c := &t.roles[i]
		if c.expected == nil || c.doc == nil {
			continue
		}
		judged++
		for _, d := range c.expected.Diagnoses {
			if d.Shown && slices.Contains(orgCauses, d.Cause) {
				list = append(list, t.organizationFinding(d, c, c.expected))
			}
		}
		if f, ok := t.organizationInSubject(c); ok {
			list = append(list, f)
		}
	}
	if len(list) > 0 {
		return found("", list...)
	}
	if t.source < orgOfToken && len(t.roles) > 0 {
		return answerOf{unknown: true, findings: []Finding{{
			Code: "org_id_unknown", Severity: Info, Subject: "OrgId", Summary: "OrgId: could not look, give --org-id; the stack's own parameter proves nothing",
			Expected: "your organization's id, from Forgecroft: Settings, Organization", Found: orElse(t.org, "no organization in the trust policies"),
			Fix: t.doctorWith("--org-id YOUR-ORG-ID"),
		}}}
	}
	switch {
	case len(t.roles) == 0:
		return answerOf{skip: "no role is known"}
	case judged == 0:
		return answerOf{skip: "no trust policy could be read"}
	}
	return found(t.org)
}

// organizationFinding words a difference in the organization. A trust policy that is not what the
// stack was told was changed behind its back.
func (t *target) organizationFinding(d Diagnosis, c *roleCase, j *Judgement) Finding {
	f := t.diagnosed(d, c, j)
	f.Expected, f.Found = d.Found, d.Expected // yours is what is right here, the trust policy's what was found
	made := t.madeByStack(c.role)
	ofStack := made && t.s.Stack().Parameters[template.ParamOrgID] == t.org
	switch {
	case ofStack:
		f.Code, f.Severity = "trust_redirected", Critical
		f.Summary = "the trust policy names another organization than the stack was deployed for: somebody changed it"
		return f
	case d.Cause == "org_id_case_mismatch":
		f.Summary = "the organization in the trust policy differs from yours in letter case, which counts"
	default:
		f.Summary = "the trust policy names another organization than yours"
	}
	if made {
		f.Fix = t.bootstrap(map[string]string{template.ParamOrgID: t.org}, "--allow-trust-change")
	}
	return f
}

// organizationInSubject looks for the organization in the subjects that a role asks for, where
// it asks for nothing else that would tell.
func (t *target) organizationInSubject(c *roleCase) (Finding, bool) {
	if t.source < orgOfToken {
		return Finding{}, false
	}
	var subjects []string
	for i := range c.doc.Statements {
		for _, condition := range c.doc.Statements[i].Conditions {
			if isOrgKey(condition.Key.Text) {
				return Finding{}, false
			}
			if strings.EqualFold(condition.Key.Text, withoutScheme(t.s.IssuerURL)+":sub") && !condition.Operator.Negated {
				subjects = append(subjects, textsOf(condition.Values)...)
			}
		}
	}
	if len(subjects) == 0 || slices.ContainsFunc(subjects, func(s string) bool { return strings.Contains(s, t.org) }) {
		return Finding{}, false
	}
	f := Finding{
		Code: "org_id_mismatch", Severity: Failure, Subject: c.role.ARN, Summary: "the subject that the trust policy asks for does not hold your organization's id",
		Expected: t.org, Found: strings.Join(subjects, ", "), Fix: t.bootstrap(nil, "--trust-mode subject --plan-subject SUB-OF-PLAN-TOKENS --apply-subject SUB-OF-APPLY-TOKENS --allow-trust-change"),
	}
	if !t.madeByStack(c.role) {
		f.Fix = "write your organization's id into the subject that the trust policy of " + c.role.Name + " asks for, where it was made"
	}
	if slices.ContainsFunc(subjects, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(t.org)) }) {
		f.Code = "org_id_case_mismatch"
	}
	return f, true
}

// doctorWith is this look with more flags.
func (t *target) doctorWith(flags string) string {
	words := []string{"fcoidc", "doctor"}
	if t.s.Reach.Target != "" {
		words = append(words, t.s.Reach.Target)
	}
	return strings.Join(append(words, flags), " ")
}

func trustPhases(t *target) answerOf {
	plan, apply := t.roleCase(Plan), t.roleCase(Apply)
	if plan == nil || apply == nil || plan.doc == nil || apply.doc == nil {
		return answerOf{skip: "it takes the trust policies of both roles"}
	}
	o := t.trustOptions(apply)
	s := trust.Separate(plan.doc, apply.doc, o)
	h := s.Hole()
	if h == nil {
		return separated(plan, apply, o, s)
	}
	list := HoleFindings(apply.doc, apply.role.ARN, []trust.Hole{*h})
	t.restoreIn(list, apply)
	return found("", list...)
}

// separated says how far the phases are kept apart. By a key that AWS may not fill they are so only
// if they are without it, too.
func separated(plan, apply *roleCase, o trust.Options, s trust.Separation) answerOf {
	if s.Basis != claims.BasisIssuer || o.Keys == trust.KeysDocumented {
		return found(s.Summary)
	}
	o.Keys = trust.KeysDocumented
	strict := trust.Separate(plan.doc, apply.doc, o)
	if strict.Hole() != nil {
		return answerOf{seen: s.Summary + "; not proven until a real exchange", doubtful: true}
	}
	return found(s.Summary + "; should AWS not fill it, " + strict.Summary)
}

func (t *target) roleCase(p Phase) *roleCase {
	for i := range t.roles {
		if t.roles[i].role.Phase == p {
			return &t.roles[i]
		}
	}
	return nil
}

func trustHoles(t *target) answerOf {
	var list []Finding
	judged := 0
	for i := range t.roles {
		c := &t.roles[i]
		if c.doc == nil {
			continue
		}
		judged++
		holes := c.beyondRefusal(HoleFindings(c.doc, c.role.ARN, trust.Audit(c.doc, t.trustOptions(c)).Holes))
		t.restoreIn(holes, c)
		for i := range holes {
			if holes[i].Code == trust.ConditionKeyUndocumented {
				holes[i].Fix = t.doctorWith("--token-file " + t.tokenFile("plan.jwt") + " --try")
			}
		}
		list = append(list, holes...)
	}
	if judged == 0 {
		return answerOf{skip: "no trust policy could be read"}
	}
	return found("tokens of other organizations and for other audiences are refused", list...)
}

// beyondRefusal leaves out what only says once more that a role admits no token, where the cause
// is known.
func (c *roleCase) beyondRefusal(list []Finding) []Finding {
	refuses := c.expected != nil && slices.ContainsFunc(c.expected.Diagnoses, func(d Diagnosis) bool {
		return d.Shown && d.Cause != propagating && !slices.Contains(providerCauses, d.Cause)
	})
	return slices.DeleteFunc(list, func(f Finding) bool {
		return refuses && (f.Code == trust.ProviderNotTrusted || f.Code == trust.ConditionKeyNeverFilled)
	})
}

// restoreIn puts the command that closes the holes in the place of rewritings.
func (t *target) restoreIn(list []Finding, c *roleCase) {
	if !slices.ContainsFunc(list, func(f Finding) bool { return f.Severity.AtLeast(Warning) && f.Code != trust.ConditionKeyUndocumented }) {
		return
	}
	m := t.mendTrust(c, c.expected)
	for i := range list {
		if m.mends(list[i].Code) {
			m.into(&list[i], c.role)
		}
	}
}

func (t *target) trustOptions(c *roleCase) trust.Options {
	o := trust.Options{Table: t.o.Examiner.table, Keys: t.o.Examiner.judge.Keys()}
	if _, account, _, ok := exchange.SplitRoleARN(c.role.ARN); ok {
		o.RoleAccount = account
	}
	o.ProviderARN = template.ProviderARN(t.s.Partition, t.s.Account, t.s.IssuerURL)
	if p := t.s.Provider; p != nil && slices.Contains(p.ClientIDs, t.audience()) {
		o.Audiences = p.ClientIDs // without the right one among them no token gets in, which is said elsewhere
	}
	if t.source >= orgOfStack {
		o.Tenant = t.org
	}
	return o
}

// claimOfKey takes the claim from a condition key, "" if it names none.
func claimOfKey(key string) string {
	at := strings.LastIndex(key, ":")
	if at < 0 {
		return ""
	}
	return key[at+1:]
}
