package jwks

import (
	"crypto"
	"fmt"
	"strings"
)

// Algorithms are those that AWS takes, in the order of its page (AssumeRoleWithWebIdentity,
// parameter WebIdentityToken).
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}
}

// algorithm is how an "alg" of RFC 7518 §3 verifies.
type algorithm struct {
	kty  string
	hash crypto.Hash
	crv  string // of EC
}

func algorithmNamed(alg string) (algorithm, bool) {
	switch alg {
	case "RS256":
		return algorithm{kty: typeRSA, hash: crypto.SHA256}, true
	case "RS384":
		return algorithm{kty: typeRSA, hash: crypto.SHA384}, true
	case "RS512":
		return algorithm{kty: typeRSA, hash: crypto.SHA512}, true
	case "ES256":
		return algorithm{typeEC, crypto.SHA256, "P-256"}, true
	case "ES384":
		return algorithm{typeEC, crypto.SHA384, "P-384"}, true
	case "ES512":
		return algorithm{typeEC, crypto.SHA512, "P-521"}, true
	default:
		return algorithm{}, false
	}
}

// AlgorithmError says that a token's algorithm is none that AWS verifies.
type AlgorithmError struct {
	Alg    string // as the token's header has it
	Reason string // why not, a clause
}

// Error implements error.
func (e *AlgorithmError) Error() string {
	return fmt.Sprintf("algorithm %q: %s; AWS takes %s", e.Alg, e.Reason, strings.Join(Algorithms(), ", "))
}

// CheckAlgorithm returns nil for an algorithm that AWS takes, else an [*AlgorithmError].
// Names compare with case (RFC 7515 §4.1.1).
func CheckAlgorithm(alg string) error {
	if _, ok := algorithmNamed(alg); ok {
		return nil
	}
	return &AlgorithmError{Alg: alg, Reason: algorithmProblem(alg)}
}

func algorithmProblem(alg string) string {
	upper := strings.ToUpper(alg)
	_, known := algorithmNamed(upper)
	switch {
	case alg == "":
		return "the header names none"
	case upper == "NONE":
		return "the token is not signed, anybody can have written it"
	case strings.HasPrefix(upper, "HS"):
		return "it is signed with a shared secret, which AWS cannot know"
	case strings.HasPrefix(upper, "PS"):
		return "RSA-PSS is not among those that AWS takes; let the issuer sign with RS256"
	case upper == "EDDSA" || upper == "ED25519" || upper == "ED448":
		return "Edwards curves are not among those that AWS takes; let the issuer sign with ES256 or RS256"
	case upper == "ES256K":
		return "the curve secp256k1 is not among those that AWS takes; let the issuer sign with ES256"
	case known:
		return "names of algorithms are written in upper case"
	default:
		return "it is not among those that AWS takes"
	}
}
