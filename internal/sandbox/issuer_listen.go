package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// IssuerServer is an issuer that is being served.
type IssuerServer struct {
	issuer *Issuer
	roots  *x509.CertPool
	addr   string
	server *http.Server
	done   chan error
}

// Listen serves the issuer over TLS on a TCP address, "127.0.0.1:0" for a free port of the
// machine's own, until [IssuerServer.Close].
func (i *Issuer) Listen(ctx context.Context, addr string) (*IssuerServer, error) {
	id, err := i.sandbox.identity.read(i.sandbox.options.Dir)
	if err != nil {
		return nil, err
	}
	leaf, err := id.CA.leaf(i.host, time.Now())
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve the sandbox's issuer on %s: %w", addr, err)
	}
	s := &IssuerServer{
		issuer: i, roots: id.CA.roots(), addr: ln.Addr().String(), done: make(chan error, 1),
		server: &http.Server{
			Handler: i, ReadHeaderTimeout: 10 * time.Second,
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12},
		},
	}
	go func() { s.done <- s.server.ServeTLS(ln, "", "") }()
	return s, nil
}

// Addr is where the server listens.
func (s *IssuerServer) Addr() string { return s.addr }

// Roots holds the CA that a client must trust.
func (s *IssuerServer) Roots() *x509.CertPool { return s.roots }

// Close ends the server and its connections, and waits for it.
func (s *IssuerServer) Close() error {
	err := s.server.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("end the sandbox's issuer: %w", err)
	}
	return nil
}

// CAFile is the certificate to trust as other programs read it, PEM. Empty without a state folder.
func (s *Sandbox) CAFile() string {
	if s.options.Dir == "" {
		return ""
	}
	return filepath.Join(s.options.Dir, issuerDir, caName)
}
