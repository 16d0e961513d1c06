package trust

import (
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
	ours       []mark    // where our tenant is known and named: the values that are its own
	foreign    []listing // and those that are of another
	onlyAllow  bool      // Deny statements are left out
	incomplete bool      // some classes may be missing: a search that finds nothing proves nothing
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
	default:
		_, ok := c.Patterns()
		return !ok
	}
}

// sameKey compares names of condition keys.
func sameKey(a, b string) bool { return strings.ToLower(a) == strings.ToLower(b) } //nolint:staticcheck // IAM does not fold further: EqualFold takes ſ for s
