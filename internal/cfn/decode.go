package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds how deep a template may nest; CloudFormation's own limit is not published.
const maxDepth = 100

// decode reads JSON or YAML into nodes. Nodes and not values, because the tags of
// !Sub and its kind must survive, and because 2012-10-17, the version of a policy,
// would otherwise become a point in time.
func decode(body []byte) (*yaml.Node, error) {
	var root *yaml.Node
	var err error
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		root, err = decodeJSON(body)
	} else {
		root, err = decodeYAML(body)
	}
	if err != nil {
		return nil, err
	}
	return root, wellFormed(root, "", 0)
}

func decodeYAML(body []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(body))
	var doc, more yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, templateErrorf("Template format error: unsupported structure.")
	} else if err != nil {
		return nil, templateErrorf("Template format error: YAML not well-formed. (%s)", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, templateErrorf("Template format error: YAML not well-formed. (more than one document)")
	}
	return doc.Content[0], nil
}

// decodeJSON makes the same nodes of JSON. It does not leave JSON to the YAML parser,
// to which a tab is no indentation.
func decodeJSON(body []byte) (*yaml.Node, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	root, err := jsonNode(d, 0)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return root, nil
		}
	}
	if te, ok := errors.AsType[*TemplateError](err); ok {
		return nil, te
	}
	read := body[:min(int(d.InputOffset()), len(body))]
	line := 1 + bytes.Count(read, []byte("\n"))
	column := len(read) - bytes.LastIndexByte(read, '\n')
	return nil, templateErrorf("Template format error: JSON not well-formed. (line %d, column %d)", line, column)
}

func jsonNode(d *json.Decoder, depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, tooDeep()
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if v == '[' {
			n = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		}
		for d.More() { // an object's keys and values alternate, as they do in a node
			child, err := jsonNode(d, depth+1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		_, err := d.Token()
		return n, err
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: v}, nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: v.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

// wellFormed refuses what CloudFormation refuses in any template: aliases, null values,
// keys that are no text, and keys that stand twice in one map.
func wellFormed(n *yaml.Node, path string, depth int) error {
	switch {
	case depth > maxDepth:
		return tooDeep()
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return templateErrorf("Template error: YAML aliases are not allowed in CloudFormation templates")
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		return templateErrorf("[%s] 'null' values are not allowed in templates", path)
	case n.Kind == yaml.SequenceNode:
		for i, child := range n.Content {
			if err := wellFormed(child, path+"/"+strconv.Itoa(i), depth+1); err != nil {
				return err
			}
		}
	case n.Kind == yaml.MappingNode:
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || isShortForm(key.Tag) {
				return templateErrorf("Template format error: [%s] map keys must be strings; received a %s instead", path, kindName(key))
			}
			if seen[key.Value] {
				return templateErrorf("Template format error: [%s] duplicate key %s (line %d)", path, key.Value, key.Line)
			}
			seen[key.Value] = true
			if err := wellFormed(value, path+"/"+key.Value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func tooDeep() error {
	return templateErrorf("Template format error: the template is nested more than %d levels deep", maxDepth)
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "map"
	case n.Kind == yaml.SequenceNode:
		return "list"
	case isShortForm(n.Tag):
		return "function"
	default:
		return strings.TrimPrefix(n.ShortTag(), "!!")
	}
}

// members ranges over the keys and values of a map, in the order of the text;
// any other node has none.
func members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i].Value, n.Content[i+1]) {
				return
			}
		}
	}
}

// member returns the value of a map's key, or nil.
func member(n *yaml.Node, name string) *yaml.Node {
	for key, value := range members(n) {
		if key == name {
			return value
		}
	}
	return nil
}

// text returns the text of a scalar that is not a function in short form. A number
// or true counts as its own text, as it does to CloudFormation.
func text(n *yaml.Node) (string, bool) {
	if n == nil || n.Kind != yaml.ScalarNode || isShortForm(n.Tag) {
		return "", false
	}
	return n.Value, true
}

// plain converts a node into a value without looking for functions.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for key, value := range members(n) {
			m[key] = plain(value)
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, child := range n.Content {
			list[i] = plain(child)
		}
		return list
	default:
		return scalar(n)
	}
}

func plainObject(n *yaml.Node, what string) (map[string]any, error) {
	m, ok := plain(n).(map[string]any)
	if !ok {
		return nil, templateErrorf("Template format error: every %s object must be a map", what)
	}
	return m, nil
}

// scalar returns a bool, an int64 or, for all else, the text as it stands: a date stays
// text, and so does a number in a form of its own, such as the account 012345678901 or 1.10.
func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!bool":
		switch strings.ToLower(n.Value) {
		case "true":
			return true
		case "false":
			return false
		}
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return i
		}
	}
	return n.Value
}
