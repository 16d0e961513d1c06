package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/yamlerr"
)

// maxSize is far above any file of answers: thousands of accounts belong in an accounts file.
const maxSize = 1 << 20

// Parse reads a file of the given name, which is used in errors only. The error is [Error] and
// holds everything that is wrong: unknown keys, keys given twice, values of the wrong kind; what
// could be read is returned beside it. Values are judged by their kind only; whether an OrgId is
// one is for those to say who use it.
//
// The nodes are walked and not decoded: decoding would turn 012345678901 into another number.
func Parse(name string, src []byte) (*Config, error) {
	c := &Config{at: map[string]Place{}}
	r := &reader{name: name, at: c.at}
	if len(src) > maxSize {
		r.fail(position{1, 1}, "the file is larger than %d MiB; long lists of accounts go into a file of their own: targets, accounts_file", maxSize>>20)
		return c, r.err()
	}
	if root := r.document(src); root != nil {
		section{c.fields()}.read(r, "", root)
	}
	return c, r.err()
}

// reader notes what is found where.
type reader struct {
	name     string
	at       map[string]Place
	problems []Problem
}

func (r *reader) fail(at position, format string, args ...any) {
	r.problems = append(r.problems, Problem{Line: at.line, Column: at.column, Text: fmt.Sprintf(format, args...)})
}

// document returns the root of the only document in src, nil with a problem noted if there is none.
func (r *reader) document(src []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(src))
	var first, second yaml.Node
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		r.fail(position{1, 1}, "the file is empty; an answer looks like org_id: 11111111-1111-1111-1111-111111111111")
		return nil
	case err != nil:
		r.syntax(src, err)
		return nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		r.fail(place(&second), "a second YAML document begins; only one is read")
	case !errors.Is(err, io.EOF):
		r.syntax(src, err)
	}
	return first.Content[0]
}

// syntax notes why src is no YAML. The library names a line, so the column is where that begins.
func (r *reader) syntax(src []byte, err error) {
	line, text := yamlerr.Describe(src, err)
	if strings.HasPrefix(text, "unknown anchor") {
		text = "an alias stands for an anchor that is not in the file" // the library's own text quotes it
	}
	line = max(line, 1)
	r.fail(position{line, indent(src, line) + 1}, "the file is no YAML: %s", text)
}

// indent is how many blanks a line begins with, 0 if there is no such line.
func indent(src []byte, line int) int {
	lines := bytes.SplitN(src, []byte("\n"), line+1)
	if line < 1 || line > len(lines) {
		return 0
	}
	text := lines[line-1]
	return len(text) - len(bytes.TrimLeft(text, " "))
}

// position is a place in the file that is read.
type position struct{ line, column int }

func place(n *yaml.Node) position { return position{max(n.Line, 1), max(n.Column, 1)} }

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// entry is one line of a mapping.
type entry struct {
	key   string
	at    position   // of the key
	node  *yaml.Node // the value, no alias
	where position   // of the value as written, which may be an alias
}

// entries returns what a mapping holds. Keys that are no text or were given before are noted and left out.
func (r *reader) entries(n *yaml.Node) []entry {
	all := make([]entry, 0, len(n.Content)/2)
	lines := map[string]int{}
	for pair := range slices.Chunk(n.Content, 2) {
		key, value := follow(pair[0]), follow(pair[1])
		at := place(pair[0])
		if key.Kind != yaml.ScalarNode {
			r.fail(at, "a key is to be one word")
			continue
		}
		if first, twice := lines[key.Value]; twice {
			r.fail(at, "%s is given twice, first in line %d", show(key.Value), first)
			continue
		}
		lines[key.Value] = at.line
		all = append(all, entry{key: key.Value, at: at, node: value, where: place(pair[1])})
	}
	return all
}
