package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
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
	return membersOf(src)
}

// membersOf reads an object that check let pass.
func membersOf(src []byte) (Members, error) {
	members := make(Members, 0, 12)
	for name, value := range jsonwalk.Members(src) {
		raw := json.RawMessage(value)
		if value[0] == '{' || value[0] == '[' { // what else there is holds no blanks
			var compact bytes.Buffer
			if err := json.Compact(&compact, value); err != nil {
				return nil, errNotJSON
			}
			raw = compact.Bytes()
		}
		members = append(members, Member{Name: string(name), Value: Value{raw}})
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
	return checkNames(src, 1)
}

// checkNames walks over valid JSON, depth levels deep.
func checkNames(src []byte, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	var few [16]string
	names := few[:0]
	for name, value := range jsonwalk.Members(src) {
		if slices.Contains(names, string(name)) {
			return errDuplicate
		}
		names = append(names, string(name))
		if err := checkNested(value, depth); err != nil {
			return err
		}
	}
	for element := range jsonwalk.Elements(src) {
		if err := checkNested(element, depth); err != nil {
			return err
		}
	}
	return nil
}

func checkNested(value []byte, depth int) error {
	if value[0] != '{' && value[0] != '[' {
		return nil
	}
	return checkNames(value, depth+1)
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
