package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/forgecroft/fcoidc/internal/template"
)

// DefaultTokenLifetime is that of a token whose [TokenOptions] name none.
const DefaultTokenLifetime = 15 * time.Minute

// expiredFor is how long ago the tokens expired that are to be expired. AWS still takes a token
// five minutes after its exp (IAM User Guide, "OIDC federation").
const expiredFor = 10 * time.Minute

// TokenOptions say what [Sandbox.Mint] puts into a token. The zero value makes one that
// Forgecroft could have issued for a plan, but for its signature.
type TokenOptions struct {
	Issuer   string   // default Forgecroft
	Phase    string   // default "plan"
	OrgID    string   // default the example of Forgecroft's documentation
	Audience []string // default AWS STS's; one is written as a string, more as a list

	Lifetime time.Duration // default DefaultTokenLifetime
	Expired  bool          // expired so long ago that AWS refuses it

	Alg     string // default RS256; see [TokenAlgorithms]
	KeyID   string // in the header instead of the key's own id
	NoKeyID bool   // leave the id out

	Claims  map[string]any // set last, over any of the above; nil is null
	Without []string       // claims to leave out
}

// exampleOrgID and the other examples are those of Forgecroft's documentation.
const exampleOrgID = "11111111-1111-1111-1111-111111111111"

// Mint signs a token of the sandbox's issuer. The token is of no use on AWS.
func (s *Sandbox) Mint(o TokenOptions) (string, error) {
	algorithms := tokenAlgorithms()
	i := slices.IndexFunc(algorithms, func(a tokenAlgorithm) bool { return a.name == either(o.Alg, "RS256") })
	if i < 0 {
		return "", fmt.Errorf("algorithm %q is not one of %s", o.Alg, strings.Join(TokenAlgorithms(), ", "))
	}
	if o.Lifetime < 0 {
		return "", fmt.Errorf("a token cannot live for %s; ask for an expired one instead", o.Lifetime)
	}
	id, err := s.identity.read(s.options.Dir)
	if err != nil {
		return "", err
	}
	header, err := o.header(id, algorithms[i])
	if err != nil {
		return "", err
	}
	token, err := encodeParts(header, o.claims(time.Now(), id.Tags))
	if err != nil {
		return "", err
	}
	signature, err := id.sign(algorithms[i], []byte(token))
	if err != nil {
		return "", fmt.Errorf("sign a token with %s: %w", algorithms[i].name, err)
	}
	return token + "." + base64url(signature), nil
}

// encodeParts writes the part of a compact JWS that is signed (RFC 7515 §7.1).
func encodeParts(header, claims any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("encode a token's header: %w", err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode a token's claims: %w", err)
	}
	return base64url(h) + "." + base64url(c), nil
}

func (o *TokenOptions) header(id *identity, a tokenAlgorithm) (map[string]any, error) {
	header := map[string]any{"alg": a.name, "typ": "JWT"}
	if o.NoKeyID {
		return header, nil
	}
	kid, err := id.keyID(a)
	header["kid"] = either(o.KeyID, kid)
	return header, err
}

// claims are the payload of a token issued now, by an issuer that asks for session tags or not.
func (o *TokenOptions) claims(now time.Time, tags bool) map[string]any {
	phase, org := either(o.Phase, "plan"), either(o.OrgID, exampleOrgID)
	lifetime := o.Lifetime
	if lifetime == 0 {
		lifetime = DefaultTokenLifetime
	}
	issued := now.Truncate(time.Second)
	if o.Expired {
		issued = issued.Add(-lifetime - expiredFor)
	}
	c := map[string]any{
		"iss": either(o.Issuer, template.DefaultIssuer),
		"sub": "org:" + org + ":phase:" + phase,
		"aud": template.DefaultAudience,
		"iat": issued.Unix(),
		"nbf": issued.Unix(),
		"exp": issued.Add(lifetime).Unix(),
		"jti": uuid.NewString(),

		"org_id":         org,
		"org_slug":       "acme",
		"workspace_id":   "22222222-2222-2222-2222-222222222222",
		"workspace_name": "prod-vpc",
		"run_id":         "33333333-3333-3333-3333-333333333333",
		"phase":          phase,
		"repo":           "acme/infra",
		"branch":         "main",
		"actor":          "alice@acme.com",
	}
	switch len(o.Audience) {
	case 0:
	case 1:
		c["aud"] = o.Audience[0]
	default:
		c["aud"] = o.Audience
	}
	if tags {
		c["https://aws.amazon.com/tags"] = map[string]any{"principal_tags": map[string]any{"phase": []string{phase}, "org_id": []string{org}}}
	}
	maps.Copy(c, o.Claims)
	for _, name := range o.Without {
		delete(c, name)
	}
	return c
}

func either(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}
