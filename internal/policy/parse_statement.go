package policy

import "slices"

// strings reads a string or a list of strings. ok is false if the value is neither.
func (p *parser) strings(m *member) (values []Value, ok bool) {
	items := []node{m.value}
	if m.value.kind == listNode {
		items = m.value.items
	}
	values, ok = make([]Value, 0, len(items)), true
	for _, item := range items {
		if item.kind != stringNode {
			p.fail(WrongType, item.span, "%s takes a string or a list of strings, this is %s", m.name.text, item.kind)
			ok = false
			continue
		}
		values = append(values, Value{item.text, item.span})
	}
	return values, ok
}

func (p *parser) element(m *member) *Element {
	if m == nil {
		return nil
	}
	values, ok := p.strings(m)
	if !ok {
		return nil
	}
	return &Element{Name: Value{m.name.text, m.name.span}, Span: m.value.span, Values: values}
}

func (p *parser) actions(m *member) *Element {
	e := p.element(m)
	if e == nil {
		return nil
	}
	for _, v := range e.Values {
		pattern, ok := newActionPattern(v.Text)
		if !ok {
			p.note(BadAction, v.Span, "the action %q is not of the form service:name", v.Text)
		}
		e.actions = append(e.actions, pattern)
	}
	return e
}

func (p *parser) resources(m *member) *Element {
	e := p.element(m)
	if e == nil {
		return nil
	}
	for _, v := range e.Values {
		e.resources = append(e.resources, pattern{newTemplate(v.Text, patternStyle, p.doc.Variables())})
	}
	return e
}

// principal reads Principal or NotPrincipal: a map of kinds to one or several ids, or
// a bare "*".
func (p *parser) principal(m *member) *PrincipalElement {
	if m == nil {
		return nil
	}
	e := &PrincipalElement{Name: Value{m.name.text, m.name.span}, Span: m.value.span}
	switch m.value.kind {
	case stringNode:
		e.Entries = []PrincipalEntry{{ID: Value{m.value.text, m.value.span}}}
		if m.value.text != "*" {
			p.note(BadPrincipal, m.value.span, "%s names %q without its kind, as in {\"Federated\": %q}", m.name.text, m.value.text, m.value.text)
		}
	case objectNode:
		p.duplicates(m.value, m.name.text)
		for i := range m.value.members {
			e.Entries = append(e.Entries, p.principals(&m.value.members[i])...)
		}
	default:
		p.fail(WrongType, m.value.span, "%s takes an object or \"*\", this is %s", m.name.text, m.value.kind)
	}
	return e
}

func (p *parser) principals(m *member) []PrincipalEntry {
	kind := Value{m.name.text, m.name.span}
	if !slices.Contains(principalKinds, kind.Text) {
		hint := ""
		if near := nearest(kind.Text, principalKinds); near != "" {
			hint = "; did you mean \"" + near + "\"?"
		}
		p.note(BadPrincipal, kind.Span, "%q is no kind of principal%s", kind.Text, hint)
	}
	ids, _ := p.strings(m)
	entries := make([]PrincipalEntry, len(ids))
	for i, id := range ids {
		entries[i] = PrincipalEntry{Kind: kind, ID: id}
	}
	return entries
}
