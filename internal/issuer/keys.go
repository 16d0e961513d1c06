package issuer

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/jwks"
)

// maxKeyProblems bounds how many keys are reported one by one.
const maxKeyProblems = 20

// readKeys judges the key set; nil if it cannot be read.
func (r *Result) readKeys(body []byte) *jwks.Set {
	set, err := jwks.Parse(body)
	if err != nil {
		r.add(Problem{
			Code: CodeJWKSInvalid, Severity: Failure, Summary: "the answer is " + err.Error(),
			Expected: `{"keys": [...]} (RFC 7517 §5)`, Found: r.JWKS.last().ContentType,
			Fix: "serve the key set at " + quote(r.JWKSURL),
		})
		return nil
	}
	if len(set.Usable()) == 0 {
		r.add(Problem{
			Code: CodeJWKSNoKey, Severity: Failure, Summary: "the key set has no key that AWS can use",
			Expected: `at least one RSA or EC key with a kid`, Found: fmt.Sprintf("%d keys, none usable", len(set.Keys)),
			Fix: `publish the public key that signs the tokens, with "kid" and "use": "sig" and without "key_ops"`,
		})
	}
	for _, kty := range set.Crowded() {
		r.add(Problem{
			Code: CodeJWKSTooMany, Severity: Failure, Summary: fmt.Sprintf("the key set has more than %d %s keys", jwks.MaxPerType, kty),
			Expected: fmt.Sprintf("at most %d RSA and %d EC keys", jwks.MaxPerType, jwks.MaxPerType),
			Fix:      "take out keys that sign no more; AWS verifies no token of that type of key until then",
		})
	}
	if ids := set.Duplicates(); len(ids) > 0 {
		r.add(Problem{
			Code: CodeJWKSDuplicate, Severity: Warning, Summary: "several keys have the same kid",
			Expected: "a kid of its own for every key", Found: quote(strings.Join(ids, ", ")),
			Fix: "give each key its own kid; AWS keeps the last one of equal kids",
		})
	}
	r.reportKeys(set)
	return set
}

// reportKeys tells of single keys: private ones always, others as far as the bound goes.
func (r *Result) reportKeys(set *jwks.Set) {
	told := 0
	for _, k := range set.Keys {
		if k.Private {
			r.add(Problem{
				Code: CodeJWKSPrivate, Severity: Critical, Summary: fmt.Sprintf("%s is published with its private part: everybody can sign tokens", keyName(k)),
				Expected: "public numbers only", Fix: "replace that key at once, and publish the public members only",
			})
			continue
		}
		if k.Usable && len(k.Notes) == 0 {
			continue
		}
		if told++; told > maxKeyProblems {
			continue
		}
		r.reportKey(k)
	}
	if told > maxKeyProblems {
		r.add(Problem{
			Code: CodeJWKSKeyUnusable, Severity: Info,
			Summary: fmt.Sprintf("%d more keys are unusable or unusual", told-maxKeyProblems),
		})
	}
}

func (r *Result) reportKey(k jwks.Key) {
	if !k.Usable {
		r.add(Problem{
			Code: CodeJWKSKeyUnusable, Severity: Info, Summary: fmt.Sprintf("%s %s", keyName(k), k.Reason),
			Fix: "nothing, if no token for AWS is signed with it; the other keys go on working",
		})
	}
	if len(k.Notes) > 0 {
		r.add(Problem{
			Code: CodeJWKSKeyNote, Severity: Info, Summary: fmt.Sprintf("%s: %s", keyName(k), strings.Join(k.Notes, "; ")),
		})
	}
}

func keyName(k jwks.Key) string {
	if k.Kid == "" {
		return fmt.Sprintf("key %d", k.Index+1)
	}
	return "key " + quote(k.Kid)
}
