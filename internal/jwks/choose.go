package jwks

import (
	"fmt"
	"strings"
)

// Code names why AWS has no key for a token. Codes are stable.
type Code string

// What stands in the way of a key. After [KeyRefused] AWS answers that the token "could not be
// validated"; after the others but [AlgorithmUnsupported] that it "couldn't retrieve verification
// key from your identity provider" (observed 2026-09-11; for [KeyMismatch] not observed).
const (
	Chosen               Code = ""                      // a key was chosen
	AlgorithmUnsupported Code = "algorithm_unsupported" // AWS takes no such tokens
	TooManyKeys          Code = "too_many_keys"         // more than MaxPerType of the token's type
	NoUsableKey          Code = "no_usable_key"         // nothing to choose from
	KidMissing           Code = "kid_missing"           // the token names no key and there are several
	KidUnknown           Code = "kid_unknown"           // the set has no key of the token's kid
	KeyMismatch          Code = "key_mismatch"          // the key of that kid is of another type
	KeyUnusable          Code = "key_unusable"          // it is there, but AWS passes over it
	KeyRefused           Code = "key_refused"           // AWS finds it and refuses to verify with it
)

// Reason says how the choice went.
type Reason struct {
	Code Code
	// Text is one sentence without its full stop; "" if a key was chosen.
	Text string
	// Note says what a careful verifier would do otherwise than AWS; "" if it would do the same.
	Note string
}

// Choose returns the key with which AWS verifies a token of this header, as it was observed to on
// 2026-09-11. kid is "" for a header without one and for one with an empty one.
//
// With a code other than [Chosen] AWS verifies with none. The key is then the one that the reason
// speaks of, or the zero Key if it speaks of none.
func (s *Set) Choose(alg, kid string) (Key, Reason) {
	if err := CheckAlgorithm(alg); err != nil {
		return Key{}, Reason{Code: AlgorithmUnsupported, Text: err.Error()}
	}
	a, _ := algorithmNamed(alg)
	key, reason := s.find(a, kid)
	if reason.Code != Chosen {
		return key, reason
	}
	if n := s.count(a.kty); n > MaxPerType {
		return key, Reason{
			Code: TooManyKeys,
			Text: fmt.Sprintf("the set has %d %s keys; above %d AWS finds none of that type", n, a.kty, MaxPerType),
			Note: fmt.Sprintf("a verifier without such a limit takes key %q", key.Kid),
		}
	}
	return key, Reason{Note: s.difference(alg, kid, key)}
}

// find looks by kid, or takes the only key for a token without.
func (s *Set) find(a algorithm, kid string) (Key, Reason) {
	if kid == "" {
		return s.only(a)
	}
	var found []Key // of that kid, those that AWS lists last
	for _, k := range s.Keys {
		if k.Kid == kid && !k.listed {
			found = append(found, k)
		}
	}
	for _, k := range s.Keys {
		if k.Kid == kid && k.listed && k.Kty != a.kty {
			found = append(found, k)
		}
	}
	for _, k := range s.Keys {
		if k.Kid == kid && k.listed && k.Kty == a.kty {
			found = append(found, k)
		}
	}
	if len(found) == 0 {
		return Key{}, Reason{Code: KidUnknown, Text: fmt.Sprintf("none of the %d keys has the token's kid %q", len(s.Keys), kid)}
	}
	return fits(a, found[len(found)-1]) // of equal ids AWS keeps the last
}

// only returns the key for a token without a kid: AWS needs it to be the only one.
func (s *Set) only(a algorithm) (Key, Reason) {
	var listed []Key
	for _, k := range s.Keys {
		if k.listed {
			listed = append(listed, k)
		}
	}
	switch len(listed) {
	case 0:
		return Key{}, Reason{Code: NoUsableKey, Text: "the set has no key that AWS could use"}
	case 1:
		return fits(a, listed[0])
	default:
		return Key{}, Reason{
			Code: KidMissing,
			Text: fmt.Sprintf("the token's header names no key (kid) and the set has %d; AWS does without only where there is one", len(listed)),
			Note: "a careful verifier may try each key of the token's algorithm",
		}
	}
}

// fits says whether AWS verifies signatures of the algorithm with the key that it found.
func fits(a algorithm, k Key) (Key, Reason) {
	switch {
	case !k.listed:
		return k, Reason{Code: KeyUnusable, Text: fmt.Sprintf("key %q %s", k.Kid, k.Reason)}
	case k.Kty != a.kty || k.Crv != a.crv && a.kty == typeEC:
		return k, Reason{Code: KeyMismatch, Text: fmt.Sprintf("key %q is of another type than the token's algorithm needs (%s)", k.Kid, a)}
	case !k.Usable:
		return k, Reason{Code: KeyRefused, Text: fmt.Sprintf("key %q %s", k.Kid, k.Reason), Note: strings.Join(k.Notes, "; ")}
	default:
		return k, Reason{}
	}
}

// String names the type of key that the algorithm needs.
func (a algorithm) String() string { return strings.TrimSpace(a.kty + " " + a.crv) }

// difference says what a careful verifier would not do as AWS does.
func (s *Set) difference(alg, kid string, k Key) string {
	var notes []string
	if k.Alg != "" && k.Alg != alg {
		notes = append(notes, fmt.Sprintf("the set keeps key %q for %s and the token is signed with %s: AWS goes by the token, a careful verifier refuses it (RFC 7517 §4.4)",
			k.Kid, k.Alg, alg))
	}
	if same := s.named(kid); kid != "" && same > 1 {
		notes = append(notes, fmt.Sprintf("%d keys have the kid %q: AWS takes the last, a careful verifier tries each", same, kid))
	}
	return strings.Join(append(notes, k.Notes...), "; ")
}

func (s *Set) named(kid string) int {
	n := 0
	for _, k := range s.Keys {
		if k.Kid == kid {
			n++
		}
	}
	return n
}
