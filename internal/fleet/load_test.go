package fleet

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

const bossKeys = "[default]\naws_access_key_id = " + bossKey + "\naws_secret_access_key = secret\n"

// serve makes the fake a server that AWS_ENDPOINT_URL names.
func (f *fakeSTS) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
}

func TestTheDefaultChainIsFollowed(t *testing.T) {
	f := newFake()
	sharedConfig(t, "[default]\nregion = eu-west-1\n", bossKeys)
	f.serve(t)
	got := resolve(t, Options{})
	if len(got) != 1 || got[0].Caller != boss || got[0].Region != "eu-west-1" {
		t.Errorf("got %+v", got)
	}
	t.Setenv("AWS_REGION", "us-west-2") // stronger than the profile's, as everywhere in the SDK
	if got := resolve(t, Options{}); got[0].Region != "us-west-2" {
		t.Errorf("got %+v", got)
	}
	if got := resolve(t, Options{Region: "us-east-1"}); got[0].Region != "us-east-1" {
		t.Errorf("got %+v", got)
	}
}

func TestARoleProfileIsAssumedAtTheConfiguredEndpoint(t *testing.T) {
	const profiles = "[profile dev]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222222222222:role/OrganizationAccountAccessRole\nsource_profile = default\nrole_session_name = me\n"
	want := "arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/me"

	t.Run("AWS_ENDPOINT_URL", func(t *testing.T) {
		f := newFake("222222222222")
		sharedConfig(t, profiles, bossKeys)
		f.serve(t)
		if got := resolve(t, Options{Profiles: []string{"dev"}}); got[0].Caller != want {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("endpoint_url of the profile", func(t *testing.T) {
		f := newFake("222222222222")
		server := httptest.NewServer(f)
		defer server.Close()
		sharedConfig(t, profiles+"endpoint_url = "+server.URL+"\n", bossKeys)
		if got := resolve(t, Options{Profiles: []string{"dev"}}); got[0].Caller != want {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("one for STS alone wins", func(t *testing.T) {
		f := newFake("222222222222")
		sharedConfig(t, profiles, bossKeys)
		f.serve(t)
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the wrong endpoint was called") }))
		defer other.Close()
		t.Setenv("AWS_ENDPOINT_URL_STS", os.Getenv("AWS_ENDPOINT_URL"))
		t.Setenv("AWS_ENDPOINT_URL", other.URL)
		if got := resolve(t, Options{Profiles: []string{"dev"}}); got[0].Caller != want {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAWebIdentityIsExchangedAtTheConfiguredEndpoint(t *testing.T) {
	var actions []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actions = append(actions, r.FormValue("Action"))
		status, body := failure("AccessDenied", "not this one")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	sharedConfig(t, "", "")
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ROLE_ARN", role("222222222222", "R"))
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", write(t, "token", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"))
	_, err := Resolve(t.Context(), Options{})
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "AccessDenied" || e.Operation != "AssumeRoleWithWebIdentity" {
		t.Errorf("got %v", err)
	}
	if len(actions) != 1 || actions[0] != "AssumeRoleWithWebIdentity" {
		t.Errorf("calls %q", actions)
	}
}

func TestACABundleIsHonoured(t *testing.T) {
	f := newFake()
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake
	server.StartTLS()
	defer server.Close()
	sharedConfig(t, "", bossKeys)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")

	_, err := Resolve(t.Context(), Options{})
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "tls" || !strings.Contains(e.Hint(), "AWS_CA_BUNDLE") {
		t.Errorf("without: got %v", err)
	}

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	t.Setenv("AWS_CA_BUNDLE", write(t, "ca.pem", string(ca)))
	if got := resolve(t, Options{}); got[0].Caller != boss {
		t.Errorf("got %+v", got)
	}
}

func TestNoCredentialsAreSaidSoon(t *testing.T) {
	sharedConfig(t, "[profile bare]\nregion = eu-west-1\n", "")
	t.Setenv("AWS_REGION", "eu-west-1")
	for name, imds := range map[string]struct{ variable, value, text string }{
		"switched off":   {"AWS_EC2_METADATA_DISABLED", "true", ", which is switched off"},
		"not listening":  {"AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody, ""},
		"never answers":  {"AWS_EC2_METADATA_SERVICE_ENDPOINT", silentServer(t), ""},
		"is another one": {"AWS_EC2_METADATA_SERVICE_ENDPOINT", notFoundServer(t), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
			t.Setenv(imds.variable, imds.value)
			start := time.Now()
			_, err := Resolve(t.Context(), Options{})
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %v", took)
			}
			want := "no AWS credentials: tried the environment, the default profile, a container endpoint and the instance metadata service (IMDS)" + imds.text
			if err == nil || err.Error() != want {
				t.Errorf("got %v", err)
			}
			_, err = Resolve(t.Context(), Options{Profiles: []string{"bare"}})
			if err == nil || !strings.HasPrefix(err.Error(), "no AWS credentials in profile bare: ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// nobody listens at tcpmux's port. One that was just freed may be another test's server
// by the time it is asked.
const nobody = "http://127.0.0.1:1"

func silentServer(t *testing.T) string {
	ctx := t.Context()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-ctx.Done():
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func notFoundServer(t *testing.T) string {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.URL
}

func TestAnExpiredSSOSessionPrintsTheLogin(t *testing.T) {
	const profiles = `
[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
[profile legacy]
region = eu-west-1
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
sso_account_id = 222222222222
sso_role_name = Admin
`
	sharedConfig(t, profiles, "")
	for _, profile := range []string{"sso", "legacy"} {
		for _, o := range []Options{{Profiles: []string{profile}}, {Profiles: []string{profile}, Accounts: []string{"333333333333"}}, {}} {
			if len(o.Profiles) == 0 {
				t.Setenv("AWS_PROFILE", profile)
			}
			_, err := Resolve(t.Context(), o)
			e, ok := errors.AsType[*awserr.Error](err)
			if !ok || e.Error() != "the SSO session of profile "+profile+" is missing or has expired" || e.Hint() != "aws sso login --profile "+profile {
				t.Errorf("%+v: got %v", o, err)
			}
		}
	}
}

func TestAProfileWithMFAIsToldTheWayRound(t *testing.T) {
	sharedConfig(t, "[profile admin]\nregion = eu-west-1\nrole_arn = arn:aws:iam::222222222222:role/R\nsource_profile = default\nmfa_serial = arn:aws:iam::111111111111:mfa/ann\n", bossKeys)
	_, err := Resolve(t.Context(), Options{Profiles: []string{"admin"}})
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Kind != awserr.KindMFA || !strings.Contains(e.Hint(), "export-credentials --profile admin") {
		t.Errorf("got %v", err)
	}
}

func TestAnUnknownAWSProfileIsNamed(t *testing.T) {
	sharedConfig(t, "", "")
	t.Setenv("AWS_PROFILE", "gone")
	_, err := Resolve(t.Context(), Options{})
	if want := "there is no profile gone in the shared config"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestAnEndpointThatIsDownIsSaidSoon(t *testing.T) {
	sharedConfig(t, "", bossKeys)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ENDPOINT_URL", nobody)
	start := time.Now()
	_, err := Resolve(t.Context(), Options{})
	if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Code != "connection_refused" {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestRetriesFollowWhatFailed(t *testing.T) {
	t.Parallel()
	r := Retryer()
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	for attempt := 1; attempt <= maxAttempts; attempt++ {
		bound := min(time.Second<<(attempt-1), maxBackoff) + time.Millisecond
		if d, err := r.RetryDelay(attempt, throttled); err != nil || d > bound || d <= 0 {
			t.Errorf("attempt %d: %v, %v", attempt, d, err)
		}
		if _, err := r.RetryDelay(attempt, os.ErrDeadlineExceeded); (err != nil) != (attempt >= maxTimeouts) {
			t.Errorf("attempt %d of a silent host: %v", attempt, err)
		}
		if _, err := r.RetryDelay(attempt, refused); (err != nil) != (attempt >= maxDials) {
			t.Errorf("attempt %d of an unreachable host: %v", attempt, err)
		}
	}
	if !r.IsErrorRetryable(throttled) {
		t.Error("throttling is not retried")
	}
	for name, err := range map[string]error{
		"a quota":                       &smithy.GenericAPIError{Code: "LimitExceededException"},
		"failed credentials":            &smithy.OperationError{ServiceID: "ec2imds", Err: throttled},
		"an unknown authority":          &url.Error{Op: "Post", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}},
		"HTTP where HTTPS was expected": &url.Error{Op: "Post", Err: http.ErrSchemeMismatch},
	} {
		if r.IsErrorRetryable(err) {
			t.Errorf("%s: retried", name)
		}
	}
}

func TestAWS_MAX_ATTEMPTSIsHonoured(t *testing.T) {
	sharedConfig(t, "", bossKeys)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	f := newFake()
	f.errors[bossKey] = "Throttling"
	cfg, err := LoadConfig(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		cfg := cfg.Copy()
		cfg.HTTPClient = &http.Client{Transport: f}
		cfg.Credentials = aws.CredentialsProviderFunc(f.config("").Credentials.Retrieve)
		_, err := whoami(t.Context(), stsClient(cfg), nil)
		if !awserr.Is(err, awserr.KindThrottled) || len(f.calls) != 2 {
			t.Errorf("%d calls, %v", len(f.calls), err)
		}
	})
}
