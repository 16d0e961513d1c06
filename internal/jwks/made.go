package jwks

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"math/big"
)

// digestPrefixes are the DER prefixes of DigestInfo (RFC 8017 §9.2, note 1).
var digestPrefixes = map[crypto.Hash]string{
	crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
	crypto.SHA384: "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
	crypto.SHA512: "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
}

// Made reports whether signature is an RSA key's over some text, whatever the text. It tells
// a token whose header or payload was changed from one whose signature was. It is false for
// EC keys, whose signatures do not show it, and proves nothing about any token: use [Verify].
func Made(signature []byte, alg string, k Key) bool {
	a, _ := algorithmNamed(alg)
	public, ok := k.public.(*rsa.PublicKey)
	if !ok || a.kty != typeRSA || len(signature) != public.Size() {
		return false
	}
	s := new(big.Int).SetBytes(signature)
	if s.Cmp(public.N) >= 0 {
		return false
	}
	// EM = 00 01 FF … FF 00 DigestInfo (RFC 8017 §9.2)
	em := s.Exp(s, big.NewInt(int64(public.E)), public.N).FillBytes(make([]byte, public.Size()))
	info := digestPrefixes[a.hash]
	padding := len(em) - 3 - len(info) - a.hash.Size()
	if padding < 8 {
		return false
	}
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, padding)...)
	want = append(append(want, 0), info...)
	return bytes.HasPrefix(em, want)
}
