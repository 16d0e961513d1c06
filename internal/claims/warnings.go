package claims

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// warnings judges a token as STS would, as far as one can without its issuer's keys and the
// account's provider, and adds what a careful reader would notice.
func warnings(t *Token, p Provider, now time.Time) []Warning {
	var all []Warning
	if t.IsRequestToken() {
		all = append(all, Warning{Code: "request_token", Text: "this is the token with which a GitHub Actions job asks for ID tokens, not an ID token"})
	}
	all = append(all, headerWarnings(t.Header)...)
	all = append(all, requiredWarnings(t)...)
	all = append(all, audienceWarnings(t, p)...)
	all = append(all, timeWarnings(t, now)...)
	_, _, tags := t.SessionTags()
	_, identity, _ := t.SourceIdentity()
	_, roles, _ := t.Roles()
	all = append(append(append(all, tags...), identity...), roles...)
	return append(all, issuerWarnings(t.Issuer())...)
}

// algorithms are those that STS takes (AssumeRoleWithWebIdentity, parameter WebIdentityToken).
var algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"}

// awsNotJWT is what STS was observed to answer to a header with crit.
const awsNotJWT = "InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"

func headerWarnings(h Header) []Warning {
	var all []Warning
	switch {
	case h.Alg == "":
		all = append(all, Warning{Code: "alg_missing", Claim: "alg", Text: "the header names no algorithm"})
	case strings.EqualFold(h.Alg, "none"):
		all = append(all, Warning{Code: "alg_none", Claim: "alg", Text: "the token is not signed: anybody could have written it"})
	case !slices.Contains(algorithms, h.Alg):
		all = append(all, Warning{Code: "alg_not_taken", Claim: "alg", Text: "AWS takes " + strings.Join(algorithms, ", ") + " and no other algorithm"})
	}
	if _, ok := h.Members.Get("crit"); ok {
		all = append(all, Warning{Code: "crit", Claim: "crit", Text: "the header demands extensions that AWS does not know", AWS: awsNotJWT})
	}
	if h.Kid == "" {
		all = append(all, Warning{Code: "kid_missing", Claim: "kid", Text: "without kid AWS finds the key only while the issuer publishes exactly one usable key"})
	}
	return all
}

// requiredWarnings looks for the five claims that STS demands. It names the first it misses;
// in which order it looks is not known.
func requiredWarnings(t *Token) []Warning {
	var all []Warning
	for _, name := range []string{"iss", "sub", "aud", "iat", "exp"} {
		if _, ok := t.Claim(name); !ok {
			all = append(all, Warning{Code: "claim_missing", Claim: name, Text: "AWS requires " + name, AWS: "InvalidIdentityToken: Missing a required claim: " + name})
		}
	}
	switch sub, _ := t.Claim("sub"); sub.Kind() {
	case Null:
		all = append(all, Warning{Code: "sub_null", Claim: "sub", Text: "sub is null, on which STS fails and SDKs try again", AWS: "InternalFailure: Unknown error validating third-party token"})
	case Number:
		all = append(all, Warning{Code: "sub_number", Claim: "sub", Text: "sub is a number; AWS compares its digits"})
	case Bool, Array, Object:
		all = append(all, Warning{Code: "sub_type", Claim: "sub", Text: "sub must be a string"})
	case Absent, String: // said above, and as it should be
	}
	return all
}

func audienceWarnings(t *Token, p Provider) []Warning {
	aud, ok := t.Claim("aud")
	if !ok {
		return nil
	}
	values, isText := aud.Strings()
	azp, hasAZP := t.Claim("azp")
	var all []Warning
	switch {
	case !isText:
		all = append(all, Warning{Code: "aud_type", Claim: "aud", Text: "aud must be a string or an array of strings"})
	case len(values) == 0:
		all = append(all, Warning{Code: "aud_empty", Claim: "aud", Text: "aud names nobody", AWS: "InvalidIdentityToken: Claim is not allowed to be empty: aud"})
	case len(values) > 1 && !hasAZP:
		all = append(all, Warning{Code: "aud_many_without_azp", Claim: "aud", Text: "several audiences need azp to say which party the token was issued to", AWS: "InvalidIdentityToken: Token audience contains more than one audience while authorized party is not present"})
	}
	if hasAZP && azp.Kind() == String && p.fills("azp") {
		switch {
		case azp.Text() == "":
			all = append(all, Warning{Code: "azp_empty", Claim: "azp", Text: "azp is empty, and no provider has an empty client id", AWS: awsNotValidated})
		case !slices.Contains(values, azp.Text()):
			all = append(all, Warning{Code: "azp_differs", Claim: "azp", Text: "AWS compares azp, not aud, with the provider's client ids and in the condition key aud"})
		}
	}
	return all
}

// awsNotValidated is what STS answers since July 2026 where provider and audience do not fit.
const awsNotValidated = "InvalidIdentityToken: The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."

func timeWarnings(t *Token, now time.Time) []Warning {
	var all []Warning
	for _, name := range []string{"iat", "nbf", "exp"} {
		switch v, _ := t.Claim(name); {
		case t.instant(name).Form == TimeFraction:
			all = append(all, Warning{Code: "time_fraction", Claim: name, Text: name + " is no whole number of seconds", AWS: awsTimestamp})
		case t.instant(name).Form != TimeInvalid:
		case isMilliseconds(v.Text()):
			all = append(all, Warning{Code: "time_milliseconds", Claim: name, Text: name + " looks like milliseconds; it counts seconds"})
		default:
			all = append(all, Warning{Code: "time_invalid", Claim: name, Text: name + " is no number of seconds since 1970"})
		}
	}
	// STS was seen to name the earliest instant that it still takes, and the latest.
	early, late := now.Add(-Grace).Unix(), now.Add(Grace).Unix()
	iat, nbf, exp := t.IssuedAt(), t.NotBefore(), t.ExpiresAt()
	if iat.Accepted() && iat.At.Unix() > late {
		all = append(all, Warning{Code: "issued_in_future", Claim: "iat", Text: "issued more than five minutes from now", AWS: fmt.Sprintf("InvalidIdentityToken: Token issued in the future: %d", iat.At.Unix())})
	}
	if nbf.Accepted() && nbf.At.Unix() > late {
		all = append(all, Warning{Code: "not_yet_valid", Claim: "nbf", Text: "not valid for more than five minutes yet", AWS: fmt.Sprintf("InvalidIdentityToken: Token not yet valid: current date/time %d must be after or equal to the not-before date/time %d", late, nbf.At.Unix())})
	}
	if exp.Accepted() && early >= exp.At.Unix() {
		all = append(all, Warning{Code: "expired", Claim: "exp", Text: "expired five minutes ago or more", AWS: fmt.Sprintf("ExpiredTokenException: Token expired: current date/time %d must be before the expiration date/time %d", early, exp.At.Unix())})
	}
	if life, ok := t.Lifetime(); ok && life <= 0 {
		all = append(all, Warning{Code: "never_valid", Claim: "exp", Text: "it expires no later than it is issued"})
	}
	if t.State(now) == TimesGrace {
		all = append(all, Warning{Code: "in_grace", Text: "outside its times, but within the five minutes that AWS allows for clocks"})
	}
	return all
}

// isMilliseconds reports whether a number has the digits of milliseconds from 2001 to 2286.
func isMilliseconds(s string) bool { return len(s) == 13 && isDigits(s) }

// awsTimestamp is what STS was observed to answer to a fraction.
const awsTimestamp = "InvalidIdentityToken: Invalid timestamp in token claims."

// issuerWarnings applies IAM's rules for the URL of a provider (CreateOpenIDConnectProvider).
func issuerWarnings(issuer string) []Warning {
	if issuer == "" {
		return nil
	}
	bad := func(text string) []Warning {
		return []Warning{{Code: "issuer_url", Claim: "iss", Text: text}}
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "":
		return bad("iss is no URL, so that no IAM OIDC provider can match it")
	case u.Scheme != "https":
		return bad("iss must begin with https:// to match an IAM OIDC provider")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return bad("iss has a query or fragment, which the URL of an IAM OIDC provider cannot have")
	case u.Port() != "":
		return bad("iss names a port, which the URL of an IAM OIDC provider should not have")
	case strings.HasSuffix(u.Path, "/"):
		return []Warning{{Code: "issuer_trailing_slash", Claim: "iss", Text: "iss ends with a slash: provider URL and condition keys must end with it too"}}
	}
	return nil
}
