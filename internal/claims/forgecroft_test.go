package claims_test

import (
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestForgecroftUnderItsOwnersURLPromisesTheSameClaims(t *testing.T) {
	t.Parallel()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	const own = "https://idp.example.com/forge"
	if got := table.For(own).Knows("phase"); got != claims.BasisNone {
		t.Errorf("a stranger's phase is a key by the word of %q", got)
	}
	if got := table.WithForgecroft(own).For(own).Knows("phase"); got != claims.BasisIssuer {
		t.Errorf("an own Forgecroft's phase is a key by the word of %q, want the issuer's", got)
	}
	const github = "https://token.actions.githubusercontent.com"
	if got := table.WithForgecroft(github).For(github).ID; got != "github" {
		t.Errorf("an issuer that the table names became %q", got)
	}
}
