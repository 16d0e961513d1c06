package trust

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Action is what a trust policy must allow for a web identity.
const Action = "sts:AssumeRoleWithWebIdentity"

// The actions that a trust policy must allow besides where the token carries session tags or
// sets a source identity (IAM User Guide, id_session-tags and
// id_credentials_temp_control-access_monitor).
const (
	TagSession        = "sts:TagSession"
	SetSourceIdentity = "sts:SetSourceIdentity"
)

// Keys says which claims of a token count as condition keys.
type Keys string

// The readings. AWS publishes condition keys for a few claims; Forgecroft documents policies
// that test others of its own.
const (
	KeysIssuer     Keys = "issuer"     // AWS's table and what the issuer's own documentation promises
	KeysDocumented Keys = "documented" // AWS's table alone
	KeysAll        Keys = "all"        // every claim of the token
)

// Call is what an AssumeRoleWithWebIdentity call brings into the request context besides the
// token. Zero fields are not known and give no key.
type Call struct {
	Provider    string // the provider's ARN, or the bare name of a built-in one
	Account     string // the provider's account
	SessionName string
	Region      string
	Now         time.Time
	Authorized  bool           // the token's roles claim names the role
	Given       policy.Context // keys as they were seen; they win over what is made up here
}

// Context returns the request context in which AWS evaluates a trust policy: the claims of t
// that keys lets count, its session tags and source identity, and what the call brings.
// For custom providers the keys about the principal are as observed on 2026-09-11.
func Context(t *claims.Token, p claims.Provider, keys Keys, call Call) policy.Context {
	return new(ContextBuilder).Context(t, p, keys, call)
}

// ContextBuilder makes request contexts, each in the memory of the one before. The values of a
// context share one array: most keys have but one.
type ContextBuilder struct {
	ctx    policy.Context
	values []string
}

// Context is [Context]. It is good until the builder makes another.
func (b *ContextBuilder) Context(t *claims.Token, p claims.Provider, keys Keys, call Call) policy.Context {
	b.begin(len(t.Claims) + 10) // about as many keys come from the call
	b.addClaims(t, p, keys)
	b.addTags(t)
	set := func(key, value string) {
		if value != "" {
			b.set(key, value)
		}
	}
	set("sts:RoleAuthorizedByIdp", strconv.FormatBool(call.Authorized))
	set("aws:SecureTransport", "true") // STS answers over TLS only
	set("aws:PrincipalType", "User")
	set("aws:userid", call.Provider)
	set("aws:FederatedProvider", call.Provider)
	set("aws:PrincipalAccount", call.Account)
	set("sts:RoleSessionName", call.SessionName)
	set("aws:RequestedRegion", call.Region)
	if !call.Now.IsZero() {
		set("aws:CurrentTime", call.Now.UTC().Format("2006-01-02T15:04:05Z"))
		set("aws:EpochTime", strconv.FormatInt(call.Now.Unix(), 10))
	}
	maps.Copy(b.ctx, call.Given)
	return b.ctx
}

// Claims makes the part of [Context] that the token's claims fill, without the keys about the
// call and the caller.
func (b *ContextBuilder) Claims(t *claims.Token, p claims.Provider, keys Keys) policy.Context {
	b.begin(len(t.Claims))
	b.addClaims(t, p, keys)
	b.addTags(t)
	return b.ctx
}

// begin empties the context; keys is about how many there will be.
func (b *ContextBuilder) begin(keys int) {
	if b.ctx == nil {
		b.ctx, b.values = make(policy.Context, keys), make([]string, 0, keys)
	}
	clear(b.ctx)
	b.values = b.values[:0]
}

func (b *ContextBuilder) set(key string, values ...string) {
	n := len(b.values)
	b.values = append(b.values, values...)
	b.ctx[key] = b.values[n:len(b.values):len(b.values)]
}

func (b *ContextBuilder) addClaims(t *claims.Token, p claims.Provider, keys Keys) {
	if keys == KeysAll && p.KeyPrefix != "" {
		for _, m := range t.Claims {
			b.setClaim(p.KeyPrefix+":"+m.Name, m.Value)
		}
	}
	for key, claim := range t.Filled(&p) {
		if key.Basis != claims.BasisIssuer || keys != KeysDocumented {
			b.setClaim(key.Name, claim.Value)
		}
	}
}

// setClaim sets a key to a claim's values: numbers and booleans as text. Null, an empty list and
// an object give no key. AWS leaves open what becomes of types other than strings; facts of the
// evaluation mark it so.
func (b *ContextBuilder) setClaim(key string, v claims.Value) {
	if isScalar(v) {
		b.set(key, v.Text())
		return
	}
	elements, _ := v.Elements()
	texts := make([]string, 0, len(elements))
	for _, e := range elements {
		if isScalar(e) {
			texts = append(texts, e.Text())
		}
	}
	if len(texts) > 0 {
		b.ctx[key] = texts
	}
}

func isScalar(v claims.Value) bool {
	k := v.Kind()
	return k == claims.String || k == claims.Number || k == claims.Bool
}

func (b *ContextBuilder) addTags(t *claims.Token) {
	tags, transitive, _ := t.SessionTags()
	keys := make([]string, 0, len(tags))
	for _, tag := range tags {
		b.set("aws:RequestTag/"+tag.Key, tag.Value)
		keys = append(keys, tag.Key)
	}
	if len(keys) > 0 {
		b.ctx["aws:TagKeys"] = keys
	}
	if len(transitive) > 0 {
		b.ctx["sts:TransitiveTagKeys"] = transitive
	}
	if identity, _, ok := t.SourceIdentity(); ok {
		b.set("sts:SourceIdentity", identity)
	}
}

// NoService returns the keys by which a request says that no service of AWS's makes it, for itself
// or for somebody: exchanges and the calls of runs come from outside.
func NoService() policy.Context {
	return policy.Context{"aws:PrincipalIsAWSService": {"false"}, "aws:ViaAWSService": {"false"}}
}

// Unknowable reports whether a condition key is one that AWS fills from the caller's network,
// client or clock, or from the role's tags and organisation, so that without the call or the role
// at hand nobody can say its value.
func Unknowable(key string) bool {
	key = strings.ToLower(key)
	switch key {
	case "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:useragent", "aws:referer",
		"aws:requestedregion", "aws:currenttime", "aws:epochtime", "sts:rolesessionname",
		"aws:resourceorgid", "aws:resourceorgpaths":
		return true
	}
	return strings.HasPrefix(key, "aws:resourcetag/")
}

// ProviderARN returns the ARN of the IAM OIDC provider for an issuer.
func ProviderARN(partition, account, issuer string) string {
	return "arn:" + partition + ":iam::" + account + ":oidc-provider/" + strings.TrimPrefix(issuer, "https://")
}

// SplitProviderARN takes partition, account and the issuer's URL without its scheme from the
// ARN of an IAM OIDC provider.
func SplitProviderARN(arn string) (partition, account, path string, ok bool) {
	rest, isARN := strings.CutPrefix(arn, "arn:")
	partition, rest, _ = strings.Cut(rest, ":")
	rest, isIAM := strings.CutPrefix(rest, "iam::")
	account, rest, found := strings.Cut(rest, ":")
	if !isARN || !isIAM || !found {
		return "", "", "", false
	}
	path, ok = strings.CutPrefix(rest, "oidc-provider/")
	return partition, account, path, ok && path != ""
}
