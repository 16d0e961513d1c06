package sandbox

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	management = "010000000001"
	member     = "010000000004"
)

// newSandbox makes a sandbox or fails the test.
func newSandbox(t testing.TB, o Options) *Sandbox {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// once is a configuration that gives up after the first attempt.
func once(cfg aws.Config) aws.Config {
	cfg.RetryMaxAttempts = 1
	return cfg
}

// wantCode fails the test unless err is a service error with the code, whose text holds every part.
func wantCode(t *testing.T, err error, code string, parts ...string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != code {
		t.Fatalf("got %v, want a %s", err, code)
	}
	for _, p := range parts {
		if !strings.Contains(e.ErrorMessage(), p) {
			t.Errorf("%s says %q, which lacks %q", code, e.ErrorMessage(), p)
		}
	}
}

func whoAmI(ctx context.Context, t *testing.T, cfg aws.Config) string {
	t.Helper()
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.Arn)
}

func TestAClientInProcessIsTheAdministratorOfItsAccount(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	for _, test := range []struct{ account, region, want string }{
		{management, "eu-west-1", "arn:aws:iam::010000000001:user/sandbox-admin"},
		{member, "us-gov-west-1", "arn:aws-us-gov:iam::010000000004:user/sandbox-admin"},
		{member, "cn-north-1", "arn:aws-cn:iam::010000000004:user/sandbox-admin"},
	} {
		if got := whoAmI(t.Context(), t, s.ConfigFor(test.account, test.region)); got != test.want {
			t.Errorf("in %s: %s, want %s", test.region, got, test.want)
		}
	}
}

func TestAClientOverTheNetworkSeesTheSameAccounts(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	server := httptest.NewServer(s)
	defer server.Close()

	creds := AdminCredentials(member)
	remote := aws.Config{
		Region:       "eu-central-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider(creds.AccessKeyID, creds.SecretAccessKey, ""),
	}
	if got, want := whoAmI(t.Context(), t, remote), "arn:aws:iam::"+member+":user/sandbox-admin"; got != want {
		t.Errorf("over HTTP %s, want %s", got, want)
	}
	arn := makeProvider(t, iam.NewFromConfig(remote), "https://api.forgecroft.com")
	local := iam.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	if _, err := local.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}); err != nil {
		t.Errorf("made over HTTP, not found in process: %v", err)
	}
	other := iam.NewFromConfig(s.Config("us-east-1"))
	list, err := other.ListOpenIDConnectProviders(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.OpenIDConnectProviderList) != 0 {
		t.Errorf("another account has %d providers, want none", len(list.OpenIDConnectProviderList))
	}
}

func TestWhatIsNotImitatedIsSaidSo(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	_, err := iam.NewFromConfig(s.Config("us-east-1")).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("x")})
	wantCode(t, err, "NotImplemented", "the sandbox does not imitate iam:CreateUser", "docs/sandbox.md")

	_, err = sts.NewFromConfig(s.Config("us-east-1")).AssumeRoleWithSAML(t.Context(), &sts.AssumeRoleWithSAMLInput{
		RoleArn: aws.String("arn:aws:iam::010000000001:role/x"), PrincipalArn: aws.String("arn:aws:iam::010000000001:saml-provider/x"), SAMLAssertion: aws.String("PHg+PC94Pg=="),
	})
	wantCode(t, err, "NotImplemented", "sts:AssumeRoleWithSAML")
}

func TestAccountsArePlausibleAndTheSameEveryTime(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Accounts: 200})
	accounts := s.Accounts()
	if len(accounts) != 200 || accounts[0].ID != management || !accounts[0].Management || accounts[1].Management {
		t.Fatalf("200 accounts with the management account first, got %d: %+v", len(accounts), accounts[:2])
	}
	ids, names := map[string]bool{}, map[string]bool{}
	for i, a := range accounts {
		if !isAccountID(a.ID) || !strings.HasPrefix(a.ID, "0") {
			t.Errorf("account %d has the id %q", i, a.ID)
		}
		if at, ok := accountIndex(a.ID); !ok || at != i {
			t.Errorf("%s is found at %d, %v; it stands at %d", a.ID, at, ok, i)
		}
		if _, ok := findUnit(a.Unit); !ok && a.Unit != rootID {
			t.Errorf("%s belongs to the unknown unit %s", a.Name, a.Unit)
		}
		ids[a.ID], names[a.Name] = true, true
	}
	if len(ids) != 200 || len(names) != 200 {
		t.Errorf("%d ids and %d names for 200 accounts", len(ids), len(names))
	}
	if _, err := New(Options{Accounts: -1}); err == nil {
		t.Error("a sandbox of -1 accounts was made")
	}
}

func TestCallsAreCountedByAccountAndAction(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	whoAmI(t.Context(), t, s.Config("eu-west-1"))
	whoAmI(t.Context(), t, s.Config("eu-west-1"))
	whoAmI(t.Context(), t, s.ConfigFor(member, "eu-west-1"))
	calls := s.Calls()
	if calls[management]["sts:GetCallerIdentity"] != 2 || calls[member]["sts:GetCallerIdentity"] != 1 {
		t.Errorf("counted %v", calls)
	}
}

func TestAnInterceptedCallFailsAsItSays(t *testing.T) {
	t.Parallel()
	broken := errors.New("no route to host")
	s := newSandbox(t, Options{Intercept: func(c Call) error {
		switch {
		case c.Account == member && c.Action == "GetCallerIdentity":
			return APIError(400, "RegionDisabledException", "STS is off in "+c.Region)
		case c.Account == member:
			return broken
		}
		return nil
	}})
	whoAmI(t.Context(), t, s.Config("eu-west-1"))
	cfg := once(s.ConfigFor(member, "eu-west-1"))
	_, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	wantCode(t, err, "RegionDisabledException", "STS is off in eu-west-1")
	if _, err = iam.NewFromConfig(cfg).ListRoles(t.Context(), nil); !errors.Is(err, broken) {
		t.Errorf("got %v, want the broken connection", err)
	}
}
