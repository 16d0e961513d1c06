package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a token's JSON. Tokens nest two or three deep.
const maxDepth = 64

var (
	errNotUTF8   = errors.New("is not UTF-8 text")
	errNotJSON   = errors.New("is not JSON")
	errNotObject = errors.New("is JSON, but not an object")
	errTooDeep   = fmt.Errorf("nests more than %d levels deep", maxDepth)
	errDuplicate = errors.New("holds two members of the same name")
	errTrailing  = errors.New("goes on after the JSON object")
)

// decodeObject reads one JSON object into its members, in order. Its errors say what is wrong
// and where, and quote nothing.
func decodeObject(src []byte) (Members, error) {
	if err := check(src); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(src))
	if _, err := dec.Token(); err != nil {
		return nil, errNotJSON
	}
	var members Members
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errNotJSON
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, errNotJSON
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return nil, errNotJSON
		}
		members = append(members, Member{Name: name, Value: Value{compact.Bytes()}})
	}
	return members, nil
}

// check reads src once: one object of valid UTF-8, not too deep, without a repeated name at
// any level. Readers disagree on which of two members of the same name counts (RFC 8259 §4),
// so that a token with two says different things to different readers.
func check(src []byte) error {
	if !utf8.Valid(src) {
		return errNotUTF8
	}
	if !json.Valid(src) {
		return notJSON(src)
	}
	if trimmed := bytes.TrimLeft(src, " \t\r\n"); trimmed[0] != '{' {
		return errNotObject
	}
	return checkNames(src)
}

// checkNames walks over valid JSON.
func checkNames(src []byte) error {
	type level struct {
		names map[string]bool // nil in an array
		value bool            // in an object: a value comes next
	}
	var levels []level
	dec := json.NewDecoder(bytes.NewReader(src))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errNotJSON
		}
		top := len(levels) - 1
		switch delim, _ := token.(json.Delim); delim {
		case '}', ']':
			levels = levels[:top]
			continue
		}
		if top >= 0 && levels[top].names != nil {
			if name, ok := token.(string); ok && !levels[top].value {
				if levels[top].names[name] {
					return errDuplicate
				}
				levels[top].names[name], levels[top].value = true, true
				continue
			}
			levels[top].value = false
		}
		switch delim, _ := token.(json.Delim); delim {
		case '{':
			levels = append(levels, level{names: map[string]bool{}})
		case '[':
			levels = append(levels, level{})
		}
		if len(levels) > maxDepth {
			return errTooDeep
		}
	}
}

// notJSON says where src stops being JSON.
func notJSON(src []byte) error {
	dec := json.NewDecoder(bytes.NewReader(src))
	var whole json.RawMessage
	if dec.Decode(&whole) == nil {
		return errTrailing
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal(src, &whole)
	if errors.As(err, &syntax) && syntax.Offset < int64(len(src)) {
		return fmt.Errorf("%w: it breaks off at byte %d of %d", errNotJSON, syntax.Offset, len(src))
	}
	return fmt.Errorf("%w: it ends too early", errNotJSON)
}
