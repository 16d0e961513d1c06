package sandbox

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// lookAtIssuer is what STS sees of a token's issuer. The sandbox's own issuer is asked, in process and
// under any URL that an issuer can have, and answers as it would over the network, faults and all. Others are
// out of reach, which comes to the same answer as a key that the sandbox's issuer does not have.
func (s *Sandbox) lookAtIssuer(ctx context.Context, iss string) (*exchange.Discovery, *jwks.Set) {
	i, err := s.Issuer(iss)
	if iss == "" || err != nil {
		return &exchange.Discovery{Unreachable: true}, noKeys()
	}
	found := ask(ctx, i, strings.TrimSuffix(iss, "/")+discoveryPath)
	if found == nil {
		return &exchange.Discovery{Unreachable: true}, noKeys()
	}
	seen := &exchange.Discovery{Status: found.status}
	if found.status != http.StatusOK {
		return seen, noKeys()
	}
	document, err := issuer.ParseDocument(found.body.Bytes())
	if err != nil {
		document = &issuer.Document{} // without anything that AWS demands
	}
	seen.HasDocument, seen.Issuer, seen.Missing = true, document.Issuer, document.Missing()
	return seen, i.keysAt(ctx, document.JWKSURI)
}

// keysAt fetches the key set at an address, which must be one of the issuer's.
func (i *Issuer) keysAt(ctx context.Context, address string) *jwks.Set {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host != i.host {
		return noKeys()
	}
	found := ask(ctx, i, address)
	if found == nil || found.status != http.StatusOK {
		return noKeys()
	}
	keys, err := jwks.Parse(found.body.Bytes())
	if err != nil {
		return noKeys()
	}
	return keys
}

// ask sends a GET to a handler; nil is an answer that broke off or was larger than any document
// of an issuer's.
func ask(ctx context.Context, h http.Handler, address string) (p *servedPage) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil
	}
	r.RequestURI = r.URL.RequestURI()
	defer func() {
		if broken := recover(); broken == http.ErrAbortHandler { //nolint:errorlint // because this is how handlers break off, by this very value
			p = nil
		} else if broken != nil {
			panic(broken)
		}
	}()
	p = &servedPage{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(p, r)
	if p.body.Len() > issuer.MaxDocument || ctx.Err() != nil {
		return nil
	}
	return p
}

// servedPage is an answer that a handler wrote.
type servedPage struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (p *servedPage) Header() http.Header { return p.header }

// WriteHeader implements [http.ResponseWriter].
func (p *servedPage) WriteHeader(status int) {
	if !p.wrote {
		p.status, p.wrote = status, true
	}
}

// Write implements [http.ResponseWriter]. It takes no more than is read of an issuer.
func (p *servedPage) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	if p.body.Len() > issuer.MaxDocument {
		return 0, errPageTooLarge
	}
	return p.body.Write(b)
}

var errPageTooLarge = errors.New("the answer is too large")
