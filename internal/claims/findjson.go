package claims

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// tokenFields are the members under which responses carry an ID token, best first: OAuth token
// endpoints, GitHub's ID token endpoint, Kubernetes' TokenRequest and most others, STS.
var tokenFields = []string{"id_token", "idToken", "IdToken", "value", "token", "web_identity_token", "WebIdentityToken", "jwt", "access_token"}

// findInJSON looks for the token in a valid JSON document.
func findInJSON(text string) (string, error) {
	best, rank := "", len(tokenFields)+1
	ambiguous := false
	names := map[string]bool{}
	for name, value := range stringMembers(text) {
		names[name] = true
		found := runs(value)
		if len(found) == 0 || !strings.Contains(found[0], ".") {
			continue
		}
		r := slices.Index(tokenFields, name)
		if r < 0 {
			r = len(tokenFields)
		}
		if r < rank {
			best, rank, ambiguous = found[0], r, false
		} else if r == rank && found[0] != best {
			ambiguous = true
		}
	}
	switch {
	case ambiguous:
		return "", errManyTokens
	case best != "":
		return best, nil
	}
	return "", tokenless(names)
}

// tokenless says what a JSON document without a token seems to be, by its members' names.
func tokenless(names map[string]bool) error {
	switch {
	case names["protected"] && names["signature"]:
		return &FormatError{Part: "input", Reason: "is a token in JSON serialization (RFC 7515 §7.2); STS takes the compact form only"}
	case names["iss"] || names["sub"] || names["alg"]:
		return &FormatError{Part: "input", Reason: "is the JSON inside a token, already decoded, not the token itself", hint: "pass the encoded token: header.payload.signature"}
	}
	return &FormatError{Part: "input", Reason: "is JSON without a token in any of its fields", hint: "a response with an error in it looks like this; see what it says"}
}

// stringMembers yields every string in a valid JSON document with the name of the member it
// stands under; an array's strings stand under the name of the array.
func stringMembers(text string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		type level struct {
			object, hasName bool
			name            string
		}
		levels := []level{{}}
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		for {
			token, err := dec.Token()
			if err == io.EOF || err != nil {
				return
			}
			top := &levels[len(levels)-1]
			switch tok := token.(type) {
			case json.Delim:
				switch tok {
				case '{', '[':
					name := top.name
					top.hasName = false
					levels = append(levels, level{object: tok == '{', name: name})
				default:
					levels = levels[:len(levels)-1]
				}
			case string:
				if top.object && !top.hasName {
					top.name, top.hasName = tok, true
					continue
				}
				top.hasName = false
				if !yield(top.name, tok) {
					return
				}
			default:
				top.hasName = false
			}
		}
	}
}
