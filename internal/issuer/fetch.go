package issuer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	maxURL  = 2048
	maxHops = 5 // requests for one document, redirects included

	maxHeader = 64 << 10 // bytes
)

// The documents that are fetched, as problems name them.
const (
	documentDiscovery = "discovery document"
	documentJWKS      = "key set"
)

// Fetch is one document with everything that happened on the way to it.
type Fetch struct {
	Document string // "discovery document" or "key set"
	Hops     []Hop  // at least one; each after the first follows a redirect
	Body     []byte // at most MaxDocument bytes; empty unless the last hop answered 200
	// Err is why no document came: an address that is refused, a network failure, a certificate,
	// a redirect that is not followed. It is nil once an answer other than a redirect is there, be
	// its status what it may.
	Err error
}

// Hop is one request and its answer.
type Hop struct {
	URL         string
	Status      int    // 0 if none came
	Location    string // of a redirect, as the server wrote it
	ContentType string
	Size        int64 // bytes read of the body
	Truncated   bool  // the body goes on beyond MaxDocument
	Proxy       string
	Remote      string   // address and port that answered; the proxy's if there is one
	IPv4, IPv6  []string // what the host's name resolves to; empty if nobody asked
	Timing      Timing
	Chain       *Chain // nil if no TLS handshake came so far
}

// Timing says how long the steps of a hop took; 0 for those that were not reached.
type Timing struct {
	Lookup    time.Duration // the host's name
	Connect   time.Duration // the TCP connection
	TLS       time.Duration // the handshake
	FirstByte time.Duration // from the request sent to the first byte of the answer
	Total     time.Duration // all, the body included
}

// errRedirect is why a redirect was not followed: a sentence's end.
type errRedirect string

func (e errRedirect) Error() string { return "redirect " + string(e) }

var errProxy = errors.New("the proxy that the environment names is no URL")

// complete reports whether the whole document is there.
func (f *Fetch) complete() bool {
	return f.Err == nil && f.last().Status == http.StatusOK && !f.last().Truncated
}

func (f *Fetch) last() *Hop { return &f.Hops[len(f.Hops)-1] }

// Total is the time that all hops took together.
func (f *Fetch) Total() time.Duration {
	var total time.Duration
	for _, h := range f.Hops {
		total += h.Timing.Total
	}
	return total
}

// chain returns the certificates of the first hop: those that AWS meets at the address it knows.
func (f *Fetch) chain() *Chain {
	if f == nil {
		return nil
	}
	return f.Hops[0].Chain
}

// fetch gets one document over at most maxHops requests.
func (c *client) fetch(ctx context.Context, document, address string) *Fetch {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	f := &Fetch{Document: document}
	for {
		f.Hops = append(f.Hops, Hop{URL: address})
		if f.Body, f.Err = c.hop(ctx, f.last()); f.Err != nil || !isRedirect(f.last().Status) {
			return f
		}
		if address, f.Err = next(f.last()); f.Err != nil {
			return f
		}
		if len(f.Hops) == maxHops {
			f.Err = errRedirect("after redirect, without end")
			return f
		}
	}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// next returns where a redirect leads, if that may be fetched.
func next(h *Hop) (string, error) {
	if h.Location == "" {
		return "", errRedirect("without a Location")
	}
	from, err := url.Parse(h.URL)
	if err != nil {
		return "", errRedirect("from an address that is no URL")
	}
	to, err := from.Parse(h.Location)
	if err != nil {
		return "", errRedirect("to something that is no URL")
	}
	to.Fragment = ""
	if problem := addressProblem(to.String()); problem != "" {
		return "", errRedirect("to an address that " + problem)
	}
	return to.String(), nil
}

// hop makes one request and reads at most MaxDocument of its answer.
func (c *client) hop(ctx context.Context, h *Hop) ([]byte, error) {
	watch := newWatch(c.now)
	defer func() { watch.record(h) }()
	request, err := http.NewRequestWithContext(watch.trace(ctx), http.MethodGet, h.URL, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "fcoidc")
	transport, done, err := c.transport(ctx, request, h, watch)
	if err != nil {
		return nil, err
	}
	defer done()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // the body was read or is not wanted
	h.Status, h.Location, h.ContentType = response.StatusCode, response.Header.Get("Location"), response.Header.Get("Content-Type")
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxDocument+1))
	if len(body) > MaxDocument {
		body, h.Truncated = body[:MaxDocument], true
	}
	h.Size = int64(len(body))
	if err != nil || h.Status != http.StatusOK {
		return nil, err
	}
	return body, nil
}
