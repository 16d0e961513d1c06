package jwks

import (
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of the algorithms
	_ "crypto/sha512"
	"errors"
	"fmt"
	"math/big"
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
	digest := a.hash.New()
	digest.Write([]byte(signingInput))
	sum := digest.Sum(nil)
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		if a.kty != typeRSA {
			return mismatch(alg, k)
		}
		if rsa.VerifyPKCS1v15(public, a.hash, sum, signature) != nil {
			return ErrSignature
		}
		return nil
	case *ecdsa.PublicKey:
		if a.kty != typeEC || a.crv != k.Crv {
			return mismatch(alg, k)
		}
		return verifyECDSA(public, sum, signature)
	default:
		return fmt.Errorf("key %q cannot be read: it %s", k.Kid, k.Reason)
	}
}

// verifyECDSA reads the signature as RFC 7518 §3.4 has it: r and s, each as long as the curve.
func verifyECDSA(public *ecdsa.PublicKey, sum, signature []byte) error {
	size := (public.Params().BitSize + 7) / 8
	if len(signature) != 2*size {
		if len(signature) > 0 && signature[0] == 0x30 {
			return fmt.Errorf("%w: it is in ASN.1 form, which RFC 7518 §3.4 does not allow", ErrSignature)
		}
		return fmt.Errorf("%w: it has %d bytes, one of this key has %d", ErrSignature, len(signature), 2*size)
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	if !ecdsa.Verify(public, sum, r, s) {
		return ErrSignature
	}
	return nil
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
