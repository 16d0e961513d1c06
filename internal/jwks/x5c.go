package jwks

import (
	"crypto"
	"crypto/x509"
)

// checkCertificates compares "x5c" with the key's numbers: AWS found no key where the two
// disagree, though it never verifies with the certificate (observed 2026-09-11). Whether the
// certificate is valid at an instant does not matter to it.
func (k *Key) checkCertificates(m members) string {
	raw, found := m["x5c"]
	if !found {
		return ""
	}
	chain, ok := certificates(raw)
	k.X5C = len(chain)
	if !ok {
		return `has an "x5c" that is no list of certificates in base64 (RFC 7517 §4.7)`
	}
	first, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return `has an "x5c" whose first entry is no certificate`
	}
	public, ok := k.public.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(first.PublicKey) {
		return `has an "x5c" whose first certificate is of another key than the numbers beside it`
	}
	return ""
}
