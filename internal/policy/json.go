package policy

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
)

// nodeKind is the JSON type of a node.
type nodeKind uint8

const (
	nullNode nodeKind = iota
	booleanNode
	numberNode
	stringNode
	listNode
	objectNode
)

// String names the kind as a sentence would.
func (k nodeKind) String() string {
	switch k {
	case booleanNode:
		return "a boolean"
	case numberNode:
		return "a number"
	case stringNode:
		return "a string"
	case listNode:
		return "a list"
	case objectNode:
		return "an object"
	default:
		return "null"
	}
}

// node is one JSON value with its place in the source. Unlike encoding/json's values
// it keeps the order of members and the ones that repeat a name.
type node struct {
	kind    nodeKind
	span    Span
	text    string // of a string: unquoted; of a number or boolean: as written
	items   []node
	members []member
}

// member is one name and value of an object.
type member struct{ name, value node }

// readJSON reads src as one JSON value. Its syntax is judged before, so that the walk can
// rely on every delimiter being where it belongs.
func readJSON(src []byte) (node, *Problem) {
	if !jsonwalk.Valid(string(src)) {
		if offset, what, ok := jsonwalk.Fault(string(src)); ok {
			c := newCursor(src)
			c.to(offset)
			return node{}, &Problem{Code: NotJSON, Span: Span{c.at, c.at}, Message: "this is not JSON: " + what}
		}
	}
	r := reader{src: src, cursor: newCursor(src)}
	return r.value(), nil
}

// reader walks over valid JSON.
type reader struct {
	src    []byte
	pos    int
	cursor cursor
}

func (r *reader) value() node {
	r.space()
	n := node{span: Span{Start: r.cursor.to(r.pos)}}
	switch r.src[r.pos] {
	case '{':
		n.kind = objectNode
		n.members = r.object()
	case '[':
		n.kind = listNode
		n.items = r.list()
	case '"':
		n.kind = stringNode
		n.text = r.quoted()
	case 't', 'f':
		n.kind = booleanNode
		n.text = r.word()
	case 'n':
		n.text = r.word()
	default:
		n.kind = numberNode
		n.text = r.word()
	}
	n.span.End = r.cursor.to(r.pos)
	return n
}

func (r *reader) object() []member {
	var members []member
	r.pos++ // {
	for r.space(); r.src[r.pos] != '}'; r.space() {
		name := r.value()
		r.space()
		r.pos++ // :
		members = append(members, member{name, r.value()})
		r.comma()
	}
	r.pos++ // }
	return members
}

func (r *reader) list() []node {
	var items []node
	r.pos++ // [
	for r.space(); r.src[r.pos] != ']'; r.space() {
		items = append(items, r.value())
		r.comma()
	}
	r.pos++ // ]
	return items
}

func (r *reader) quoted() string {
	start := r.pos
	for r.pos++; r.src[r.pos] != '"'; r.pos++ {
		if r.src[r.pos] == '\\' {
			r.pos++
		}
	}
	r.pos++ // "
	raw := r.src[start:r.pos]
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(raw, &s) // raw is a valid string: the whole document was checked
	return s
}

// word reads a number, true, false or null.
func (r *reader) word() string {
	start := r.pos
	for r.pos < len(r.src) && bytes.IndexByte([]byte(" \t\r\n,]}:"), r.src[r.pos]) < 0 {
		r.pos++
	}
	return string(r.src[start:r.pos])
}

func (r *reader) space() {
	for bytes.IndexByte([]byte(" \t\r\n"), r.src[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *reader) comma() {
	if r.space(); r.src[r.pos] == ',' {
		r.pos++
	}
}
