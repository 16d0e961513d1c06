// Package claims decodes JSON Web Tokens for reading.
//
// Nothing here verifies a signature: a [Token] is what its bearer says it is.
// It performs no I/O and reads no clock; callers pass the instant to judge by.
package claims

import "strings"

// MaxTokenSize is the longest encoded token STS accepts, in characters
// (AssumeRoleWithWebIdentity, parameter WebIdentityToken).
const MaxTokenSize = 20_000

// Token is a decoded, unverified token. A token that stands in one of its claims has no signature
// there ([WithoutSignatures]).
type Token struct {
	Header Header
	Claims Members
	// SigningInput is what the signature covers: header and payload as they were encoded.
	SigningInput string
	signature    []byte
}

// Header is the JOSE header. A member of the wrong type leaves its field empty and is still
// found in Members.
type Header struct {
	Alg, Kid, Typ string
	Crit          []string // extensions the reader must understand (RFC 7515 §4.1.11)
	Members       Members
}

// Signature returns the bytes of the signature, for checking it. Never print them: together
// with SigningInput they are the credential.
func (t *Token) Signature() []byte { return t.signature }

// Claim returns the claim of that exact name.
func (t *Token) Claim(name string) (Value, bool) { return t.Claims.Get(name) }

// Issuer returns iss, or "" if it is absent or no string.
func (t *Token) Issuer() string { return t.text("iss") }

// Subject returns sub as AWS reads it, a number as its digits; "" if it is absent.
func (t *Token) Subject() string {
	v, _ := t.Claim("sub")
	if v.Kind() == Number {
		return v.Text()
	}
	return t.text("sub")
}

// Audience returns the values of aud, which may be one string or an array of them.
func (t *Token) Audience() []string {
	v, _ := t.Claim("aud")
	values, _ := v.Strings()
	return values
}

// AZP returns the authorized party. Where a token names one, AWS compares it instead of aud.
func (t *Token) AZP() string { return t.text("azp") }

// IsRequestToken reports whether t is the token with which a GitHub Actions job asks for
// ID tokens (ACTIONS_ID_TOKEN_REQUEST_TOKEN) or uploads its results. It grants scopes of the
// Actions service and identifies no workload: STS misses its sub.
func (t *Token) IsRequestToken() bool {
	if _, ok := t.Claim("sub"); ok {
		return false
	}
	if _, ok := t.Claim("oidc_sub"); ok {
		return true
	}
	return strings.Contains(t.text("scp"), "Actions.")
}

func (t *Token) text(name string) string {
	v, _ := t.Claim(name)
	if v.Kind() != String {
		return ""
	}
	return v.Text()
}
