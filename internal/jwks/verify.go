package jwks

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

// ErrSignature says that a signature is not the key's.
var ErrSignature = errors.New("the signature does not belong to this token and key")

// Verify checks the signature of a compact JWS: signingInput is its first two parts with the dot
// between them, alg that of its header. The key's own "alg" is not asked, as with AWS.
//
// The error is an [*AlgorithmError], wraps [ErrSignature], or says why k fits no such signature.
func Verify(signingInput string, signature []byte, alg string, k Key) error {
	if err := CheckAlgorithm(alg); err != nil {
		return err
	}
	a, _ := algorithmNamed(alg)
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		if a.kty != typeRSA {
			return mismatch(alg, k)
		}
		return verify(alg, signingInput, signature, public)
	case *ecdsa.PublicKey:
		if a.kty != typeEC || a.crv != k.Crv {
			return mismatch(alg, k)
		}
		if err := checkECDSASize(public, signature); err != nil {
			return err
		}
		return verify(alg, signingInput, signature, public)
	default:
		return fmt.Errorf("key %q cannot be read: it %s", k.Kid, k.Reason)
	}
}

func verify(alg, signingInput string, signature []byte, public crypto.PublicKey) error {
	if jwt.GetSigningMethod(alg).Verify(signingInput, signature, public) != nil {
		return ErrSignature
	}
	return nil
}

// checkECDSASize holds the signature to the form of RFC 7518 §3.4: r and s, each as long
// as the curve.
func checkECDSASize(public *ecdsa.PublicKey, signature []byte) error {
	size := (public.Params().BitSize + 7) / 8
	if len(signature) == 2*size {
		return nil
	}
	if len(signature) > 0 && signature[0] == 0x30 {
		return fmt.Errorf("%w: it is in ASN.1 form, which RFC 7518 §3.4 does not allow", ErrSignature)
	}
	return fmt.Errorf("%w: it has %d bytes, one of this key has %d", ErrSignature, len(signature), 2*size)
}

func mismatch(alg string, k Key) error {
	kind := k.Kty
	if k.Crv != "" {
		kind += " " + k.Crv
	}
	return fmt.Errorf("key %q (%s) makes no %s signatures", k.Kid, kind, alg)
}

// Verifying returns the keys that do verify the signature, usable to AWS or not: where the chosen
// key fails, they tell a wrong "kid" from a forged or foreign token.
func (s *Set) Verifying(signingInput string, signature []byte, alg string) []Key {
	var keys []Key
	for _, k := range s.Keys {
		if k.Verifies() && Verify(signingInput, signature, alg, k) == nil {
			keys = append(keys, k)
		}
	}
	return keys
}
