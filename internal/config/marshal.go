package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

const heading = `The answers of fcoidc for this repository: fcoidc bootstrap --config fcoidc.yaml
Flags win over this file. No secret belongs in it.`

// Marshal writes c as a file that [Parse] reads back: keys in a fixed order, with short comments,
// account ids in quotes. What c does not answer is left out.
func (c *Config) Marshal() []byte {
	root := section{c.fields()}.node()
	root.HeadComment = heading
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		panic("write YAML into memory: " + err.Error()) // the nodes are ours and the buffer takes all
	}
	return b.Bytes()
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// str is a text; the encoder quotes it where it would be read as anything else. Bytes that are not
// UTF-8 cannot stand in YAML.
func str(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(s, "\ufffd")}
}

func strOrNil(s string) *yaml.Node {
	if s == "" {
		return nil
	}
	return str(s)
}

func sequence(items []string, style yaml.Style) *yaml.Node {
	if len(items) == 0 {
		return nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, item := range items {
		s := str(item)
		s.Style = style
		n.Content = append(n.Content, s)
	}
	return n
}
