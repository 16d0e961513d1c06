package cli

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/sandbox"
)

// readRoots reads the file of a --ca-cert; nil for none.
func readRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no further roots
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("", "--ca-cert: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, usagef("it begins with -----BEGIN CERTIFICATE-----", "--ca-cert %s: no certificate in PEM form", path)
	}
	return roots, nil
}

// serveIssuer starts the sandbox's issuer under a URL and returns how to reach it, until
// stop is called. Nothing leaves the machine.
func serveIssuer(ctx context.Context, box *sandbox.Sandbox, url string) (o issuer.Options, stop func(), err error) {
	i, err := box.Issuer(url)
	if err != nil {
		return o, nil, err
	}
	server, err := i.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return o, nil, err
	}
	return issuer.Options{
		Roots: server.Roots(), Resolve: []string{fmt.Sprintf("%s:443:%s", i.Host(), server.Addr())}, AllowPrivate: true,
	}, func() { _ = server.Close() }, nil // it answered all that was asked
}
