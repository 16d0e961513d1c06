package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/trust"
)

const (
	planRoleName  = "forgecroft-runner-plan"
	applyRoleName = "forgecroft-runner-apply"
	notTrusted    = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	notValidated  = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
	noKey         = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
)

func roleARN(name string) string { return "arn:aws:iam::" + management + ":role/" + name }

// deployed is a sandbox whose management account has Forgecroft's stack.
func deployed(t *testing.T, o Options) *world {
	t.Helper()
	w := newWorld(t, o)
	w.create()
	w.wantStatus(testStack, "CREATE_COMPLETE")
	return w
}

// exchangeInput asks for a role of the management account.
func exchangeInput(role, token string) *sts.AssumeRoleWithWebIdentityInput {
	return &sts.AssumeRoleWithWebIdentityInput{RoleArn: aws.String(roleARN(role)), RoleSessionName: aws.String("run-1"), WebIdentityToken: &token}
}

// stranger is a client without credentials.
func (w *world) stranger() *sts.Client {
	cfg := once(w.s.Config(testRegion))
	cfg.Credentials = aws.AnonymousCredentials{}
	return sts.NewFromConfig(cfg)
}

// exchange swaps a token for a role's credentials.
func (w *world) exchange(role, token string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	return w.stranger().AssumeRoleWithWebIdentity(w.t.Context(), exchangeInput(role, token))
}

// mustExchange is a configuration with the credentials that a token is worth.
func (w *world) mustExchange(role, token string) aws.Config {
	w.t.Helper()
	out, err := w.exchange(role, token)
	if err != nil {
		w.t.Fatal(err)
	}
	return as(once(w.s.Config(testRegion)), out.Credentials)
}

func TestATokenOfAPlanOpensThePlanRoleOnly(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{})
	token := mint(t, w.s, TokenOptions{OrgID: testOrg})
	out, err := w.exchange(planRoleName, token)
	if err != nil {
		t.Fatal(err)
	}
	if lives := time.Until(*out.Credentials.Expiration); lives < 59*time.Minute || lives > time.Hour {
		t.Errorf("the session lives for %s, want an hour", lives)
	}
	role, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(planRoleName)})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{
		*out.SubjectFromWebIdentityToken, *out.Audience, *out.Provider, *out.AssumedRoleUser.Arn, *out.AssumedRoleUser.AssumedRoleId,
	}
	want := []string{
		"org:" + testOrg + ":phase:plan", "sts.amazonaws.com", "arn:aws:iam::" + management + ":oidc-provider/api.forgecroft.com",
		"arn:aws:sts::" + management + ":assumed-role/" + planRoleName + "/run-1", *role.Role.RoleId + ":run-1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if out.SourceIdentity != nil || packed(out) != 0 {
		t.Errorf("a source identity %v and a packed size %d of nothing", out.SourceIdentity, packed(out))
	}
	_, err = w.exchange(applyRoleName, token)
	wantCode(t, err, "AccessDenied", notTrusted)
}

func TestTheSessionOfAPlanReadsAndDoesNotWrite(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{})
	plan := w.mustExchange(planRoleName, mint(t, w.s, TokenOptions{OrgID: testOrg}))
	if got, want := whoAmI(t.Context(), t, plan), "arn:aws:sts::"+management+":assumed-role/"+planRoleName+"/run-1"; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
	client := iam.NewFromConfig(plan)
	if _, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(applyRoleName)}); err != nil {
		t.Error(err)
	}
	write := &iam.CreateRoleInput{RoleName: aws.String("mine"), AssumeRolePolicyDocument: aws.String(trustAccount(management))}
	_, err := client.CreateRole(t.Context(), write)
	wantCode(t, err, "AccessDenied", "assumed-role/"+planRoleName+"/run-1 is not authorized to perform: iam:CreateRole")

	apply := w.mustExchange(applyRoleName, mint(t, w.s, TokenOptions{OrgID: testOrg, Phase: "apply"}))
	if _, err := iam.NewFromConfig(apply).CreateRole(t.Context(), write); err != nil {
		t.Errorf("apply may: %v", err)
	}
}

func TestWhatDiffersFromTheTrustPolicyIsRefused(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{})
	for _, test := range []struct {
		name          string
		token         TokenOptions
		code, message string
	}{
		{"another organisation", TokenOptions{OrgID: "22222222-aaaa-4bbb-8ccc-ddddeeeeffff"}, "AccessDenied", notTrusted},
		{"the organisation in other letters", TokenOptions{OrgID: strings.ToUpper(testOrg)}, "AccessDenied", notTrusted},
		{"no phase", TokenOptions{OrgID: testOrg, Without: []string{"phase"}}, "AccessDenied", notTrusted},
		{"another audience", TokenOptions{OrgID: testOrg, Audience: []string{"https://example.com"}}, "InvalidIdentityToken", notValidated},
		{"another issuer", TokenOptions{OrgID: testOrg, Issuer: "https://ci.example.com"}, "InvalidIdentityToken", notValidated},
		{"the issuer with a slash", TokenOptions{OrgID: testOrg, Issuer: "https://api.forgecroft.com/"}, "InvalidIdentityToken", notValidated},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.exchange(planRoleName, mint(t, w.s, test.token))
			wantCode(t, err, test.code, test.message)
		})
	}
}

func TestInTheDocumentedWorldForgecroftsClaimsAreNoConditionKeys(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{Keys: trust.KeysDocumented})
	token := mint(t, w.s, TokenOptions{OrgID: testOrg})
	_, err := w.exchange(planRoleName, token)
	wantCode(t, err, "AccessDenied", notTrusted)

	sub := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + management + `:oidc-provider/api.forgecroft.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:sub":"org:` + testOrg + `:phase:plan"}}}]}`
	if _, err := w.iam.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(planRoleName), PolicyDocument: &sub}); err != nil {
		t.Fatal(err)
	}
	w.mustExchange(planRoleName, token)
}

func TestARotatedKeyIsNoLongerFound(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{})
	before := mint(t, w.s, TokenOptions{OrgID: testOrg})
	if err := w.s.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	_, err := w.exchange(planRoleName, before)
	wantCode(t, err, "InvalidIdentityToken", noKey)
	w.mustExchange(planRoleName, mint(t, w.s, TokenOptions{OrgID: testOrg}))
}

func TestATokenIsTakenForFiveMinutesAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := deployed(t, Options{})
		token := mint(t, w.s, TokenOptions{OrgID: testOrg, Lifetime: time.Minute})
		time.Sleep(time.Minute + 299*time.Second)
		session := w.mustExchange(planRoleName, token)
		time.Sleep(time.Second)
		_, err := w.exchange(planRoleName, token)
		wantCode(t, err, "ExpiredTokenException", "Token expired: current date/time 946684860 must be before the expiration date/time 946684860")

		time.Sleep(58 * time.Minute)
		whoAmI(t.Context(), t, session) // it outlives its token
		time.Sleep(2 * time.Minute)
		_, err = sts.NewFromConfig(session).GetCallerIdentity(t.Context(), nil)
		wantCode(t, err, "ExpiredToken")
	})
}

func TestASignedCallIsAnsweredByItsTokenToo(t *testing.T) {
	t.Parallel()
	w := deployed(t, Options{})
	cfg := w.s.ConfigFor(member, testRegion) // the SDK signs no such call, others do
	creds, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	form := "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=run-1&RoleArn=" + roleARN(planRoleName) + "&WebIdentityToken=" + mint(t, w.s, TokenOptions{OrgID: testOrg})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://sts.eu-west-1.amazonaws.com/", strings.NewReader(form))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+creds.AccessKeyID+"/20260102/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=0")
	answer := httptest.NewRecorder()
	w.s.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "<Arn>arn:aws:sts::"+management+":assumed-role/"+planRoleName+"/run-1</Arn>") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestAnUnsignedCallOverTheNetworkCountsForTheRolesPartitionAndAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	client := iam.NewFromConfig(w.s.ConfigFor(member, "us-gov-west-1"))
	makeProvider(t, client, "https://api.forgecroft.com")
	federated := "arn:aws-us-gov:iam::" + member + ":oidc-provider/api.forgecroft.com"
	document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + federated + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringEquals":{"aws:RequestedRegion":"us-gov-west-1","aws:FederatedProvider":"` + federated + `"},"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]}`
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("gov"), Path: aws.String("/ci/"), AssumeRolePolicyDocument: &document}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.s)
	defer server.Close()
	remote := sts.NewFromConfig(aws.Config{
		Region: "us-gov-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("", "", ""), RetryMaxAttempts: 1,
	})
	in := exchangeInput("", mint(t, w.s, TokenOptions{}))
	in.RoleArn = aws.String("arn:aws-us-gov:iam::" + member + ":role/ci/gov")
	out, err := remote.AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.AssumedRoleUser.Arn, "arn:aws-us-gov:sts::"+member+":assumed-role/gov/run-1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if n := w.s.Calls()[member]["sts:AssumeRoleWithWebIdentity"]; n != 1 {
		t.Errorf("%d calls counted for the role's account, want 1", n)
	}
	in.RoleArn = aws.String("arn:aws-us-gov:iam::" + member + ":role/gov") // without its path it is another role
	_, err = remote.AssumeRoleWithWebIdentity(t.Context(), in)
	wantCode(t, err, "AccessDenied", notTrusted)
}
