package verify

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// refused are the warnings about a claim for which AWS takes no token though its answer was
// not observed; those with an observed answer need no list.
var refused = map[string]bool{
	"sub_type": true, "aud_type": true,
	"time_invalid": true, "time_milliseconds": true, // a time that nobody can read bounds nothing
}

// judge fails c for what the description says of its claims, the worst first. What it says
// beside that is where a careful verifier differs.
func judge(d claims.Description, c Check, names ...string) Check {
	for _, name := range names {
		for _, w := range d.Warnings {
			switch {
			case w.Claim != name:
			case w.AWS != "" || refused[w.Code]:
				if c.Outcome != Failed {
					c.Outcome, c.Summary, c.AWS, c.Careful = Failed, w.Text, w.AWS, ""
				}
			case w.Code == "sub_number":
				c.Careful = "sub is a number: AWS takes it, a careful verifier wants a string (RFC 7519 §4.1.2)"
			}
		}
	}
	if c.Outcome == Failed && c.AWS == "" {
		c.AWS = awsRefused
	}
	return c
}

func checkHeader(in Input) Check {
	c := judge(in.Described, Check{Name: "header", Outcome: Passed, Summary: "demands nothing unusual of its reader"}, "crit")
	if c.Outcome == Failed {
		c.Fix = "let the issuer leave crit out (RFC 7515 §4.1.11)"
	}
	return c
}

func checkAlgorithm(in Input) Check {
	alg := in.Token.Header.Alg
	c := Check{Name: "algorithm", Outcome: Passed, Summary: alg}
	if err := jwks.CheckAlgorithm(alg); err != nil {
		c.Outcome, c.Summary, c.AWS = Failed, err.Error(), awsRefused
	}
	return c
}

func checkIssuer(in Input) Check {
	iss := in.Token.Issuer()
	c := Check{Name: "iss", Outcome: Passed, Summary: iss}
	v, present := in.Token.Claim("iss")
	switch {
	case present && v.Kind() != claims.String:
		c.Outcome, c.Summary, c.AWS = Failed, "iss must be a string, not of type "+v.Kind().String(), awsRefused
	case present && in.IssuerError != "":
		c.Outcome, c.Summary, c.AWS = Failed, in.IssuerError, awsNotValid
	case in.Issuer != "" && in.Issuer != iss:
		c.Outcome, c.AWS = Failed, awsNotValid
		c.Summary = fmt.Sprintf("the token says %s, the discovery document %s; AWS compares letter by letter", iss, in.Issuer)
		c.Fix = "let both be the same URL, which is also the provider's"
	}
	return judge(in.Described, c, "iss")
}

func checkSubject(in Input) Check {
	return judge(in.Described, Check{Name: "sub", Outcome: Passed, Summary: in.Token.Subject()}, "sub")
}

func checkAudience(in Input) Check {
	c := Check{Name: "aud", Outcome: Passed, Summary: strings.Join(in.Token.Audience(), ", ")}
	if azp := in.Token.AZP(); azp != "" {
		c.Summary += "; AWS compares azp instead: " + azp
	}
	return judge(in.Described, c, "aud", "azp")
}
