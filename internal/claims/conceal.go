package claims

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// signedToken is a compact JWT with its signature.
var signedToken = lazyregexp.New(`(eyJ[\w-]+\.[\w-]+)\.[\w-]+`)

// WithoutSignatures cuts the signature off every compact JWT that a text holds. Somebody may have
// put one into a claim, a tag or a policy, where nobody expects a credential to be shown.
func WithoutSignatures(text string) string {
	if !strings.Contains(text, "eyJ") {
		return text
	}
	return signedToken.ReplaceAllString(text, "$1")
}
