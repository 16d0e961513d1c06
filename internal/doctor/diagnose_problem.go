package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// problem words what STS would refuse before it looks at the trust policy, or behind it.
func (d *diagnoser) problem(p *exchange.Problem) Diagnosis {
	x := Diagnosis{Cause: string(p.Kind), Expected: p.Expected, Found: p.Found}
	if p.Detail != "" {
		x.Evidence = []string{p.Detail}
	}
	x.Summary, x.Fix = d.words(p)
	return x
}

// besides names what else a problem may come from, or amounts to.
func (d *diagnoser) besides(p *exchange.Problem, rank int) {
	switch p.Kind { //nolint:exhaustive // because the others come from nothing else
	case exchange.AudienceMultiple:
		d.unregistered(rank)
	case exchange.SignatureInvalid:
		x := d.problem(p)
		x.Cause, x.Summary = string(exchange.KeyMissing), "the key that signed the token is not in the set: the one of its kid did not make the signature"
		x.Fix = operatorFix(d.issuer(), "publish the key that signs, under a kid of its own")
		d.show(x, rank-2) // the likelier of the two: few tokens are tampered with
	case exchange.DiscoveryBad:
		if s := max(d.c.Discovery.Status, d.c.Discovery.KeysStatus); s == 429 || s >= 500 {
			d.show(Diagnosis{
				Cause: "jwks_fetch_transient", Summary: fmt.Sprintf("the issuer answered with HTTP status %d, which may pass", s),
				Expected: "the keys fetched every time", Found: p.Found, Fix: "retry with backoff, and exchange a token once for many clients",
			}, rank+map[bool]int{true: -2, false: 0}[s == 429])
		}
	}
}

// unregistered looks for audiences of several that the provider does not know either.
func (d *diagnoser) unregistered(rank int) {
	p := d.c.Provider
	if p == nil || p.ClientIDs == nil {
		return
	}
	for _, audience := range d.c.Token.Audience() {
		if !slices.Contains(p.ClientIDs, audience) {
			d.show(Diagnosis{
				Cause: "aud_not_in_provider", Summary: "of the token's audiences one is not among the provider's client ids",
				Expected: "one of the provider's client ids: " + strings.Join(p.ClientIDs, ", "), Found: audience,
				Fix: "let the issuer put one registered audience into aud",
			}, rank)
			return
		}
	}
}

// words are the summary of a problem and the way out.
func (d *diagnoser) words(p *exchange.Problem) (summary, fix string) {
	issuer := d.issuer()
	switch p.Kind {
	case exchange.SessionNameInvalid:
		return "RoleSessionName breaks the pattern that STS takes", "role-session-name: " + plainSessionName(p.Found)
	case exchange.RoleARNInvalid:
		return "the role's ARN in the request is malformed", roleARNFix(p.Found)
	case exchange.DurationExceedsMax:
		return "the session that is asked for is longer than the role allows", d.durationFix()
	case exchange.ProviderIDGiven:
		return "the call names a ProviderId, which is for Login with Amazon and Facebook only", "leave ProviderId out of the call"
	case exchange.WrongToken:
		return "what is sent is no signed JWT", "fcoidc decode --token-file <the file that is sent>"
	case exchange.AlgUnsupported:
		return fmt.Sprintf("the token is signed with %s, which STS does not take", orElse(p.Found, "no algorithm")), "let the issuer sign with RS256 or ES256"
	case exchange.ClaimMissing:
		return "the token lacks the claim " + p.Subject + ", which STS demands", claimFix(p.Subject)
	case exchange.ClaimMalformed:
		return "the claim " + p.Subject + " is not of the form that STS takes", "let the issuer write " + p.Subject + " as " + p.Expected
	case exchange.TokenExpired:
		return "the token has expired", "get a new token for each attempt, right before the exchange"
	case exchange.TokenTooOld:
		return "the token was issued too long ago, though it has not expired", "get a new token right before the exchange"
	case exchange.TokenNotYetValid:
		return "by the verifier's clock the token is not valid yet", "set the clocks of issuer and verifier (NTP): " + p.Subject + " lies ahead"
	case exchange.ProviderMissing:
		return "the role's account has no identity provider for the token's issuer", d.createProvider()
	case exchange.IssuerURLMismatch:
		return d.urlMismatch(p.Found, issuer), d.createProvider()
	case exchange.DiscoveryBad:
		return "AWS cannot read the issuer's discovery document and keys", operatorFix(issuer, "let "+issuer+"/.well-known/openid-configuration and its jwks_uri answer 200 to the internet over HTTPS, within 5 seconds")
	case exchange.ThumbprintMismatch:
		return "the provider's thumbprints do not cover the issuer's certificate", d.thumbprintFix(p.Expected)
	case exchange.KeyMissing:
		return "AWS finds no key that verifies the token", operatorFix(issuer, "publish the key before signing with it, and keep the old one beside it for an hour")
	case exchange.SignatureInvalid:
		return "the signature was not made by the key that the token names", "send the token as the issuer gave it; if it stays so, the issuer names the wrong kid"
	case exchange.AudNotInProvider:
		return "the token's audience is not among the provider's client ids", d.audienceFix(p.Found)
	case exchange.AudienceMultiple:
		return "the token has several audiences and no azp", "let the issuer put one audience into aud: sts.amazonaws.com"
	case exchange.RolesClaim:
		return "the token limits itself to other roles", "let the issuer put the role's ARN into the claim, letter by letter: " + d.c.RoleARN()
	case exchange.SessionTagsBad:
		return "the session tags in the token are not of the form that STS takes", `"https://aws.amazon.com/tags": {"principal_tags": {"key": ["value"]}}`
	case exchange.RoleMissing:
		return "the role of the request is not there", d.roleFix(p)
	case exchange.TagSessionMissing:
		return "the token carries session tags, and the trust policy does not allow sts:TagSession", d.allowFix(trust.TagSession)
	case exchange.SourceIdentityNotOK:
		return "the token sets a source identity, and the trust policy does not allow sts:SetSourceIdentity", d.allowFix(trust.SetSourceIdentity)
	case exchange.OrgPolicyDeny:
		return "a policy of the organisation denies the call", "take sts:AssumeRoleWithWebIdentity out of the Deny, or guard it by keys that federated callers carry (aws:FederatedProvider, the token's claims)"
	case exchange.NotTrusted:
		return "the trust policy does not admit the token", ""
	}
	return "the exchange fails", ""
}

// allowFix is the action of the statement that admits the token, with one more.
func (d *diagnoser) allowFix(action string) string {
	names := []string{trust.Action}
	for i := range d.v.Trace.Statements {
		if s := &d.v.Trace.Statements[i]; s.Matched && s.Statement.Effect == policy.Allow && s.Statement.Action != nil {
			names = elementTexts(s.Statement.Action)
			break
		}
	}
	return actionFix(append(names, action))
}

func (d *diagnoser) issuer() string {
	if d.c.Token == nil {
		return "the issuer"
	}
	return d.c.Token.Issuer()
}

// forgecroft reports whether the token is Forgecroft's, so that bootstrap is the way out.
func (d *diagnoser) forgecroft() bool {
	return d.c.Token != nil && d.c.Token.Issuer() == template.DefaultIssuer
}

func (d *diagnoser) createProvider() string {
	if d.issuer() == "" {
		return "let the issuer name itself in the token's claim iss"
	}
	if strings.HasPrefix(d.issuer(), "http://") {
		return "let the issuer name itself by https: " + strings.Replace(d.issuer(), "http://", "https://", 1) + "; IAM takes no other"
	}
	if d.forgecroft() {
		return "fcoidc bootstrap --org-id " + placeholderOrg + " --allowed-regions " + placeholderRegions
	}
	audience := "sts.amazonaws.com"
	if d.c.Token != nil && len(d.c.Token.Audience()) > 0 {
		audience = d.c.Token.Audience()[0]
	}
	return "aws iam create-open-id-connect-provider --url " + escape.Shell(d.issuer()) + " --client-id-list " + escape.Shell(audience)
}

func (d *diagnoser) urlMismatch(found, issuer string) string {
	return "the account's provider is for another URL than the token's issuer: " + nearMiss(issuer, found)
}

// audienceFix is the command that registers an audience.
func (d *diagnoser) audienceFix(audience string) string {
	if service := otherService([]string{audience}); service != "" {
		return "do not register it: it is the audience of " + service + "; send the token that was made for AWS"
	}
	if d.otherAudience(audience) {
		return otherAudienceFix
	}
	if d.c.Provider != nil && d.c.Provider.ARN != "" {
		return addClientID(d.c.Provider.ARN, audience)
	}
	return addClientID(d.providerARN(), audience)
}

// forgecroftAudience is the audience of the tokens of Forgecroft's runs, by its documentation.
const forgecroftAudience = "sts.amazonaws.com"

const otherAudienceFix = "leave provider and trust policy as they are: the tokens of Forgecroft's runs have the audience " + forgecroftAudience +
	". Send the token of such a run:\nfcoidc decode --token-file <the file that is sent>"

// otherAudience reports whether it is the token that has the wrong audience: it is Forgecroft's, and
// the account is not known to lack the right one.
func (d *diagnoser) otherAudience(audience string) bool {
	p := d.c.Provider
	return d.forgecroft() && audience != forgecroftAudience && (p == nil || p.ClientIDs == nil || slices.Contains(p.ClientIDs, forgecroftAudience))
}

func addClientID(arn, audience string) string {
	return "aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn " + escape.Shell(arn) + " --client-id " + escape.Shell(audience)
}

func (d *diagnoser) thumbprintFix(wanted string) string {
	if strings.Contains(wanted, " ") {
		wanted = "<thumbprint>"
	}
	return "aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn " + escape.Shell(d.providerARN()) + " --thumbprint-list " + wanted
}

func (d *diagnoser) durationFix() string {
	asked, most := d.c.Request.DurationSeconds, d.c.Role.MaxSessionDuration
	if most == 0 || asked > 43200 {
		return "ask for 900 to 43200 seconds"
	}
	name := d.c.Role.Name
	if _, _, n, ok := exchange.SplitRoleARN(d.c.RoleARN()); ok {
		name = n
	}
	return fmt.Sprintf("ask for at most %d seconds, or: aws iam update-role --role-name %s --max-session-duration %d", most, orElse(escapeName(name), "<role>"), asked)
}

func escapeName(name string) string {
	if name == "" {
		return ""
	}
	return escape.Shell(name)
}

func (d *diagnoser) roleFix(p *exchange.Problem) string {
	if d.forgecroft() {
		return "fcoidc outputs   # the ARNs to paste into Forgecroft"
	}
	return "assume " + orElse(d.c.Role.ARN, p.Expected) + ", whose ARN is compared letter by letter, path included"
}

func claimFix(claim string) string {
	if claim == "aud" {
		return "ask the issuer for a token with the audience sts.amazonaws.com"
	}
	return "let the issuer put " + claim + " into the token"
}

// plainSessionName is a name as STS takes it, made of one that it does not.
func plainSessionName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_+=,.@-", r)):
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	const longest = 64
	s := b.String()
	if len(s) > longest {
		s = s[:longest]
	}
	if s = strings.Trim(s, "-"); len(s) < 2 {
		return "fcoidc"
	}
	return s
}

// roleARNFix mends what can be seen to be wrong with an ARN.
func roleARNFix(arn string) string {
	trimmed := strings.TrimSpace(strings.Trim(strings.TrimSpace(arn), `"'`))
	if _, _, _, ok := exchange.SplitRoleARN(trimmed); ok {
		return "leave out the blanks and quotes around it: " + trimmed
	}
	if i := strings.Index(trimmed, ":aws"); i >= 0 {
		if mended := "arn" + trimmed[i:]; mended != trimmed {
			if _, _, _, ok := exchange.SplitRoleARN(mended); ok {
				return "role-arn: " + mended
			}
		}
	}
	if m := assumedRole.FindStringSubmatch(trimmed); m != nil {
		return "role-arn: arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3] + "   # the role's own ARN, with its path if it has one"
	}
	return "role-arn: arn:aws:iam::<12-digit account>:role/<name>"
}

// assumedRole is the ARN of a session, which is taken for its role's.
var assumedRole = lazyregexp.New(`^arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([\w+=,.@-]+)`)
