package trust

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// A token that an audit or a separation shows gives the very context that it was judged by.
func TestTheClaimsOfATokenGiveItsContext(t *testing.T) {
	t.Parallel()
	keys := table(t)
	forSeeds(t, separations/2, func(g generator, seed int) {
		plan, apply := g.policy(t), g.policy(t)
		o := Options{Table: keys, Keys: pick(g, keyModes...), ProviderARN: fcARN}
		tokens := []*Token{Separate(plan, apply, o).Counter}
		for _, h := range Audit(apply, o).Holes {
			tokens = append(tokens, h.Token)
		}
		for _, token := range tokens {
			if token == nil {
				continue
			}
			payload, err := json.Marshal(token.Claims)
			if err != nil {
				t.Error(err)
				return
			}
			parsed, err := claims.FromJSON([]byte(`{"alg": "RS256"}`), payload)
			if err != nil {
				t.Error(err)
				return
			}
			context := Context(parsed, keys.For(parsed.Issuer()), o.Keys, Call{Provider: fcARN, Account: "111122223333"})
			for name, want := range token.Context {
				if _, called := token.Call[name]; called {
					continue
				}
				if got, _, _ := context.Get(name); !slices.Equal(sorted(got), sorted(want)) {
					t.Errorf("seed %d, keys %s: %s is %q by the claims, %q in the context\n%s", seed, o.Keys, name, got, want, payload)
				}
			}
		}
	})
}

func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }
