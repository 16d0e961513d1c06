package exchange

import (
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/jwks"
)

// trustedAuthorities is when IAM began to rely on its own list of certificate authorities, so
// that thumbprints count only for issuers whose certificate none of them signed.
const trustedAuthorities = "2023-07"

// signingKeys judges what stands between STS and the key that signed.
func (x *exchange) signingKeys() {
	x.thumbprint()
	if d := x.c.Discovery; d != nil && x.c.Platform != MinIO {
		x.discovery(d)
	}
	x.chosenKey()
}

func (x *exchange) thumbprint() {
	p, d := x.c.Provider, x.c.Discovery
	if p == nil || p.Missing || p.Thumbprints == nil || x.c.Platform == MinIO {
		return
	}
	chain, untrusted := "", false
	if d != nil {
		chain, untrusted = d.ChainThumbprint, d.CertificateError != ""
	}
	if !x.c.before(trustedAuthorities) && !untrusted {
		return
	}
	if len(p.Thumbprints) > 0 && (chain == "" || slices.ContainsFunc(p.Thumbprints, func(t string) bool { return strings.EqualFold(t, chain) })) {
		return
	}
	problem := Problem{
		Stage: StageKeys, Kind: ThumbprintMismatch, Answer: answerThumbprint,
		Subject: "thumbprints", Expected: "the thumbprint of the issuer's certificate chain", Found: strings.Join(p.Thumbprints, ", "),
	}
	if chain != "" {
		problem.Expected = chain
	}
	if len(p.Thumbprints) == 0 {
		problem.Found = "no thumbprint"
	}
	x.refuse(problem)
}

func (x *exchange) discovery(d *Discovery) {
	iss := x.c.Token.Issuer()
	problem := Problem{Stage: StageKeys, Kind: DiscoveryBad, Answer: answerNoKey, Subject: iss + "/.well-known/openid-configuration"}
	switch {
	case d.Unreachable:
		problem.Expected, problem.Found = "a discovery document that AWS can read over the internet", "one that AWS cannot reach"
	case d.Status != 0 && d.Status != 200:
		problem.Expected, problem.Found = "HTTP status 200", "HTTP status "+strconv.Itoa(d.Status)
	case d.KeysStatus != 0 && d.KeysStatus != 200:
		problem.Subject = "jwks_uri"
		problem.Expected, problem.Found = "HTTP status 200 for the key set", "HTTP status "+strconv.Itoa(d.KeysStatus)
	case d.HasDocument && d.Issuer != "" && d.Issuer != iss:
		problem.Expected, problem.Found = "issuer "+iss, "issuer "+d.Issuer
	case len(d.Missing) > 0:
		problem.Expected, problem.Found = "the members that AWS demands", "a document without "+strings.Join(d.Missing, ", ")
	default:
		return
	}
	x.refuse(problem)
}

// chosenKey looks for the key that signed, among the keys that are known.
func (x *exchange) chosenKey() {
	c, h := x.c, x.c.Token.Header
	if !c.HasHeader {
		return
	}
	if d := c.Discovery; d != nil && d.HasKnownKids && h.Kid != "" && !slices.Contains(d.KnownKids, h.Kid) {
		x.refuse(Problem{
			Stage: StageKeys, Kind: KeyMissing, Answer: answerNoKey,
			Subject: "kid", Expected: "one of the keys at hand: " + strings.Join(d.KnownKids, ", "), Found: h.Kid,
		})
		return
	}
	if c.Keys == nil || jwks.CheckAlgorithm(h.Alg) != nil {
		return
	}
	key, reason := jwks.Describe(c.Keys).Choose(h.Alg, h.Kid)
	switch {
	case reason.Code == jwks.Chosen && c.Keys[key.Index].Verifies:
	case reason.Code == jwks.Chosen:
		problem := Problem{
			Stage: StageKeys, Kind: SignatureInvalid, Answer: answerNotValidated,
			Subject: "signature", Expected: "a signature of the key " + h.Kid, Found: "one that this key did not make",
		}
		for i, e := range c.Keys {
			if e.Verifies && i != key.Index {
				problem.Kind, problem.Detail = KeyMissing, "another key of the set made it; of keys with one kid AWS takes the last"
			}
		}
		x.refuse(problem)
	case reason.Code == jwks.KeyRefused:
		x.refuse(x.keyProblem(answerNotValidated, reason))
	default:
		x.refuse(x.keyProblem(answerNoKey, reason))
	}
}

func (x *exchange) keyProblem(answer Answer, reason jwks.Reason) Problem {
	kids := make([]string, 0, len(x.c.Keys))
	for _, e := range x.c.Keys {
		kids = append(kids, e.Kid)
	}
	const most = 5
	if len(kids) > most {
		kids = append(kids[:most], "…")
	}
	found := x.c.Token.Header.Kid
	if found == "" {
		found = "a header without kid"
	}
	return Problem{Stage: StageKeys, Kind: KeyMissing, Answer: answer, Subject: "kid", Expected: "a usable key of the issuer's: " + strings.Join(kids, ", "), Found: found, Detail: reason.Text}
}
