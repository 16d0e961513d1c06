package doctor

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
)

func tokenChecks() []Check {
	return []Check{
		{Name: "token", Title: "the token is one that AWS takes", Category: CategoryToken, Needs: []Fact{FactToken}, run: tokenTaken},
		{Name: "exchange", Title: "the role for the token's phase admits it", Category: CategoryExchange, run: tokenAdmitted},
	}
}

// tokenStages are those at which STS looks at the token alone.
var tokenStages = []exchange.Stage{exchange.StageToken, exchange.StageClaims, exchange.StageTimes, exchange.StageKeys, exchange.StageSessionTags}

// tagSessionMissing is mended by another trust mode, where a token at hand has the tags for it.
const tagSessionMissing = "tag_session_missing"

// issuerCauses are told of by the checks of the issuer.
var issuerCauses = []string{"discovery_unreachable", "thumbprint_mismatch"}

func withoutToken() string { return "none was given" }

func tokenTaken(t *target) answerOf {
	if t.s.Token == nil {
		return answerOf{skip: withoutToken()}
	}
	j := t.anyToken()
	if j == nil {
		return answerOf{skip: "no role to exchange it for is known"}
	}
	var list []Finding
	for i := range j.Verdict.Problems {
		p := &j.Verdict.Problems[i]
		if !slices.Contains(tokenStages, p.Stage) || slices.Contains(issuerCauses, string(p.Kind)) {
			continue
		}
		for _, d := range j.Diagnoses {
			if d.Cause == string(p.Kind) {
				list = append(list, Finding{Code: d.Cause, Severity: Failure, Subject: "token", Summary: d.Summary, Expected: d.Expected, Found: d.Found, Fix: d.Fix})
			}
		}
	}
	return found("form, times and signature are good as far as they could be seen", list...)
}

func (t *target) anyToken() *Judgement {
	for i := range t.roles {
		if t.roles[i].token != nil {
			return t.roles[i].token
		}
	}
	return nil
}

// tokenAdmitted judges the token against the role of its phase. That the other role refuses it is
// as it should be, and that it does not is for the check of the phases to tell.
func tokenAdmitted(t *target) answerOf {
	if t.s.Token == nil {
		return answerOf{skip: withoutToken()}
	}
	var list []Finding
	admitted, refused, byIssuer := "", "", false
	untold := "no role for the token's phase is known" // why nothing is said
	for i := range t.roles {
		c := &t.roles[i]
		if c.token == nil {
			continue
		}
		if !c.forToken() {
			if slices.ContainsFunc(c.token.Diagnoses, func(d Diagnosis) bool { return d.Cause == "phase_mismatch" }) {
				refused += "; " + c.role.Name + " refuses it as it should (phase_mismatch)"
			}
			continue
		}
		v := c.token.Verdict
		if v.Decision == exchange.Allow {
			admitted, byIssuer = c.role.ARN, byIssuer || v.Basis == exchange.ByIssuer
			continue
		}
		untold = "since what keeps the token out is told before"
		if t.explainedToken(c) {
			untold = "since the token is not one that AWS takes"
		}
		before := len(list)
		for _, d := range c.token.Diagnoses {
			if d.Cause == propagating && (len(list) > before || t.explainedToken(c)) {
				continue // the cause is known, and stays one when all is settled
			}
			if d.Shown && !t.saysAnother(d.Cause, c.token) {
				f := t.organizationOr(d, c)
				if d.Cause == tagSessionMissing && t.s.Stack().takesTagsOf(c.token.Case.Token) {
					f.Fix = t.bootstrap(nil, "--trust-mode session-tags --allow-trust-change")
				}
				list = append(list, f)
			}
		}
	}
	if len(list) == 0 && admitted == "" {
		return answerOf{skip: untold}
	}
	if len(list) == 0 && byIssuer {
		return answerOf{seen: admitted + ", as the issuer documents it; not proven until a real exchange" + refused, doubtful: true}
	}
	return found(admitted+refused, list...)
}

// saysAnother reports whether another check tells of what keeps the token out: of the issuer, of the
// token, or of the provider, which is asked about the audience that tokens should have.
func (t *target) saysAnother(cause string, j *Judgement) bool {
	switch {
	case slices.Contains(issuerCauses, cause), isTokenProblem(j.Verdict, cause):
		return true
	case cause == "aud_not_in_provider" && !slices.Contains(j.Case.Token.Audience(), t.audience()):
		return false
	}
	return t.s.Token.issuer() == t.s.IssuerURL && slices.Contains(providerCauses, cause)
}

// takesTagsOf reports whether a stack is ours and the session tags of a token at hand are those
// that the template's trust by session tags tests, so that it can be deployed with that.
func (s *Stack) takesTagsOf(token *claims.Token) bool {
	if s == nil || !s.Ours {
		return false
	}
	tags, _, _ := token.SessionTags()
	for _, key := range []string{"phase", "org_id"} {
		if !slices.ContainsFunc(tags, func(tag claims.Tag) bool { return tag.Key == key }) {
			return false
		}
	}
	return true
}

// explainedToken reports whether the token itself is why the exchange is refused.
func (t *target) explainedToken(c *roleCase) bool {
	return slices.ContainsFunc(c.token.Diagnoses, func(d Diagnosis) bool {
		return d.Shown && d.Cause != propagating && (slices.Contains(issuerCauses, d.Cause) || isTokenProblem(c.token.Verdict, d.Cause))
	})
}

// organizationOr words a cause; those about the organization as their own check does, unless it is
// the token that is of another one. No trust policy is to be changed for a phase that does not exist.
func (t *target) organizationOr(d Diagnosis, c *roleCase) Finding {
	if !slices.Contains(orgCauses, d.Cause) {
		f := t.diagnosed(d, c, c.token)
		if phase, has := c.token.Case.Token.Claim("phase"); has && phaseOfToken(c.token.Case.Token) == "" && f.Found == phase.Text() {
			f.Expected, f.Fix = string(Plan)+" or "+string(Apply), "fcoidc decode --token-file "+t.tokenFile("<the token>")
		}
		return f
	}
	if tenant(c.token.Case.Token) == t.org {
		return t.organizationFinding(d, c, c.token)
	}
	return Finding{
		Code: d.Cause, Severity: Failure, Subject: c.role.ARN, Summary: "the token is of another organization than yours, to the letter",
		Expected: t.org, Found: tenant(c.token.Case.Token), Fix: "fcoidc decode --token-file " + t.tokenFile("<the token>"),
	}
}

// tokenFile is the file of the token at hand, or what stands for it where that is not known.
func (t *target) tokenFile(unknown string) string {
	if t.o.TokenFile == "" {
		return unknown
	}
	return escape.Shell(t.o.TokenFile)
}

func isTokenProblem(v *exchange.Verdict, cause string) bool {
	for i := range v.Problems {
		if string(v.Problems[i].Kind) == cause && slices.Contains(tokenStages, v.Problems[i].Stage) {
			return true
		}
	}
	return false
}
