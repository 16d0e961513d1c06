package claims

import (
	"encoding/json"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
)

// Kind is the JSON type of a value.
type Kind int

// The JSON types. A Value that is not there at all is Absent.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"absent", "null", "boolean", "number", "string", "array", "object"}[k]
}

// Value is one JSON value as the token spells it, but for blanks, so that numbers keep every
// digit. It was checked when the token was decoded.
type Value struct{ raw string }

// Member is a name with its value.
type Member struct {
	Name  string
	Value Value
}

// Members are the members of a JSON object in the order of the token; no name repeats.
type Members []Member

// Get returns the member of that exact name.
func (m Members) Get(name string) (Value, bool) {
	for _, member := range m {
		if member.Name == name {
			return member.Value, true
		}
	}
	return Value{}, false
}

// Raw returns the value as compact JSON, nil if it is absent.
func (v Value) Raw() json.RawMessage {
	if v.raw == "" {
		return nil
	}
	return json.RawMessage(v.raw)
}

// MarshalJSON returns the value's JSON; an absent one is null.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.raw == "" {
		return []byte("null"), nil
	}
	return v.Raw(), nil
}

// Kind returns the value's JSON type.
func (v Value) Kind() Kind {
	if len(v.raw) == 0 {
		return Absent
	}
	switch v.raw[0] {
	case 'n':
		return Null
	case 't', 'f':
		return Bool
	case '"':
		return String
	case '[':
		return Array
	case '{':
		return Object
	default:
		return Number
	}
}

// Text returns what a string says, and of any other value its JSON.
func (v Value) Text() string {
	if text, ok := jsonwalk.Text(v.raw); ok {
		return text
	}
	return v.raw
}

// Strings returns the texts of a string or of an array of strings. ok is false for anything
// else, and for an array that holds anything else.
func (v Value) Strings() (values []string, ok bool) { return v.AppendStrings([]string{}) }

// AppendStrings appends what [Value.Strings] returns to a list, which may have room for it.
func (v Value) AppendStrings(list []string) (values []string, ok bool) {
	if v.Kind() == String {
		return append(list, v.Text()), true
	}
	if v.Kind() != Array {
		return nil, false
	}
	values = list
	for raw := range jsonwalk.Elements(v.raw) {
		text, isText := jsonwalk.Text(raw)
		if !isText {
			return nil, false
		}
		values = append(values, text)
	}
	return values, true
}

// Elements returns the elements of an array.
func (v Value) Elements() ([]Value, bool) {
	if v.Kind() != Array {
		return nil, false
	}
	elements := make([]Value, 0, 4)
	for raw := range jsonwalk.Elements(v.raw) {
		elements = append(elements, Value{raw})
	}
	return elements, true
}

// Members returns the members of an object.
func (v Value) Members() (Members, bool) {
	if v.Kind() != Object {
		return nil, false
	}
	m, err := decodeValid(nil, v.raw)
	return m, err == nil
}

// Equal reports whether both values are spelled alike, blanks apart.
func (v Value) Equal(w Value) bool { return v.raw == w.raw }
