package exchange

import "fmt"

// Answer is what STS says to a call that it refuses.
type Answer struct {
	Code, Message string
	// Observed says that AWS was seen to answer so. Other texts are from its documentation, from
	// reports, or left empty where none is known.
	Observed bool
}

// STS's error codes (API reference, AssumeRoleWithWebIdentity).
const (
	codeAccessDenied  = "AccessDenied"
	codeInvalidToken  = "InvalidIdentityToken"
	codeExpired       = "ExpiredTokenException"
	codeValidation    = "ValidationError"
	codeInternal      = "InternalFailure"
	codeRejectedClaim = "IDPRejectedClaim"
)

// NotAuthorized is STS's one answer to a role that is not there, a trust policy that does not
// admit the token, a missing sts:TagSession and an organisation's denial.
var NotAuthorized = Answer{codeAccessDenied, "Not authorized to perform sts:AssumeRoleWithWebIdentity", true}

var (
	answerProviderParameter = Answer{codeAccessDenied, "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens", true}
	answerNotAmazon         = Answer{codeInvalidToken, "Provided Token is not a Login With Amazon token", true}
	answerRejectedClaim     = Answer{codeRejectedClaim, "", false}
	answerNotJWT            = Answer{codeInvalidToken, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)", true}
	answerUnspecific        = Answer{codeInvalidToken, "", false}
	// answerNotValidated covers, since about July 2026, a provider that is missing or has another
	// URL, and an audience that is not registered.
	answerNotValidated = Answer{codeInvalidToken, "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.", true}
	// answerNoKey has two blanks behind the comma, as AWS's has.
	answerNoKey        = Answer{codeInvalidToken, "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements", true}
	answerThumbprint   = Answer{codeInvalidToken, "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", false}
	answerAudience     = Answer{codeInvalidToken, "Incorrect token audience", false}
	answerManyAudience = Answer{codeInvalidToken, "Token audience contains more than one audience while authorized party is not present", true}
	answerEmptyAud     = Answer{codeInvalidToken, "Claim is not allowed to be empty: aud", true}
	answerSubNull      = Answer{codeInternal, "Unknown error validating third-party token", true}
	answerTimestamp    = Answer{codeInvalidToken, "Invalid timestamp in token claims.", true}
	answerTags         = Answer{codeInvalidToken, "principal_tags passed in claim is not in correct format.", true}
	answerTagsObject   = Answer{codeInvalidToken, "Session tags passed in claim are not in correct format.", false}
	answerRolesFormat  = Answer{codeInvalidToken, "The roles claim is not in a supported format", true}
	answerRolesNone    = Answer{codeInvalidToken, "The roles claim contains no valid role ARNs", true}
	answerRolesOther   = Answer{codeInvalidToken, "The target role ARN is not present in the roles claim of the identity token", true}
	answerDuration     = Answer{codeValidation, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", false}
	answerARN          = Answer{codeValidation, "Request ARN is invalid", false}
)

// genericSince is when STS began to answer a missing provider and an audience that is not
// registered with one text for both.
const genericSince = "2026-07"

// before reports whether a case is judged as of a date before month, "YYYY-MM".
func (c *Case) before(month string) bool {
	return c.AsOf != "" && c.AsOf < month && c.AsOf != month[:4] // of a year alone the end counts
}

func (c *Case) noProvider(issuer string) Answer {
	if c.before(genericSince) {
		return Answer{codeInvalidToken, "No OpenIDConnect provider found in your account for " + issuer, true}
	}
	return answerNotValidated
}

func (c *Case) wrongAudience() Answer {
	if c.before(genericSince) {
		return answerAudience
	}
	return answerNotValidated
}

func missingClaim(name string) Answer {
	return Answer{codeInvalidToken, "Missing a required claim: " + name, true}
}

// constraint is STS's answer to a parameter of the wrong form.
func constraint(value, parameter, format string, args ...any) Answer {
	return Answer{codeValidation, fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, parameter, fmt.Sprintf(format, args...)), false}
}

// expired names the earliest instant that STS still takes, as AWS's text does.
func expired(early, exp int64) Answer {
	return Answer{codeExpired, fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", early, exp), true}
}

func notYetValid(late, nbf int64) Answer {
	return Answer{codeInvalidToken, fmt.Sprintf("Token not yet valid: current date/time %d must be after or equal to the not-before date/time %d", late, nbf), true}
}

func issuedInFuture(iat int64) Answer {
	return Answer{codeInvalidToken, fmt.Sprintf("Token issued in the future: %d", iat), true}
}

func tooOld(age int64) Answer {
	return Answer{codeExpired, fmt.Sprintf("Token too old: %d", age), false}
}
