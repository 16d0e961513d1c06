package awserr

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go"
)

func api(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

func during(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err}
}

func dial(err error) error {
	return &url.Error{Op: "Post", URL: "https://user@sts.eu-west-1.amazonaws.com/?q=1", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
}

func TestErrorsAreToldByKindCodeAndWayOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err     error
		profile string
		kind    Kind
		text    string // of Error()
		hint    string // part of Hint()
	}{
		"nothing in the chain": {
			err:  during("STS", "GetCallerIdentity", fmt.Errorf("get identity: get credentials: %w", during("ec2imds", "GetMetadata", errors.New("timeout")))),
			kind: KindNoCredentials,
			text: "no AWS credentials: tried the environment, the default profile, a container endpoint and the instance metadata service (IMDS)",
			hint: "--sandbox",
		},
		"nothing in the chain, IMDS off": {
			err:  during("ec2imds", "GetMetadata", errors.New(`access disabled to EC2 IMDS via client option, or "AWS_EC2_METADATA_DISABLED" environment variable`)),
			kind: KindNoCredentials,
			text: "no AWS credentials: tried the environment, the default profile, a container endpoint and the instance metadata service (IMDS), which is switched off",
		},
		"an empty profile": {
			err:     during("ec2imds", "GetMetadata", errors.New("timeout")),
			profile: "prod",
			kind:    KindNoCredentials,
			text:    "no AWS credentials in profile prod: it has no keys, SSO, role or credential_process; then tried a container endpoint and the instance metadata service (IMDS)",
			hint:    "aws configure sso --profile prod",
		},
		"a legacy SSO token is over": {
			err:     during("STS", "GetCallerIdentity", &ssocreds.InvalidTokenError{}),
			profile: "prod",
			kind:    KindLogin,
			text:    "the SSO session of profile prod is missing or has expired",
			hint:    "aws sso login --profile prod",
		},
		"an SSO session cannot be refreshed": {
			err:     errors.New("refresh cached SSO token failed, cached SSO token is expired, or not present, and cannot be refreshed"),
			profile: "team a",
			kind:    KindLogin,
			text:    "the SSO session of profile team a is missing or has expired",
			hint:    "aws sso login --profile 'team a'",
		},
		"an SSO cache file is missing, and stays unnamed": {
			err:  errors.New("failed to read cached SSO token file, open /home/u/.aws/sso/cache/ab12.json: no such file or directory"),
			kind: KindLogin,
			text: "the SSO session is missing or has expired",
			hint: "aws sso login",
		},
		"the SSO portal refuses the token": {
			err:  during("SSO", "GetRoleCredentials", api("UnauthorizedException", "Session token not found or invalid")),
			kind: KindLogin,
			text: "the SSO session is missing or has expired",
		},
		"the SSO portal does not know the assignment": {
			err:  during("SSO", "GetRoleCredentials", api("ForbiddenException", "No access")),
			kind: KindDenied,
			text: "ForbiddenException: No access",
			hint: "ask for the permission set",
		},
		"the refresh token is over": {
			err:  during("SSO OIDC", "CreateToken", api("InvalidGrantException", "")),
			kind: KindLogin,
			text: "the SSO session is missing or has expired",
		},
		"a console login is over": {
			err:     errors.New("create oauth2 token: login session has expired, please reauthenticate"),
			profile: "me",
			kind:    KindLogin,
			text:    "the login session of profile me is missing or has expired",
			hint:    "aws login --profile me",
		},
		"a credential process's output is not shown": {
			err:     &processcreds.ProviderError{Err: errors.New(`parse failed of process output: {"SecretAccessKey":"wJalrXUtnFEMI"`)},
			profile: "p",
			kind:    KindNoCredentials,
			text:    "the credential_process of profile p gave no credentials",
			hint:    "aws sts get-caller-identity --profile p",
		},
		"static credentials are empty": {
			err:  &credentials.StaticCredentialsEmptyError{},
			kind: KindNoCredentials,
			text: "no AWS credentials: tried the environment, the default profile, a container endpoint and the instance metadata service (IMDS)",
		},
		"a token file's name stays out": {
			err:  errors.New("failed to retrieve jwt from provide source, unable to read file at /var/run/secrets/token: no such file"),
			kind: KindNoCredentials,
			text: "the web identity token file cannot be read",
		},
		"a profile that is not there": {
			err:  config.SharedConfigProfileNotExistError{Profile: "prdo"},
			kind: KindConfig,
			text: "there is no profile prdo in the shared config",
			hint: "aws configure list-profiles",
		},
		"a role that wants an MFA code": {
			err:     config.AssumeRoleTokenProviderNotSetError{},
			profile: "admin",
			kind:    KindMFA,
			text:    "the role of profile admin wants an MFA code, which fcoidc does not ask for",
			hint:    "aws configure export-credentials --profile admin --format env",
		},
		"an expired session": {
			err:     during("STS", "GetCallerIdentity", api("ExpiredToken", "The security token included in the request is expired")),
			profile: "prod",
			kind:    KindExpired,
			text:    "ExpiredToken: The security token included in the request is expired",
			hint:    "aws sso login --profile prod",
		},
		"an unknown key": {
			err:  during("STS", "GetCallerIdentity", api("InvalidClientTokenId", "The security token included in the request is invalid.")),
			kind: KindInvalidCredentials,
			text: "InvalidClientTokenId: The security token included in the request is invalid.",
			hint: "--region",
		},
		"a wrong signature, without the canonical request": {
			err:  api("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'POST\nx-amz-security-token:IQoJb3JpZ2lu"),
			kind: KindInvalidCredentials,
			text: "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.",
		},
		"a wrong clock": {
			err:  api("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z (20260101T003000Z - 15 min.)"),
			kind: KindClock,
			text: "SignatureDoesNotMatch: Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z (20260101T003000Z - 15 min.)",
			hint: "clock",
		},
		"a role that may not be assumed": {
			err:  during("STS", "AssumeRole", api("AccessDenied", "User: arn:aws:iam::111111111111:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/R")),
			kind: KindDenied,
			text: "AccessDenied: User: arn:aws:iam::111111111111:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/R",
			hint: "--role-name",
		},
		"a service control policy": {
			err:  during("IAM", "CreateRole", api("AccessDenied", "User: u is not authorized to perform: iam:CreateRole with an explicit deny in a service control policy")),
			kind: KindDenied,
			text: "AccessDenied: User: u is not authorized to perform: iam:CreateRole with an explicit deny in a service control policy",
			hint: "service control policy of the organisation",
		},
		"throttling": {
			err:  during("CloudFormation", "DescribeStacks", api("Throttling", "Rate exceeded")),
			kind: KindThrottled,
			text: "Throttling: Rate exceeded",
			hint: "--concurrency",
		},
		"a quota is no throttling": {
			err:  during("CloudFormation", "CreateChangeSet", api("LimitExceededException", "Limit for stack has been exceeded")),
			kind: KindOther,
			text: "LimitExceededException: Limit for stack has been exceeded",
		},
		"STS is off in the Region": {
			err:  api("RegionDisabledException", "STS is not activated in this region for account:222222222222."),
			kind: KindRegion,
			text: "RegionDisabledException: STS is not activated in this region for account:222222222222.",
			hint: "enable-region",
		},
		"no Region": {
			err:  during("STS", "GetCallerIdentity", errors.New("failed to resolve service endpoint, endpoint rule error, Invalid Configuration: Missing Region")),
			kind: KindRegion,
			text: "no AWS Region is given",
			hint: "--region",
		},
		"a name that does not exist": {
			err:  during("STS", "GetCallerIdentity", dial(&net.DNSError{Name: "sts.eu-wst-1.amazonaws.com", IsNotFound: true})),
			kind: KindUnreachable,
			text: "cannot reach sts.eu-west-1.amazonaws.com: the name sts.eu-wst-1.amazonaws.com does not exist",
			hint: "--region",
		},
		"an unknown authority": {
			err:  dial(x509.UnknownAuthorityError{}),
			kind: KindUnreachable,
			text: "cannot reach sts.eu-west-1.amazonaws.com: its TLS certificate is signed by an authority this machine does not know",
			hint: "AWS_CA_BUNDLE",
		},
		"a proxy that fails": {
			err:  &url.Error{Op: "Post", URL: "https://sts.amazonaws.com/", Err: errors.New("proxyconnect tcp: dial tcp: lookup proxy: no such host")},
			kind: KindUnreachable,
			text: "cannot reach sts.amazonaws.com: the proxy refused or did not answer",
			hint: "HTTPS_PROXY",
		},
		"no answer in time": {
			err:  dial(os.ErrDeadlineExceeded),
			kind: KindUnreachable,
			text: "cannot reach sts.eu-west-1.amazonaws.com: no answer in time",
		},
		"an interrupt": {
			err:  during("STS", "GetCallerIdentity", &aws.RequestCanceledError{Err: context.Canceled}),
			kind: KindCanceled,
			text: "interrupted",
		},
		"anything else, without what it may hold": {
			err:  errors.New("strange: https://u:pw@host/ SessionToken=IQoJb3JpZ2lu and eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln"),
			kind: KindOther,
			text: "outer: strange: https://[hidden]@host/ SessionToken=[hidden] and [hidden]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := ForProfile(fmt.Errorf("outer: %w", tc.err), tc.profile)
			if e.Kind != tc.kind || e.Error() != tc.text {
				t.Errorf("got %s %q\nwant %s %q", e.Kind, e.Error(), tc.kind, tc.text)
			}
			if !strings.Contains(e.Hint(), tc.hint) {
				t.Errorf("hint %q lacks %q", e.Hint(), tc.hint)
			}
			if e.Unwrap() == nil {
				t.Error("the SDK's error is not wrapped")
			}
			if Classify(fmt.Errorf("again: %w", e)) != e {
				t.Error("classifying twice made another error")
			}
			if !Is(e, tc.kind) {
				t.Error("Is does not recognise its kind")
			}
		})
	}
}

func TestNilIsNoError(t *testing.T) {
	t.Parallel()
	if Classify(nil) != nil || Is(nil, KindOther) {
		t.Error("nil was classified")
	}
}

func TestAProfileLearntLaterIsNamed(t *testing.T) {
	t.Parallel()
	e := ForProfile(Classify(&ssocreds.InvalidTokenError{}), "prod")
	if e.Hint() != "aws sso login --profile prod" {
		t.Errorf("hint %q", e.Hint())
	}
}

// client is an STS client whose requests go to url.
func client(url string, creds aws.CredentialsProvider) *sts.Client {
	return sts.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: creds, RetryMaxAttempts: 1,
	})
}

var anyKeys = credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")

func TestAnswersOfServersAreRecognised(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status     int
		body       string
		kind       Kind
		code, text string
	}{
		"a denial": {
			403, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			KindDenied, "AccessDenied", "AccessDenied: no",
		},
		"trouble at AWS": {
			500, `<ErrorResponse><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>oops</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
			KindService, "InternalFailure", "InternalFailure: oops",
		},
		"a page of HTML": {
			502, `<html><body>Bad Gateway</body></html>`,
			KindService, "bad_answer", " answered with HTTP status 502 and a body that is not AWS's",
		},
		"another server": {
			404, `not found`,
			KindOther, "bad_answer", " answered with HTTP status 404 and a body that is not AWS's",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.body)
			}))
			defer server.Close()
			_, err := client(server.URL, anyKeys).GetCallerIdentity(t.Context(), nil)
			e := Classify(err)
			if e.Kind != tc.kind || e.Code != tc.code || !strings.HasSuffix(e.Error(), tc.text) {
				t.Errorf("got %s %s %q\nof %v", e.Kind, e.Code, e.Error(), err)
			}
			if e.Service != "STS" || e.Operation != "GetCallerIdentity" {
				t.Errorf("operation %s %s", e.Service, e.Operation)
			}
			if strings.Contains(tc.body, "r-1") && e.RequestID != "r-1" {
				t.Errorf("request id %q", e.RequestID)
			}
		})
	}
}

func TestAServerThatIsDownIsNamed(t *testing.T) {
	t.Parallel()
	// Port 1 is tcpmux's, which nobody serves. A port that was just freed may be another
	// test's server by now.
	const nobody = "127.0.0.1:1"
	_, err := client("http://"+nobody, anyKeys).GetCallerIdentity(t.Context(), nil)
	e := Classify(err)
	if e.Kind != KindUnreachable || e.Code != "connection_refused" {
		t.Errorf("got %s %s %q", e.Kind, e.Code, e.Error())
	}
	if want := "cannot reach " + nobody + ": connection refused"; e.Error() != want {
		t.Errorf("got %q, want %q", e.Error(), want)
	}
}

func TestACredentialProcessThatPrintsRubbishIsNotQuoted(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(script, []byte(`{"Version":1,"SecretAccessKey":"wJalrXUtnFEMI" oops`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"cat " + script, "exit 3"} {
		_, err := client("http://127.0.0.1:1", processcreds.NewProvider(command)).GetCallerIdentity(t.Context(), nil)
		e := Classify(err)
		if e.Code != "credential_process" || strings.Contains(e.Error()+e.Hint(), "wJalr") || strings.Contains(e.Error(), "secret.json") {
			t.Errorf("%s: %s %q", command, e.Code, e.Error())
		}
	}
}

func FuzzScrubHidesSessionTokens(f *testing.F) {
	f.Add("x-amz-security-token:", "\n")
	f.Add(`{"SessionToken": "`, `"}`)
	f.Add("", "")
	token := strings.Repeat("IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJH", 8)
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(scrub(before+" "+token+" "+after), token) {
			t.Error("the token is still there")
		}
	})
}
