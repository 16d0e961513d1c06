package sandbox

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const accessRoleARN = "arn:aws:iam::" + member + ":role/OrganizationAccountAccessRole"

// as is cfg with the credentials of a session.
func as(cfg aws.Config, c *types.Credentials) aws.Config {
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	return cfg
}

func assume(t *testing.T, cfg aws.Config, arn string) aws.Config {
	t.Helper()
	out, err := sts.NewFromConfig(cfg).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	return as(cfg, out.Credentials)
}

func TestTheManagementAccountGetsIntoItsMembers(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	inside := assume(t, s.Config("eu-west-1"), accessRoleARN)
	if got, want := whoAmI(t.Context(), t, inside), "arn:aws:sts::"+member+":assumed-role/OrganizationAccountAccessRole/test"; got != want {
		t.Errorf("inside as %s, want %s", got, want)
	}
	makeProvider(t, iam.NewFromConfig(inside), "https://api.forgecroft.com") // the role is an administrator's

	elsewhere := s.Config("us-gov-west-1")
	assume(t, elsewhere, "arn:aws-us-gov:iam::"+member+":role/OrganizationAccountAccessRole")
}

func TestARoleThatDoesNotTrustTheCallerIsRefused(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	makeRole(t, iam.NewFromConfig(s.Config("us-east-1")), "mine")
	for _, test := range []struct{ name, account, role string }{
		{"a member into its neighbour", "010000000003", accessRoleARN},
		{"a role that does not exist", management, "arn:aws:iam::" + member + ":role/nobody"},
		{"an account that does not exist", management, "arn:aws:iam::999999999999:role/OrganizationAccountAccessRole"},
		{"another path", management, "arn:aws:iam::" + member + ":role/x/OrganizationAccountAccessRole"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := sts.NewFromConfig(s.ConfigFor(test.account, "eu-west-1")).AssumeRole(t.Context(),
				&sts.AssumeRoleInput{RoleArn: &test.role, RoleSessionName: aws.String("test")})
			wantCode(t, err, "AccessDenied",
				"User: arn:aws:iam::"+test.account+":user/sandbox-admin is not authorized to perform: sts:AssumeRole on resource: "+test.role)
		})
	}
}

func TestAnExternalIDIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + management + `"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"s3cret"}}}]}`
	_, err := iam.NewFromConfig(s.ConfigFor(member, "us-east-1")).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("guarded"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	client := sts.NewFromConfig(s.Config("eu-west-1"))
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + member + ":role/guarded"), RoleSessionName: aws.String("test")}
	_, err = client.AssumeRole(t.Context(), in)
	wantCode(t, err, "AccessDenied", "sts:AssumeRole")
	in.ExternalId = aws.String("s3cret")
	if _, err := client.AssumeRole(t.Context(), in); err != nil {
		t.Error(err)
	}
}

func TestARoleAssumesAnotherOnlyWithPermission(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	home := iam.NewFromConfig(s.Config("us-east-1"))
	makeRole(t, home, "fleet")
	fleet := assume(t, s.Config("eu-west-1"), "arn:aws:iam::"+management+":role/fleet")
	in := &sts.AssumeRoleInput{RoleArn: aws.String(accessRoleARN), RoleSessionName: aws.String("test")}
	_, err := sts.NewFromConfig(fleet).AssumeRole(t.Context(), in)
	wantCode(t, err, "AccessDenied", "assumed-role/fleet/test is not authorized to perform: sts:AssumeRole")

	putPolicy(t, home, "fleet", allow("sts:AssumeRole"))
	if _, err := sts.NewFromConfig(fleet).AssumeRole(t.Context(), in); err != nil {
		t.Error(err)
	}
	in.DurationSeconds = aws.Int32(7200)
	_, err = sts.NewFromConfig(fleet).AssumeRole(t.Context(), in)
	wantCode(t, err, "ValidationError", "1 hour session limit for roles assumed by role chaining")
}

func TestWithinAnAccountTrustByNameIsEnough(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	home := iam.NewFromConfig(s.Config("us-east-1"))
	makeRole(t, home, "weak")
	weak := "arn:aws:iam::" + management + ":role/weak"
	for name, principal := range map[string]string{"named": weak, "by-account": management} {
		if _, err := home.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustAccount(principal))}); err != nil {
			t.Fatal(err)
		}
	}
	session := assume(t, s.Config("eu-west-1"), weak)
	assume(t, session, "arn:aws:iam::"+management+":role/named")
	_, err := sts.NewFromConfig(session).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + management + ":role/by-account"), RoleSessionName: aws.String("test"),
	})
	wantCode(t, err, "AccessDenied")
}

func TestWrongRequestsForASessionAreNamed(t *testing.T) {
	t.Parallel()
	client := sts.NewFromConfig(newSandbox(t, Options{}).Config("eu-west-1"))
	good := func() *sts.AssumeRoleInput {
		return &sts.AssumeRoleInput{RoleArn: aws.String(accessRoleARN), RoleSessionName: aws.String("test")}
	}
	for _, test := range []struct {
		name, code, text string
		spoil            func(*sts.AssumeRoleInput)
	}{
		{"a session name with a blank", "ValidationError", "roleSessionName", func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("a b") }},
		{"a session name of one letter", "ValidationError", "length greater than or equal to 2", func(in *sts.AssumeRoleInput) { in.RoleSessionName = aws.String("a") }},
		{"no ARN", "ValidationError", "is invalid", func(in *sts.AssumeRoleInput) { in.RoleArn = aws.String("OrganizationAccountAccessRole") }},
		{"too short", "ValidationError", "durationSeconds", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(60) }},
		{"longer than the role's", "ValidationError", "exceeds the MaxSessionDuration", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(7200) }},
		{"session tags", "NotImplemented", "the parameter Tags of sts:AssumeRole", func(in *sts.AssumeRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
		}},
		{"policy ARNs", "NotImplemented", "the parameter PolicyArns", func(in *sts.AssumeRoleInput) {
			in.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := good()
			test.spoil(in)
			_, err := client.AssumeRole(t.Context(), in)
			wantCode(t, err, test.code, test.text)
		})
	}
}

func TestCredentialsThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	admin := AdminCredentials(management)
	session, err := sts.NewFromConfig(s.Config("eu-west-1")).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(accessRoleARN), RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	outside := AdminCredentials("010000000999")
	token := *session.Credentials.SessionToken
	for _, test := range []struct{ name, key, token string }{
		{"a key of AWS", "AKIAIOSFODNN7EXAMPLE", ""},
		{"a key of no form", "x", ""},
		{"an account this sandbox has not", outside.AccessKeyID, ""},
		{"a session's key without its token", *session.Credentials.AccessKeyId, ""},
		{"a session's token with another key", admin.AccessKeyID, token},
		{"a token that was changed", *session.Credentials.AccessKeyId, "A" + token[1:]},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cfg := s.Config("eu-west-1")
			cfg.Credentials = credentials.NewStaticCredentialsProvider(test.key, "secret", test.token)
			_, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
			wantCode(t, err, "InvalidClientTokenId", "The security token included in the request is invalid.")
			_, err = organizations.NewFromConfig(cfg).ListRoots(t.Context(), nil)
			wantCode(t, err, "UnrecognizedClientException")
		})
	}
	cfg := s.Config("eu-west-1")
	cfg.Credentials = aws.AnonymousCredentials{}
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	wantCode(t, err, "MissingAuthenticationToken")
}

func TestASessionEndsWithItsTimeAndWithItsRole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, Options{})
		home := iam.NewFromConfig(s.Config("us-east-1"))
		makeRole(t, home, "brief")
		session := assume(t, s.Config("eu-west-1"), "arn:aws:iam::"+management+":role/brief")
		time.Sleep(59 * time.Minute)
		whoAmI(t.Context(), t, session)

		time.Sleep(time.Minute)
		_, err := sts.NewFromConfig(session).GetCallerIdentity(t.Context(), nil)
		wantCode(t, err, "ExpiredToken")

		session = assume(t, s.Config("eu-west-1"), "arn:aws:iam::"+management+":role/brief")
		if _, err := home.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("brief")}); err != nil {
			t.Fatal(err)
		}
		makeRole(t, home, "brief") // another role of the same name
		_, err = sts.NewFromConfig(session).GetCallerIdentity(t.Context(), nil)
		wantCode(t, err, "InvalidClientTokenId")
	})
}

func TestAnAccessKeyTellsItsAccount(t *testing.T) {
	t.Parallel()
	client := sts.NewFromConfig(newSandbox(t, Options{}).Config("eu-west-1"))
	key := AdminCredentials(member).AccessKeyID
	out, err := client.GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: &key})
	if err != nil || aws.ToString(out.Account) != member {
		t.Errorf("got %v, %v; want %s", out, err, member)
	}
	_, err = client.GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})
	wantCode(t, err, "ValidationError")
}
