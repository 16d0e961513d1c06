package issuer

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"time"
)

// watch times the steps of one hop. The dialer may try several addresses at once and goes on for a
// moment after a hop was given up, so hooks are called concurrently and a hop is only written to by
// record.
type watch struct {
	now func() time.Time

	mu                               sync.Mutex
	started                          time.Time
	lookup, connect, handshake, sent time.Time // when each began
	timing                           Timing
	remote                           string
	addresses                        []net.IPAddr
	chain                            *Chain
}

func newWatch(now func() time.Time) *watch { return &watch{now: now, started: now()} }

// trace returns a context whose requests report to w.
func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { w.begin(&w.lookup) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			w.end(&w.lookup, &w.timing.Lookup)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.addresses = info.Addrs
		},
		ConnectStart: func(string, string) { w.begin(&w.connect) },
		ConnectDone: func(_, address string, err error) {
			if err != nil {
				return
			}
			w.end(&w.connect, &w.timing.Connect)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.remote = address
		},
		TLSHandshakeStart:    func() { w.begin(&w.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.end(&w.handshake, &w.timing.TLS) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.begin(&w.sent) },
		GotFirstResponseByte: func() { w.end(&w.sent, &w.timing.FirstByte) },
	})
}

// begin notes when a step began, the first time.
func (w *watch) begin(at *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.IsZero() {
		*at = w.now()
	}
}

func (w *watch) end(began *time.Time, took *time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !began.IsZero() {
		*took = w.now().Sub(*began)
	}
}

// sawChain notes the certificates of a handshake. Through an https proxy there are two; the later
// is the issuer's.
func (w *watch) sawChain(c *Chain) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chain = c
}

// record puts what was seen into the hop.
func (w *watch) record(h *Hop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.Timing, h.Remote, h.Chain = w.timing, w.remote, w.chain
	h.Timing.Total = w.now().Sub(w.started)
	for _, address := range w.addresses {
		if address.IP.To4() != nil {
			h.IPv4 = append(h.IPv4, address.IP.String())
		} else {
			h.IPv6 = append(h.IPv6, address.String())
		}
	}
}
