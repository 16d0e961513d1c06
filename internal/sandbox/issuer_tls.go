package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// authority issues the TLS certificate of the sandbox's issuer. As with public CAs a root
// vouches for an intermediate, which signs; the root's key is thrown away. The chain on the
// wire ends with the intermediate, whose thumbprint therefore stays the same.
type authority struct {
	Root            string `json:"root"`             // PEM
	Intermediate    string `json:"intermediate"`     // PEM
	IntermediateKey string `json:"intermediate_key"` // PEM, PKCS #8
}

const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 90 * 24 * time.Hour
	clockLeeway   = 24 * time.Hour // how long before its making a certificate is valid
)

func newAuthority(now time.Time) (authority, error) {
	root := certificate("fcoidc sandbox root", now, authorityLife)
	intermediate := certificate("fcoidc sandbox CA", now, authorityLife)
	for _, c := range []*x509.Certificate{root, intermediate} {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature
	}
	rootKey, err := newTLSKey()
	if err != nil {
		return authority{}, err
	}
	key, err := newTLSKey()
	if err != nil {
		return authority{}, err
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return authority{}, fmt.Errorf("make the sandbox's CA: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, intermediate, root, key.Public(), rootKey)
	if err != nil {
		return authority{}, fmt.Errorf("make the sandbox's CA: %w", err)
	}
	text, err := encodeKey(key)
	return authority{Root: certificatePEM(rootDER), Intermediate: certificatePEM(der), IntermediateKey: text}, err
}

// certificate is the start of every certificate here. The serial number is random (RFC 5280
// §4.1.2.2), which CreateCertificate does by itself where none is given.
func certificate(name string, now time.Time, life time.Duration) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"fcoidc sandbox"}, CommonName: name},
		NotBefore: now.Add(-clockLeeway), NotAfter: now.Add(life),
	}
}

func newTLSKey() (crypto.Signer, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a TLS key: %w", err)
	}
	return k, nil
}

func certificatePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// roots holds the root alone.
func (a authority) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(a.Root))
	return pool
}

// leaf makes a certificate for a host, with the chain that a server sends.
func (a authority) leaf(host string, now time.Time) (tls.Certificate, error) {
	block, _ := pem.Decode([]byte(a.Intermediate))
	if block == nil {
		return tls.Certificate{}, errBadCA
	}
	issuer, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return tls.Certificate{}, errBadCA
	}
	issuerKey, err := decodeKey(a.IntermediateKey)
	if err != nil {
		return tls.Certificate{}, errBadCA
	}
	key, err := newTLSKey()
	if err != nil {
		return tls.Certificate{}, err
	}
	c := certificate(host, now, leafLife)
	c.DNSNames = []string{host}
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if len(host) > maxCommonName {
		c.Subject.CommonName = ""
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), issuerKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate of %s: %w", host, err)
	}
	return tls.Certificate{Certificate: [][]byte{der, issuer.Raw}, PrivateKey: key}, nil
}

const maxCommonName = 64 // RFC 5280, ub-common-name

var errBadCA = errors.New("the CA of the sandbox's issuer is damaged; start over with: fcoidc sandbox reset")
