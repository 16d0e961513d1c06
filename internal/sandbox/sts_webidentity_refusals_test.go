package sandbox

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	smithy "github.com/aws/smithy-go"
)

const pipelines = "https://ci.example.com/team" // an issuer of which AWS knows nothing

// openWorld has a role "open" that whoever holds a token of [pipelines] may assume, and a role
// "narrow" by whose trust policy such a token may be used but neither tag nor name a session.
func openWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, Options{})
	makeProvider(t, w.iam, pipelines)
	w.role("open", `["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]`, "")
	w.role("narrow", `"sts:AssumeRoleWithWebIdentity"`, "")
	return w
}

// role makes a role that trusts [pipelines] for actions, on a condition if one is given.
func (w *world) role(name, actions, condition string) {
	w.t.Helper()
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + management +
		`:oidc-provider/ci.example.com/team"},"Action":` + actions
	if condition != "" {
		document += `,"Condition":` + condition
	}
	document += `}]}`
	_, err := w.iam.CreateRole(w.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &document, MaxSessionDuration: aws.Int32(7200)})
	if err != nil {
		w.t.Fatal(err)
	}
}

// wantAnswer fails the test unless STS answered exactly so.
func wantAnswer(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		t.Fatalf("got %v, want a %s", err, code)
	}
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || response.HTTPStatusCode() != status || e.ErrorCode() != code || e.ErrorMessage() != message {
		t.Errorf("got %v, want %d %s: %s", err, status, code, message)
	}
}

func TestEveryRefusalHasAWSsStatusCodeAndText(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	w.role("from-a-vpc", `"sts:AssumeRoleWithWebIdentity"`, `{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`)
	const bad, denied = http.StatusBadRequest, http.StatusForbidden
	now := time.Now()
	epoch := func(d time.Duration) int64 { return now.Add(d).Unix() }
	claim := func(name string, value any) TokenOptions { return TokenOptions{Claims: map[string]any{name: value}} }
	for _, test := range []struct {
		name          string
		token         TokenOptions
		spoil         func(*sts.AssumeRoleWithWebIdentityInput)
		status        int
		code, message string
	}{
		{"a session name of one letter", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleSessionName = aws.String("a") }, bad, "ValidationError", "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2"},
		{"a session name with a slash", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleSessionName = aws.String("a/b") }, bad, "ValidationError", `1 validation error detected: Value 'a/b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},
		{"no ARN", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleArn = aws.String("forgecroft-runner-plan") }, bad, "ValidationError", "Request ARN is invalid"},
		{"an empty ARN", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleArn = aws.String("") }, bad, "ValidationError", "1 validation error detected: Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20"},
		{"an empty token", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.WebIdentityToken = aws.String("") }, bad, "ValidationError", "1 validation error detected: Value '' at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4"},
		{"a minute", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(60) }, bad, "ValidationError", "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"no time at all", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(0) }, bad, "ValidationError", "1 validation error detected: Value '0' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"longer than any role's", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(43201) }, bad, "ValidationError", "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		{"longer than the role's", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(7201) }, bad, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		{"a provider parameter", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("ci.example.com") }, denied, "AccessDenied", "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens"},
		{"Amazon's provider parameter", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("www.amazon.com") }, bad, "InvalidIdentityToken", "Provided Token is not a Login With Amazon token"},
		{"Facebook's provider parameter", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("graph.facebook.com") }, denied, "IDPRejectedClaim", documentedText["IDPRejectedClaim"]},
		{"a session policy that is none", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = aws.String("{") }, bad, "MalformedPolicyDocument", "This policy contains invalid Json"},
		{"a session policy of 2,049 characters", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = aws.String(strings.Repeat(" ", 2049)) }, bad, "ValidationError", "1 validation error detected: Value '…' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048"},
		{"policy ARNs", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}}
		}, http.StatusNotImplemented, "NotImplemented", "the sandbox does not imitate the parameter PolicyArns of sts:AssumeRoleWithWebIdentity; see docs/sandbox.md"},

		{"no token", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { in.WebIdentityToken = aws.String("opaque") }, bad, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		{"a token with a line break behind it", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) { *in.WebIdentityToken += "\n" }, bad, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		{"a shared secret", TokenOptions{Alg: "HS256"}, nil, bad, "InvalidIdentityToken", documentedText["InvalidIdentityToken"]},
		{"no signature", TokenOptions{Alg: "none"}, nil, bad, "InvalidIdentityToken", documentedText["InvalidIdentityToken"]},
		{"a signature of another text", TokenOptions{}, forge, bad, "InvalidIdentityToken", notValidated},
		{"an unknown kid", TokenOptions{KeyID: "of-yesterday"}, nil, bad, "InvalidIdentityToken", noKey},
		{"no kid", TokenOptions{NoKeyID: true}, nil, bad, "InvalidIdentityToken", noKey},
		{"the kid of a key that did not sign", TokenOptions{KeyID: "sandbox-1-p256"}, nil, bad, "InvalidIdentityToken", noKey},

		{"no iss", TokenOptions{Without: []string{"iss"}}, nil, bad, "InvalidIdentityToken", "Missing a required claim: iss"},
		{"no sub", TokenOptions{Without: []string{"sub"}}, nil, bad, "InvalidIdentityToken", "Missing a required claim: sub"},
		{"no aud", TokenOptions{Without: []string{"aud"}}, nil, bad, "InvalidIdentityToken", "Missing a required claim: aud"},
		{"no exp", TokenOptions{Without: []string{"exp"}}, nil, bad, "InvalidIdentityToken", "Missing a required claim: exp"},
		{"an empty aud", claim("aud", []string{}), nil, bad, "InvalidIdentityToken", "Claim is not allowed to be empty: aud"},
		{"two audiences", TokenOptions{Audience: []string{"sts.amazonaws.com", "b"}}, nil, bad, "InvalidIdentityToken", "Token audience contains more than one audience while authorized party is not present"},
		{"an azp that is not registered", claim("azp", "b"), nil, bad, "InvalidIdentityToken", notValidated},
		{"sub null", claim("sub", nil), nil, http.StatusInternalServerError, "InternalFailure", "Unknown error validating third-party token"},
		{"half a second", claim("exp", float64(epoch(time.Minute))+0.5), nil, bad, "InvalidIdentityToken", "Invalid timestamp in token claims."},
		{"issued in the future", claim("iat", epoch(time.Hour)), nil, bad, "InvalidIdentityToken", "Token issued in the future: " + strconv.FormatInt(epoch(time.Hour), 10)},
		{"an issuer without https", TokenOptions{Issuer: "http://ci.example.com/team"}, nil, bad, "InvalidIdentityToken", notValidated},

		{"roles in a number", claim("https://aws.amazon.com/roles", 1), nil, bad, "InvalidIdentityToken", "The roles claim is not in a supported format"},
		{"roles by name", claim("https://aws.amazon.com/roles", []string{"open"}), nil, bad, "InvalidIdentityToken", "The roles claim contains no valid role ARNs"},
		{"another role only", claim("https://aws.amazon.com/roles", roleARN("narrow")), nil, bad, "InvalidIdentityToken", "The target role ARN is not present in the roles claim of the identity token"},
		{"tags as bare strings", claim("https://aws.amazon.com/tags", map[string]any{"principal_tags": map[string]any{"k": "v"}}), nil, bad, "InvalidIdentityToken", "principal_tags passed in claim is not in correct format."},
		{"tags where they are not allowed", claim("https://aws.amazon.com/tags", map[string]any{"principal_tags": map[string]any{"k": []string{"v"}}}), toRole("narrow"), denied, "AccessDenied", notTrusted},
		{"a source identity where it is not allowed", claim("https://aws.amazon.com/source_identity", "alice"), toRole("narrow"), denied, "AccessDenied", notTrusted},

		{"a role that is not there", TokenOptions{}, toRole("nobody"), denied, "AccessDenied", notTrusted},
		{"a role in other letters", TokenOptions{}, toRole("Open"), denied, "AccessDenied", notTrusted},
		{"an account without the provider", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) {
			in.RoleArn = aws.String("arn:aws:iam::" + member + ":role/open")
		}, bad, "InvalidIdentityToken", notValidated},
		{"an account that is not there", TokenOptions{}, func(in *sts.AssumeRoleWithWebIdentityInput) {
			in.RoleArn = aws.String("arn:aws:iam::999999999999:role/open")
		}, bad, "InvalidIdentityToken", notValidated},
		{"a condition that only AWS could judge", TokenOptions{}, toRole("from-a-vpc"), http.StatusNotImplemented, "NotImplemented", "the trust policy of " + roleARN("from-a-vpc") + " tests aws:SourceVpc, which the sandbox does not know of a call; see docs/sandbox.md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.token.Issuer == "" {
				test.token.Issuer = pipelines
			}
			in := exchangeInput("open", mint(t, w.s, test.token))
			if test.spoil != nil {
				test.spoil(in)
			}
			_, err := w.stranger().AssumeRoleWithWebIdentity(t.Context(), in)
			wantAnswer(t, err, test.status, test.code, test.message)
			if err != nil && len(*in.WebIdentityToken) > 100 && strings.Contains(err.Error(), *in.WebIdentityToken) {
				t.Error("the token is in the error")
			}
		})
	}
	if _, err := w.exchange("open", mint(t, w.s, TokenOptions{Issuer: pipelines})); err != nil {
		t.Errorf("what they all differ from: %v", err)
	}
}

func toRole(name string) func(*sts.AssumeRoleWithWebIdentityInput) {
	return func(in *sts.AssumeRoleWithWebIdentityInput) { in.RoleArn = aws.String(roleARN(name)) }
}

// forge changes the payload and leaves the signature.
func forge(in *sts.AssumeRoleWithWebIdentityInput) {
	parts := strings.Split(*in.WebIdentityToken, ".")
	parts[1] = base64url([]byte(`{"iss":"` + pipelines + `","sub":"me","aud":"sts.amazonaws.com","iat":` +
		strconv.FormatInt(time.Now().Unix(), 10) + `,"exp":` + strconv.FormatInt(time.Now().Unix()+60, 10) + `}`))
	in.WebIdentityToken = aws.String(strings.Join(parts, "."))
}

func TestATokenThatTheSandboxDidNotSignMeetsAnIssuerOutOfReach(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	foreign := mint(t, newSandbox(t, Options{}), TokenOptions{Issuer: pipelines, KeyID: "key-of-the-real-issuer"})
	_, err := w.exchange("open", foreign)
	wantAnswer(t, err, http.StatusBadRequest, "InvalidIdentityToken", noKey)
}

func TestWhatAnIssuerAnswersIsTakenAsItCame(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	cases := map[string]struct {
		handler http.HandlerFunc
		status  int // 0: no answer
		body    string
	}{
		"a document":             {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }, 200, "{}"},
		"an error":               {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }, 418, "no\n"},
		"nothing":                {func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"a connection that ends": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, ""},
		"too much":               {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }, 0, ""},
		"the path that was asked": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(r.Method + " " + r.Host + r.RequestURI))
		}, 200, "GET ci.example.com/team/x"},
	}
	for name, test := range cases {
		got := ask(t.Context(), test.handler, pipelines+"/x")
		switch {
		case got == nil && test.status == 0:
		case got == nil || got.status != test.status || got.body.String() != test.body:
			t.Errorf("%s: %+v", name, got)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if seen, keys := s.lookAtIssuer(ended, pipelines); !seen.Unreachable || len(keys.Keys) != 0 {
		t.Errorf("a caller that went away: %+v, %d keys", seen, len(keys.Keys))
	}
	seen, keys := s.lookAtIssuer(t.Context(), pipelines)
	if seen.Unreachable || seen.Issuer != pipelines || len(seen.Missing) != 0 || len(keys.Keys) != 4 {
		t.Errorf("the sandbox's own: %+v, %d keys", seen, len(keys.Keys))
	}
	for _, address := range []string{"", "https://elsewhere.example.com/keys", "http://ci.example.com/team" + keySetPath, pipelines + "/absent"} {
		if keys := newIssuer(t, s, pipelines).keysAt(t.Context(), address); len(keys.Keys) != 0 {
			t.Errorf("%q: %d keys", address, len(keys.Keys))
		}
	}
}
