package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
)

// tokenAlgorithm is a signature of RFC 7518 §3 or RFC 8037: with the issuer's key of a kind or,
// where AWS takes no such signature anyway, with a key that nobody publishes.
type tokenAlgorithm struct {
	name string
	kind string // of the issuer's key; empty: none
	hash crypto.Hash
}

func tokenAlgorithms() []tokenAlgorithm {
	return []tokenAlgorithm{
		{"RS256", kindRSA, crypto.SHA256},
		{"RS384", kindRSA, crypto.SHA384},
		{"RS512", kindRSA, crypto.SHA512},
		{"ES256", "p256", crypto.SHA256},
		{"ES384", "p384", crypto.SHA384},
		{"ES512", "p521", crypto.SHA512},
		{"PS256", kindRSA, crypto.SHA256},
		{algEdDSA, "", 0},
		{algHMAC, "", crypto.SHA256},
		{algNone, "", 0},
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

// sign makes the signature of a token's first two parts.
func (id *identity) sign(a tokenAlgorithm, input []byte) ([]byte, error) {
	switch a.name {
	case algNone:
		return nil, nil
	case algEdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return ed25519.Sign(private, input), nil
	case algHMAC:
		h := hmac.New(a.hash.New, []byte(sandboxKey))
		h.Write(input)
		return h.Sum(nil), nil
	}
	_, key, err := id.key(a.kind)
	if err != nil {
		return nil, err
	}
	h := a.hash.New()
	h.Write(input)
	digest := h.Sum(nil)
	switch private := key.(type) {
	case *rsa.PrivateKey:
		if a.name[0] == 'P' {
			return rsa.SignPSS(rand.Reader, private, a.hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
		return rsa.SignPKCS1v15(rand.Reader, private, a.hash, digest)
	case *ecdsa.PrivateKey:
		return signECDSA(private, digest)
	default:
		return nil, errors.New("the key is of another kind")
	}
}

// signECDSA writes r and s as long as the curve each, as RFC 7518 §3.4 has it.
func signECDSA(k *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, k, digest)
	if err != nil {
		return nil, err
	}
	size := (k.Params().BitSize + 7) / 8
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature, nil
}
