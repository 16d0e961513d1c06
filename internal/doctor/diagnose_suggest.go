package doctor

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// symptomOnly names what must be true where the case does not show what the symptom tells of:
// AWS saw more than the case holds, or something that cannot be seen from outside.
func (d *diagnoser) symptomOnly() {
	if d.symptom.beside != "" {
		d.suggest(d.suggestion(d.symptom.beside), maxSuggested)
	}
	if d.symptom.class == classNone {
		return
	}
	fits, denied := d.fits(), d.symptom.class == classSTS && slices.Contains(d.symptom.causes, "iam_propagation")
	if denied {
		d.undocumented()
	}
	switch {
	case fits:
		return
	case denied:
		d.contradiction()
		return
	}
	for i, cause := range d.likely() {
		if i == maxSuggested {
			break
		}
		d.suggest(d.suggestion(cause), i)
	}
}

// likely orders the symptom's causes by what else is known: where many use an issuer, or a look at
// it went well, a key that AWS could not fetch is seldom the issuer's fault.
func (d *diagnoser) likely() []string {
	causes := d.symptom.causes
	if len(causes) == 0 || causes[0] != "discovery_unreachable" {
		return causes
	}
	seen := d.c.Discovery != nil && (d.c.Discovery.Status == 200 || d.c.Discovery.HasDocument)
	if d.v.Provider.ID != "generic" || seen {
		return []string{"jwks_fetch_transient", "jwks_key_missing", "discovery_unreachable"}
	}
	return causes
}

// maxSuggested is how many causes are suggested on the symptom's word alone.
const maxSuggested = 4

// undocumented is AccessDenied for a token that the trust policy admits by the issuer's word alone:
// that AWS does not know the keys is likelier than all else, however new the role is.
func (d *diagnoser) undocumented() {
	if d.c.Policy == nil || d.v.Decision != exchange.Allow || d.v.Basis != exchange.ByIssuer {
		return
	}
	d.show(Diagnosis{
		Cause:    "condition_key_unsupported",
		Summary:  "the trust policy admits the token as the issuer documents it, and by AWS's own table it does not: AWS makes no condition keys of these claims",
		Expected: "conditions on keys that AWS publishes: aud, sub", Found: "a policy that tests claims which only the issuer documents",
		Fix: d.otherModeFix(),
	}, 0)
}

// contradiction is AccessDenied for a token that the trust policy, as far as it is known, admits.
func (d *diagnoser) contradiction() {
	rank := 0
	add := func(x Diagnosis) {
		d.suggest(x, rank)
		rank++
	}
	if d.c.Policy == nil && d.c.Token != nil {
		add(Diagnosis{
			Cause: "sub_context_mismatch", Summary: "the role's trust policy is not in the case; most often it wants another subject than the token has",
			Expected: "the subject that the trust policy wants", Found: d.c.Token.Subject(), Fix: "aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument",
		})
		add(d.suggestion("aud_condition_mismatch"))
		add(d.suggestion("principal_wrong"))
	}
	further := []string{"iam_propagation", "org_policy_deny", "role_missing"}
	if len(d.c.Organization.ResourceControl)+len(d.c.Organization.ServiceControl) > 0 {
		further[0], further[1] = further[1], further[0]
	}
	for _, cause := range further {
		add(d.suggestion(cause))
	}
}

// audienceText is the audience that the token has.
func (d *diagnoser) audienceText() string {
	if d.c.Token == nil || len(d.c.Token.Audience()) == 0 {
		return "<the token's aud>"
	}
	return d.c.Token.Audience()[0]
}

// suggestion words a cause for which nothing but the symptom speaks.
func (d *diagnoser) suggestion(cause string) Diagnosis {
	x := Diagnosis{Cause: cause}
	switch cause {
	case "iam_propagation":
		x.Summary, x.Fix = "the role, its trust policy or the provider was changed seconds ago", "try again in a minute"
	case "org_policy_deny":
		x.Summary, x.Fix = "a resource control policy of the organisation denies the call, which nobody sees from inside the account", "ask who runs the organisation for its policies on sts:AssumeRoleWithWebIdentity"
	case "role_missing":
		x.Summary, x.Fix = "the role that is assumed is another one than the one looked at: another account, name or path, or none", "compare the role ARN of the call with: aws iam get-role --role-name <role> --query Role.Arn"
	case "other_credentials_used":
		x.Summary, x.Fix = "other credentials in the caller's environment are used in place of the web identity", "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE"
	case "discovery_unreachable":
		x.Summary, x.Fix = "AWS cannot reach the issuer's discovery document or keys, whatever one sees from here", operatorFix(d.issuer(), "let "+d.issuer()+"/.well-known/openid-configuration answer 200 to the internet, within 5 seconds")
	case "jwks_key_missing":
		x.Summary, x.Fix = "the key that signed the token is not among those that the issuer publishes, or that AWS keeps for some minutes", "fcoidc decode --token-file <file> --verify"
	case "jwks_fetch_transient":
		x.Summary, x.Fix = "fetching the keys failed for a passing reason", "retry with backoff"
	case "aud_not_in_provider":
		x.Summary, x.Fix = "the token's audience is not among the provider's client ids", d.audienceFix(d.audienceText())
		x.Found = d.audienceText()
	case "provider_missing":
		x.Summary, x.Fix = "the role's account has no identity provider for the token's issuer", d.createProvider()
	case "issuer_url_mismatch":
		x.Summary, x.Fix = "a provider exists, for another URL than the token's iss: host, path, scheme, a trailing slash", "aws iam list-open-id-connect-providers"
	case "token_not_obtained":
		x.Summary, x.Fix = "the caller never got an ID token", "in GitHub Actions: permissions: {id-token: write, contents: read}"
	case "client_config":
		x.Summary, x.Fix = "the caller's configuration is incomplete", "export AWS_REGION=<region> AWS_ROLE_ARN=<the role's ARN> AWS_WEB_IDENTITY_TOKEN_FILE=<the token's file>"
	case "sts_endpoint":
		x.Summary, x.Fix = "the caller does not reach an STS endpoint that is right for network, Region and partition", "export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=<a Region that the network lets through>"
	case "wrong_token":
		x.Summary, x.Fix = "what was sent is not the ID token that was meant", "fcoidc decode --token-file <the file that is sent>"
	case "token_claim_missing":
		x.Summary, x.Fix = "the token lacks a claim that STS demands", "fcoidc decode --token-file <file>"
	case "token_expired":
		x.Summary, x.Fix = "the token has expired", "get a new token right before each exchange"
	case "token_too_old":
		x.Summary, x.Fix = "the token was issued too long ago, though it has not expired", "get a new token right before each exchange"
	case "token_not_yet_valid":
		x.Summary, x.Fix = "by the verifier's clock the token is not valid yet", "set the clocks of issuer and verifier (NTP)"
	case "thumbprint_mismatch":
		x.Summary, x.Fix = "the provider's thumbprints do not cover the issuer's certificate chain", d.thumbprintFix("a thumbprint")
	case "duration_exceeds_max":
		x.Summary, x.Fix = "the session that is asked for is longer than the role allows", "ask for 3600 seconds, or raise the role's MaxSessionDuration"
	case "session_name_invalid":
		x.Summary, x.Fix = "RoleSessionName breaks the pattern that STS takes", `2 to 64 characters of [\w+=,.@-]`
	case "role_arn_invalid":
		x.Summary, x.Fix = "the role's ARN in the request is malformed", "role-arn: arn:aws:iam::<12-digit account>:role/<name>"
	case "aud_condition_mismatch":
		x.Summary, x.Fix = "the trust policy wants another audience than the token has", d.conditionFix("StringEquals", d.v.Provider.KeyPrefix+":aud", []string{d.audienceText()})
		x.Expected, x.Found = "the audience that the trust policy wants", d.audienceText()
	case "principal_wrong":
		x.Summary, x.Fix = "the trust policy names another principal than the provider of the token's issuer", `"Principal": {"Federated": "`+d.providerARN()+`"}`
		x.Expected = d.providerARN()
	case "condition_keys_collapsed":
		x.Summary, x.Fix = "an operator or a key stands twice in one object of the trust policy", `"StringEquals": {"<key>": ["<first value>", "<second value>"]}`
	default:
		x.Summary, x.Fix = "the error text tells of it", "fcoidc doctor --explain "+cause
	}
	return x
}
