package awserr

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
)

// answered recognises what an AWS service itself said.
func answered(e *Error) bool {
	api, ok := errors.AsType[smithy.APIError](e.err)
	if !ok || api.ErrorCode() == "" || api.ErrorCode() == "UnknownError" {
		return false // UnknownError is the SDK's word for a body it could not read
	}
	e.Code, e.Message = api.ErrorCode(), scrub(api.ErrorMessage())
	switch code := e.Code; {
	case isThrottle(code):
		e.Kind = KindThrottled
		e.fix = "run it again with a lower --concurrency"
	case isClock(code, e.Message):
		e.Kind = KindClock
		e.fix = "set this machine's clock; AWS refuses requests that are five minutes off"
	case slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}, code):
		e.Kind = KindExpired
		e.fix = "get fresh credentials, for SSO: aws sso login" + e.profileFlag()
	case slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException"}, code):
		e.Kind = KindInvalidCredentials
		e.fix = "check the keys; those of another partition (China, GovCloud) need a --region of theirs, and a Region must be enabled in the account"
	case slices.Contains([]string{"RegionDisabledException", "OptInRequired", "InvalidRegion"}, code):
		e.Kind = KindRegion
		e.fix = "aws account enable-region --region-name <region>; or another --region"
	case slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException", "ForbiddenException", "NotAuthorized"}, code):
		e.Kind = KindDenied
		e.fix = deniedFix(e)
	case api.ErrorFault() == smithy.FaultServer || slices.Contains([]string{"InternalFailure", "InternalError", "ServiceUnavailable", "ServiceFailure"}, code):
		e.Kind = KindService
		e.fix = "run it again; AWS reports trouble on https://health.aws.amazon.com"
	default:
		e.Kind = KindOther
	}
	return true
}

// isThrottle follows the SDK's list, save that LimitExceededException is a quota at CloudFormation
// and IAM, which waiting does not cure.
func isThrottle(code string) bool {
	_, throttle := retry.DefaultThrottleErrorCodes[code]
	return throttle && code != "LimitExceededException"
}

// isClock: SigV4 refusals carry the same codes as wrong keys; their texts tell them apart
// ("Signature expired: 20260101T000000Z is now earlier than ...", "Signature not yet current").
func isClock(code, message string) bool {
	return code == "RequestTimeTooSkewed" || strings.HasPrefix(message, "Signature expired:") || strings.HasPrefix(message, "Signature not yet current:")
}

func deniedFix(e *Error) string {
	switch {
	case strings.Contains(e.Message, "service control policy"):
		return "a service control policy of the organisation forbids it: its administrator has to allow it"
	case strings.Contains(e.Message, "resource control policy"):
		return "a resource control policy of the organisation forbids it: its administrator has to allow it"
	case strings.Contains(e.Message, "permissions boundary"):
		return "the caller's permissions boundary forbids it: act as another role, or widen the boundary"
	case e.Service == serviceSSO:
		return "ask for the permission set in that account; then aws sso login" + e.profileFlag()
	case e.Operation == "AssumeRole":
		return "the role must exist and its trust policy must name the caller; name another with --role-name, an external id with --external-id"
	}
	return "fcoidc print-policy shows the permissions that are needed"
}

// region recognises that the SDK had no Region to build an address from.
func region(e *Error) bool {
	_, missing := errors.AsType[*aws.MissingRegionError](e.err)
	if !missing && !strings.Contains(e.err.Error(), "Missing Region") {
		return false
	}
	e.Kind, e.Code, e.Message = KindRegion, "no_region", "no AWS Region is given"
	e.fix = "--region us-east-1, or set AWS_REGION"
	return true
}
