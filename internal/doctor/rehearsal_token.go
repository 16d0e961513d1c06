package doctor

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
)

// orgSource is whose word an organization's id is.
type orgSource int

// The sources. The role's own trust proves nothing; the stack's parameter proves only that the
// trust was not changed since.
const (
	orgOfTrust orgSource = iota
	orgOfStack
	orgOfToken
	orgGiven
)

// organizationID is the organization that tokens are expected to be of.
func (s *Snapshot) organizationID(given string) (id string, source orgSource) {
	if given != "" {
		return given, orgGiven
	}
	if s.Token != nil {
		if token, err := claims.FromJSON(s.Token.Header, s.Token.Claims); err == nil && tenant(token) != "" {
			return tenant(token), orgOfToken
		}
	}
	if stack := s.Stack(); stack != nil && stack.Parameters[template.ParamOrgID] != "" {
		return stack.Parameters[template.ParamOrgID], orgOfStack
	}
	return "", orgOfTrust
}

// expectedCase is the exchange that a run is expected to make: a token as the issuer documents
// it, of the role's phase and of the organization. What only a real token can tell (its subject,
// workspace and the like) is taken to be what the trust policy asks for. The issuer's documents
// and keys are judged for themselves. ok is false if there is no trust policy to judge.
func (s *Snapshot) expectedCase(r *Role, org string) (c exchange.Case, ok bool) {
	if r.Trust == "" {
		return c, false
	}
	doc, err := policy.Parse([]byte(r.Trust))
	if err != nil {
		doc = nil // the case tells that it cannot be read
	}
	token, err := claims.FromJSON(nil, s.expectedClaims(r, doc, org))
	if err != nil {
		return c, false
	}
	c = s.caseOf(r, token)
	c.Keys = nil
	if c.Discovery != nil {
		c.Discovery = &exchange.Discovery{ChainThumbprint: c.Discovery.ChainThumbprint, CertificateError: c.Discovery.CertificateError}
	}
	return c, true
}

func (s *Snapshot) expectedClaims(r *Role, doc *policy.Document, org string) []byte {
	audience := template.DefaultAudience
	if stack := s.Stack(); stack != nil && stack.Parameters[template.ParamAudience] != "" {
		audience = stack.Parameters[template.ParamAudience]
	}
	want := map[string]any{"iss": s.IssuerURL, "aud": audience, "sub": "as-the-issuer-writes-it"}
	if r.Phase != "" {
		want["phase"] = string(r.Phase)
	}
	if org != "" {
		want["org_id"] = org
	}
	tags := map[string]any{}
	for name, value := range asked(doc, withoutScheme(s.IssuerURL)) {
		key, isTag := strings.CutPrefix(name, "aws:requesttag/")
		switch {
		case isTag && want[key] != nil && (key == "phase" || key == "org_id"):
			tags[key] = []any{want[key]}
		case isTag:
			tags[key] = []any{value}
		case want[name] == nil || name == "sub":
			want[name] = value
		}
	}
	if len(tags) > 0 {
		want[claims.ClaimTags] = map[string]any{"principal_tags": tags}
	}
	text, err := json.Marshal(want)
	if err != nil {
		return nil // never so of texts
	}
	return text
}

// asked returns, by claim or session tag, a value that the document's conditions take.
func asked(doc *policy.Document, prefix string) map[string]string {
	found := map[string]string{}
	if doc == nil {
		return found
	}
	for i := range doc.Statements {
		if doc.Statements[i].Effect != policy.Allow {
			continue
		}
		for _, c := range doc.Statements[i].Conditions {
			name, ok := claimOf(c.Key.Text, prefix)
			if !ok || c.Operator.Negated || c.Operator.Family != policy.StringFamily || len(c.Values) == 0 {
				continue
			}
			if _, have := found[name]; !have {
				found[name] = strings.NewReplacer("*", "x", "?", "x").Replace(c.Values[0].Text)
			}
		}
	}
	return found
}

// documentedClaims are those that Forgecroft's tokens carry by its documentation, and the default
// ones. A condition on another is one that no token fulfils.
var documentedClaims = []string{"sub", "org_id", "org_slug", "workspace_id", "workspace_name", "run_id", "phase", "repo", "branch", "actor"}

// claimOf takes the claim, or in lower case the session tag, from a condition key.
func claimOf(key, prefix string) (name string, ok bool) {
	if lower := strings.ToLower(key); strings.HasPrefix(lower, "aws:requesttag/") {
		return lower, true
	}
	if len(key) <= len(prefix) || !strings.EqualFold(key[:len(prefix)], prefix) || key[len(prefix)] != ':' {
		return "", false
	}
	name = strings.ToLower(key[len(prefix)+1:])
	return name, slices.Contains(documentedClaims, name)
}
