package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// MaxSize is the longest document Parse reads, in bytes. IAM stores none over 10,240
// characters (reference_iam-quotas.html); the rest is room for white space.
const MaxSize = 1 << 20

// Parse reads a policy document, whether trust or identity policy. It takes what IAM
// takes: a single value wherever a list may stand, statements as a list or one object,
// numbers and booleans as condition values.
//
// The error is a [*ParseError], for a document that has no one meaning: broken JSON, a
// name that stands twice in an object, an element of the wrong type, an Effect that is
// neither Allow nor Deny, an unknown operator, a misspelt element. All else that IAM
// would refuse is kept in [Document.Problems], and the document evaluated as written;
// see [ProblemCode] for the two lists. What only one kind of policy may hold, such as
// NotPrincipal or Resource, is for the caller to judge.
func Parse(src []byte) (*Document, error) {
	p := parser{doc: &Document{Source: src}}
	p.document()
	if len(p.unreadable) > 0 {
		sortProblems(p.unreadable)
		return nil, &ParseError{Problems: p.unreadable}
	}
	sortProblems(p.doc.Problems)
	return p.doc, nil
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset)
	})
}

type parser struct {
	doc        *Document
	unreadable []Problem
	sids       map[string]bool
}

// fail notes a problem that leaves the document without a meaning.
func (p *parser) fail(code ProblemCode, at Span, format string, args ...any) {
	p.unreadable = append(p.unreadable, Problem{code, at, fmt.Sprintf(format, args...)})
}

// note keeps a problem that leaves the document readable.
func (p *parser) note(code ProblemCode, at Span, format string, args ...any) {
	p.doc.Problems = append(p.doc.Problems, Problem{code, at, fmt.Sprintf(format, args...)})
}

func (p *parser) document() {
	if len(p.doc.Source) > MaxSize {
		at := newCursor(nil).at
		p.fail(TooLarge, Span{at, at}, "the document has %d bytes, more than any IAM stores (limit here: %d)", len(p.doc.Source), MaxSize)
		return
	}
	root, problem := readJSON(p.doc.Source)
	if problem != nil {
		p.unreadable = append(p.unreadable, *problem)
		return
	}
	if root.kind != objectNode {
		p.fail(WrongType, root.span, "a policy document is an object, this is %s", root.kind)
		return
	}
	members := p.members(root, "the document", "Version", "Id", "Statement")
	p.doc.ID = p.sidOrID(members["Id"])
	p.version(members["Version"])
	statement := members["Statement"]
	switch {
	case statement == nil && p.nothingMisspelt():
		p.fail(MissingElement, root.span, "the document has no Statement; give the policy document by itself, not what an API or a template wraps around it")
	case statement == nil:
	case statement.value.kind == objectNode:
		p.statement(statement.value)
	case statement.value.kind == listNode:
		p.statements(statement.value)
	default:
		p.fail(WrongType, statement.value.span, "Statement takes an object or a list of objects, this is %s", statement.value.kind)
	}
}

// nothingMisspelt reports whether no misspelt element explains one that is missing.
func (p *parser) nothingMisspelt() bool {
	return !slices.ContainsFunc(p.unreadable, func(problem Problem) bool { return problem.Code == MisspeltMember })
}

func (p *parser) version(m *member) {
	if m == nil {
		return
	}
	if m.value.kind != stringNode {
		p.fail(WrongType, m.value.span, "Version takes a string, this is %s", m.value.kind)
		return
	}
	p.doc.Version = Value{m.value.text, m.value.span}
	if m.value.text != version2008 && m.value.text != version2012 {
		p.note(BadVersion, m.value.span, "the Version is %q, IAM knows %q and %q", m.value.text, version2012, version2008)
	}
}

func (p *parser) statements(list node) {
	if len(list.items) == 0 {
		p.note(NoStatements, list.span, "Statement is an empty list")
	}
	p.doc.Statements = make([]Statement, 0, len(list.items))
	for _, item := range list.items {
		if item.kind != objectNode {
			p.fail(WrongType, item.span, "a statement is an object, this is %s", item.kind)
			continue
		}
		p.statement(item)
	}
}

// statementElements are the elements of a statement.
var statementElements = []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}

func (p *parser) statement(n node) {
	s := Statement{Index: len(p.doc.Statements), Span: n.span}
	members := p.members(n, "the statement", statementElements...)
	p.sid(&s, members["Sid"])
	p.effect(&s, members["Effect"])
	s.Principal = p.principal(members["Principal"])
	s.NotPrincipal = p.principal(members["NotPrincipal"])
	s.Action = p.actions(members["Action"])
	s.NotAction = p.actions(members["NotAction"])
	s.Resource = p.resources(members["Resource"])
	s.NotResource = p.resources(members["NotResource"])
	p.conflict(members, "Principal", "NotPrincipal")
	p.conflict(members, "Action", "NotAction")
	p.conflict(members, "Resource", "NotResource")
	if members["Action"] == nil && members["NotAction"] == nil {
		p.note(NoAction, n.span, "the statement has neither Action nor NotAction")
	}
	if m := members["Condition"]; m != nil {
		s.ConditionSpan = m.value.span
		s.Conditions = p.conditions(m.value)
		p.doc.conditions += len(s.Conditions)
	}
	p.doc.Statements = append(p.doc.Statements, s)
}

func (p *parser) conflict(members map[string]*member, element, negated string) {
	if m := members[negated]; m != nil && members[element] != nil {
		p.note(ConflictingElements, m.name.span, "a statement has either %s or %s, not both", element, negated)
	}
}

func (p *parser) effect(s *Statement, m *member) {
	if m == nil {
		p.fail(MissingElement, s.Span, "the statement has no Effect, it must be \"Allow\" or \"Deny\"")
		return
	}
	s.Effect, s.EffectSpan = Effect(m.value.text), m.value.span
	switch {
	case m.value.kind != stringNode:
		p.fail(WrongType, m.value.span, "Effect takes a string, this is %s", m.value.kind)
	case s.Effect != Allow && s.Effect != Deny:
		p.fail(BadEffect, m.value.span, "Effect is %q, it must be \"Allow\" or \"Deny\"", m.value.text)
	}
}

// plainSid is what IAM takes as a Sid (reference_policies_elements_sid.html).
var plainSid = lazyregexp.New(`^[A-Za-z0-9]*$`)

func (p *parser) sid(s *Statement, m *member) {
	s.Sid = p.sidOrID(m)
	switch {
	case !s.Sid.Present() || s.Sid.Text == "":
		return
	case !plainSid.MatchString(s.Sid.Text):
		p.note(BadSid, s.Sid.Span, "the Sid %q holds other characters than A-Z, a-z and 0-9", s.Sid.Text)
	case p.sids[s.Sid.Text]:
		p.note(DuplicateSid, s.Sid.Span, "the Sid %q stands on an earlier statement, too", s.Sid.Text)
	}
	if p.sids == nil {
		p.sids = make(map[string]bool)
	}
	p.sids[s.Sid.Text] = true
}

// sidOrID reads an element that plays no part in evaluation.
func (p *parser) sidOrID(m *member) Value {
	if m == nil {
		return Value{}
	}
	if m.value.kind != stringNode {
		p.fail(WrongType, m.value.span, "%s takes a string, this is %s", m.name.text, m.value.kind)
	}
	return Value{m.value.text, m.value.span}
}

// members returns an object's members by name and reports names that repeat or are none of known.
func (p *parser) members(n node, where string, known ...string) map[string]*member {
	p.duplicates(n, where)
	found := make(map[string]*member, len(n.members))
	for i := range n.members {
		m := &n.members[i]
		switch name := m.name.text; {
		case slices.Contains(known, name):
			found[name] = m
		case nearest(name, known) != "":
			p.fail(MisspeltMember, m.name.span, "%s takes no element %q; did you mean %q?", where, name, nearest(name, known))
		case slices.Contains(statementElements, name):
			p.note(UnknownMember, m.name.span, "%s takes no element %q, so that it has no effect here: move %s into the statement", where, name, name)
		default:
			p.note(UnknownMember, m.name.span, "%s takes no element %q", where, name)
		}
	}
	return found
}

// duplicates reports every name that an object holds more than once. JSON readers keep
// the last silently; IAM refuses the document ("Duplicate condition element").
func (p *parser) duplicates(n node, where string) {
	first := make(map[string]Position, len(n.members))
	for _, m := range n.members {
		if at, again := first[m.name.text]; again {
			p.fail(DuplicateMember, m.name.span, "%s holds %q twice, first at %s; merge the two", where, m.name.text, at)
			continue
		}
		first[m.name.text] = m.name.span.Start
	}
}
