package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// Session tags fill several keys at once: aws:RequestTag/<tag> for each, and aws:TagKeys with
// the names of all.

// spelledTag is one way in which a token can have a tag.
type spelledTag struct{ key, value string }

// fillTags finds the classes of the keys that session tags fill.
func (m *model) fillTags(v *variable) {
	var names []string // in lower case
	for _, key := range v.keys {
		if name, ok := strings.CutPrefix(key, requestTag); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	texts, inexactNames := m.tagNames(v, names)
	options := make([][]spelledTag, len(names))
	inexact := inexactNames
	for i, name := range names {
		values, vague := m.tagValues(v, name)
		inexact = append(inexact, vague...)
		for _, spelling := range texts {
			if !sameKey(spelling, name) {
				continue
			}
			for _, value := range values {
				options[i] = append(options[i], spelledTag{spelling, value})
			}
		}
	}
	var others []string
	for _, text := range texts {
		if !slices.ContainsFunc(names, func(name string) bool { return sameKey(name, text) }) {
			others = append(others, text)
		}
	}
	if m.countsTags(v) {
		for _, name := range slices.Clone(others) {
			others = append(others, name+"2")
		}
	}
	m.chooseTags(v, options, others, nil)
	slices.Sort(inexact)
	m.addVague(v, slices.Compact(inexact))
}

// chooseTags goes through all ways to have or not to have the tags that conditions test, and
// with each adds further tags as long as they make a difference.
func (m *model) chooseTags(v *variable, options [][]spelledTag, others []string, chosen []spelledTag) {
	if len(v.classes) > maxClasses {
		m.incomplete = true
		return
	}
	if len(options) > 0 {
		m.chooseTags(v, options[1:], others, chosen)
		for _, tag := range options[0] {
			m.chooseTags(v, options[1:], others, append(slices.Clone(chosen), tag))
		}
		return
	}
	queue := [][]spelledTag{chosen}
	m.addTags(v, chosen)
	for len(queue) > 0 && len(v.classes) <= maxClasses {
		tags := queue[0]
		queue = queue[1:]
		for _, name := range others {
			if slices.ContainsFunc(tags, func(t spelledTag) bool { return sameKey(t.key, name) }) {
				continue
			}
			more := append(slices.Clone(tags), spelledTag{name, "any"})
			if m.addTags(v, more) {
				queue = append(queue, more)
			}
		}
	}
}

func (m *model) addTags(v *variable, tags []spelledTag) bool {
	context := policy.Context{}
	for _, tag := range tags {
		context["aws:RequestTag/"+tag.key] = []string{tag.value}
		context["aws:TagKeys"] = append(context["aws:TagKeys"], tag.key)
	}
	c := class{context: context, truths: m.truths(v, context, source{}), weight: 10 * len(tags), tags: len(tags) > 0}
	for i, index := range v.conditions {
		if c.tags && m.countsTag(index) { // not all numbers of tags of a class are tried
			c.truths[i] |= open
		}
	}
	c.marks = v.matchMarks(context)
	return v.add(c)
}

// countsTags reports whether the number of tags makes a difference.
func (m *model) countsTags(v *variable) bool { return slices.ContainsFunc(v.conditions, m.countsTag) }

// countsTag reports whether the condition tests aws:TagKeys without a set operator, so that it
// depends on there being one tag or more.
func (m *model) countsTag(index int) bool {
	c := m.conditions[index]
	return sameKey(c.Key.Text, "aws:TagKeys") && c.Operator.Set == policy.NoSet && c.Operator.Family != policy.NullFamily
}

// tagNames returns names of tags: each of those named in its spellings, and others, one for
// each class that the conditions on aws:TagKeys tell apart.
func (m *model) tagNames(v *variable, names []string) (texts []string, inexact []int) {
	keys := m.subVariable(v, "aws:tagkeys")
	for _, name := range names {
		keys.marks = append(keys.marks, mark{"aws:tagkeys", policy.Pattern{Symbols: policy.Literal(name).Symbols, Case: policy.LowerCase}})
		spelled := m.spelling(requestTag + name)[len(requestTag):]
		texts = append(texts, spelled)
	}
	found, vague := m.texts(keys, source{letter: tagKeyText})
	for _, text := range found {
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts, m.positions(v, keys, vague)
}

// tagValues returns values of one tag, one for each class, the readable first.
func (m *model) tagValues(v *variable, name string) (values []string, inexact []int) {
	sub := m.subVariable(v, requestTag+name)
	texts, vague := m.texts(sub, m.issuer.source(requestTag+name))
	for _, text := range texts {
		context := policy.Context{requestTag + name: {text}}
		if sub.add(class{truths: m.truths(sub, context, source{}), marks: sub.matchMarks(context)}) {
			values = append(values, text)
		}
	}
	return values, m.positions(v, sub, vague)
}

// subVariable is the part of the variable that is about one key.
func (m *model) subVariable(v *variable, key string) *variable {
	sub := &variable{keys: []string{key}}
	for _, index := range v.conditions {
		if sameKey(m.conditions[index].Key.Text, key) {
			sub.conditions = append(sub.conditions, index)
		}
	}
	for _, mark := range v.marks {
		if mark.key == key {
			sub.marks = append(sub.marks, mark)
		}
	}
	return sub
}

// positions returns where in the variable's conditions those of the part stand.
func (m *model) positions(v, part *variable, in []int) (positions []int) {
	for _, i := range in {
		positions = append(positions, slices.Index(v.conditions, part.conditions[i]))
	}
	return positions
}
