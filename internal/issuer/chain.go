package issuer

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // because IAM's thumbprints are SHA-1
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"time"
)

// Chain is what a host presented in the TLS handshake.
type Chain struct {
	Host         string
	Version      string // "TLS 1.3"
	Certificates []Certificate
	// Public says that the chain leads to a root of this system, which stands here for those
	// that AWS trusts.
	Public bool
	// Trusted says that it leads to such a root or to one of [Options.Roots].
	Trusted bool
	// Err is why it is not trusted.
	Err error
	// Disorder says in which way the chain is not one certificate after the other, each signed by
	// the next; "" if it is. Verifiers here put up with it, AWS was reported not to.
	Disorder string
}

// Certificate is one of a chain.
type Certificate struct {
	Subject, Issuer     string
	NotBefore, NotAfter time.Time
	SelfSigned          bool
	SHA1                string // 40 lower-case hex digits, over its DER form
}

// Thumbprint returns the SHA-1 thumbprint of the last certificate presented, the top of the chain,
// which is the one that IAM compares.
func (c *Chain) Thumbprint() string {
	if len(c.Certificates) == 0 {
		return ""
	}
	return c.Certificates[len(c.Certificates)-1].SHA1
}

// errUntrusted ends a handshake whose chain does not verify; the hop's chain says why.
var errUntrusted = errors.New("the certificate is not trusted")

// verify judges the chain of a connection.
func (c *client) verify(state tls.ConnectionState) *Chain {
	chain := &Chain{Host: state.ServerName, Version: tls.VersionName(state.Version), Disorder: disorder(state.PeerCertificates)}
	for _, certificate := range state.PeerCertificates {
		chain.Certificates = append(chain.Certificates, describe(certificate))
	}
	chain.Err = c.trust(state, nil)
	chain.Public = chain.Err == nil
	if chain.Err != nil && c.roots != nil {
		chain.Err = c.trust(state, c.roots)
	}
	chain.Trusted = chain.Err == nil
	return chain
}

// trust verifies a chain against roots, nil being the system's.
func (c *client) trust(state tls.ConnectionState, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errUntrusted
	}
	between := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		between.AddCert(certificate)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName: state.ServerName, Roots: roots, Intermediates: between, CurrentTime: c.now(),
	})
	return err
}

func describe(certificate *x509.Certificate) Certificate {
	sum := sha1.Sum(certificate.Raw) //nolint:gosec // because IAM's thumbprints are SHA-1
	return Certificate{
		Subject: certificate.Subject.String(), Issuer: certificate.Issuer.String(),
		NotBefore: certificate.NotBefore, NotAfter: certificate.NotAfter,
		SelfSigned: bytes.Equal(certificate.RawSubject, certificate.RawIssuer),
		SHA1:       hex.EncodeToString(sum[:]),
	}
}

// disorder says what is wrong with the order of a chain, "" if nothing is.
func disorder(chain []*x509.Certificate) string {
	for i, certificate := range chain {
		for _, earlier := range chain[:i] {
			if earlier.Equal(certificate) {
				return "a certificate is in it twice"
			}
		}
	}
	for i := 1; i < len(chain); i++ {
		if !bytes.Equal(chain[i-1].RawIssuer, chain[i].RawSubject) {
			return "a certificate is not followed by the one that signed it"
		}
	}
	return ""
}
