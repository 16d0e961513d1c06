// Package verify judges a token against the keys of its issuer: signature, times and the
// claims without which STS takes no token. It reports everything that is wrong, and for each
// thing what AWS answers to it.
//
// The verdict is the one that AWS was observed to reach; where a careful verifier would
// reach another, the check says so. Nothing here does I/O or reads a clock.
package verify

import (
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// Outcome is how a check ended.
type Outcome string

// The outcomes. A check is unknown if what it needs could not be had.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown"
)

// Check is one question asked of a token.
type Check struct {
	// Name is stable: header, algorithm, iss, sub, aud, exp, nbf, iat, key or signature.
	Name    string
	Outcome Outcome
	Summary string // one line on what was seen
	AWS     string // what AWS answers to it, if it failed: "InvalidIdentityToken: …"
	Careful string // how a careful verifier differs from AWS, if it does
	Fix     string // the way out, "" if there is no more to say
}

// Input is what a token is judged by.
type Input struct {
	Raw       string // the token as it was received; "" leaves out what only its spelling shows
	Token     *claims.Token
	Described claims.Description // of the token, at Now
	Now       time.Time

	// Issuer is the issuer that the discovery document names, "" if none was read.
	Issuer string
	// IssuerError says why the token's iss can be no issuer to AWS, "" if it can.
	IssuerError string

	// Keys are the issuer's; nil if they could not be had, and then KeysError says why.
	Keys      *jwks.Set
	KeysError string
	KeysFix   string
}

// Verification is all that was found.
type Verification struct {
	Checks []Check
	KeyID  string // kid of the key that verified the signature, "" if none did
}

// Verify makes every check, whatever the others say.
func Verify(in Input) Verification {
	checks := []Check{checkHeader(in), checkAlgorithm(in), checkIssuer(in), checkSubject(in), checkAudience(in)}
	checks = append(checks, checkTimes(in)...)
	key, signature, id := checkSignature(in)
	return Verification{Checks: append(checks, key, signature), KeyID: id}
}

// Verified reports whether every check passed.
func (v *Verification) Verified() bool { return v.Count(Passed) == len(v.Checks) && len(v.Checks) > 0 }

// Count is how many checks ended so.
func (v *Verification) Count(o Outcome) int {
	n := 0
	for _, c := range v.Checks {
		if c.Outcome == o {
			n++
		}
	}
	return n
}
