package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is a mapping of known keys; the file itself is one.
type section struct{ fields []field }

func (s section) read(r *reader, key string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.fail(place(n), "%s is to be a mapping, such as %s: …", cmp.Or(key, "the file"), s.fields[min(1, len(s.fields)-1)].key)
		return
	}
	for _, e := range r.entries(n) {
		i := slices.IndexFunc(s.fields, func(f field) bool { return f.key == e.key })
		if i < 0 {
			r.fail(e.at, "%s", unknownKey(key, e.key, s.fields))
			continue
		}
		path := e.key
		if key != "" {
			path = key + "." + e.key
		}
		if r.given(path, e) {
			s.fields[i].value.read(r, path, e.node)
		}
	}
}

// given refuses a key without a value: "accounts:" with nothing after it would otherwise mean the
// account of the current credentials, which is not what stands there.
func (r *reader) given(path string, e entry) bool {
	r.at[path] = Place{r.name, e.where.line, e.where.column}
	empty := e.node.Kind == yaml.ScalarNode && (e.node.Value == "" || e.node.ShortTag() == "!!null") ||
		e.node.Kind != yaml.ScalarNode && len(e.node.Content) == 0
	if empty {
		r.fail(e.at, "%s has no value: give it one, or take the line out", path)
	}
	return !empty
}

func (s section) node() *yaml.Node {
	m := mapping()
	for _, f := range s.fields {
		if n := f.value.node(); n != nil {
			key := str(f.key)
			key.HeadComment = f.comment
			m.Content = append(m.Content, key, n)
		}
	}
	if len(m.Content) == 0 {
		return nil
	}
	return m
}

// version is the format's version; this one is the first.
type version struct{}

func (version) read(r *reader, key string, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Value != "1" || n.ShortTag() != "!!int" {
		r.fail(place(n), "%s is to be 1, the only one that this fcoidc knows", key)
	}
}

func (version) node() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"}
}

// text is one value that YAML takes for text.
type text struct{ to *string }

func (t text) read(r *reader, key string, n *yaml.Node) {
	if s, ok := r.text(key, n); ok {
		*t.to = s
	}
}

func (t text) node() *yaml.Node { return strOrNil(*t.to) }

// text is the text that a node holds.
func (r *reader) text(key string, n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		r.fail(place(n), "%s is to be one value, not a list or a mapping", key)
	case n.ShortTag() != "!!str":
		r.fail(place(n), "%s is to be text: put the value in quotes", key)
	default:
		return n.Value, true
	}
	return "", false
}

// choice is one of a few words.
type choice struct {
	to *string
	of []string
}

func (c choice) read(r *reader, key string, n *yaml.Node) {
	s, ok := r.text(key, n)
	switch {
	case !ok:
	case slices.Contains(c.of, s):
		*c.to = s
	case nearest(s, c.of) != "":
		r.fail(place(n), "%s is to be one of %s: did you mean %s?", key, strings.Join(c.of, ", "), nearest(s, c.of))
	default:
		r.fail(place(n), "%s is to be one of %s", key, strings.Join(c.of, ", "))
	}
}

func (c choice) node() *yaml.Node { return strOrNil(*c.to) }

// asWritten is text or a number, kept as it stands in the file.
type asWritten struct{ to *string }

func (a asWritten) read(r *reader, key string, n *yaml.Node) {
	if s, ok := r.written(key, n); ok {
		*a.to = s
	}
}

func (a asWritten) node() *yaml.Node { return strOrNil(*a.to) }

func (r *reader) written(key string, n *yaml.Node) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		r.fail(place(n), "%s is to be one value, not a list or a mapping", key)
	case !slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool"}, n.ShortTag()):
		r.fail(place(n), "%s is to be text or a number: put the value in quotes", key)
	default:
		return n.Value, true
	}
	return "", false
}

// count is a whole number from 1 up.
type count struct{ to *int }

func (c count) read(r *reader, key string, n *yaml.Node) {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || err != nil || i < 1 {
		r.fail(place(n), "%s is to be a whole number, at least 1", key)
		return
	}
	*c.to = i
}

func (c count) node() *yaml.Node {
	if *c.to == 0 {
		return nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(*c.to)}
}
