package awserr

import (
	"errors"
	"os/exec"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	smithy "github.com/aws/smithy-go"
)

// The SDK's ids of the services that hand out credentials.
const (
	serviceIMDS    = "ec2imds"
	serviceSSO     = "SSO"
	serviceSSOOIDC = "SSO OIDC"
)

// chain recognises that no credentials came out of the chain, and which link broke.
func chain(e *Error) bool {
	switch {
	case e.Service == serviceIMDS:
		noCredentials(e)
	case isSSO(e):
		e.Kind, e.Code, e.Message = KindLogin, "sso_session_expired", "the SSO session"+e.ofProfile()+" is missing or has expired"
		e.fix = "aws sso login" + e.profileFlag()
	case strings.Contains(e.err.Error(), "please reauthenticate"):
		// logincreds has no error type; this is the end of each of its sentences.
		e.Kind, e.Code, e.Message = KindLogin, "login_session_expired", "the login session"+e.ofProfile()+" is missing or has expired"
		e.fix = "aws login" + e.profileFlag()
	case isProcess(e.err):
		e.Kind, e.Code, e.Message = KindNoCredentials, "credential_process", "the credential_process"+e.ofProfile()+" gave no credentials"+exitStatus(e.err)
		e.fix = "aws sts get-caller-identity" + e.profileFlag()
	case strings.Contains(e.err.Error(), "unable to read file at"):
		// stscreds.IdentityTokenFile: the file holds a token, so its name stays out.
		e.Kind, e.Code, e.Message = KindNoCredentials, "web_identity_token_file", "the web identity token file"+e.ofProfile()+" cannot be read"
		e.fix = "check AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file of the profile"
	case isStaticEmpty(e.err):
		noCredentials(e)
	default:
		return false
	}
	return true
}

// noCredentials says what was looked at. The chain is the SDK's (config.LoadDefaultConfig): a
// profile named by flag hides the keys of the environment, and the instance metadata come last.
func noCredentials(e *Error) {
	e.Kind, e.Code = KindNoCredentials, "no_credentials"
	imds := "the instance metadata service (IMDS)"
	if strings.Contains(e.err.Error(), "access disabled to EC2 IMDS") {
		imds += ", which is switched off"
	}
	e.fix = "aws configure sso; or set AWS_PROFILE or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; or try it without an account: --sandbox"
	if e.Profile == "" {
		e.Message = "no AWS credentials: tried the environment, the default profile, a container endpoint and " + imds
		return
	}
	e.Message = "no AWS credentials in profile " + e.Profile + ": it has no keys, SSO, role or credential_process; then tried a container endpoint and " + imds
	e.fix = "aws configure sso" + e.profileFlag()
}

// isSSO reports that the SSO token is missing, over, or refused.
func isSSO(e *Error) bool {
	if _, ok := errors.AsType[*ssocreds.InvalidTokenError](e.err); ok {
		return true
	}
	if strings.Contains(e.err.Error(), "cached SSO token") && e.Service != serviceSSO && e.Service != serviceSSOOIDC {
		// ssocreds.SSOTokenProvider has no error type of its own.
		return true
	}
	api, ok := errors.AsType[smithy.APIError](e.err)
	switch {
	case !ok:
		return false
	case e.Service == serviceSSO:
		return api.ErrorCode() == "UnauthorizedException" // ForbiddenException is a role not assigned
	case e.Service == serviceSSOOIDC:
		switch api.ErrorCode() {
		case "InvalidGrantException", "ExpiredTokenException", "UnauthorizedClientException", "InvalidClientException", "AccessDeniedException":
			return true
		}
	}
	return false
}

func isProcess(err error) bool {
	_, ok := errors.AsType[*processcreds.ProviderError](err)
	return ok
}

func isStaticEmpty(err error) bool {
	_, ok := errors.AsType[*credentials.StaticCredentialsEmptyError](err)
	return ok
}

// exitStatus is what is safe to say of a credential process: the SDK's error may quote the
// process's output, which is credentials.
func exitStatus(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return " (" + exit.String() + ")"
	}
	return ""
}

// sharedConfig recognises profiles and files that the SDK could not use.
func sharedConfig(e *Error) bool {
	if _, ok := errors.AsType[config.AssumeRoleTokenProviderNotSetError](e.err); ok {
		e.Kind, e.Code, e.Message = KindMFA, "mfa_required", "the role"+e.ofProfile()+" wants an MFA code, which fcoidc does not ask for"
		e.fix = `eval "$(aws configure export-credentials` + e.profileFlag() + ` --format env)"` + ", then without --profile"
		return true
	}
	e.Kind, e.Code = KindConfig, "config"
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](e.err); ok {
		e.Code, e.Message = "profile_not_found", "there is no profile "+missing.Profile+" in the shared config"
		e.fix = "aws configure list-profiles"
		return true
	}
	if load, ok := errors.AsType[config.SharedConfigLoadError](e.err); ok {
		e.Message = scrub("the shared config file " + load.Filename + " cannot be read: " + load.Err.Error())
		return true
	}
	if role, ok := errors.AsType[config.SharedConfigAssumeRoleError](e.err); ok {
		e.Message = scrub("the source_profile of profile " + role.Profile + " (role " + role.RoleARN + ") cannot be used: " + role.Err.Error())
		return true
	}
	if arn, ok := errors.AsType[config.CredentialRequiresARNError](e.err); ok {
		e.Message = "profile " + arn.Profile + " has " + arn.Type + " but no role_arn"
		return true
	}
	return false
}

func (e *Error) ofProfile() string {
	if e.Profile == "" {
		return ""
	}
	return " of profile " + e.Profile
}

// profileFlag is the AWS CLI's flag for the profile, quoted for a POSIX shell where it needs to be.
func (e *Error) profileFlag() string {
	if e.Profile == "" {
		return ""
	}
	if strings.ContainsFunc(e.Profile, needsQuotes) {
		return " --profile '" + strings.ReplaceAll(e.Profile, "'", `'\''`) + "'"
	}
	return " --profile " + e.Profile
}

func needsQuotes(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_./@+=,:", r):
		return false
	}
	return true
}
