package claims

import (
	"iter"
	"slices"
)

// fillRule is a condition key with the claim that fills it, or the one that does in its absence.
type fillRule struct {
	key             ConditionKey
	claim, fallback string
}

// fillRules returns the rules of an issuer, AWS's first. Without issuer there is no key.
func fillRules(p Provider) []fillRule {
	if p.KeyPrefix == "" {
		return nil
	}
	rules := make([]fillRule, 0, len(p.keys)+len(p.promised))
	for _, e := range p.keys {
		key := ConditionKey{p.KeyPrefix + ":" + e.Key, BasisAWS, e.Multivalued, e.Operators == "numeric"}
		rules = append(rules, fillRule{key, e.Claim, e.Fallback})
	}
	for _, claim := range p.promised {
		if !slices.ContainsFunc(p.keys, func(e keyEntry) bool { return e.Key == claim }) {
			rules = append(rules, fillRule{key: ConditionKey{Name: p.KeyPrefix + ":" + claim, Basis: BasisIssuer}, claim: claim})
		}
	}
	return rules
}

// Promises reports whether the issuer's documentation promises condition keys of claims that
// AWS's table does not have.
func (p *Provider) Promises() bool { return len(p.promised) > 0 }

// Filled yields every condition key that a claim of t fills when t comes from p, with the claim,
// but for the keys of AWS's own claims ([IsAWSClaim]).
func (t *Token) Filled(p *Provider) iter.Seq2[ConditionKey, Member] {
	return func(yield func(ConditionKey, Member) bool) {
		for i := range p.rules {
			r := &p.rules[i]
			name := t.source(r.claim, r.fallback)
			if v, ok := t.Claim(name); ok && !yield(r.key, Member{name, v}) {
				return
			}
		}
	}
}

// source returns the claim of t that fills a key.
func (t *Token) source(claim, fallback string) string {
	if fallback == "" {
		return claim
	}
	if _, ok := t.Claim(claim); ok {
		return claim
	}
	return fallback
}
