package claims_test

import (
	"encoding/base64"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestATokenWithoutIssuerHasNoConditionKeys(t *testing.T) {
	t.Parallel()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{`{"sub":"a"}`, `{"iss":5,"sub":"a"}`} {
		token, err := claims.Parse(part(`{"alg":"RS256"}`) + "." + part(payload) + ".c2ln")
		if err != nil {
			t.Fatal(err)
		}
		p := table.For(token.Issuer())
		if key, _, ok := p.Key("sub"); ok {
			t.Errorf("%s: sub becomes the key %q", payload, key)
		}
		if keys := token.Keys(p, "sub"); len(keys) > 0 {
			t.Errorf("%s: sub fills %v", payload, keys)
		}
	}
}
