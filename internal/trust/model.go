package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// model is what policies make of the tokens of one provider: their conditions, and for each
// key the classes of values that these tell apart.
type model struct {
	issuer     issuer
	docs       []*policy.Document
	conditions []*policy.Condition
	dependent  []bool  // of each condition, whether it compares with what other keys hold
	first      [][]int // of each document's statements, the index of its first condition
	variables  []*variable
	onlyAllow  bool // Deny statements are left out
	incomplete bool // some classes may be missing: a search that finds nothing proves nothing
}

// maxClasses bounds the classes of one variable.
const maxClasses = 1 << 12

// newModel reads the documents for tokens of one provider. The classes also tell apart what
// the marks tell apart.
func newModel(i issuer, docs []*policy.Document, marks []mark) *model {
	m := &model{issuer: i, docs: docs}
	byKey := map[string]*variable{}
	var order []string
	variableOf := func(key string) *variable {
		if byKey[key] == nil {
			byKey[key] = &variable{keys: []string{key}}
			order = append(order, key)
		}
		return byKey[key]
	}
	for _, doc := range docs {
		starts := make([]int, len(doc.Statements))
		for j := range doc.Statements {
			starts[j] = len(m.conditions)
			for k := range doc.Statements[j].Conditions {
				c := &doc.Statements[j].Conditions[k]
				v := variableOf(strings.ToLower(c.Key.Text))
				v.conditions = append(v.conditions, len(m.conditions))
				m.conditions = append(m.conditions, c)
				m.dependent = append(m.dependent, hasVariables(c))
			}
		}
		m.first = append(m.first, starts)
	}
	for _, mark := range marks {
		v := variableOf(mark.key)
		v.marks = append(v.marks, mark)
	}
	for _, name := range []string{"aud", "sub"} { // every token has these
		variableOf(lowerKey(i.key(name)))
	}
	tags := &variable{}
	for _, key := range order {
		v, s := byKey[key], i.source(key)
		if s.origin == fromTags {
			tags.keys = append(tags.keys, key)
			tags.conditions = append(tags.conditions, v.conditions...)
			tags.marks = append(tags.marks, v.marks...)
			continue
		}
		m.fill(v, s)
		m.variables = append(m.variables, v)
	}
	if len(tags.keys) > 0 {
		m.fillTags(tags)
		m.variables = append(m.variables, tags)
	}
	return m
}

// spelling returns the key as the documents spell it first.
func (m *model) spelling(key string) string {
	for _, c := range m.conditions {
		if sameKey(c.Key.Text, key) {
			return c.Key.Text
		}
	}
	return key
}

// truths judges the variable's conditions in a context that holds all of its keys.
func (m *model) truths(v *variable, context policy.Context, s source) []truth {
	truths := make([]truth, len(v.conditions))
	for i, index := range v.conditions {
		truths[i] = m.judge(index, context)
		if s.unknowable() {
			truths[i] |= open
		}
	}
	return truths
}

func (m *model) judge(index int, context policy.Context) (t truth) {
	trace := m.conditions[index].Judge(context)
	if trace.Holds {
		t |= holds
	}
	if trace.Open != 0 {
		t |= open
	}
	if len(trace.Found) > 0 && m.dependent[index] {
		t |= free
	}
	return t
}

// hasVariables reports whether a value of the condition refers to another key.
func hasVariables(c *policy.Condition) bool {
	switch c.Operator.Family {
	case policy.NumericFamily, policy.DateFamily, policy.IPFamily:
		return false
	}
	_, ok := c.Patterns()
	return !ok
}

// fill finds the classes of a single key.
func (m *model) fill(v *variable, s source) {
	key := v.keys[0]
	name := m.spelling(key)
	put := func(values []string) class {
		context := policy.Context{}
		if len(values) > 0 {
			context[name] = values
		}
		c := class{context: context, truths: m.truths(v, context, s), weight: 10 * len(values)}
		c.marks = v.matchMarks(context)
		c.source = len(values) > 0 && key == "sts:sourceidentity"
		return c
	}
	if !s.always {
		v.add(put(nil))
	}
	if s.origin == never {
		return
	}
	texts, inexact := m.texts(v, s)
	m.fillValues(v, texts, s.many, put)
	m.addVague(v, inexact)
}

// texts returns what a single value of the key can be, one text for each class, and which of
// the conditions tell apart more than that.
func (m *model) texts(v *variable, s source) (texts []string, inexact []int) {
	if s.values != nil {
		return s.values, nil
	}
	patterns := []policy.Pattern{policy.Literal("")}
	var more []string
	for i, index := range v.conditions {
		c := m.conditions[index]
		ps, ok := c.Patterns()
		if !ok {
			inexact = append(inexact, i)
			for _, value := range c.Values {
				more = append(more, neighbours(value.Text)...)
			}
		}
		patterns = append(patterns, ps...)
	}
	for _, mark := range v.marks {
		patterns = append(patterns, mark.pattern)
	}
	patterns = distinct(patterns)
	for _, text := range slices.Concat(s.prefer, readable(patterns), more) {
		if fits(text, s.letter) {
			texts = append(texts, text)
		}
	}
	found, complete := separatingTexts(patterns, s.letter)
	m.incomplete = m.incomplete || !complete
	return append(texts, found...), inexact
}

// distinct removes patterns that stand there twice.
func distinct(patterns []policy.Pattern) []policy.Pattern {
	var kept []policy.Pattern
	for _, p := range patterns {
		if !slices.ContainsFunc(kept, func(q policy.Pattern) bool {
			return p.Case == q.Case && slices.Equal(p.Symbols, q.Symbols)
		}) {
			kept = append(kept, p)
		}
	}
	return kept
}

// fillValues adds the classes of single values and, if there may be many, of lists.
//
// What a condition says of a list follows from what it says of a shorter one and of the value
// that is added, so that it is enough to lengthen one list of each class. Here a list is a
// class of its own even where it is judged like a missing key, and so is one of nothing but an
// empty text: ForAllValues passes over it until another value stands beside it.
func (m *model) fillValues(v *variable, texts []string, many bool, put func([]string) class) {
	seen := map[string]bool{}
	var single, queue [][]string
	add := func(values []string) bool {
		c := put(values)
		v.add(c)
		key := c.key()
		if !slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
			key += "empty"
		}
		known := seen[key]
		seen[key] = true
		return !known
	}
	for _, text := range texts {
		if values := []string{text}; add(values) {
			single = append(single, values)
		}
	}
	if many {
		queue = slices.Clone(single)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, value := range single {
			if longer := append(slices.Clone(queue[0]), value...); add(longer) {
				queue = append(queue, longer)
			}
		}
		if len(seen) > maxClasses {
			m.incomplete = true
			return
		}
	}
}

// addVague adds to each class one in which what the conditions tell apart beyond patterns is
// left open.
func (m *model) addVague(v *variable, inexact []int) {
	if len(inexact) == 0 {
		return
	}
	for _, c := range slices.Clone(v.classes) {
		if len(c.context) == 0 {
			continue
		}
		c.truths = slices.Clone(c.truths)
		for _, i := range inexact {
			c.truths[i] = free
		}
		c.vague = true
		v.add(c)
	}
}

// sameKey compares names of condition keys.
func sameKey(a, b string) bool { return strings.ToLower(a) == strings.ToLower(b) } //nolint:staticcheck // IAM does not fold further: EqualFold takes ſ for s
