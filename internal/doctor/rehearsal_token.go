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
	given := map[string]bool{}
	for _, condition := range askedOf(doc, withoutScheme(s.IssuerURL)) {
		name, value := condition.claim, strings.NewReplacer("*", "x", "?", "x").Replace(condition.values[0])
		if given[name] {
			continue // the first that is asked for
		}
		given[name] = true
		key, isTag := strings.CutPrefix(name, tagPrefix)
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

// askedClaim is a condition on a claim, or on a session tag.
type askedClaim struct {
	claim  string // its name; of a tag in lower case, after tagPrefix
	values []string
}

// tagPrefix is what the condition keys of session tags begin with, in lower case.
const tagPrefix = "aws:requesttag/"

// knownClaims are those whose values a run's token is known to have, or of which another check
// says what is not known.
var knownClaims = []string{"phase", "org_id", tagPrefix + "phase", tagPrefix + "org_id"}

// anything reports whether every value fulfils the condition.
func (a *askedClaim) anything() bool {
	return slices.ContainsFunc(a.values, func(v string) bool { return v != "" && strings.Trim(v, "*") == "" })
}

// asksFor reports whether a stack of ours was told to ask for what a condition does.
func (s *Stack) asksFor(a *askedClaim, phase Phase) bool {
	if s == nil || !s.Ours {
		return false
	}
	told := s.Parameters[template.ParamWorkspaceID]
	switch {
	case a.claim == "sub" && phase == Plan:
		told = s.Parameters[template.ParamPlanSubject]
	case a.claim == "sub":
		told = s.Parameters[template.ParamApplySubject]
	case strings.TrimPrefix(a.claim, tagPrefix) != "workspace_id":
		return false
	}
	return told != "" && slices.Equal(a.values, []string{told})
}

// askedOf returns the claims and session tags that the document's conditions want a value of.
func askedOf(doc *policy.Document, prefix string) (list []askedClaim) {
	if doc == nil {
		return nil
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
			list = append(list, askedClaim{name, textsOf(c.Values)})
		}
	}
	return list
}

// documentedClaims are those that Forgecroft's tokens carry by its documentation, and the default
// ones. A condition on another is one that no token fulfils.
var documentedClaims = []string{"sub", "org_id", "org_slug", "workspace_id", "workspace_name", "run_id", "phase", "repo", "branch", "actor"}

// claimOf takes the claim, or in lower case the session tag, from a condition key.
func claimOf(key, prefix string) (name string, ok bool) {
	if lower := strings.ToLower(key); strings.HasPrefix(lower, tagPrefix) {
		return lower, true
	}
	if len(key) <= len(prefix) || !strings.EqualFold(key[:len(prefix)], prefix) || key[len(prefix)] != ':' {
		return "", false
	}
	name = strings.ToLower(key[len(prefix)+1:])
	return name, slices.Contains(documentedClaims, name)
}
