package doctor

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

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
		case h.Fix != nil && len(h.Fix.Placeholders) == 0 && json.Unmarshal(h.Fix.Statement, &members) == nil && (!mine || own.Matched):
			e.statements[h.Statement] = members
		case e.right.whole != "" && Severity(h.Severity).AtLeast(Failure):
			e.statements[h.Statement] = nil
			e.removed = append(e.removed, e.named(h.Statement))
		}
	}
}

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
