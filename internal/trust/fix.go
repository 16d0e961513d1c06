package trust

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// The texts that stand for what only the reader knows.
const (
	placeholderOrg     = "REPLACE-WITH-YOUR-ORG-ID"
	placeholderSubject = "REPLACE-WITH-THE-SUB-OF-YOUR-TOKENS"
	placeholderValue   = "REPLACE-WITH-YOUR-VALUE"
)

// draft is a statement being corrected.
type draft struct {
	of    *policy.Statement
	conds []draftCondition
}

type draftCondition struct {
	operator, key string
	values        []string
	from          *policy.Condition // nil for one that was added
}

func newDraft(s *policy.Statement) *draft {
	d := &draft{of: s}
	for i := range s.Conditions {
		d.conds = append(d.conds, drafted(&s.Conditions[i]))
	}
	return d
}

func drafted(c *policy.Condition) draftCondition {
	d := draftCondition{operator: c.Operator.String(), key: c.Key.Text, from: c}
	for _, v := range c.Values {
		d.values = append(d.values, v.Text)
	}
	return d
}

// demand adds an equality, in the place of what else is demanded of the key by equality.
func (d *draft) demand(key string, values ...string) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool {
		return sameKey(c.key, key) && c.operator == "StringEquals"
	})
	d.conds = append(d.conds, draftCondition{operator: "StringEquals", key: key, values: values})
}

// demandPresence adds that the key must be there.
func (d *draft) demandPresence(key string) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool { return c.operator == "Null" && sameKey(c.key, key) })
	d.conds = append(d.conds, draftCondition{operator: "Null", key: key, values: []string{"false"}})
}

// strengthen rewrites a condition so that it holds only for what it names.
func (d *draft) strengthen(c *policy.Condition, many bool, closed func(policy.Pattern) bool) {
	i := slices.IndexFunc(d.conds, func(dc draftCondition) bool { return dc.from == c })
	if i < 0 {
		return
	}
	op := c.Operator
	op.IfExists = false
	if op.Set == policy.ForAllValues {
		if many {
			defer d.demandPresence(c.Key.Text)
		} else {
			op.Set = policy.NoSet
		}
	}
	if clash := slices.IndexFunc(d.conds, func(dc draftCondition) bool {
		return sameKey(dc.key, c.Key.Text) && dc.operator == op.String()
	}); clash >= 0 && clash != i {
		d.conds = slices.Delete(d.conds, i, i+1) // the plain form stands there already
		return
	}
	d.conds[i].operator = op.String()
	if op.Negated {
		return
	}
	for n := range d.conds[i].values {
		if p, ok := c.ValuePattern(n); ok && hasWildcard(p) && !closed(p) {
			d.conds[i].values[n] = narrowed(p, d.conds[i].values[n], closed)
		}
	}
}

// narrowed closes the open part of a pattern by a separator in front of its last wildcard, and
// leaves it to the reader where that is not enough.
func narrowed(p policy.Pattern, value string, closed func(policy.Pattern) bool) string {
	prefix := text(p.Symbols[:prefixLength(p)])
	if prefix == "" || prefix+"*" != value || isSeparator(rune(prefix[len(prefix)-1])) {
		return placeholderValue
	}
	separator := separatorAfter(prefix)
	narrow := policy.Literal(prefix + separator)
	narrow.Symbols = append(narrow.Symbols, policy.Symbol{Kind: policy.AnyRun})
	if !closed(narrow) {
		return placeholderValue
	}
	return prefix + separator + "*"
}

// separatorAfter returns what ends the part of a subject that the prefix stops in: a slash
// between the owner and the name of a repository or project, else a colon.
func separatorAfter(prefix string) string {
	kind, rest, ok := strings.Cut(prefix, ":")
	switch {
	case !ok, (kind == "repo" || kind == "project_path") && !strings.Contains(rest, "/"):
		return "/"
	}
	return ":"
}

// fix writes the corrected statement.
func (d *draft) fix() *Fix {
	type element struct {
		name  string
		value any
	}
	var elements []element
	s := d.of
	if s.Sid.Present() {
		elements = append(elements, element{"Sid", s.Sid.Text})
	}
	elements = append(elements, element{"Effect", string(s.Effect)})
	if s.Principal != nil {
		elements = append(elements, element{"Principal", principals(s.Principal)})
	}
	if s.Action != nil {
		elements = append(elements, element{"Action", oneOrList(valueTexts(s.Action.Values))})
	}
	if s.NotAction != nil {
		elements = append(elements, element{"NotAction", oneOrList(valueTexts(s.NotAction.Values))})
	}
	if c := d.condition(); len(c) > 0 {
		elements = append(elements, element{"Condition", c})
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range elements {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encoded(e.name))
		b.WriteByte(':')
		b.Write(encoded(e.value))
	}
	b.WriteByte('}')
	var out bytes.Buffer
	if err := json.Indent(&out, b.Bytes(), "", "  "); err != nil {
		return nil
	}
	f := &Fix{Statement: out.Bytes()}
	for _, text := range []string{placeholderOrg, placeholderSubject, placeholderValue} {
		if bytes.Contains(f.Statement, []byte(text)) {
			f.Placeholders = append(f.Placeholders, text)
		}
	}
	return f
}

// encoded writes a value as JSON; what a document holds can always be written.
func encoded(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSpace(b.Bytes())
}

func (d *draft) condition() map[string]map[string]any {
	c := map[string]map[string]any{}
	for _, dc := range d.conds {
		if dc.key == "" {
			continue
		}
		if c[dc.operator] == nil {
			c[dc.operator] = map[string]any{}
		}
		c[dc.operator][dc.key] = oneOrList(dc.values)
	}
	return c
}

func principals(e *policy.PrincipalElement) any {
	kinds := map[string][]string{}
	for _, entry := range e.Entries {
		if !entry.Kind.Present() {
			return entry.ID.Text
		}
		kinds[entry.Kind.Text] = append(kinds[entry.Kind.Text], entry.ID.Text)
	}
	out := map[string]any{}
	for kind, ids := range kinds {
		out[kind] = oneOrList(ids)
	}
	return out
}

func valueTexts(values []policy.Value) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.Text
	}
	return list
}

func oneOrList(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return append([]string{}, values...)
}
