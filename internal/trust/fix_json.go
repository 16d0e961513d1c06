package trust

import (
	"bytes"
	"encoding/json"

	"github.com/forgecroft/fcoidc/internal/policy"
)

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
	} else {
		elements = append(elements, element{"Principal", map[string]string{"Federated": d.principal}})
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
