package issuer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// client fetches under one set of options.
type client struct {
	roots        *x509.CertPool
	rules        map[string]string // "host:port" to the address and port to dial
	allowPrivate bool
	timeout      time.Duration
	proxy        func(*http.Request) (*url.URL, error)
	fixed        http.RoundTripper
	now          func() time.Time
}

func newClient(o Options) (*client, error) {
	c := &client{
		roots: o.Roots, allowPrivate: o.AllowPrivate, timeout: o.Timeout,
		proxy: o.Proxy, fixed: o.Transport, now: o.Now, rules: make(map[string]string, len(o.Resolve)),
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.proxy == nil {
		c.proxy = http.ProxyFromEnvironment
	}
	if c.now == nil {
		c.now = time.Now
	}
	for _, text := range o.Resolve {
		from, to, err := ParseResolve(text)
		if err != nil {
			return nil, err
		}
		c.rules[from] = to
	}
	return c, nil
}

// transport returns what carries one hop, and what to call once its answer was read. Every hop has
// a connection of its own, so that its times and certificates are the hop's.
func (c *client) transport(ctx context.Context, request *http.Request, h *Hop, w *watch) (http.RoundTripper, func(), error) {
	if c.fixed != nil {
		return c.fixed, func() {}, nil
	}
	dialer := &net.Dialer{ControlContext: c.control}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if to, found := c.rules[strings.ToLower(address)]; found {
				address = to
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12,
			// Verification follows in VerifyConnection: the library's own would drop a chain
			// that fails, and it is exactly that chain which is to be described.
			InsecureSkipVerify: true, //nolint:gosec // because VerifyConnection refuses what does not verify
			VerifyConnection: func(state tls.ConnectionState) error {
				chain := c.verify(state)
				w.sawChain(chain)
				if !chain.Trusted {
					return errUntrusted
				}
				return nil
			},
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
	proxy, err := c.proxyFor(request)
	if err != nil {
		return nil, nil, err
	}
	if proxy != nil {
		h.Proxy = proxy.Host
		t.Proxy = http.ProxyURL(proxy)
		// The proxy is the user's own and may stand anywhere. It dials the issuer, so the address
		// behind the issuer's name can only be checked before.
		dialer.ControlContext = nil
		if err := c.checkBehindProxy(ctx, request.URL.Hostname()); err != nil {
			return nil, nil, err
		}
	}
	return t, t.CloseIdleConnections, nil
}

func (c *client) proxyFor(request *http.Request) (*url.URL, error) {
	port := request.URL.Port()
	if port == "" {
		port = "443"
	}
	if _, found := c.rules[strings.ToLower(net.JoinHostPort(request.URL.Hostname(), port))]; found {
		return nil, nil //nolint:nilnil // no proxy, as with http.Transport.Proxy
	}
	proxy, err := c.proxy(request)
	if err != nil {
		return nil, errProxy // its own text would hold the password of the proxy's URL
	}
	return proxy, nil
}

// control refuses a connection just before it is made, whatever name led to the address: a name
// looked up twice can have two answers.
func (c *client) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect: %q is no address", address)
	}
	return c.check(at.Addr())
}

func (c *client) check(address netip.Addr) error {
	if c.allowPrivate || isPublic(address) {
		return nil
	}
	return &PrivateAddressError{Addr: address}
}

// checkBehindProxy refuses a host whose address is known here not to be public. A name that only
// the proxy can look up passes.
func (c *client) checkBehindProxy(ctx context.Context, host string) error {
	if address, err := netip.ParseAddr(host); err == nil {
		return c.check(address)
	}
	if c.allowPrivate {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil // only the proxy may know the name
	}
	for _, address := range addresses {
		if err := c.check(address); err != nil {
			return err
		}
	}
	return nil
}
