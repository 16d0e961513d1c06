package doctor

import (
	"bytes"
	"encoding/json"
	"maps"
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

// trustEdit changes a trust policy.
type trustEdit struct {
	right     rightTrust
	doc       *policy.Document
	diagnoser *diagnoser
	holes     []trust.Hole
	thorough  bool // puts in all that is right, not only in the place of what fails

	statements []map[string]any // of the document, nil for one that is taken out
	removed    []string
}

// mended is the changed document; nil where there is no saying what to change.
func (e *trustEdit) mended() *mendedTrust {
	whole, ok := e.decode()
	if !ok || !e.withoutDenies() {
		return nil
	}
	own := e.own()
	switch {
	case own != nil:
		if !e.statement(own) {
			return nil
		}
	case e.right.whole == "":
		return nil
	default:
		var right map[string]any
		if json.Unmarshal([]byte(e.right.whole), &right) != nil {
			return nil
		}
		e.statements = append(e.statements, statementsOf(right)...)
	}
	e.others(own)
	var kept []any
	for _, s := range e.statements {
		if s != nil {
			kept = append(kept, s)
		}
	}
	whole["Statement"] = kept
	if e.right.whole != "" && canonical(whole) == canonicalDocument(e.right.whole) {
		return &mendedTrust{document: e.right.whole, removed: e.removed}
	}
	text, ok := documentText(whole)
	if !ok {
		return nil
	}
	return &mendedTrust{document: text, removed: e.removed}
}

func (e *trustEdit) decode() (whole map[string]any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(e.doc.Source))
	decoder.UseNumber() // so that no number is spelled anew
	if decoder.Decode(&whole) != nil {
		return nil, false
	}
	e.statements = statementsOf(whole)
	return whole, len(e.statements) == len(e.doc.Statements)
}

func statementsOf(document map[string]any) (list []map[string]any) {
	all, ok := document["Statement"].([]any)
	if !ok {
		all = []any{document["Statement"]}
	}
	for _, s := range all {
		if m, ok := s.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

// documentText is a document in one line.
func documentText(document any) (string, bool) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(document) != nil {
		return "", false
	}
	return strings.TrimSpace(text.String()), true
}

// withoutDenies takes the Deny statements out that match. In a trust policy that no stack made they
// are somebody's decision.
func (e *trustEdit) withoutDenies() bool {
	for i := range e.diagnoser.v.Trace.Statements {
		s := &e.diagnoser.v.Trace.Statements[i]
		if s.Statement.Effect != policy.Deny || !s.Matched {
			continue
		}
		if e.right.whole == "" {
			return false
		}
		e.statements[s.Statement.Index] = nil
		e.removed = append(e.removed, e.named(s.Statement.Index))
	}
	return true
}

func (e *trustEdit) named(index int) string {
	s := &e.doc.Statements[index]
	return statementName(s) + " (" + string(s.Effect) + " " + principals(s.Principal) + ")"
}

// own is the statement that is to admit the token, nil if every one is for other principals.
func (e *trustEdit) own() *policy.StatementTrace {
	s := e.diagnoser.closest()
	if s == nil || s.Statement.Principal == nil {
		return nil
	}
	if !s.Principal.Holds && nearest(s.Statement.Principal.Entries, e.right.principal).Kind.Text != "Federated" {
		return nil
	}
	return s
}

// statement puts right what keeps the token out, and what the template has and the statement has not.
func (e *trustEdit) statement(s *policy.StatementTrace) bool {
	members := e.statements[s.Statement.Index]
	if !s.Principal.Holds && !replaceFederated(members, nearest(s.Statement.Principal.Entries, e.right.principal).ID.Text, e.right.principal) {
		return false
	}
	e.action(members, s)
	conditions, ok := conditionsOf(members)
	if !ok {
		return false
	}
	for i := range s.Conditions {
		if c := &s.Conditions[i]; !c.Holds && !e.failing(conditions, c) {
			return false
		}
	}
	for _, w := range e.right.conditions {
		if e.right.whole != "" && (e.thorough || !conditions.has(w)) {
			e.impose(conditions, w)
		}
	}
	conditions.into(members)
	return true
}

// replaceFederated names another provider in the place of one.
func replaceFederated(members map[string]any, was, now string) bool {
	principal, ok := members["Principal"].(map[string]any)
	if !ok {
		return false
	}
	switch named := principal["Federated"].(type) {
	case string:
		principal["Federated"] = now
		return named == was
	case []any:
		at := slices.IndexFunc(named, func(v any) bool { return v == was })
		if at < 0 {
			return false
		}
		named[at] = now
		return true
	}
	return false
}

// action allows what the exchange takes, beside what goes with an exchange.
func (e *trustEdit) action(members map[string]any, s *policy.StatementTrace) {
	var have []string
	if s.Statement.Action != nil {
		have = elementTexts(s.Statement.Action)
	}
	want := slices.Clone(e.right.actions)
	if s.Action.Holds {
		want = want[:0]
		for _, action := range e.right.actions {
			if r := e.doc.Evaluate(policy.Request{Action: action}); !r.Statements[s.Statement.Index].Action.Holds {
				want = append(want, action)
			}
		}
		if len(want) == 0 {
			return
		}
		want = append(have, want...)
	} else {
		for _, action := range sessionActions(have) {
			if !slices.Contains(want, action) {
				want = append(want, action)
			}
		}
	}
	delete(members, "NotAction")
	members["Action"] = oneOrList(want)
}

// failing puts a condition right that the token does not meet, or takes it out.
func (e *trustEdit) failing(conditions conditionMap, c *policy.ConditionTrace) bool {
	operator, key := c.Condition.OperatorName.Text, c.Condition.Key.Text
	claim := e.claim(key)
	if at := slices.IndexFunc(e.right.conditions, func(w rightCondition) bool { return e.claim(w.key) == claim }); at >= 0 {
		e.impose(conditions, e.right.conditions[at])
		return true
	}
	values := conditions[operator][key]
	delete(conditions[operator], key)
	prefix, name, global := e.diagnoser.splitKey(key)
	own := e.diagnoser.v.Provider.KeyPrefix
	like := strings.Replace(operator, "StringEquals", "StringLike", 1)
	switch {
	case !global && !strings.EqualFold(prefix, own) && name != "" && e.diagnoser.counts(name) && !e.thorough:
		conditions.put(operator, own+":"+name, values)
	case like != operator && len(c.Found) > 0 && slices.ContainsFunc(c.Expected(), func(x policy.Expected) bool { return policy.Like(x.Text, c.Found[0]) }):
		conditions.put(strings.Replace(like, "IgnoreCase", "", 1), key, values)
	case e.right.whole == "":
		return false
	default:
		e.removed = append(e.removed, conditionName(c.Condition))
	}
	return true
}

func conditionName(c *policy.Condition) string {
	return c.OperatorName.Text + " " + c.Key.Text + " " + strings.Join(textsOf(c.Values), ", ")
}

// claim is what a condition key is about, however its prefix is written.
func (e *trustEdit) claim(key string) string {
	_, name, _ := e.diagnoser.splitKey(key)
	return strings.ToLower(name)
}

// impose has a claim tested as it should be, and in no other way: what is equal to the right value
// needs no further test.
func (e *trustEdit) impose(conditions conditionMap, w rightCondition) {
	claim := e.claim(w.key)
	for _, keys := range conditions {
		maps.DeleteFunc(keys, func(key string, _ any) bool { return e.claim(key) == claim })
	}
	conditions.put(w.operator, w.key, oneOrList(w.values))
}

// others are the statements for other principals, with what the audit finds in them put right. What
// cannot be is taken out where a stack made the role.
func (e *trustEdit) others(own *policy.StatementTrace) {
	for i := range e.holes {
		h := &e.holes[i]
		mine := own != nil && h.Statement == own.Statement.Index
		if h.Statement < 0 || e.statements[h.Statement] == nil || mine && e.right.whole != "" {
			continue
		}
		var members map[string]any
		switch {
		case h.Fix != nil && len(h.Fix.Placeholders) == 0 && json.Unmarshal(h.Fix.Statement, &members) == nil && !(mine && e.changed(own)):
			e.statements[h.Statement] = members
		case e.right.whole != "" && Severity(h.Severity).AtLeast(Failure):
			e.statements[h.Statement] = nil
			e.removed = append(e.removed, e.named(h.Statement))
		}
	}
}

// changed reports whether the statement that admits the token needed a change to do so.
func (e *trustEdit) changed(own *policy.StatementTrace) bool { return !own.Matched }

// beside is what a document has beside what the right one has.
func (e *trustEdit) beside() (list []string) {
	own := e.own()
	for i := range e.doc.Statements {
		if own == nil || i != own.Statement.Index {
			list = append(list, e.named(i))
			continue
		}
		for k := range e.doc.Statements[i].Conditions {
			c := &e.doc.Statements[i].Conditions[k]
			if !slices.ContainsFunc(e.right.conditions, func(w rightCondition) bool { return e.claim(w.key) == e.claim(c.Key.Text) }) {
				list = append(list, conditionName(c))
			}
		}
	}
	return list
}

// conditionMap are a statement's conditions by operator and key.
type conditionMap map[string]map[string]any

func conditionsOf(members map[string]any) (conditionMap, bool) {
	conditions := conditionMap{}
	all, ok := members["Condition"].(map[string]any)
	if !ok {
		return conditions, members["Condition"] == nil
	}
	for operator, keys := range all {
		if conditions[operator], ok = keys.(map[string]any); !ok {
			return nil, false
		}
	}
	return conditions, true
}

func (m conditionMap) put(operator, key string, value any) {
	if m[operator] == nil {
		m[operator] = map[string]any{}
	}
	m[operator][key] = value
}

// has reports whether a key is tested under an operator, whatever for.
func (m conditionMap) has(w rightCondition) bool {
	for key := range m[w.operator] {
		if strings.EqualFold(key, w.key) {
			return true
		}
	}
	return false
}

func (m conditionMap) into(members map[string]any) {
	all := map[string]any{}
	for operator, keys := range m {
		if len(keys) > 0 {
			all[operator] = keys
		}
	}
	delete(members, "Condition")
	if len(all) > 0 {
		members["Condition"] = all
	}
}

func oneOrList(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return anyList(values)
}
