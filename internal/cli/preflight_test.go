package cli

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/template"
)

// pages answers with the text at a URL, 404 elsewhere.
type pages map[string]string

func (p pages) RoundTrip(r *http.Request) (*http.Response, error) {
	text, found := p[r.URL.String()]
	status := http.StatusOK
	if !found {
		status = http.StatusNotFound
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(text)), Request: r,
	}, nil
}

const (
	discoveryOf = template.DefaultIssuer + issuer.WellKnown
	keysOf      = template.DefaultIssuer + "/keys"
)

func discoveryFor(iss string) string {
	return `{"issuer": "` + iss + `", "jwks_uri": "` + keysOf + `", "response_types_supported": ["id_token"],
		"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}`
}

func TestAnIssuerThatIsWrongIsToldWithWhatAWSWillAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		pages pages
		want  []string
	}{
		{"not found", pages{}, []string{"Could not connect to OIDC provider", "status 404"}},
		{
			"another issuer",
			pages{discoveryOf: discoveryFor("https://other.example.com"), keysOf: `{"keys": []}`},
			[]string{"Could not connect to OIDC provider", "other.example.com", "no key that AWS can use"},
		},
		{
			"no usable key",
			pages{discoveryOf: discoveryFor(template.DefaultIssuer), keysOf: `{"keys": []}`},
			[]string{"Couldn't retrieve verification key", "no key that AWS can use"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := newIssuerError(issuer.Look(t.Context(), template.DefaultIssuer, issuer.Options{Transport: test.pages}))
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("it lacks %q:\n%s", part, err)
				}
			}
			if err.fromHere || !strings.Contains(err.Hint(), "tell its support") {
				t.Errorf("the fault is the issuer's, not this machine's: %s", err.Hint())
			}
		})
	}
}

// nowhere is an issuer whose name never resolves (RFC 6761 §6.4).
const nowhere = "https://issuer.invalid"

func requestForNowhere(t *testing.T) bootstrap.Request {
	t.Helper()
	tpl, err := template.Render(nowhere)
	if err != nil {
		t.Fatal(err)
	}
	return bootstrap.Request{Template: *tpl}
}

func TestAnIssuerIsMendedByWhoeverRunsIt(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		template.DefaultIssuer:    "is Forgecroft's: tell its support",
		"https://idp.example.com": "mend the issuer first",
	} {
		if hint := (&issuerError{issuer: url}).Hint(); !strings.Contains(hint, want) || !strings.Contains(hint, "--skip-preflight") {
			t.Errorf("%s: %s", url, hint)
		}
	}
}

func TestAnIssuerOutOfReachStopsARunOnAWS(t *testing.T) {
	t.Parallel()
	w := &world{targets: []fleet.Target{{Account: "111122223333", Region: "us-east-1"}}}
	_, _, err := new(bootstrapOptions).preflight(t.Context(), w, requestForNowhere(t))
	refusal, ok := errors.AsType[*issuerError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(refusal.Error(), "cannot be reached from here") || !strings.Contains(refusal.Hint(), "--skip-preflight") {
		t.Errorf("%s\nhint: %s", refusal, refusal.Hint())
	}
	skip := bootstrapOptions{SkipPreflight: true}
	if _, warnings, err := skip.preflight(t.Context(), w, requestForNowhere(t)); err != nil || warnings != nil {
		t.Errorf("--skip-preflight: %v, %v", warnings, err)
	}
}

func TestAnIssuerOutOfReachIsAWarningWhereAWSIsEmulated(t *testing.T) {
	t.Parallel()
	w := &world{targets: []fleet.Target{
		{Account: "111122223333", Config: aws.Config{BaseEndpoint: aws.String("http://127.0.0.1:4566")}},
		{Account: "444455556666", Err: errors.New("no role")},
	}}
	req, warnings, err := new(bootstrapOptions).preflight(t.Context(), w, requestForNowhere(t))
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "cannot be reached from here") {
		t.Errorf("warnings %q, error %v", warnings, err)
	}
	if req.Examples != nil {
		t.Errorf("a thumbprint of nobody: %v", req.Examples)
	}
}

func TestNobodyAsksTheIssuerWhereNoAccountIsReached(t *testing.T) {
	t.Parallel()
	w := &world{targets: []fleet.Target{{Account: "111122223333", Err: errors.New("no role")}}}
	if _, _, err := new(bootstrapOptions).preflight(t.Context(), w, requestForNowhere(t)); err != nil {
		t.Error(err)
	}
}

func TestTheObservedThumbprintIsForNewStacksThatNameNone(t *testing.T) {
	t.Parallel()
	const observed = "0123456789012345678901234567890123456789"
	examples := map[string]string{template.ParamOrgID: sandboxOrgID}
	got := withThumbprint(bootstrap.Request{Examples: examples}, observed).Examples
	if got[template.ParamThumbprint] != observed || got[template.ParamOrgID] != sandboxOrgID {
		t.Errorf("examples are %v", got)
	}
	if len(examples) != 1 {
		t.Error("the caller's own examples were changed")
	}
	if got := withThumbprint(bootstrap.Request{}, "").Examples; got != nil {
		t.Errorf("nothing was observed, and examples are %v", got)
	}
}
