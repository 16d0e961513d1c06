package sandbox

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/template"
)

// payload returns the claims and the header of a token.
func payload(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	for i, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func mint(t *testing.T, s *Sandbox, o TokenOptions) string {
	t.Helper()
	token, err := s.Mint(o)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// publishedKeys asks the issuer for its keys.
func publishedKeys(t *testing.T, i *Issuer) *jwks.Set {
	t.Helper()
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, i.URL()+keySetPath, nil))
	set, err := jwks.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// verified reports whether a key that the issuer publishes made the token's signature.
func verified(t *testing.T, i *Issuer, token string) bool {
	t.Helper()
	header, _ := payload(t, token)
	dot := strings.LastIndexByte(token, '.')
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range publishedKeys(t, i).Keys {
		if k.Kid == header["kid"] && jwks.Verify(token[:dot], signature, header["alg"].(string), k) == nil {
			return true
		}
	}
	return false
}

func newIssuer(t *testing.T, s *Sandbox, url string) *Issuer {
	t.Helper()
	i, err := s.Issuer(url)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestATokenOfEachAlgorithmThatAWSTakesVerifiesWithThePublishedKeys(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	issuer := newIssuer(t, s, "")
	for _, alg := range TokenAlgorithms() {
		token := mint(t, s, TokenOptions{Alg: alg})
		if header, _ := payload(t, token); header["alg"] != alg {
			t.Errorf("%s: the header says %v", alg, header["alg"])
		}
		if got, want := verified(t, issuer, token), slices.Contains(jwks.Algorithms(), alg); got != want {
			t.Errorf("%s: verified is %t, want %t", alg, got, want)
		}
	}
	for _, k := range publishedKeys(t, issuer).Keys {
		if !k.Usable {
			t.Errorf("the published key %s is not usable: %s", k.Kid, k.Reason)
		}
	}
}

func TestATokenCarriesForgecroftsClaims(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	_, claims := payload(t, mint(t, s, TokenOptions{Phase: "apply", OrgID: "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"}))
	for name, want := range map[string]any{
		"iss": template.DefaultIssuer, "aud": template.DefaultAudience, "phase": "apply",
		"org_id": "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff", "sub": "org:1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff:phase:apply",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	for _, name := range []string{"org_slug", "workspace_id", "workspace_name", "run_id", "repo", "branch", "actor"} {
		if claims[name] == nil {
			t.Errorf("no claim %s", name)
		}
	}
	if lives := claims["exp"].(float64) - claims["iat"].(float64); lives != DefaultTokenLifetime.Seconds() {
		t.Errorf("it lives for %v seconds", lives)
	}
}

func TestAnythingAboutATokenCanBeWrong(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	header, claims := payload(t, mint(t, s, TokenOptions{
		Expired: true, Lifetime: time.Hour, KeyID: "of-yesterday", Audience: []string{"a", "b"},
		Claims: map[string]any{"phase": "destroy", "sub": nil}, Without: []string{"jti"},
	}))
	if header["kid"] != "of-yesterday" {
		t.Errorf("kid is %v", header["kid"])
	}
	exp := time.Unix(int64(claims["exp"].(float64)), 0)
	if past := time.Since(exp); past < 5*time.Minute {
		t.Errorf("it expired %s ago, which AWS still takes", past)
	}
	if aud, ok := claims["aud"].([]any); !ok || len(aud) != 2 {
		t.Errorf("aud is %v", claims["aud"])
	}
	if claims["phase"] != "destroy" {
		t.Errorf("phase is %v", claims["phase"])
	}
	if sub, there := claims["sub"]; !there || sub != nil {
		t.Errorf("sub is %v, want null", sub)
	}
	if _, there := claims["jti"]; there {
		t.Error("jti was to be left out")
	}
	if header, _ = payload(t, mint(t, s, TokenOptions{NoKeyID: true})); header["kid"] != nil {
		t.Errorf("kid is %v, want none", header["kid"])
	}
	if _, err := s.Mint(TokenOptions{Alg: "RS1"}); err == nil || !strings.Contains(err.Error(), "RS256") {
		t.Errorf("an unknown algorithm: %v", err)
	}
}

func TestTheIssuerIsServedOverTLSWithACertificateOfTheSandboxsCA(t *testing.T) {
	t.Parallel()
	for _, url := range []string{template.DefaultIssuer, "https://ci.example.com/team/", "https://ci.example.com/a/b"} {
		issuer := newIssuer(t, newSandbox(t, Options{}), url)
		server, err := issuer.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: server.Roots(), MinVersion: tls.VersionTLS12},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, server.Addr())
			},
		}}
		var discovery struct {
			Issuer  string `json:"issuer"`
			JWKSURI string `json:"jwks_uri"`
		}
		body, state := get(t, client, strings.TrimSuffix(url, "/")+discoveryPath)
		if err := json.Unmarshal(body, &discovery); err != nil {
			t.Fatal(err)
		}
		if discovery.Issuer != url {
			t.Errorf("the discovery document of %s names %s", url, discovery.Issuer)
		}
		if n := len(state.PeerCertificates); n != 2 || state.PeerCertificates[1].IsCA != true {
			t.Errorf("a chain of %d certificates, want a leaf and the CA that signed it", n)
		}
		keys, _ := get(t, client, discovery.JWKSURI)
		if _, err := jwks.Parse(keys); err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
}

func get(t *testing.T, client *http.Client, url string) ([]byte, *tls.ConnectionState) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, res.Status, err)
	}
	return body, res.TLS
}

func TestTheIssuerAnswersNothingElse(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t, newSandbox(t, Options{}), "https://ci.example.com/a")
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, discoveryPath, http.StatusNotFound},
		{http.MethodGet, "/ab" + discoveryPath, http.StatusNotFound},
		{http.MethodGet, "/a", http.StatusNotFound},
		{http.MethodPost, "/a" + discoveryPath, http.StatusMethodNotAllowed},
		{http.MethodHead, "/a" + discoveryPath, http.StatusOK},
	} {
		w := httptest.NewRecorder()
		issuer.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, "https://ci.example.com"+test.path, nil))
		if w.Code != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.want)
		}
	}
	if _, err := newSandbox(t, Options{}).Issuer("http://ci.example.com"); err == nil {
		t.Error("an issuer without https is none")
	}
}

func TestProcessesOnOneStateFolderShareKeysAndSeeThemRotated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, other := newSandbox(t, Options{Dir: dir}), newSandbox(t, Options{Dir: dir})
	issuer := newIssuer(t, other, "")
	before := mint(t, one, TokenOptions{})
	if !verified(t, issuer, before) {
		t.Error("what one process signed does not verify in the other")
	}
	if err := one.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	if verified(t, issuer, before) {
		t.Error("a token of before the rotation still verifies")
	}
	if !verified(t, issuer, mint(t, one, TokenOptions{})) {
		t.Error("a token of after the rotation does not verify")
	}
	if ca, err := os.ReadFile(other.CAFile()); err != nil || !strings.HasPrefix(string(ca), "-----BEGIN CERTIFICATE-----") {
		t.Errorf("the CA's file: %.30q, %v", ca, err)
	}
}

func TestAResetForgetsTheIssuerToo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSandbox(t, Options{Dir: dir})
	before := mint(t, s, TokenOptions{})
	if err := Reset(dir); err != nil {
		t.Fatal(err)
	}
	s = newSandbox(t, Options{Dir: dir})
	if verified(t, newIssuer(t, s, ""), before) {
		t.Error("a token of before the reset still verifies")
	}
}

func TestADamagedIssuerIsNamedWithTheWayOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSandbox(t, Options{Dir: dir})
	mint(t, s, TokenOptions{})
	path := strings.TrimSuffix(s.CAFile(), caName) + identityName
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mint(TokenOptions{}); err == nil || !strings.Contains(err.Error(), "sandbox reset") {
		t.Errorf("got %v", err)
	}
}
