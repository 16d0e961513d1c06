package claims

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Basis says whose word it is that a claim becomes a condition key.
type Basis string

// The bases, strongest first.
const (
	BasisAWS    Basis = "aws"    // AWS's published tables
	BasisIssuer Basis = "issuer" // the issuer's own documentation alone
	BasisNone   Basis = "none"   // nobody's: AWS drops the claim
)

// KeyTable knows which claims of which issuer AWS makes condition keys of.
type KeyTable struct {
	AsOf      string // year and month of the transcription
	defaults  []keyEntry
	providers []providerEntry
}

// Provider is what the table says of one issuer.
type Provider struct {
	ID   string // "forgecroft", "github", …; "generic" for an issuer the table does not name
	Name string
	// Issuer is the iss asked for and KeyPrefix the same as it begins condition keys: without
	// https://, with path and trailing slash.
	Issuer, KeyPrefix string
	// Shared is true if one issuer URL serves all tenants, so that a trust policy must name
	// the tenant.
	Shared bool
	// Builtin is true for the providers that AWS knows without an IAM OIDC provider.
	Builtin bool
	// RequiredAnyOf are the condition keys of which IAM wants one in a trust policy.
	RequiredAnyOf []string
	Notes         string
	keys          []keyEntry
	extra         int // how many of keys, at the end, came with extraSince
	promised      []string
	rules         []fillRule // how keys and promised are filled
}

// extraSince is the month in which AWS made condition keys of some issuers' own claims
// (announced 2026-01, "AWS STS now supports validation of select identity provider claims").
const extraSince = "2026-01"

// AsOf returns what held for the issuer at a date, "YYYY", "YYYY-MM" or "YYYY-MM-DD": before
// 2026 AWS made condition keys of the default claims only. An empty date is today.
func (p Provider) AsOf(date string) Provider {
	if date == "" || date >= extraSince || len(date) == 4 && date >= extraSince[:4] {
		return p
	}
	p.keys, p.extra = p.keys[:len(p.keys)-p.extra], 0
	p.rules = fillRules(p)
	return p
}

// Knows says on whose word name, the part of a condition key behind the issuer's prefix, is a
// condition key of the issuer. Letter case is ignored, as AWS does.
func (p Provider) Knows(name string) Basis {
	for _, e := range p.keys {
		if strings.EqualFold(e.Key, name) {
			return BasisAWS
		}
	}
	if slices.ContainsFunc(p.promised, func(claim string) bool { return strings.EqualFold(claim, name) }) {
		return BasisIssuer
	}
	return BasisNone
}

// KeyNames returns the names that [Provider.Knows] knows, AWS's first.
func (p Provider) KeyNames() []string {
	names := make([]string, 0, len(p.keys)+len(p.promised))
	for _, e := range p.keys {
		names = append(names, e.Key)
	}
	return append(names, p.promised...)
}

type keyEntry struct {
	Key         string `json:"key"`
	Claim       string `json:"claim"`
	Fallback    string `json:"fallback_claim"`
	Operators   string `json:"operators"`
	Multivalued bool   `json:"multivalued"`
}

type providerEntry struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Issuer      string     `json:"issuer"`
	Match       string     `json:"issuer_match"`
	Kind        string     `json:"provider_kind"`
	Tenancy     string     `json:"tenancy"`
	UsesDefault bool       `json:"uses_default_keys"`
	Extra       []keyEntry `json:"extra_keys"`
	Override    []keyEntry `json:"keys_override"`
	Promised    []string   `json:"issuer_documented_keys"`
	Notes       string     `json:"notes"`
	Required    struct {
		AnyOf []string `json:"any_of"`
	} `json:"required_condition"`
}

// LoadKeyTable reads the condition-key table (assets.ConditionKeys).
func LoadKeyTable(src []byte) (*KeyTable, error) {
	var doc struct {
		AsOf     string          `json:"as_of"`
		Defaults []keyEntry      `json:"default_keys"`
		IDPs     []providerEntry `json:"idps"`
	}
	if err := json.Unmarshal(src, &doc); err != nil {
		return nil, fmt.Errorf("read the condition-key table: %w", err)
	}
	if len(doc.Defaults) == 0 || len(doc.IDPs) == 0 {
		return nil, fmt.Errorf("read the condition-key table: it names no keys or no issuers")
	}
	return &KeyTable{AsOf: doc.AsOf, defaults: doc.Defaults, providers: doc.IDPs}, nil
}

// WithForgecroft returns the table of an installation of Forgecroft under a URL of its own: what
// is known of Forgecroft's tokens holds for that issuer as well. An issuer that the table names
// already keeps what it says.
func (k *KeyTable) WithForgecroft(issuer string) *KeyTable {
	i := slices.IndexFunc(k.providers, func(e providerEntry) bool { return e.ID == "forgecroft" })
	if i < 0 || k.For(issuer).ID != "generic" {
		return k
	}
	own := k.providers[i]
	own.Issuer, own.Match = issuer, "exact"
	return &KeyTable{AsOf: k.AsOf, defaults: k.defaults, providers: append(slices.Clone(k.providers), own)}
}

// For returns what the table says of an issuer; one that it does not name has the default keys.
func (k *KeyTable) For(issuer string) Provider {
	entry := providerEntry{ID: "generic", Name: "an issuer that AWS does not list", UsesDefault: true}
	if i := slices.IndexFunc(k.providers, func(e providerEntry) bool { return e.matches(issuer) }); i >= 0 {
		entry = k.providers[i]
	}
	p := Provider{
		ID: entry.ID, Name: entry.Name,
		Issuer: issuer, KeyPrefix: strings.TrimPrefix(issuer, "https://"),
		Shared: entry.Tenancy == "shared", Builtin: entry.Kind == "builtin",
		RequiredAnyOf: entry.Required.AnyOf, Notes: entry.Notes,
		promised: entry.Promised,
	}
	if entry.UsesDefault {
		p.keys = append(p.keys, k.defaults...)
	}
	p.keys = append(append(p.keys, entry.Override...), entry.Extra...)
	p.extra = len(entry.Extra)
	p.rules = fillRules(p)
	return p
}

func (e providerEntry) matches(issuer string) bool {
	switch e.Match {
	case "exact":
		return issuer == e.Issuer
	case "template":
		return slices.ContainsFunc(strings.Split(e.Issuer, " or "), func(t string) bool { return matchIssuer(t, issuer) })
	}
	return false
}

// matchIssuer reports whether issuer is template with every <placeholder> replaced by some
// text without a slash.
func matchIssuer(template, issuer string) bool {
	before, rest, ok := strings.Cut(template, "<")
	if !ok {
		return template == issuer
	}
	if !strings.HasPrefix(issuer, before) {
		return false
	}
	_, after, _ := strings.Cut(rest, ">")
	issuer = issuer[len(before):]
	for n := 1; n <= len(issuer) && issuer[n-1] != '/'; n++ {
		if matchIssuer(after, issuer[n:]) {
			return true
		}
	}
	return false
}

// Key returns the condition key that a claim becomes, with the issuer's prefix. Of the claims
// that become several it is the one most policies use; [Token.Keys] tells all, and knows that
// azp takes the place of aud. ok is false if the claim becomes none.
func (p Provider) Key(claim string) (key string, basis Basis, ok bool) {
	if p.KeyPrefix == "" {
		return "", BasisNone, false
	}
	for _, e := range p.keys {
		if claim == e.Claim || claim == e.Fallback && e.Fallback != "" {
			return p.KeyPrefix + ":" + e.Key, BasisAWS, true
		}
	}
	if slices.Contains(p.promised, claim) {
		return p.KeyPrefix + ":" + claim, BasisIssuer, true
	}
	return "", BasisNone, false
}

// ConditionKey is one condition key that a claim fills.
type ConditionKey struct {
	Name        string `json:"key"`
	Basis       Basis  `json:"basis"`
	Multivalued bool   `json:"multivalued,omitempty"` // wants ForAnyValue or ForAllValues
	Numeric     bool   `json:"numeric,omitempty"`     // wants a Numeric operator
}

// Keys returns every condition key that the claim fills when t comes from p: none, one, or
// for aud two ("aud" and "oaud"), of which azp takes the first where t has it.
func (t *Token) Keys(p Provider, claim string) []ConditionKey {
	if keys, ok := t.requestKeys(claim); ok {
		return keys
	}
	if p.KeyPrefix == "" { // no issuer, no key
		return nil
	}
	var keys []ConditionKey
	for _, e := range p.keys {
		if t.source(e.Claim, e.Fallback) == claim {
			keys = append(keys, ConditionKey{p.KeyPrefix + ":" + e.Key, BasisAWS, e.Multivalued, e.Operators == "numeric"})
		}
	}
	if keys == nil && slices.Contains(p.promised, claim) {
		keys = append(keys, ConditionKey{Name: p.KeyPrefix + ":" + claim, Basis: BasisIssuer})
	}
	return keys
}
