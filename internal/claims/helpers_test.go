package claims_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
)

// now lies within the life of the tokens made here.
var now = time.Unix(1_789_123_700, 0)

const header = `{"alg":"RS256","kid":"k1","typ":"JWT"}`

// encode makes a token of header and payload with a signature of the length of RS256's that
// nobody's key made.
func encode(header, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(header)) + "." + b64([]byte(payload)) + "." + b64([]byte(strings.Repeat("fakesig!", 32)))
}

// forgecroftToken is a token as Forgecroft documents them.
func forgecroftToken(more string) string {
	return encode(header, `{"iss":"https://api.forgecroft.com","sub":"org:11111111-1111-1111-1111-111111111111:phase:plan","aud":"sts.amazonaws.com","iat":1789123688,"exp":1789124598,`+
		`"org_id":"11111111-1111-1111-1111-111111111111","org_slug":"acme","workspace_id":"22222222-2222-2222-2222-222222222222","workspace_name":"prod-vpc","run_id":"33333333-3333-3333-3333-333333333333",`+
		`"phase":"plan","repo":"acme/infra","branch":"main","actor":"alice@acme.com"`+more+`}`)
}

func parse(t *testing.T, raw string) *claims.Token {
	t.Helper()
	token, err := claims.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func keyTable(t testing.TB) *claims.KeyTable {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// records decodes a file of testdata, one record a line.
func records[T any](t *testing.T, name string) []T {
	t.Helper()
	src, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for line := range bytes.Lines(src) {
		var r T
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		t.Fatalf("%s holds no records", name)
	}
	return all
}
