package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Issuer is the sandbox's stand-in for a token issuer: it publishes, under any issuer's URL,
// the discovery document and the public keys of the sandbox. It is an [http.Handler];
// [Issuer.Listen] serves it over TLS. Its methods may be called concurrently.
type Issuer struct {
	sandbox *Sandbox
	url     string
	host    string
	base    string // path before /.well-known
}

const (
	discoveryPath = "/.well-known/openid-configuration"
	keySetPath    = "/.well-known/jwks.json"
)

// Issuer returns the issuer with the given URL; empty means Forgecroft's. All of a sandbox's
// issuers sign with the same keys, which are made when they are first needed and kept in the
// state folder. The error says what is wrong with the URL or the folder.
func (s *Sandbox) Issuer(issuerURL string) (*Issuer, error) {
	if issuerURL == "" {
		issuerURL = template.DefaultIssuer
	}
	if _, err := template.ParseIssuer(issuerURL); err != nil {
		return nil, err
	}
	u, err := url.Parse(issuerURL)
	if err != nil {
		return nil, fmt.Errorf("issuer %q: %w", issuerURL, err)
	}
	if _, err := s.identity.read(s.options.Dir); err != nil {
		return nil, err
	}
	return &Issuer{sandbox: s, url: issuerURL, host: u.Hostname(), base: strings.TrimSuffix(u.Path, "/")}, nil
}

// URL is the issuer as tokens name it.
func (i *Issuer) URL() string { return i.url }

// Host is the host name that the issuer answers to.
func (i *Issuer) Host() string { return i.host }

// ServeHTTP implements [http.Handler].
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	discovery, keys, silent, err := i.documents()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if silent {
		hangUp(w)
		return
	}
	path, below := strings.CutPrefix(r.URL.Path, i.base)
	document := map[string][]byte{discoveryPath: discovery, keySetPath: keys}[path]
	switch {
	case !below || document == nil:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // keys may be rotated at any time
	_, _ = w.Write(document)                    // a client that went away needs no answer
}

// documents are what the issuer publishes, as JSON; nil for what it answers 404. A silent one breaks
// the connection off instead.
func (i *Issuer) documents() (discovery, keys []byte, silent bool, err error) {
	id, err := i.sandbox.identity.read(i.sandbox.options.Dir)
	if err != nil || id.Answer == issuerSilent || id.Answer == issuerNotFound {
		return nil, nil, err == nil && id.Answer == issuerSilent, err
	}
	if discovery, err = json.MarshalIndent(i.discovery(id), "", "  "); err != nil {
		return nil, nil, false, err
	}
	keys, err = json.MarshalIndent(id.keySet(), "", "  ")
	return append(discovery, '\n'), append(keys, '\n'), false, err
}

// discovery is the document that AWS demands of an issuer (IAM User Guide, "Create an OpenID
// Connect identity provider in IAM", prerequisites).
func (i *Issuer) discovery(id *identity) any {
	base := strings.TrimSuffix(i.url, "/")
	name := i.url
	if id.Answer == issuerOther {
		name = otherSlash(name)
	}
	return map[string]any{
		"issuer":                                name,
		"jwks_uri":                              base + keySetPath,
		"response_types_supported":              []string{"id_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": jwks.Algorithms(),
		"claims_supported": []string{
			"aud", "exp", "iat", "iss", "jti", "nbf", "sub",
			"org_id", "org_slug", "workspace_id", "workspace_name", "run_id", "phase", "repo", "branch", "actor",
		},
	}
}

// RotateKeys gives the sandbox's issuers new keys and stops publishing the present ones, so
// that tokens signed before do not verify any more.
func (s *Sandbox) RotateKeys() error {
	return s.identity.change(s.options.Dir, func(was *identity) (*identity, error) {
		if was == nil {
			return newIdentity(time.Now())
		}
		next := *was
		next.Serial++
		keys, err := newKeys(next.Serial)
		next.Keys, next.Published = keys, nil
		return &next, err
	})
}
