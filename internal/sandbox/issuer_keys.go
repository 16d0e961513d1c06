package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
)

// signingKey is a private key of the issuer.
type signingKey struct {
	ID   string `json:"kid"`
	Kind string `json:"kind"` // as keyKinds has it
	PEM  string `json:"pem"`  // PKCS #8
}

// keyKind is one sort of key. An issuer has one key of each.
type keyKind struct {
	name string
	make func() (crypto.Signer, error)
}

const kindRSA = "rsa"

func keyKinds() []keyKind {
	curve := func(c elliptic.Curve) func() (crypto.Signer, error) {
		return func() (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }
	}
	return []keyKind{
		{kindRSA, func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }},
		{"p256", curve(elliptic.P256())},
		{"p384", curve(elliptic.P384())},
		{"p521", curve(elliptic.P521())},
	}
}

// newKeys makes the keys of one generation: "sandbox-1-rsa", "sandbox-1-p256", …
func newKeys(generation int) ([]signingKey, error) {
	var keys []signingKey
	for _, kind := range keyKinds() {
		k, err := kind.make()
		if err != nil {
			return nil, fmt.Errorf("make a %s key: %w", kind.name, err)
		}
		text, err := encodeKey(k)
		if err != nil {
			return nil, err
		}
		keys = append(keys, signingKey{ID: fmt.Sprintf("sandbox-%d-%s", generation, kind.name), Kind: kind.name, PEM: text})
	}
	return keys, nil
}

// key returns the issuer's key of a kind.
func (id *identity) key(kind string) (signingKey, crypto.Signer, error) {
	for _, k := range id.Keys {
		if k.Kind == kind {
			private, err := decodeKey(k.PEM)
			return k, private, err
		}
	}
	return signingKey{}, nil, fmt.Errorf("the sandbox's issuer has no %s key; start over with: fcoidc sandbox reset", kind)
}

// keySet is the JWKS (RFC 7517): the public halves of the keys that are published.
func (id *identity) keySet() any {
	keys := []map[string]string{}
	published := id.Keys
	if id.Published != nil {
		published = id.Published
	}
	for _, k := range published {
		private, err := decodeKey(k.PEM)
		if err != nil {
			continue // what cannot be read cannot sign either, and minting says so
		}
		if jwk := publicJWK(private.Public()); jwk != nil {
			jwk["kid"], jwk["use"] = k.ID, "sig"
			keys = append(keys, jwk)
		}
	}
	return map[string]any{"keys": keys}
}

// publicJWK is a public key by RFC 7518 §6, nil for a kind that the sandbox does not publish.
func publicJWK(public crypto.PublicKey) map[string]string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return map[string]string{"kty": "RSA", "n": base64url(k.N.Bytes()), "e": base64url(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := k.Bytes() // 4, x and y, of equal length
		if err != nil {
			return nil
		}
		half := (len(point) - 1) / 2
		return map[string]string{
			"kty": "EC", "crv": k.Curve.Params().Name, "x": base64url(point[1 : 1+half]), "y": base64url(point[1+half:]),
		}
	default:
		return nil
	}
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encodeKey(k crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", fmt.Errorf("encode a key of the sandbox's issuer: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// decodeKey reverses encodeKey. Its errors quote nothing of the key.
func decodeKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errBadKey
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := k.(crypto.Signer)
	if err != nil || !ok {
		return nil, errBadKey
	}
	return signer, nil
}

var errBadKey = errors.New("a key of the sandbox's issuer is damaged; start over with: fcoidc sandbox reset")
