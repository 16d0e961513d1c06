package bootstrap

import (
	"errors"
	"strings"

	"github.com/forgecroft/fcoidc/internal/awserr"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// newFailure says what failed, with a fix where the text is one that we know.
func newFailure(t fleet.Target, code, message, resource string) *Failure {
	return &Failure{Code: code, Message: message, Resource: resource, Fix: remedy(t, code+" "+message)}
}

// failureOf turns an error into a failure: AWS's code and text where it is AWS's.
func failureOf(t fleet.Target, err error) *Failure {
	if f, ok := errors.AsType[*failedError](err); ok {
		return f.failure
	}
	e := awserr.Classify(err)
	message := e.Error()
	if d, ok := errors.AsType[*callError](err); ok {
		message = d.Error()
	}
	f := newFailure(t, e.Code, message, "")
	if hint := e.Hint(); hint != "" {
		f.Fix = hint
	}
	return f
}

// remedies are what to do about texts of AWS, the more particular first.
var remedies = []struct {
	text *lazyregexp.Regexp
	fix  func(t fleet.Target) string
}{
	{
		lazyregexp.New(`(?i)could not connect to (openid|oidc)|\.well-known/openid-configuration|OpenIdIdpCommunication`),
		say("AWS reads the issuer when it makes the provider. See that its discovery document answers 200 from the public internet " +
			"(curl -fsS <issuer>/.well-known/openid-configuration) within five seconds, with a certificate chain in order, " +
			"and that no firewall turns AWS away, then run again"),
	},
	{
		lazyregexp.New(`(?i)provider with url .* already exists|AWS::IAM::OIDCProvider.*already exists|oidc-provider/.*already exists`),
		say("somebody made the provider in the meantime: run again with --existing-provider reuse"),
	},
	{
		lazyregexp.New(`(?i)role (with name )?.*already exists|AWS::IAM::Role.*already exists`),
		say("give the roles other names (--parameter PlanRoleName=NAME --parameter ApplyRoleName=NAME), or delete the role that is there"),
	},
	{
		lazyregexp.New(`(?i)explicit deny in a service control policy|service control polic`),
		say("a service control policy of the organization forbids it: ask those who keep it to exempt the role that fcoidc uses " +
			"(fcoidc print-policy lists the actions)"),
	},
	{
		lazyregexp.New(`(?i)explicit deny in a permissions boundary`),
		say("the permissions boundary of the caller forbids it: use a role whose boundary admits what fcoidc print-policy lists"),
	},
	{
		lazyregexp.New(`(?i)cannot exceed quota|LimitExceeded|quota exceeded|limit for stacks`),
		func(t fleet.Target) string {
			return "remove what is not needed any more, or raise the quota: " + awsCommand(t, "service-quotas list-service-quotas --service-code iam")
		},
	},
	{
		lazyregexp.New(`(?i)must (detach all|delete) policies first`),
		say("somebody gave the role policies that the stack does not know: detach or delete them " +
			"(aws iam list-attached-role-policies and list-role-policies show them), then run again"),
	},
	{
		lazyregexp.New(`(?i)must remove roles from instance profile first`),
		say("somebody put the role into an instance profile: take it out " +
			"(aws iam list-instance-profiles-for-role shows it), then run again"),
	},
	{
		lazyregexp.New(`(?i)maxSessionDuration`),
		say("set MaxSessionDuration to 3600 up to 43200 seconds"),
	},
	{
		lazyregexp.New(`(?i)(policy|scope) (arn:?)?.*(does not exist|not attachable|not found)`),
		say("see that PlanPolicyArn and PermissionsBoundaryArn name policies of this account, or of AWS in this partition"),
	},
	{
		lazyregexp.New(`(?i)AccessDenied|not authorized to perform|UnauthorizedOperation`),
		say("give the caller the permissions that fcoidc print-policy lists"),
	},
	{
		lazyregexp.New(`(?i)rate exceeded|throttl|internal ?failure|internal error|ServiceUnavailable|timeout|request_failed`),
		say("run the same command again: what is done stays done"),
	},
}

func say(text string) func(fleet.Target) string { return func(fleet.Target) string { return text } }

// remedy is what to do about a text of AWS, empty if it is not one that we know.
func remedy(t fleet.Target, text string) string {
	for _, r := range remedies {
		if r.text.MatchString(text) {
			return r.fix(t)
		}
	}
	return ""
}

var reasonCode = lazyregexp.New(`Error Code: ([A-Za-z]+)|HandlerErrorCode: ([A-Za-z]+)`)

// codeInReason is the service's error code inside a stack event's reason, such as
// "... (Service: Iam, Status Code: 409, ...) (RequestToken: ..., HandlerErrorCode: AlreadyExists)".
func codeInReason(reason, otherwise string) string {
	if m := reasonCode.FindStringSubmatch(reason); m != nil {
		return strings.Join(m[1:], "")
	}
	return otherwise
}
