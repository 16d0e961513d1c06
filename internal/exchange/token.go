package exchange

import (
	"fmt"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// token judges the header and the claims that STS demands.
func (x *exchange) token() {
	x.header()
	t := x.c.Token
	if t.Claims == nil {
		return // nothing but a header is known
	}
	if x.c.Platform == AWS || x.c.Platform == Cognito {
		x.required()
	}
	if aud, ok := t.Claim("aud"); ok {
		x.audienceForm(aud)
	}
	if sub, ok := t.Claim("sub"); ok {
		x.subjectForm(sub)
	}
}

func (x *exchange) header() {
	h := x.c.Token.Header
	if !x.c.HasHeader {
		return
	}
	if _, ok := h.Members.Get("crit"); ok {
		x.refuse(Problem{
			Stage: StageToken, Kind: WrongToken, Answer: answerNotJWT,
			Subject: "header", Expected: "no crit", Found: "crit, which demands extensions that AWS does not know",
		})
	}
	if err := jwks.CheckAlgorithm(h.Alg); err != nil && x.c.Platform != MinIO {
		x.refuse(Problem{
			Stage: StageToken, Kind: AlgUnsupported, Answer: answerUnspecific,
			Subject: "alg", Expected: "one of " + strings.Join(jwks.Algorithms(), ", "), Found: h.Alg, Detail: err.Error(),
		})
	}
}

// required looks for the claims that STS demands. What a case holds as claims may be a part of
// the token's; the times are missed only in a token that was seen whole.
func (x *exchange) required() {
	names := []string{"iss", "sub", "aud"}
	if x.c.HasHeader && !x.c.Now.IsZero() {
		names = append(names, "iat", "exp")
	}
	for _, name := range names {
		if _, ok := x.c.Token.Claim(name); !ok {
			x.refuse(Problem{
				Stage: StageClaims, Kind: ClaimMissing, Answer: missingClaim(name),
				Subject: name, Expected: "the claim " + name, Found: "a token without it",
			})
		}
	}
}

func (x *exchange) audienceForm(aud claims.Value) {
	var one [1]string // what most tokens have
	values, isText := aud.AppendStrings(one[:0])
	_, hasAZP := x.c.Token.Claim("azp")
	switch {
	case !isText:
		x.refuse(Problem{
			Stage: StageClaims, Kind: ClaimMalformed, Answer: answerUnspecific,
			Subject: "aud", Expected: "a string or a list of strings", Found: "a value of type " + aud.Kind().String(),
		})
	case len(values) == 0:
		x.refuse(Problem{
			Stage: StageClaims, Kind: ClaimMissing, Answer: answerEmptyAud,
			Subject: "aud", Expected: "an audience", Found: "an empty list",
		})
	case len(values) > 1 && !hasAZP && x.c.Platform != MinIO:
		x.refuse(Problem{
			Stage: StageClaims, Kind: AudienceMultiple, Answer: answerManyAudience,
			Subject: "aud", Expected: "one audience, or azp beside several", Found: strings.Join(values, ", "),
		})
	}
}

func (x *exchange) subjectForm(sub claims.Value) {
	switch sub.Kind() {
	case claims.Null:
		x.refuse(Problem{
			Stage: StageClaims, Kind: ClaimMissing, Answer: answerSubNull,
			Subject: "sub", Expected: "a subject", Found: "null, on which STS fails and SDKs try again in vain",
		})
	case claims.Bool, claims.Array, claims.Object:
		x.refuse(Problem{
			Stage: StageClaims, Kind: ClaimMalformed, Answer: answerUnspecific,
			Subject: "sub", Expected: "a string", Found: "a value of type " + sub.Kind().String(),
		})
	case claims.Absent, claims.String, claims.Number: // missed above, and as STS takes it
	}
}

// oldest is the age beyond which a token was reported as refused though it had not expired
// ("Token too old: 441398", 2019). AWS documents no such bound; a day is the lowest that anybody
// named.
const oldest = 24 * time.Hour

// times judges iat, nbf and exp, with STS's grace. Their forms are judged always.
func (x *exchange) times() {
	t, c := x.c.Token, x.c
	for _, in := range []struct {
		name string
		at   claims.Instant
	}{{"iat", t.IssuedAt()}, {"nbf", t.NotBefore()}, {"exp", t.ExpiresAt()}} {
		if in.at.Form != claims.TimeAbsent && !in.at.Accepted() {
			v, _ := t.Claim(in.name)
			x.refuse(Problem{
				Stage: StageTimes, Kind: ClaimMalformed, Answer: answerTimestamp,
				Subject: in.name, Expected: "a whole number of seconds since 1970", Found: v.Text(),
			})
		}
	}
	if c.Now.IsZero() {
		return
	}
	grace := claims.Grace
	if c.Platform == MinIO {
		grace = 0
	}
	early, late := c.Now.Add(-grace), c.Now.Add(grace)
	if iat := t.IssuedAt(); iat.Accepted() && iat.At.After(late) {
		x.refuse(x.timeProblem(TokenNotYetValid, "iat", iat.At, issuedInFuture(unix(iat.At))))
	}
	if nbf := t.NotBefore(); nbf.Accepted() && nbf.At.After(late) {
		x.refuse(x.timeProblem(TokenNotYetValid, "nbf", nbf.At, notYetValid(unix(late), unix(nbf.At))))
	}
	exp := t.ExpiresAt()
	over := exp.Accepted() && !early.Before(exp.At)
	if over {
		x.refuse(x.timeProblem(TokenExpired, "exp", exp.At, expired(unix(early), unix(exp.At))))
	}
	if iat := t.IssuedAt(); iat.Accepted() && !over && c.Platform == AWS && c.Now.Sub(iat.At) > oldest {
		x.refuse(x.timeProblem(TokenTooOld, "iat", iat.At, tooOld(unix(c.Now)-unix(iat.At))))
	}
}

func (x *exchange) timeProblem(kind Kind, claim string, at time.Time, answer Answer) Problem {
	p := Problem{Stage: StageTimes, Kind: kind, Answer: answer, Subject: claim, Found: fmt.Sprintf("%s, %s", at.UTC().Format(time.RFC3339), ago(x.c.Now.Sub(at)))}
	switch kind {
	case TokenExpired:
		p.Expected = "an exp that lies ahead, or less than five minutes back"
	case TokenTooOld:
		p.Expected = "an iat of less than a day ago"
	default:
		p.Expected = "an instant that has come, or comes within five minutes"
	}
	if x.c.Platform == MinIO {
		p.Expected = "an instant that has come by the server's clock"
	}
	return p
}

// ago words a distance from now.
func ago(d time.Duration) string {
	if d < 0 {
		return "in " + (-d).Round(time.Second).String()
	}
	return d.Round(time.Second).String() + " ago"
}
