// Package jwks reads the key sets that issuers publish (RFC 7517), judges each key by itself as
// AWS was observed to, chooses the one for a token and verifies signatures.
//
// JWKS libraries drop a whole set for one key that they do not know. Here such a key is
// reported and the others stay, which is what RFC 7517 §5 asks for and what AWS does.
// The package performs no I/O and reads no clock.
package jwks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

const (
	// MaxPerType is how many RSA keys, and how many EC keys, AWS takes in one set. Beyond it
	// AWS finds no key of that type at all; the other type goes on working (observed
	// 2026-09-11; IAM User Guide, "Create an OpenID Connect identity provider").
	MaxPerType = 100

	// MaxKeys is how many keys are judged at most. A set with more is refused.
	MaxKeys = 1000
)

// ErrMalformed is wrapped by every error of [Parse].
var ErrMalformed = errors.New("not a JSON Web Key Set")

// Set is a key set in the order in which it was served.
type Set struct {
	Keys []Key
}

// Parse reads a JWK Set document. A key that cannot be used is no error: its [Key] says why.
// Member names are taken letter by letter and the last of equal ones counts, as with AWS.
//
// An error wraps [ErrMalformed]: the document is not JSON, not an object, has no list "keys",
// or has more than [MaxKeys] of them. No error quotes the document.
func Parse(body []byte) (*Set, error) {
	if err := wellFormed(body); err != nil {
		return nil, err
	}
	var document map[string]json.RawMessage
	if json.Unmarshal(body, &document) != nil || document == nil {
		return nil, fmt.Errorf("%w: it is JSON but no object; serve {\"keys\": [...]}", ErrMalformed)
	}
	list, ok := document["keys"]
	if !ok {
		return nil, fmt.Errorf("%w: it has no member \"keys\" (RFC 7517 §5)", ErrMalformed)
	}
	var raw []json.RawMessage
	if json.Unmarshal(list, &raw) != nil || raw == nil {
		return nil, fmt.Errorf("%w: its member \"keys\" is no list (RFC 7517 §5)", ErrMalformed)
	}
	if len(raw) > MaxKeys {
		return nil, fmt.Errorf("%w: it has %d keys; AWS takes at most %d of a type, and more than %d are not read",
			ErrMalformed, len(raw), MaxPerType, MaxKeys)
	}
	s := &Set{Keys: make([]Key, len(raw))}
	for i, key := range raw {
		s.Keys[i] = judge(i, key)
	}
	return s, nil
}

// wellFormed says where body stops being JSON. The parser's own error is not passed on,
// because it quotes a character of the document.
func wellFormed(body []byte) error {
	if len(body) == 0 {
		return fmt.Errorf("%w: it is empty", ErrMalformed)
	}
	var document json.RawMessage
	err := json.Unmarshal(body, &document)
	if err == nil {
		return nil
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w: it is no JSON from byte %d on", ErrMalformed, syntax.Offset)
	}
	return fmt.Errorf("%w: it is no JSON", ErrMalformed)
}

// Usable returns the keys that AWS would verify a token with, were there no limit on their number.
func (s *Set) Usable() []Key {
	var usable []Key
	for _, k := range s.Keys {
		if k.Usable {
			usable = append(usable, k)
		}
	}
	return usable
}

// Crowded returns the key types ("RSA", "EC") of which the set holds more than [MaxPerType].
func (s *Set) Crowded() []string {
	var types []string
	for _, kty := range []string{typeRSA, typeEC} {
		if s.count(kty) > MaxPerType {
			types = append(types, kty)
		}
	}
	return types
}

func (s *Set) count(kty string) int {
	n := 0
	for _, k := range s.Keys {
		if k.Kty == kty {
			n++
		}
	}
	return n
}

// Duplicates returns the key ids that more than one key has, each once, in the set's order.
// AWS keeps the last key of an id.
func (s *Set) Duplicates() []string {
	seen := make(map[string]int)
	var ids []string
	for _, k := range s.Keys {
		if k.Kid == "" {
			continue
		}
		if seen[k.Kid]++; seen[k.Kid] == 2 {
			ids = append(ids, k.Kid)
		}
	}
	return slices.Clip(ids)
}
