package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

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
