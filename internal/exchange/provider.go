package exchange

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// provider looks for the IAM OIDC provider of the token's issuer in the role's account.
func (x *exchange) provider() {
	iss := x.c.Token.Issuer()
	p := x.c.Provider
	if x.c.Platform == MinIO || x.v.Provider.Builtin || p == nil || iss == "" {
		return
	}
	switch {
	case p.Missing:
		x.refuse(Problem{
			Stage: StageProvider, Kind: ProviderMissing, Answer: x.c.noProvider(iss),
			Subject: iss, Expected: "an IAM OIDC provider for " + iss + " in the role's account", Found: "none",
		})
	case p.URL != "" && withScheme(p.URL) != iss:
		x.refuse(Problem{
			Stage: StageProvider, Kind: IssuerURLMismatch, Answer: x.c.noProvider(iss),
			Subject: iss, Expected: "a provider for " + iss + ", letter by letter", Found: withScheme(p.URL),
		})
	}
}

// withScheme is a provider's URL as an issuer names itself: IAM stores it without https://.
func withScheme(url string) string {
	if strings.Contains(url, "://") {
		return url
	}
	return "https://" + url
}

// presented returns what STS compares with the provider's client ids: azp where a token has
// it, else aud.
func presented(t *claims.Token) []string {
	if azp, ok := t.Claim("azp"); ok {
		return []string{azp.Text()}
	}
	return t.Audience()
}

func (x *exchange) audience() {
	p := x.c.Provider
	if x.c.Platform == MinIO || x.v.Provider.Builtin {
		return
	}
	azp, hasAZP := x.c.Token.Claim("azp")
	presented := x.presented
	if len(presented) == 0 || len(presented) > 1 {
		return // said where the claim's form is judged
	}
	problem := Problem{Stage: StageAudience, Kind: AudNotInProvider, Answer: x.c.wrongAudience(), Subject: "aud", Found: presented[0]}
	if hasAZP {
		problem.Subject = "azp"
	}
	switch {
	case hasAZP && azp.Text() == "":
		problem.Expected, problem.Found = "an azp that is one of the provider's client ids", "an empty azp"
	case p == nil || p.Missing || p.ClientIDs == nil || slices.Contains(p.ClientIDs, presented[0]):
		return
	default:
		problem.Expected = "one of the provider's client ids: " + strings.Join(p.ClientIDs, ", ")
		if len(p.ClientIDs) == 0 {
			problem.Expected = "one of the provider's client ids, of which there are none"
		}
		if hasAZP && slices.ContainsFunc(x.c.Token.Audience(), func(aud string) bool { return slices.Contains(p.ClientIDs, aud) }) {
			problem.Detail = "aud is registered, but where a token has azp STS compares that"
		}
	}
	x.refuse(problem)
}

// vouching returns the ARN, or the built-in name, of the provider that must vouch for the token,
// and its account. Where neither the role nor the provider tells the account, the one that the
// trust policy names is taken.
func (x *exchange) vouching(doc *policy.Document) (arn, account string) {
	c := x.c
	path := x.v.Provider.KeyPrefix
	if x.v.Provider.Builtin {
		_, account, _, _ = SplitRoleARN(c.RoleARN())
		return path, account
	}
	if _, account, _, ok := trust.SplitProviderARN(c.ProviderARN); ok {
		return c.ProviderARN, account
	}
	if partition, account, _, ok := SplitRoleARN(c.RoleARN()); ok {
		return trust.ProviderARN(partition, account, path), account
	}
	if c.Provider != nil {
		if partition, account, _, ok := trust.SplitProviderARN(c.Provider.ARN); ok {
			return trust.ProviderARN(partition, account, path), account
		}
	}
	partition := "aws"
	for i, named := range federated(doc) {
		p, a, named, _ := trust.SplitProviderARN(named)
		if i == 0 || named == path {
			partition, account = p, a
		}
		if named == path {
			break
		}
	}
	if account == "" {
		partition, account, x.v.AccountAssumed = accountOf(doc)
	}
	return trust.ProviderARN(partition, account, path), account
}

// ExampleAccount stands for an account that nothing tells.
const ExampleAccount = "111122223333"

// accountOf is the account of the first principal of a trust policy that names one, whatever kind
// it is; assumed is true where none does.
func accountOf(doc *policy.Document) (partition, account string, assumed bool) {
	if doc == nil {
		return "aws", ExampleAccount, true
	}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Principal == nil {
			continue
		}
		for _, e := range s.Principal.Entries {
			if f := strings.SplitN(e.ID.Text, ":", 6); len(f) == 6 && f[0] == "arn" && len(f[4]) == 12 && strings.Trim(f[4], "0123456789") == "" {
				return f[1], f[4], false
			}
		}
	}
	return "aws", ExampleAccount, true
}

// federated returns the provider ARNs that a trust policy's statements name as principals.
func federated(doc *policy.Document) (arns []string) {
	if doc == nil {
		return nil
	}
	for i := range doc.Statements {
		if doc.Statements[i].Principal == nil {
			continue
		}
		for _, e := range doc.Statements[i].Principal.Entries {
			if _, _, _, ok := trust.SplitProviderARN(e.ID.Text); ok {
				arns = append(arns, e.ID.Text)
			}
		}
	}
	return arns
}

// rolesClaim judges the claim that limits a token to roles. STS looks at it before it looks at
// the trust policy.
func (x *exchange) rolesClaim() {
	arns, _, ok := x.c.Token.Roles()
	if !ok {
		return
	}
	v, _ := x.c.Token.Claim(claims.ClaimRoles)
	problem := Problem{Stage: StageRolesClaim, Kind: RolesClaim, Subject: claims.ClaimRoles, Expected: "the role's ARN among those of the claim", Found: strings.Join(arns, ", ")}
	switch {
	case v.Kind() != claims.String && v.Kind() != claims.Array:
		problem.Answer, problem.Found = answerRolesFormat, "a value of type "+v.Kind().String()
	case len(arns) == 0:
		problem.Answer, problem.Found = answerRolesNone, "no role ARN"
	case x.c.RoleARN() != "" && !slices.Contains(arns, x.c.RoleARN()):
		problem.Answer, problem.Expected = answerRolesOther, x.c.RoleARN()
	default:
		return
	}
	x.refuse(problem)
}

// sessionTags judges the form of session tags and source identity.
func (x *exchange) sessionTags() {
	t := x.c.Token
	_, _, problems := t.SessionTags()
	_, identity, _ := t.SourceIdentity()
	problems = append(problems, identity...)
	if len(problems) == 0 {
		return
	}
	first, answer := problems[0], answerUnspecific
	switch v, _ := t.Claim(claims.ClaimTags); {
	case first.AWS != "" && first.Claim == claims.ClaimTags && v.Kind() != claims.Object:
		answer = answerTagsObject
	case first.AWS != "":
		answer = answerTags
	}
	x.refuse(Problem{Stage: StageSessionTags, Kind: SessionTagsBad, Answer: answer, Subject: first.Claim, Expected: "the form that STS takes", Found: first.Text})
}
