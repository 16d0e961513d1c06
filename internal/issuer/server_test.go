package issuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const testIssuer = "https://idp.example.com"

// authority is a CA of the test with an intermediate below it.
type authority struct {
	root, between       *x509.Certificate
	rootKey, betweenKey *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{rootKey: newKey(t), betweenKey: newKey(t)}
	now := time.Now()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	a.root = sign(t, root, root, &a.rootKey.PublicKey, a.rootKey)
	between := *root
	between.SerialNumber, between.Subject = big.NewInt(2), pkix.Name{CommonName: "test intermediate"}
	a.between = sign(t, &between, a.root, &a.betweenKey.PublicKey, a.rootKey)
	return a
}

func sign(t *testing.T, c, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, by)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// leaf makes a host's certificate that ends after a time.
func (a *authority) leaf(t *testing.T, ends time.Duration, hosts ...string) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key := newKey(t)
	return sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: hosts[0]}, DNSNames: hosts,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(ends),
	}, a.between, &key.PublicKey, a.betweenKey), key
}

// site is a TLS server on loopback that hosts of the test resolve to.
type site struct {
	*httptest.Server
	ca    *authority
	hosts []string
}

// answer is what a path of a site answers.
type answer struct {
	status int    // 0 is 200
	kind   string // Content-Type; "" is application/json
	to     string // Location
	body   string
	wait   time.Duration
}

func newSite(t *testing.T, answers map[string]answer, change func(*tls.Config, *authority)) *site {
	t.Helper()
	s := &site{ca: newAuthority(t), hosts: []string{"idp.example.com", "keys.example.com"}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, found := answers[r.Host+r.URL.Path]
		if !found {
			a, found = answers[r.URL.Path]
		}
		if !found {
			a = answer{status: http.StatusNotFound, kind: "text/html", body: "not here"}
		}
		if a.wait > 0 {
			select {
			case <-time.After(a.wait):
			case <-r.Context().Done():
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if a.kind != "" {
			w.Header().Set("Content-Type", a.kind)
		}
		if a.to != "" {
			w.Header().Set("Location", a.to)
		}
		if a.status != 0 {
			w.WriteHeader(a.status)
		}
		_, _ = io.WriteString(w, a.body)
	}))
	leaf, key := s.ca.leaf(t, 90*24*time.Hour, s.hosts...)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, s.ca.between.Raw}, PrivateKey: key}}}
	if change != nil {
		change(s.TLS, s.ca)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that the client breaks off
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// options reach the site by the names of its hosts.
func (s *site) options() Options {
	o := Options{
		Roots: s.ca.pool(), AllowPrivate: true,
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
	}
	for _, host := range s.hosts {
		o.Resolve = append(o.Resolve, fmt.Sprintf("%s:443:%s", host, s.Listener.Addr()))
	}
	return o
}

// discovery returns a document in order, with members changed; nil takes one out.
func discovery(t *testing.T, changes map[string]any) string {
	t.Helper()
	d := map[string]any{
		"issuer": testIssuer, "jwks_uri": testIssuer + "/keys.json",
		"response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256"}, "claims_supported": []string{"iss", "sub", "aud", "iat"},
	}
	maps.Copy(d, changes)
	maps.DeleteFunc(d, func(_ string, v any) bool { return v == nil })
	return marshal(t, d)
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// ecKey returns a public JWK, changed as discovery is.
func ecKey(t *testing.T, changes map[string]any) map[string]any {
	t.Helper()
	point, err := newKey(t).PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	jwk := map[string]any{"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "x": b64(point[1:33]), "y": b64(point[33:])}
	maps.Copy(jwk, changes)
	maps.DeleteFunc(jwk, func(_ string, v any) bool { return v == nil })
	return jwk
}

func keySet(t *testing.T, keys ...any) string {
	t.Helper()
	return marshal(t, map[string]any{"keys": keys})
}

// good answers as an issuer in order does.
func good(t *testing.T) map[string]answer {
	t.Helper()
	return map[string]answer{WellKnown: {body: discovery(t, nil)}, "/keys.json": {body: keySet(t, ecKey(t, nil))}}
}

// codes returns the codes of the problems but for those that every site on loopback with a CA of
// the test has.
func codes(r Result) []string {
	var list []string
	for _, p := range r.Problems {
		if p.Code != CodeTLSNotPublic && p.Code != CodePrivate && !slices.Contains(list, p.Code) {
			list = append(list, p.Code)
		}
	}
	return list
}

func describeProblems(r Result) string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s %s: %s (expected %s, found %s; %s)\n", p.Severity, p.Code, p.Summary, p.Expected, p.Found, p.Fix)
	}
	return b.String()
}
