package claims_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// quotes reports whether an error repeats a piece of the input that could be a secret: eight
// letters or digits in a row that are in no text of our own.
func quotes(message, input string) bool {
	const secret = 8
	for i := 0; i+secret <= len(message); i++ {
		piece := message[i : i+secret]
		if strings.Contains(input, piece) && strings.IndexFunc(piece, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) < 0 {
			return true
		}
	}
	return false
}

func checkError(t *testing.T, err error, input string) {
	t.Helper()
	if !errors.Is(err, claims.ErrMalformed) {
		t.Errorf("error %v is not ErrMalformed", err)
	}
	format, ok := errors.AsType[*claims.FormatError](err)
	if !ok {
		t.Fatalf("error of type %T", err)
	}
	// Our own words may be in the input; what is in capitals and digits alone is not ours.
	if quotes(err.Error(), input) && !strings.Contains(err.Error(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN") {
		t.Errorf("error quotes the input: %q", err)
	}
	if len(err.Error())+len(format.Hint()) > 500 {
		t.Errorf("error of %d characters", len(err.Error()))
	}
}

func seeds() []string {
	token := forgecroftToken("")
	return []string{
		"", "a.b.c", rfcA1, token, "Bearer " + token, `{"id_token":"` + token + `"}`, wrap(token, 64, "\n"), asUTF16(token),
		"AKIAIOSFODNN7EXAMPLE", "/run/token", encode(header, `{"a":[{"b":[1,{"c":null}]}],"exp":"1"}`),
		encode(`{"alg":"none"}`, `{"https://aws.amazon.com/tags":{"principal_tags":{"a":["b"]}},"https://aws.amazon.com/roles":[1,"x"]}`),
		strings.Repeat("eyJhbGciOi\n", 50), `{"protected":"x","signature":"y"}`,
	}
}

func FuzzParseNeverPanicsAndNeverQuotes(f *testing.F) {
	table := keyTable(f)
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := claims.Parse(raw)
		if err != nil {
			checkError(t, err, raw)
			return
		}
		d := claims.Describe(token, table, now)
		rows := 0
		for _, g := range d.Groups {
			rows += len(g.Rows)
		}
		if rows != len(token.Claims) {
			t.Errorf("%d rows of %d claims", rows, len(token.Claims))
		}
		if len(claims.Diff(token, token)) != 0 {
			t.Error("a token differs from itself")
		}
		for _, m := range token.Claims {
			_, _ = claims.AsCondition(token, d.Provider, []string{m.Name})
		}
	})
}

// FuzzPayloadNeverPanicsAndNeverQuotes reaches what base64 hides from fuzzing Parse: any JSON as header and payload.
func FuzzPayloadNeverPanicsAndNeverQuotes(f *testing.F) {
	table := keyTable(f)
	f.Add(header, `{"iss":"https://api.forgecroft.com","aud":["a"],"exp":1e5}`)
	f.Add(`{"alg":1,"crit":[1]}`, `{"sub":"repo:a@1/b@2:x","iss":"https://token.actions.githubusercontent.com"}`)
	f.Add(`{}`, `{"https://aws.amazon.com/tags/principal_tags/":"","https://aws.amazon.com/roles":";;"}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		raw := encode(header, payload)
		token, err := claims.Parse(raw)
		if err != nil {
			checkError(t, err, header+payload)
			return
		}
		d := claims.Describe(token, table, now)
		for _, m := range token.Claims {
			_, _ = claims.AsConditionYAML(token, d.Provider, []string{m.Name})
		}
		if found, err := claims.Find([]byte(raw)); err == nil && found != raw && header[0] == '{' {
			t.Errorf("a good token was found as another")
		}
	})
}

func FuzzFindNeverPanicsAndNeverQuotes(f *testing.F) {
	for _, s := range seeds() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, pasted []byte) {
		raw, err := claims.Find(pasted)
		if err != nil {
			checkError(t, err, string(pasted))
			return
		}
		if raw == "" || len(raw) > 2*claims.MaxInputSize {
			t.Errorf("found %d characters", len(raw))
		}
		if _, err := claims.Parse(raw); err != nil {
			checkError(t, err, string(pasted))
		}
	})
}
