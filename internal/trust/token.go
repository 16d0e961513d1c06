package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// token writes a solution's context as the token and the call that bring it about.
func (m *model) token(context policy.Context) *Token {
	t := &Token{Claims: map[string]any{"iss": "https://" + m.issuer.KeyPrefix}, Call: map[string]string{}, Context: policy.Context{}}
	tags := map[string]any{}
	for name, values := range context {
		s := m.issuer.source(name)
		lower := strings.ToLower(name)
		t.Context[name] = values
		switch {
		case strings.HasPrefix(lower, requestTag):
			tags[name[len(requestTag):]] = values
		case s.origin == fromToken && s.claim == claims.ClaimRoles:
			if values[0] == "true" {
				t.Claims[s.claim] = placeholderRole
			}
		case s.origin == fromToken && s.claim == "aud":
		case s.origin == fromToken:
			t.Claims[s.claim] = claimValue(values)
		case s.origin == fromCall, s.origin == fromWorld:
			t.Call[name] = strings.Join(values, ", ")
		}
	}
	if len(tags) > 0 {
		t.Claims[claims.ClaimTags] = map[string]any{"principal_tags": tags}
	}
	m.addAudience(t)
	m.addSubject(t)
	return t
}

func claimValue(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return slices.Clone(values)
}

// addAudience gives the token the aud that STS demands, and azp where the keys that AWS reads
// from the two differ.
func (m *model) addAudience(t *Token) {
	aud, audName, hasAud := t.Context.Get(m.issuer.key("aud"))
	oaud, oaudName, hasOaud := t.Context.Get(m.issuer.key("oaud"))
	if !hasAud {
		audName = m.issuer.key("aud")
		switch {
		case len(oaud) == 1 && len(m.issuer.audiences) == 0:
			aud = oaud
		case len(m.issuer.audiences) > 0:
			aud = m.issuer.audiences[:1]
		default:
			aud = []string{defaultAud}
		}
	}
	if !hasOaud {
		oaudName, oaud = m.issuer.key("oaud"), aud
	}
	t.Context[audName], t.Context[oaudName] = aud, oaud
	t.Claims["aud"] = claimValue(oaud)
	if !slices.Equal(aud, oaud) {
		t.Claims["azp"] = aud[0]
	}
}

func (m *model) addSubject(t *Token) {
	if _, _, ok := t.Context.Get(m.issuer.key("sub")); !ok {
		t.Context[m.issuer.key("sub")] = []string{anotherSubject}
		t.Claims["sub"] = anotherSubject
	}
}
