package template

import (
	"iter"

	"go.yaml.in/yaml/v3"
)

// entries yields the keys and values of a mapping in the order of the file.
func entries(mapping *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i].Value, mapping.Content[i+1]) {
				return
			}
		}
	}
}

// child returns the value under a path of keys, or an empty node if there is none.
func child(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		found := &yaml.Node{}
		for k, v := range entries(n) {
			if k == key {
				found = v
			}
		}
		n = found
	}
	return n
}
