package cfn

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sub is Fn::Sub: text and the values put between its pieces.
type sub struct {
	parts []expr
	local []expr // the values of the names that hold in this text only
}

// localVar stands in parts for a member of local. Each is evaluated once however often it is
// named, else a nest of such texts would take time exponential in its depth.
type localVar int

func (e localVar) eval(scope) (any, error) { return e, nil }
func (localVar) children(*scope) []expr    { return nil }

const subUsage = "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string"

func (e sub) eval(s scope) (any, error) {
	local := make([]any, len(e.local))
	for i, l := range e.local {
		v, err := l.eval(s)
		if err != nil {
			return nil, err
		}
		local[i] = v
	}
	var b strings.Builder
	for _, part := range e.parts {
		v, err := part.eval(s)
		if err != nil {
			return nil, err
		}
		if i, ok := v.(localVar); ok {
			v = local[i]
		}
		t, ok := asText(v)
		if !ok {
			return nil, templateErrorf("Template error: every value of an Fn::Sub expression must resolve to a string%s", subName(part))
		}
		if b.Len()+len(t) > MaxBody {
			return nil, templateErrorf("Template error: an Fn::Sub expression makes more than %d bytes", MaxBody)
		}
		b.WriteString(t)
	}
	return b.String(), nil
}

func subName(e expr) string {
	switch e := e.(type) {
	case ref:
		return ", but " + e.name + " does not"
	case getAtt:
		return ", but an attribute of " + e.resource + " does not"
	default:
		return ""
	}
}

func (e sub) children(*scope) []expr { return append(slices.Clone(e.parts), e.local...) }

// sub reads "text ${Name} ${Resource.Attribute} ${!literal}", alone or in a list with a
// map of names that hold in this text only.
func (r *reader) sub(n *yaml.Node) (expr, error) {
	source, local := n, map[string]localVar{}
	var e sub
	if n.Kind == yaml.SequenceNode {
		if len(n.Content) != 2 || n.Content[1].Kind != yaml.MappingNode {
			return nil, templateErrorf("%s", subUsage)
		}
		source = n.Content[0]
		for name, value := range members(n.Content[1]) {
			v, err := r.expr(value)
			if err != nil {
				return nil, err
			}
			local[name] = localVar(len(e.local))
			e.local = append(e.local, v)
		}
	}
	t, ok := text(source)
	if !ok {
		return nil, templateErrorf("%s", subUsage)
	}
	for {
		before, rest, found := strings.Cut(t, "${")
		e.parts = append(e.parts, literal{before})
		if !found {
			return e, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, subNameError()
		}
		part, err := subPart(name, local)
		if err != nil {
			return nil, err
		}
		e.parts = append(e.parts, part)
		t = after
	}
}

func subPart(name string, local map[string]localVar) (expr, error) {
	if rest, ok := strings.CutPrefix(name, "!"); ok {
		return literal{"${" + rest + "}"}, nil
	}
	if e, ok := local[name]; ok {
		return e, nil
	}
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !subNameRune(c) }) {
		return nil, subNameError()
	}
	if resource, attribute, ok := strings.Cut(name, "."); ok {
		return getAtt{resource, literal{attribute}}, nil
	}
	return ref{name}, nil
}

func subNameRune(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == ':'
}

func subNameError() error {
	return templateErrorf("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
}
