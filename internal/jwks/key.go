package jwks

import (
	"crypto"
	"encoding/json"
	"fmt"
	"slices"
)

// The values of "kty" that AWS knows (RFC 7518 §6.1).
const (
	typeRSA = "RSA"
	typeEC  = "EC"
)

// Key is one entry of a set and what was made of it.
type Key struct {
	Index  int      // place in the set, from 0
	Kid    string   // "kid", the key's id
	Kty    string   // "kty": "RSA", "EC", or a type that AWS does not know
	Alg    string   // "alg"; AWS does not look at it
	Use    string   // "use": "sig", "enc", or "" if it has none
	Crv    string   // "crv" of an EC key
	KeyOps []string // "key_ops"
	Bits   int      // size of the RSA modulus or of the curve; 0 if it was not readable
	X5C    int      // certificates in "x5c"

	// Usable says whether AWS verifies tokens with the key.
	Usable bool
	// Reason says why it does not, as a sentence's end without a subject; "" if it does.
	Reason string
	// Notes tell what AWS does not mind but a careful verifier, or a careful issuer, would.
	Notes []string
	// Private says that the entry holds private or symmetric key material: whoever read the set
	// can sign tokens.
	Private bool

	public crypto.PublicKey // *rsa.PublicKey, *ecdsa.PublicKey, or nil
	listed bool             // AWS finds the key by its kid, usable or not
}

// Verifies reports whether the key's numbers could be read, so that [Verify] can try them.
// A key may be readable and yet not usable to AWS.
func (k Key) Verifies() bool { return k.public != nil }

// members are those of one JWK. Names compare letter by letter (RFC 7517 §4), which
// decoding into a struct would not.
type members map[string]json.RawMessage

// judge decides about one entry of "keys".
func judge(index int, raw json.RawMessage) Key {
	k := Key{Index: index}
	var m members
	if json.Unmarshal(raw, &m) != nil || m == nil {
		k.Reason = "is no JSON object"
		return k
	}
	if k.Reason = k.describe(m); k.Reason != "" {
		return k
	}
	var problem string
	if k.public, k.Bits, problem = publicKey(m, &k); problem != "" {
		k.Reason = problem
		return k
	}
	if problem := k.checkCertificates(m); problem != "" {
		k.Reason = problem
		return k
	}
	k.Reason = k.refusal(m)
	k.Usable = k.Reason == ""
	return k
}

// describe copies the members that every type of key has, and says what is wrong with their form.
func (k *Key) describe(m members) string {
	for name, field := range map[string]*string{"kid": &k.Kid, "kty": &k.Kty, "alg": &k.Alg, "use": &k.Use, "crv": &k.Crv} {
		*field, _ = m.text(name)
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
		if _, found := m[name]; found {
			k.Private = true
		}
	}
	for _, name := range []string{"kty", "kid", "use", "crv", "alg"} {
		if _, ok := m.text(name); !ok {
			return fmt.Sprintf("has a %q that is no string", name)
		}
	}
	if raw, found := m["key_ops"]; found && json.Unmarshal(raw, &k.KeyOps) != nil {
		return `has "key_ops" that are no list of strings`
	}
	return ""
}

// text returns a member that should be a string: "" if it is absent, not ok if it is something else.
func (m members) text(name string) (string, bool) {
	raw, found := m[name]
	if !found {
		return "", true
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// refusal says why AWS does not verify with a key whose numbers are in order, and whether AWS
// finds it all the same. All of it was observed on 2026-09-11.
func (k *Key) refusal(m members) string {
	_, hasOps := m["key_ops"]
	switch {
	case k.Kid == "":
		return `has no "kid", which AWS demands of every key`
	case k.Use != "" && k.Use != "sig":
		return fmt.Sprintf(`has "use" %q; AWS takes keys for signatures ("sig") only`, k.Use)
	}
	k.listed = true
	if hasOps {
		if slices.Contains(k.KeyOps, "verify") {
			k.note(`a careful verifier takes a key whose "key_ops" list "verify"; AWS does not`)
		}
		return `has "key_ops"; AWS refuses such keys whatever the list says, even ["verify"]`
	}
	return ""
}

func (k *Key) note(format string, args ...any) {
	k.Notes = append(k.Notes, fmt.Sprintf(format, args...))
}
