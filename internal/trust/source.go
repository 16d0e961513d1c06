package trust

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// origin says who decides what a condition key holds.
type origin uint8

const (
	never     origin = iota // no request has the key
	fixed                   // every request of the provider has it with one value
	fromToken               // the issuer, by the token
	fromTags                // the issuer, by the token's session tags
	fromCall                // whoever makes the call
	fromWorld               // the caller's network and clock, or not known
)

// source is what is known of a condition key in requests of one provider.
type source struct {
	origin origin
	claim  string // of the token
	basis  claims.Basis
	always bool     // in every request
	many   bool     // may hold several values
	values []string // all there are; nil: any that alphabet takes
	letter alphabet
	prefer []string // texts that read well in an example
}

const requestTag = "aws:requesttag/"

// source returns what fills a condition key, in any letter case.
func (i issuer) source(key string) source {
	lower := strings.ToLower(key)
	if prefix := strings.ToLower(i.KeyPrefix) + ":"; i.KeyPrefix != "" && strings.HasPrefix(lower, prefix) {
		return i.claimSource(key[len(prefix):])
	}
	switch lower {
	case "sts:rolesessionname":
		return source{origin: fromCall, always: true, letter: sessionText, prefer: []string{"session"}}
	case "sts:sourceidentity":
		return source{origin: fromToken, claim: claims.ClaimSourceIdentity, basis: claims.BasisAWS, letter: sessionText}
	case "sts:roleauthorizedbyidp":
		return source{origin: fromToken, claim: claims.ClaimRoles, basis: claims.BasisAWS, always: true, values: []string{"false", "true"}}
	case "aws:tagkeys":
		return source{origin: fromTags, claim: claims.ClaimTags, basis: claims.BasisAWS, many: true, letter: tagKeyText}
	case "aws:securetransport":
		return source{origin: fixed, always: true, values: []string{"true"}}
	case "aws:principaltype":
		return source{origin: fixed, always: true, values: []string{"User"}}
	case "aws:userid", "aws:federatedprovider":
		return source{origin: fixed, always: true, values: []string{i.arn}}
	case "aws:principalaccount":
		if i.account != "" {
			return source{origin: fixed, always: true, values: []string{i.account}}
		}
	case "aws:principalarn", "aws:username", "sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage":
		return source{}
	case "aws:useragent", "aws:requestedregion", "aws:referer":
		return source{origin: fromCall}
	}
	switch {
	case strings.HasPrefix(lower, requestTag):
		name := key[len(requestTag):]
		return source{origin: fromTags, claim: claims.ClaimTags, basis: claims.BasisAWS, letter: tagText, prefer: preferred(strings.ToLower(name))}
	case strings.HasPrefix(lower, "aws:principaltag/"):
		return source{}
	case strings.HasPrefix(lower, "aws:"), strings.HasPrefix(lower, "sts:"):
		return source{origin: fromWorld}
	}
	return source{} // no key, or one that only tokens of another provider fill
}

// claimSource returns what fills the provider's own key of a name.
func (i issuer) claimSource(name string) source {
	lower := strings.ToLower(name)
	s := source{origin: fromToken, claim: lower, basis: claims.BasisNone, prefer: preferred(lower)}
	for _, claim := range []string{name, lower, strings.Replace(lower, "/", ":", 1), "aud"} {
		for _, k := range (&claims.Token{}).Keys(i.Provider, claim) {
			if s.basis == claims.BasisNone && strings.EqualFold(k.Name, i.key(name)) {
				s.claim, s.basis, s.many = claim, k.Basis, k.Multivalued
			}
		}
	}
	switch {
	case s.basis == claims.BasisIssuer && i.keys == KeysDocumented:
		return source{claim: s.claim, basis: s.basis}
	case s.basis == claims.BasisNone && i.keys != KeysAll:
		return source{claim: name, basis: s.basis}
	case s.basis == claims.BasisNone:
		s.claim, s.many = name, true
	}
	switch lower {
	case "iss": // only where every claim counts as a key
		return source{origin: fixed, claim: "iss", basis: s.basis, always: true, values: []string{"https://" + i.KeyPrefix}}
	case "sub": // STS takes no token without these two
		s.always = true
	case "aud": // or azp, where the token has it
		s.always, s.letter.min, s.values = true, 1, i.audiences
	case "oaud": // the token may list several audiences if it has azp
		s.always, s.letter.min, s.many = true, 1, true
	}
	return s
}

const (
	anotherOrg     = "00000000-0000-4000-8000-000000000000"
	anotherSubject = "another-subject"
	defaultAud     = "sts.amazonaws.com"
)

// preferred returns values for the examples, by a claim's name.
func preferred(claim string) []string {
	switch claim {
	case "aud", "oaud":
		return []string{defaultAud, "another-audience"}
	case "sub":
		return []string{anotherSubject}
	case "phase":
		return []string{"plan", "apply"}
	case "org_id", "workspace_id", "run_id":
		return []string{anotherOrg}
	}
	return []string{"another-" + claim}
}

// unknowable reports whether nobody can say the key's value from token and policy.
func (s source) unknowable() bool { return s.origin == fromWorld }
