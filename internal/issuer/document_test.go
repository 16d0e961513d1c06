package issuer

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestMembersOfADiscoveryDocumentCompareWithCase(t *testing.T) {
	t.Parallel()
	d, err := ParseDocument([]byte(`{"Issuer":"https://a","issuer":"https://b"}`))
	if err != nil || d.Issuer != "https://b" {
		t.Errorf("%+v, %v", d, err)
	}
}

func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(`{"issuer":"https://idp.example.com","jwks_uri":"https://idp.example.com/keys.json","claims_supported":["iss"]}`))
	f.Add([]byte(`{"issuer":null,"jwks_uri":7}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := ParseDocument(body)
		if (d == nil) != (err != nil) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%v, %v", d, err)
		}
	})
}

// FuzzLook serves what it was given as both documents: no text from outside may come through with
// characters that move a cursor.
func FuzzLook(f *testing.F) {
	f.Add([]byte(`{"issuer":"\u001b[31m","jwks_uri":"https://idp.example.com/keys.json","keys":[{"kid":"\u202e"},{"kty":"\u001b"}]}`))
	f.Add([]byte(`{"issuer":"https://idp.example.com","jwks_uri":"http://\u0000"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		page := string(body)
		r := Look(t.Context(), testIssuer, Options{Transport: answering{
			testIssuer + WellKnown: page, testIssuer + "/keys.json": page,
		}, Proxy: http.ProxyFromEnvironment})
		for _, p := range r.Problems {
			if said := p.Summary + p.Expected + p.Found + p.Fix; strings.ContainsFunc(said, unsafe) {
				t.Errorf("%s comes through unescaped: %q", p.Code, said)
			}
		}
	})
}

func unsafe(c rune) bool { return c < ' ' || c == 0x7f || c >= 0x202a && c <= 0x202e }
