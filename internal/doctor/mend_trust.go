package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// rightTrust is what a role's trust policy has to say, whatever else it says.
type rightTrust struct {
	// whole is the document that the role's stack made, "" if no stack is known to have made another
	// than the role has. Then the conditions are all that the statement needs; otherwise they are
	// those of which the right value is known.
	whole      string
	principal  string
	actions    []string
	conditions []rightCondition
}

type rightCondition struct {
	operator, key string
	values        []string
}

// rightTrustOf is what is known of a role's right trust policy. ok is false for nothing.
func (t *target) rightTrustOf(r *Role) (w rightTrust, ok bool) {
	if whole := t.stackTrust(r); whole != "" {
		doc, err := policy.Parse([]byte(whole))
		if err != nil || len(doc.Statements) != 1 || doc.Statements[0].Principal == nil || doc.Statements[0].Action == nil {
			return rightTrust{}, false
		}
		s := &doc.Statements[0]
		w = rightTrust{whole: whole, principal: s.Principal.Entries[0].ID.Text, actions: elementTexts(s.Action)}
		for i := range s.Conditions {
			c := &s.Conditions[i]
			w.conditions = append(w.conditions, rightCondition{c.OperatorName.Text, c.Key.Text, textsOf(c.Values)})
		}
		return w, true
	}
	if t.madeByStack(r) || t.s.IssuerURL != template.DefaultIssuer {
		return rightTrust{}, false
	}
	w = rightTrust{principal: template.ProviderARN(t.s.Partition, t.s.Account, t.s.IssuerURL), actions: []string{trust.Action}}
	add := func(key, value string) {
		if value != "" {
			w.conditions = append(w.conditions, rightCondition{"StringEquals", key, []string{value}})
		}
	}
	prefix := withoutScheme(t.s.IssuerURL) + ":"
	add(prefix+"aud", t.audience())
	add(prefix+"phase", string(r.Phase))
	add("aws:RequestTag/phase", string(r.Phase))
	if t.source >= orgOfToken {
		add(prefix+"org_id", t.org)
		add("aws:RequestTag/org_id", t.org)
	}
	return w, true
}

// stackTrust is the trust policy that a role's stack made, "" if that is not known to differ.
func (t *target) stackTrust(r *Role) string {
	s := t.s.Stack()
	if s == nil {
		return ""
	}
	for _, d := range s.Drift {
		if d.Name == r.Name && d.Property == "AssumeRolePolicyDocument" {
			return d.Expected
		}
	}
	return ""
}

// mendedTrust is a role's trust policy with what is wrong in it put right.
type mendedTrust struct {
	document string
	removed  []string // what the role's own has and this has not, in words
	left     []string // codes that this mends as little
}

// mends reports whether the document makes an end of what a code tells.
func (m *mendedTrust) mends(code string) bool { return m != nil && !slices.Contains(m.left, code) }

// command puts the document in its place.
func (m *mendedTrust) command(r *Role) string {
	return "aws iam update-assume-role-policy --role-name " + escape.Shell(r.Name) + " --policy-document " + escape.Shell(m.document)
}

// into gives a finding the command, and says what it costs.
func (m *mendedTrust) into(f *Finding, r *Role) {
	f.Fix = m.command(r)
	if len(m.removed) > 0 {
		f.Summary += "; the fix takes out " + strings.Join(m.removed, ", ")
	}
}

// mendTrust changes as little of a role's trust policy as lets the exchange of a judgement pass and
// nobody else in; nil if nothing is known that would. Where the template's document is all that
// helps, that is offered.
func (t *target) mendTrust(c *roleCase, j *Judgement) *mendedTrust {
	right, ok := t.rightTrustOf(c.role)
	if !ok || j == nil {
		return nil
	}
	if c.doc != nil {
		for _, thorough := range []bool{false, true} {
			e := trustEdit{right: right, doc: c.doc, diagnoser: &j.diagnoser, thorough: thorough && right.whole != "", holes: t.holesOf(c, c.doc)}
			if m := e.mended(); m != nil && t.holds(c, j, m) {
				return m
			}
		}
	}
	if right.whole == "" {
		return nil
	}
	m := &mendedTrust{document: right.whole, removed: []string{"whatever else the policy says"}}
	if c.doc != nil {
		m.removed = (&trustEdit{right: right, doc: c.doc, diagnoser: &j.diagnoser}).beside()
	}
	t.holds(c, j, m)
	return m
}

// holds tries a document. It notes what is left and reports whether the token gets in and the
// statement for it lets no stranger in.
func (t *target) holds(c *roleCase, j *Judgement, m *mendedTrust) bool {
	tried := *j.Case
	tried.Policy = []byte(m.document)
	if j == c.expected { // whose token has what the trust policy asks for
		role := *c.role
		role.Trust = m.document
		if expected, ok := t.s.expectedCase(&role, t.org); ok {
			tried = expected
		}
	}
	after := t.o.Examiner.Examine(&tried, false)
	for _, d := range after.Diagnoses {
		if d.Shown {
			m.left = append(m.left, d.Cause)
		}
	}
	doc, err := policy.Parse(tried.Policy)
	if err != nil {
		return false
	}
	severe := false
	for _, h := range t.holesOf(c, doc) {
		m.left = append(m.left, h.Code)
		severe = severe || Severity(h.Severity).AtLeast(Failure)
	}
	return !after.Verdict.Has(exchange.NotTrusted) && !severe
}

// holesOf are the ways in that a rewriting of the document can close.
func (t *target) holesOf(c *roleCase, doc *policy.Document) []trust.Hole {
	o := t.trustOptions(c)
	holes := trust.Audit(doc, o).Holes
	if plan := t.roleCase(Plan); c.role.Phase == Apply && plan != nil && plan.doc != nil {
		if h := trust.Separate(plan.doc, doc, o).Hole(); h != nil {
			holes = append(holes, *h)
		}
	}
	return slices.DeleteFunc(holes, func(h trust.Hole) bool {
		return !Severity(h.Severity).AtLeast(Warning) || h.Code == trust.ConditionKeyUndocumented
	})
}
