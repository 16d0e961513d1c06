package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// decodeObject appends the members of one JSON object, in order. Its errors say what is wrong
// and where, and quote nothing.
func decodeObject(members Members, src string) (Members, error) {
	if !utf8.ValidString(src) {
		return nil, errNotUTF8
	}
	if !jsonwalk.Valid(src) {
		return nil, notJSON([]byte(src))
	}
	return decodeValid(members, src)
}

// decodeValid is [decodeObject] for text that is known to be valid JSON: one object of valid
// UTF-8, not too deep, without a repeated name at any level. Readers disagree on which of two
// members of the same name counts (RFC 8259 §4), so that a token with two says different things
// to different readers.
func decodeValid(members Members, src string) (Members, error) {
	src = strings.TrimLeft(src, jsonBlanks)
	switch {
	case !utf8.ValidString(src):
		return nil, errNotUTF8
	case src[0] != '{':
		return nil, errNotObject
	}
	if members == nil {
		members = make(Members, 0, 12)
	}
	var seen names
	for name, value := range jsonwalk.Members(src) {
		if !seen.add(name) {
			return nil, errDuplicate
		}
		if err := checkNested(value, 1); err != nil {
			return nil, err
		}
		members = append(members, Member{Name: name, Value: Value{compact(value)}})
	}
	return members, nil
}

// jsonBlanks are what may stand between the tokens of JSON.
const jsonBlanks = " \t\r\n"

// compact leaves out the blanks of a value.
func compact(value string) string {
	if value[0] != '{' && value[0] != '[' || !strings.ContainsAny(value, jsonBlanks) {
		return value
	}
	var b bytes.Buffer
	if json.Compact(&b, []byte(value)) != nil {
		return value
	}
	return b.String()
}

// checkNames walks over valid JSON, depth levels deep.
func checkNames(src string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	var seen names
	for name, value := range jsonwalk.Members(src) {
		if !seen.add(name) {
			return errDuplicate
		}
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

// names are those of one object.
type names struct {
	few  [16]string // which are compared faster than hashed, and cost no allocation
	n    int
	many map[string]bool // the others
}

// add reports whether name is none that was added before.
func (s *names) add(name string) bool {
	if slices.Contains(s.few[:s.n], name) || s.many[name] {
		return false
	}
	if s.n < len(s.few) {
		s.few[s.n] = name
		s.n++
		return true
	}
	if s.many == nil {
		s.many = map[string]bool{}
	}
	s.many[name] = true
	return true
}

func checkNested(value string, depth int) error {
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
