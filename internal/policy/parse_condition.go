package policy

import (
	"slices"
	"strings"
	"unicode"
)

// conditions reads the element Condition: operators, their keys, and the keys' values.
func (p *parser) conditions(n node) []Condition {
	if n.kind != objectNode {
		p.fail(WrongType, n.span, "Condition takes an object, this is %s", n.kind)
		return nil
	}
	p.duplicates(n, "Condition")
	var list []Condition
	for _, m := range n.members {
		name := Value{m.name.text, m.name.span}
		op, ok := ParseOperator(name.Text)
		switch {
		case !ok:
			p.unknownOperator(name)
		case m.value.kind != objectNode:
			p.fail(WrongType, m.value.span, "%s takes an object of keys and values, this is %s", name.Text, m.value.kind)
		default:
			list = append(list, p.operator(op, name, m.value)...)
		}
	}
	return list
}

func (p *parser) unknownOperator(name Value) {
	if near := nearestOperator(name.Text); near != "" {
		p.fail(UnknownOperator, name.Span, "%q is no condition operator; did you mean %q?", name.Text, near)
		return
	}
	p.fail(UnknownOperator, name.Span, "%q is no condition operator", name.Text)
}

// operator reads the keys of one operator, each a condition.
func (p *parser) operator(op Operator, name Value, keys node) []Condition {
	var open OpenRules
	if op.String() != name.Text {
		open |= OpenOperatorCase
		p.note(OperatorCase, name.Span, "the operator %q is spelt %q", name.Text, op)
	}
	if len(keys.members) == 0 {
		p.note(EmptyOperator, keys.span, "%s lists no keys, so it adds no condition", name.Text)
		return []Condition{{Operator: op, OperatorName: name, ValuesSpan: keys.span, open: open | OpenEmptyOperator}}
	}
	p.duplicates(keys, name.Text)
	list := make([]Condition, 0, len(keys.members))
	first := make(map[string]int, len(keys.members)) // by lower case, the index in list
	for _, m := range keys.members {
		c := Condition{
			Operator: op, OperatorName: name, open: open,
			Key: Value{m.name.text, m.name.span}, ValuesSpan: m.value.span, Values: p.scalars(m),
		}
		lower := strings.Map(unicode.ToLower, m.name.text)
		if i, again := first[lower]; !again {
			first[lower] = len(list)
		} else if list[i].Key.Text != m.name.text {
			list[i].open |= OpenKeyCase
			c.open |= OpenKeyCase
			p.note(KeysDifferByCase, m.name.span, "the key %q differs from %q in letter case only, which IAM ignores", m.name.text, list[i].Key.Text)
		}
		p.matchers(&c)
		list = append(list, c)
	}
	return list
}

// matchers compiles a condition's values.
func (p *parser) matchers(c *Condition) {
	if len(c.Values) == 0 {
		p.note(EmptyConditionValues, c.ValuesSpan, "%s lists no values for %q", c.OperatorName.Text, c.Key.Text)
	}
	c.matchers = make([]matcher, len(c.Values))
	for i, v := range c.Values {
		m, ok := newMatcher(c.Operator, v.Text, p.doc.Variables())
		if !ok {
			p.note(ValueNotComparable, v.Span, "%q is no %s, which %s compares with", v.Text, c.Operator.Family, c.OperatorName.Text)
		}
		c.matchers[i] = m
	}
	variables := func(m matcher) bool {
		v, ok := m.(interface{ variables() bool })
		return ok && v.variables()
	}
	if !slices.ContainsFunc(c.matchers, variables) {
		c.expected = make([]Expected, len(c.Values))
		for i, v := range c.Values {
			c.expected[i] = Expected{Value: v, Text: v.Text}
		}
	}
}

// scalars reads a condition's values: strings, numbers and booleans, alone or in a list.
func (p *parser) scalars(m member) []Value {
	items := []node{m.value}
	if m.value.kind == listNode {
		items = m.value.items
	}
	values := make([]Value, 0, len(items))
	for _, item := range items {
		switch item.kind {
		case stringNode, numberNode, booleanNode:
			values = append(values, Value{item.text, item.span})
		default:
			p.fail(WrongType, item.span, "the key %q takes a value or a list of values, this is %s", m.name.text, item.kind)
		}
	}
	return values
}
