package sandbox

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// tokenAlgorithm is a signature of RFC 7518 §3 or RFC 8037: with the issuer's key of a kind or,
// where AWS takes no such signature anyway, with a key that nobody publishes.
type tokenAlgorithm struct {
	name string
	kind string // of the issuer's key; empty: none
}

func tokenAlgorithms() []tokenAlgorithm {
	return []tokenAlgorithm{
		{"RS256", kindRSA},
		{"RS384", kindRSA},
		{"RS512", kindRSA},
		{"ES256", "p256"},
		{"ES384", "p384"},
		{"ES512", "p521"},
		{"PS256", kindRSA},
		{algEdDSA, ""},
		{algHMAC, ""},
		{algNone, ""},
	}
}

const (
	algEdDSA = "EdDSA"
	algHMAC  = "HS256"
	algNone  = "none"
)

// TokenAlgorithms are the algorithms that a token can be signed with. AWS takes the RS and ES
// ones; the others are there to see how they are refused.
func TokenAlgorithms() []string {
	var names []string
	for _, a := range tokenAlgorithms() {
		names = append(names, a.name)
	}
	return names
}

// keyID is the id of the key that sign uses.
func (id *identity) keyID(a tokenAlgorithm) (string, error) {
	if a.kind == "" {
		return fmt.Sprintf("sandbox-%d-unpublished", id.Serial), nil
	}
	k, _, err := id.key(a.kind)
	return k.ID, err
}

// sign makes the signature of a token's first two parts. Algorithms that AWS refuses are
// signed as their bearer would: HMAC with a secret, EdDSA with a key that is not published.
func (id *identity) sign(a tokenAlgorithm, input []byte) ([]byte, error) {
	var key any
	switch a.name {
	case algNone:
		return nil, nil
	case algEdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		key = private
	case algHMAC:
		key = []byte(sandboxKey)
	default:
		_, private, err := id.key(a.kind)
		if err != nil {
			return nil, err
		}
		key = private
	}
	method := jwt.GetSigningMethod(a.name)
	if method == nil {
		return nil, fmt.Errorf("algorithm %s is unknown", a.name)
	}
	return method.Sign(string(input), key)
}
