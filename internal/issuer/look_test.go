package issuer

import (
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/jwks"
)

func TestAnIssuerInOrderShowsEverythingSeen(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	r := Look(t.Context(), testIssuer, s.options())
	if got := codes(r); len(got) != 0 || !r.OK() {
		t.Fatalf("problems:\n%s", describeProblems(r))
	}
	if len(r.Keys.Usable()) != 1 || r.Document.Issuer != testIssuer || r.JWKSURL != testIssuer+"/keys.json" {
		t.Errorf("keys %+v of %+v", r.Keys, r.Document)
	}
	h := r.Discovery.Hops[0]
	if h.Status != http.StatusOK || h.Size == 0 || h.ContentType != "application/json" || h.Remote != s.Listener.Addr().String() {
		t.Errorf("hop %+v", h)
	}
	if h.Timing.Connect <= 0 || h.Timing.TLS <= 0 || h.Timing.FirstByte <= 0 || h.Timing.Total < h.Timing.TLS {
		t.Errorf("timing %+v", h.Timing)
	}
	if h.Chain.Version != "TLS 1.3" || !h.Chain.Trusted || h.Chain.Public || len(h.Chain.Certificates) != 2 {
		t.Errorf("chain %+v", h.Chain)
	}
	sum := sha1.Sum(s.ca.between.Raw)
	if want := hex.EncodeToString(sum[:]); r.Thumbprint() != want {
		t.Errorf("thumbprint %s, want %s, that of the last certificate presented", r.Thumbprint(), want)
	}
}

func TestWhatIsWrongWithAnIssuerIsNamed(t *testing.T) {
	t.Parallel()
	manyKeys := func(n int) []any {
		keys := make([]any, n)
		for i := range keys {
			keys[i] = ecKey(t, map[string]any{"kid": strings.Repeat("k", i+1)})
		}
		return keys
	}
	tests := []struct {
		name    string
		issuer  string // "" is testIssuer
		answers map[string]answer
		codes   []string
		says    string // somewhere in a problem
	}{
		{"nothing there", "", map[string]answer{WellKnown: {status: 404}}, []string{CodeStatus}, "404 Not Found"},
		{"behind a login", "", map[string]answer{WellKnown: {status: 302, to: "http://login.example.com/"}}, []string{CodeRedirectRefused}, "is not https"},
		{"redirect on the host", "", map[string]answer{WellKnown: {status: 307, to: "/d"}, "/d": {body: discovery(t, nil)}}, []string{CodeRedirect}, "307"},
		{
			"redirect to another host", "",
			map[string]answer{WellKnown: {status: 301, to: "https://keys.example.com/d"}, "keys.example.com/d": {body: discovery(t, nil)}},
			[]string{CodeRedirectHost},
			"keys.example.com/d",
		},
		{"redirect in a circle", "", map[string]answer{WellKnown: {status: 302, to: WellKnown}}, []string{CodeRedirect, CodeRedirectRefused}, "without end"},
		{"redirect to nowhere", "", map[string]answer{WellKnown: {status: 302}}, []string{CodeRedirectRefused}, "without a Location"},
		{"redirect with a password", "", map[string]answer{WellKnown: {status: 302, to: "https://a:b@idp.example.com/"}}, []string{CodeRedirectRefused}, "user name"},
		{"not JSON", "", map[string]answer{WellKnown: {kind: "text/html", body: "<html>"}}, []string{CodeContentType, CodeDiscoveryInvalid}, "from byte 1 on"},
		{"JSON served as text", "", map[string]answer{WellKnown: {kind: "text/plain", body: discovery(t, nil)}}, []string{CodeContentType}, "text/plain"},
		{"empty", "", map[string]answer{WellKnown: {}}, []string{CodeDiscoveryInvalid}, "no JSON"},
		{"huge", "", map[string]answer{WellKnown: {body: strings.Repeat(" ", MaxDocument+1)}}, []string{CodeTooLarge}, "larger than"},
		{"a slash too many in the document", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"issuer": testIssuer + "/"})}}, []string{CodeIssuerMismatch}, "a slash at the end differs"},
		{"a slash too many in the issuer", testIssuer + "/", nil, []string{CodeIssuerMismatch}, "a slash at the end differs"},
		{"letter case", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"issuer": "https://IDP.example.com"})}}, []string{CodeIssuerMismatch}, "letter case"},
		{"no scheme in the document", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"issuer": "idp.example.com"})}}, []string{CodeIssuerMismatch}, "begin with https://"},
		{"controls in the document", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"issuer": "\x1b[31m\u202e"})}}, []string{CodeIssuerMismatch}, `"\x1b[31m\u202e"`},
		{"fields missing", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"subject_types_supported": nil, "claims_supported": nil})}}, []string{CodeDiscoveryField, CodeDiscoveryClaims}, "lacks subject_types_supported"},
		{"field of another type", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"jwks_uri": 7})}}, []string{CodeDiscoveryInvalid}, `"jwks_uri" is no string`},
		{"no algorithm of AWS's", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"id_token_signing_alg_values_supported": []string{"EdDSA"}})}}, []string{CodeDiscoveryAlg}, "EdDSA"},
		{"keys over http", "", map[string]answer{WellKnown: {body: discovery(t, map[string]any{"jwks_uri": "http://idp.example.com/keys.json"})}}, []string{CodeJWKSURI}, "is not https"},
		{
			"keys on another host", "",
			map[string]answer{WellKnown: {body: discovery(t, map[string]any{"jwks_uri": "https://keys.example.com/keys.json"})}},
			[]string{CodeJWKSHost},
			"both",
		},
		{"no keys there", "", map[string]answer{"/keys.json": {status: 500}}, []string{CodeStatus}, "the key set is answered with status 500"},
		{"no key set", "", map[string]answer{"/keys.json": {body: "[]"}}, []string{CodeJWKSInvalid}, "no object"},
		{"no key", "", map[string]answer{"/keys.json": {body: keySet(t, []any{}...)}}, []string{CodeJWKSNoKey}, "0 keys"},
		{"no usable key", "", map[string]answer{"/keys.json": {body: keySet(t, ecKey(t, map[string]any{"use": "enc"}))}}, []string{CodeJWKSNoKey, CodeJWKSKeyUnusable}, "none usable"},
		{"an unknown key beside a good one", "", map[string]answer{"/keys.json": {body: keySet(t, ecKey(t, nil), map[string]any{"kty": "AKP", "kid": "pq"})}}, []string{CodeJWKSKeyUnusable}, `key "pq" is of type "AKP"`},
		{"equal kids", "", map[string]answer{"/keys.json": {body: keySet(t, ecKey(t, nil), ecKey(t, nil))}}, []string{CodeJWKSDuplicate}, "keeps the last"},
		{"too many keys", "", map[string]answer{"/keys.json": {body: keySet(t, manyKeys(jwks.MaxPerType+1)...)}}, []string{CodeJWKSTooMany}, "more than 100 EC keys"},
		{"a private key", "", map[string]answer{"/keys.json": {body: keySet(t, ecKey(t, map[string]any{"d": "AQAB"}))}}, []string{CodeJWKSPrivate}, "everybody can sign"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answers := good(t)
			maps.Copy(answers, test.answers)
			address := test.issuer
			if address == "" {
				address = testIssuer
			}
			r := Look(t.Context(), address, newSite(t, answers, nil).options())
			if got := codes(r); !slices.Equal(got, test.codes) {
				t.Errorf("codes %q, want %q:\n%s", got, test.codes, describeProblems(r))
			}
			if said := describeProblems(r); !strings.Contains(said, test.says) {
				t.Errorf("nothing says %q:\n%s", test.says, said)
			}
		})
	}
}

func TestAnIssuerThatIAMWouldNotTakeIsNamedAndOnlyFetchedOverHTTPS(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	for address, fetched := range map[string]bool{
		"https://idp.example.com:443": true, "http://idp.example.com": false, "idp.example.com": false, "": false,
		"https://user:secret@idp.example.com": false, "https://idp.example.com?x": false, "https://": false, "file:///etc/passwd": false,
		"https://idp.example.com/" + strings.Repeat("x", maxURL): false,
	} {
		r := Look(t.Context(), address, s.options())
		if !r.Has(CodeIssuerURL) || (r.Discovery != nil) != fetched {
			t.Errorf("%q: fetched %v:\n%s", address, r.Discovery != nil, describeProblems(r))
		}
	}
}

func TestTheCertificateChainIsJudged(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	tests := []struct {
		name   string
		change func(t *testing.T) func(*tls.Config, *authority)
		codes  []string
	}{
		{"expired", presents(-day, false, "idp.example.com"), []string{CodeTLSExpired}},
		{"about to end", presents(3*day, true, "idp.example.com"), []string{CodeTLSExpiring}},
		{"for another name", presents(90*day, true, "other.example.com"), []string{CodeTLSName}},
		{"intermediate left out", presents(90*day, false, "idp.example.com"), []string{CodeTLSUntrusted}},
		{"out of order", func(*testing.T) func(*tls.Config, *authority) {
			return func(c *tls.Config, a *authority) {
				chain := &c.Certificates[0].Certificate
				*chain = [][]byte{(*chain)[0], a.root.Raw, a.between.Raw}
			}
		}, []string{CodeTLSOrder}},
		{"one twice", func(*testing.T) func(*tls.Config, *authority) {
			return func(c *tls.Config, a *authority) {
				c.Certificates[0].Certificate = append(c.Certificates[0].Certificate, a.between.Raw)
			}
		}, []string{CodeTLSOrder}},
		{"TLS 1.1 only", func(*testing.T) func(*tls.Config, *authority) {
			return func(c *tls.Config, _ *authority) { c.MinVersion, c.MaxVersion = tls.VersionTLS11, tls.VersionTLS11 }
		}, []string{CodeTLS}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, good(t), test.change(t))
			r := Look(t.Context(), testIssuer, s.options())
			if got := codes(r); !slices.Equal(got, test.codes) {
				t.Errorf("codes %q, want %q:\n%s", got, test.codes, describeProblems(r))
			}
		})
	}
}

// presents makes a site show another certificate, with or without the intermediate.
func presents(ends time.Duration, whole bool, host string) func(*testing.T) func(*tls.Config, *authority) {
	return func(t *testing.T) func(*tls.Config, *authority) {
		return func(c *tls.Config, a *authority) {
			leaf, key := a.leaf(t, ends, host)
			chain := [][]byte{leaf.Raw}
			if whole || ends < 0 {
				chain = append(chain, a.between.Raw)
			}
			c.Certificates = []tls.Certificate{{Certificate: chain, PrivateKey: key}}
		}
	}
}

func TestACAThatNobodyGaveIsNotTrustedAndNothingIsSent(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	o := s.options()
	o.Roots = nil
	r := Look(t.Context(), testIssuer, o)
	if got := codes(r); !slices.Equal(got, []string{CodeTLSUntrusted}) || r.Discovery.Hops[0].Status != 0 {
		t.Errorf("%q:\n%s", got, describeProblems(r))
	}
	if len(r.Thumbprint()) != 40 {
		t.Error("no thumbprint of the chain that was refused, which is what AWS would compare")
	}
}

func TestPrivateAddressesAreRefusedAtTheDial(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	o := s.options()
	o.AllowPrivate = false
	r := Look(t.Context(), testIssuer, o)
	if got := r.Problems; len(got) != 1 || got[0].Code != CodePrivate || !strings.Contains(got[0].Found, "127.0.0.1") {
		t.Fatal(describeProblems(r))
	}
	if !isType[*PrivateAddressError](r.Discovery.Err) {
		t.Error(r.Discovery.Err)
	}
	// A name that leads there, without any rule, meets the same check.
	o.Resolve = nil
	if r := LookKeys(t.Context(), "https://localhost:"+port(t, s)+"/keys.json", o); !r.Has(CodePrivate) || r.JWKS.last().Status != 0 {
		t.Error(describeProblems(r))
	}
}

func TestARedirectToAMetadataServiceIsRefused(t *testing.T) {
	t.Parallel()
	answers := good(t)
	answers[WellKnown] = answer{status: 302, to: "https://169.254.169.254/latest/meta-data/"}
	s := newSite(t, answers, nil)
	// The site itself stands on loopback, so the check of single addresses is driven directly.
	c, err := newClient(s.options())
	if err != nil {
		t.Fatal(err)
	}
	first := c.fetchOne(t, testIssuer+WellKnown)
	c.allowPrivate, c.rules = false, nil
	target, err := next(first)
	if err != nil {
		t.Fatal(err)
	}
	if f := c.fetch(t.Context(), documentDiscovery, target); !isType[*PrivateAddressError](f.Err) {
		t.Errorf("%s: %v", target, f.Err)
	}
}

// fetchOne makes a single request.
func (c *client) fetchOne(t *testing.T, address string) *Hop {
	t.Helper()
	h := &Hop{URL: address}
	if _, err := c.hop(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestASlowIssuerIsGivenUpInTime(t *testing.T) {
	t.Parallel()
	answers := good(t)
	answers[WellKnown] = answer{wait: time.Minute}
	o := newSite(t, answers, nil).options()
	o.Timeout = 300 * time.Millisecond
	started := time.Now()
	r := Look(t.Context(), testIssuer, o)
	if got := codes(r); !slices.Equal(got, []string{CodeUnreachable}) || time.Since(started) > 10*time.Second {
		t.Errorf("%s, after %s", describeProblems(r), time.Since(started))
	}
}

func TestAnAnswerSlowerThanAWSWaitsIsAFailure(t *testing.T) {
	t.Parallel()
	o := newSite(t, good(t), nil).options()
	start, ticks := time.Now(), new(atomic.Int64)
	o.Now = func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * 2 * time.Second) }
	if r := Look(t.Context(), testIssuer, o); !r.Has(CodeSlow) || r.OK() || r.Keys == nil {
		t.Error(describeProblems(r))
	}
}

func TestAnInterruptedLookBlamesNobody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := Look(ctx, testIssuer, newSite(t, good(t), nil).options())
	if got := codes(r); !slices.Equal(got, []string{CodeInterrupted}) || !r.OK() {
		t.Error(describeProblems(r))
	}
}

func TestNobodyListening(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	o := s.options()
	s.Close()
	r := Look(t.Context(), testIssuer, o)
	if got := codes(r); !slices.Equal(got, []string{CodeUnreachable}) || r.OK() {
		t.Error(describeProblems(r))
	}
}

func TestTheKeySetAloneIsFetchedByItsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t, good(t), nil)
	r := LookKeys(t.Context(), testIssuer+"/keys.json", s.options())
	if len(codes(r)) != 0 || len(r.Keys.Usable()) != 1 || r.Discovery != nil {
		t.Error(describeProblems(r))
	}
	if r := LookKeys(t.Context(), "http://idp.example.com/keys.json", s.options()); !r.Has(CodeJWKSURI) || r.JWKS != nil {
		t.Error(describeProblems(r))
	}
}

// answering is a transport in place of the network.
type answering map[string]string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	body, found := a[r.URL.String()]
	if !found {
		return nil, errors.New("no such page")
	}
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Content-Type", "application/json")
	_, _ = recorder.WriteString(body)
	return recorder.Result(), nil
}

func TestATransportStandsInForTheNetwork(t *testing.T) {
	t.Parallel()
	r := Look(t.Context(), testIssuer, Options{Transport: answering{
		testIssuer + WellKnown: discovery(t, nil), testIssuer + "/keys.json": keySet(t, ecKey(t, nil)),
	}})
	if len(r.Problems) != 0 || r.Thumbprint() != "" {
		t.Error(describeProblems(r))
	}
}

func TestTheProxyIsUsedAndCannotLeadToPrivateAddresses(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 4)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Proxy: func(*http.Request) (*url.URL, error) { return at, nil }}
	r := Look(t.Context(), "https://idp.invalid", o)
	if got := <-asked; got != "CONNECT idp.invalid:443" || r.Discovery.Hops[0].Proxy != at.Host || !r.Has(CodeUnreachable) {
		t.Errorf("%s:\n%s", got, describeProblems(r))
	}
	if r := LookKeys(t.Context(), "https://169.254.169.254/keys", o); !r.Has(CodePrivate) || len(asked) != 0 {
		t.Error(describeProblems(r))
	}
}

func TestThePasswordOfAProxyThatCannotBeReadIsNotShown(t *testing.T) {
	t.Parallel()
	o := Options{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy http://u:secret@") }}
	r := Look(t.Context(), testIssuer, o)
	if said := describeProblems(r); !r.Has(CodeProxyUnreadable) || strings.Contains(said, "secret") {
		t.Error(said)
	}
}

func port(t *testing.T, s *site) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}
