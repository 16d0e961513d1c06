package jwks

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"sync"
	"testing"
	"time"
)

// pair is a private key and its JWK without an id.
type pair struct {
	private crypto.Signer
	jwk     map[string]any
}

var (
	rsaOne   = sync.OnceValue(func() pair { return newRSA(2048) })
	rsaOther = sync.OnceValue(func() pair { return newRSA(2048) })
	p256     = sync.OnceValue(func() pair { return newEC(elliptic.P256()) })
	p384     = sync.OnceValue(func() pair { return newEC(elliptic.P384()) })
	p521     = sync.OnceValue(func() pair { return newEC(elliptic.P521()) })
)

// signerFor returns a pair that makes signatures of an algorithm.
func signerFor(alg string) pair {
	switch alg {
	case "ES256":
		return p256()
	case "ES384":
		return p384()
	case "ES512":
		return p521()
	default:
		return rsaOne()
	}
}

func newRSA(bits int) pair {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return pair{key, map[string]any{"kty": "RSA", "n": b64(key.N.Bytes()), "e": "AQAB"}}
}

func newEC(curve elliptic.Curve) pair {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	size := (len(point) - 1) / 2
	return pair{key, map[string]any{
		"kty": "EC", "crv": curve.Params().Name, "x": b64(point[1 : 1+size]), "y": b64(point[1+size:]),
	}}
}

// with returns the pair's JWK with further members; nil takes one out.
func (p pair) with(members map[string]any) map[string]any {
	jwk := map[string]any{"kid": "k", "use": "sig"}
	for _, from := range []map[string]any{p.jwk, members} {
		for name, value := range from {
			if jwk[name] = value; value == nil {
				delete(jwk, name)
			}
		}
	}
	return jwk
}

// sign makes a JWS signature (RFC 7518 §3).
func (p pair) sign(t *testing.T, alg, input string) []byte {
	t.Helper()
	a, ok := algorithmNamed(alg)
	if !ok {
		t.Fatalf("no algorithm %q", alg)
	}
	digest := a.hash.New()
	digest.Write([]byte(input))
	sum := digest.Sum(nil)
	key, isEC := p.private.(*ecdsa.PrivateKey)
	if !isEC {
		signature, err := p.private.Sign(rand.Reader, sum, a.hash)
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		t.Fatal(err)
	}
	size := (key.Params().BitSize + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
}

// certificate returns an x5c member: a self-signed certificate of the pair.
func (p pair) certificate(t *testing.T) []string {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "key"}, NotAfter: time.Unix(2000000000, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, p.private.Public(), p.private)
	if err != nil {
		t.Fatal(err)
	}
	return []string{base64.StdEncoding.EncodeToString(der)}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// setOf parses a set of these keys.
func setOf(t *testing.T, keys ...any) *Set {
	t.Helper()
	body, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
