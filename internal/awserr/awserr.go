// Package awserr puts errors of the AWS SDK into words.
//
// The SDK's own texts nest several layers ("operation error STS: GetCallerIdentity, get
// identity: get credentials: failed to refresh cached credentials, ..."), name files that
// hold secrets, and in one case (SignatureDoesNotMatch) quote the session token. [Classify]
// keeps what a person needs: a kind to branch on, AWS's code and message or ours, and a way out.
// It does no I/O and reads no environment.
package awserr

import (
	"context"
	"errors"
	"fmt"
	"strings"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Kind is what sort of failure an error is.
type Kind string

// The kinds of failure, by what one does about them.
const (
	KindNoCredentials      Kind = "no_credentials"      // the chain of credential sources is exhausted
	KindLogin              Kind = "login_required"      // an SSO or console session is missing or over
	KindMFA                Kind = "mfa_required"        // the profile asks for an MFA code
	KindConfig             Kind = "config"              // profile or shared config file is wrong
	KindExpired            Kind = "credentials_expired" // temporary credentials are over
	KindInvalidCredentials Kind = "credentials_invalid" // AWS does not know the key, or the signature is wrong
	KindDenied             Kind = "access_denied"       // AWS knows the caller and says no
	KindThrottled          Kind = "throttled"           // too many requests
	KindRegion             Kind = "region"              // no Region, or one that is off or unknown
	KindClock              Kind = "clock"               // this machine's clock is wrong
	KindUnreachable        Kind = "unreachable"         // DNS, TLS, proxy, refused, timed out
	KindService            Kind = "service"             // AWS answered with an error of its own (5xx)
	KindCanceled           Kind = "canceled"            // the caller's context ended
	KindOther              Kind = "other"               // everything else; Code and Message are AWS's
)

// Error is an AWS SDK error in words. Its text holds no secret and no session token.
type Error struct {
	Kind Kind

	// Code is AWS's error code ("AccessDenied") or, where no AWS service answered,
	// one of ours in snake_case ("dns", "connection_refused", "no_credentials").
	Code string

	// Message is AWS's message or ours, without the code. It is not escaped for terminals.
	Message string

	Service   string // "STS"; empty if no request was made
	Operation string // "AssumeRole"
	RequestID string // what AWS support asks for; empty if there was no answer
	Profile   string // whose credentials were in use, as given to ForProfile

	fix string
	err error
}

// Error is the message, after the code where AWS gave it.
func (e *Error) Error() string {
	if e.fromAWS() && e.Message != "" {
		return e.Code + ": " + e.Message
	}
	if e.Message == "" {
		return e.Code
	}
	return e.Message
}

// Unwrap gives the SDK's error, so that errors.As still finds its types. Its text may hold
// what Error leaves out: do not print it.
func (e *Error) Unwrap() error { return e.err }

// Hint returns what to do next, a command where there is one, or "".
func (e *Error) Hint() string { return e.fix }

// fromAWS reports whether Code is AWS's: ours are lower case.
func (e *Error) fromAWS() bool { return e.Code != strings.ToLower(e.Code) }

// Classify says what err is. It returns nil only for nil.
func Classify(err error) *Error { return ForProfile(err, "") }

// ForProfile is [Classify] for credentials of the named profile of the shared config,
// so that the text and the way out can name it; "" stands for the default chain.
func ForProfile(err error, profile string) *Error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		if profile == "" || known.Profile == profile {
			return known
		}
		err = known.err
	}
	e := &Error{Profile: profile, err: err}
	e.Service, e.Operation = operation(err)
	if r, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err); ok {
		e.RequestID = r.ServiceRequestID()
	}
	for _, classify := range []func(*Error) bool{canceled, chain, sharedConfig, answered, unreachable, region, badAnswer} {
		if classify(e) {
			return e
		}
	}
	e.Kind, e.Code, e.Message = KindOther, "other", scrub(innermost(err).Error())
	return e
}

// Is reports whether err is of the given kind.
func Is(err error, kind Kind) bool {
	e := Classify(err)
	return e != nil && e.Kind == kind
}

// operation names the call that failed, the innermost where one call needed another: a
// DescribeStacks whose role could not be assumed failed in AssumeRole.
func operation(err error) (service, name string) {
	for {
		op, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return service, name
		}
		service, name = op.Service(), op.Operation()
		err = op.Unwrap()
	}
}

// innermost strips the layers that say which SDK operation was running.
func innermost(err error) error {
	for {
		op, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return err
		}
		err = op.Unwrap()
	}
}

func canceled(e *Error) bool {
	if !errors.Is(e.err, context.Canceled) {
		return false
	}
	e.Kind, e.Code, e.Message = KindCanceled, "canceled", "interrupted"
	return true
}

// badAnswer is an HTTP answer that the SDK could not read, such as a proxy's HTML page.
func badAnswer(e *Error) bool {
	r, ok := errors.AsType[*smithyhttp.ResponseError](e.err)
	if !ok {
		return false
	}
	e.Kind, e.Code = KindOther, "bad_answer"
	if r.HTTPStatusCode() >= 500 {
		e.Kind = KindService
	}
	e.Message = fmt.Sprintf("%s answered with HTTP status %d and a body that is not AWS's", host(r), r.HTTPStatusCode())
	e.fix = "see what answers at that address: a proxy, or AWS_ENDPOINT_URL naming another server"
	return true
}

// host is who answered.
func host(r *smithyhttp.ResponseError) string {
	if r.Response == nil || r.Response.Response == nil || r.Response.Request == nil {
		return "the endpoint"
	}
	return r.Response.Request.URL.Host
}
