package fleet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const severalProfiles = `
[default]
region = eu-west-1
[profile prod-eu] ; the big one
region = eu-west-1
[ profile prod-us ]
region = us-east-1
s3 =
  max_concurrent_requests = 20
[profile org/prod-asia]
region = ap-south-1
[profile staging]
[sso-session prod-sso]
sso_region = eu-west-1
[services prod-services]
[not a profile]
`

const keysOfProfiles = `
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = """wJalr
[prod-eu]
[legacy]
aws_session_token = ` + "`" + `x
[after]
`

func TestProfilesAreFoundByNameAndGlobOverBothFiles(t *testing.T) {
	sharedConfig(t, severalProfiles, keysOfProfiles)
	for _, tc := range []struct{ patterns, want []string }{
		{[]string{"staging"}, []string{"staging"}},
		{[]string{"default"}, []string{"default"}},
		{[]string{"prod-*"}, []string{"prod-eu", "prod-us"}},
		{[]string{"*prod*"}, []string{"prod-eu", "prod-us", "org/prod-asia"}},
		{[]string{"prod-us", "prod-??", "legacy"}, []string{"prod-us", "prod-eu", "legacy"}},
		{[]string{"prod-[u]*"}, []string{"prod-us"}},
		{[]string{"*"}, []string{"default", "prod-eu", "prod-us", "org/prod-asia", "staging", "legacy", "after"}},
	} {
		got, err := expandProfiles(tc.patterns)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%q: got %q, %v", tc.patterns, got, err)
		}
	}
}

func TestProfilesThatAreNotThereAreRefusedWithNearNames(t *testing.T) {
	sharedConfig(t, severalProfiles, keysOfProfiles)
	for pattern, want := range map[string]string{
		"stagin":  "--profile stagin: there is no such profile in the shared config; near: staging",
		"prod-e?": "",
		"prdo-*":  "--profile prdo-*: no profile of the shared config matches; near: prod-eu, prod-us",
		"zzz":     "--profile zzz: there is no such profile in the shared config",
		"prod[":   `--profile "prod[" is no pattern: close its [ with a ]`,
		// Sections that are no profiles are not matched.
		"*sso*": "--profile *sso*: no profile of the shared config matches",
	} {
		o := Options{Profiles: []string{pattern}, Load: mustNotLoad(t)}
		if want == "" {
			o.Load = func(context.Context, string) (aws.Config, error) { return newFake().config("eu-west-1"), nil }
		}
		_, err := Resolve(t.Context(), o)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
}

func TestASharedConfigWithoutProfilesIsSaid(t *testing.T) {
	sharedConfig(t, "", "")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent/config")
	_, err := Resolve(t.Context(), Options{Profiles: []string{"prod"}, Load: mustNotLoad(t)})
	if want := "--profile prod: there is no such profile in the shared config; it has none"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestABrokenSharedConfigIsNotQuoted(t *testing.T) {
	sharedConfig(t, "[profile a\naws_secret_access_key = wJalr\n", "")
	_, err := Resolve(t.Context(), Options{Profiles: []string{"a"}, Load: mustNotLoad(t)})
	if input, ok := errors.AsType[*InputError](err); !ok || !strings.Contains(input.Error(), "has a section whose [ is not closed") || strings.Contains(input.Error(), "wJalr") {
		t.Errorf("got %v", err)
	}
}

// loadByKey gives each profile the key of its own name.
func (f *fakeSTS) loadByKey(region map[string]string) func(context.Context, string) (aws.Config, error) {
	return func(_ context.Context, profile string) (aws.Config, error) {
		cfg := f.config(region[profile])
		cfg.Credentials = credentials.NewStaticCredentialsProvider(profile, "secret", "")
		return cfg, nil
	}
}

func TestProfilesOfOneAccountAreOneTarget(t *testing.T) {
	sharedConfig(t, "[profile a]\n[profile b]\n[profile c]\n[profile d]\n", "")
	f := newFake()
	f.callers = map[string]string{
		"a": "arn:aws:iam::222222222222:user/a",
		"b": "arn:aws:iam::222222222222:user/b",
		"c": "arn:aws:iam::333333333333:user/c",
		"d": "arn:aws:iam::222222222222:user/d",
	}
	got := resolve(t, Options{Profiles: []string{"*"}, Load: f.loadByKey(map[string]string{"a": "eu-west-1", "b": "eu-west-1", "c": "us-east-1", "d": "us-east-2"})})
	if len(got) != 2 || got[0].Account != "222222222222" || got[0].Name != "a" || got[0].Source != "--profile a" || got[1].Region != "us-east-1" {
		t.Fatalf("got %+v", got)
	}
	want := []string{
		"It is the account of --profile b too, which is left out.",
		"It is the account of --profile d (us-east-2) too, which is left out: IAM is the same in all Regions.",
	}
	if !slices.Equal(got[0].Notes, want) {
		t.Errorf("notes %q", got[0].Notes)
	}
	if len(f.calls) != 4 {
		t.Errorf("calls %q", f.calls)
	}
}

func TestAProfileWithoutCredentialsBlocksOnlyItself(t *testing.T) {
	sharedConfig(t, `
[profile a]
role_arn = arn:aws:iam::222222222222:role/R
source_profile = b
[profile b]
[profile c]
sso_account_id = 444444444444
`, "")
	f := newFake()
	f.callers = map[string]string{"b": "arn:aws:iam::333333333333:user/b"}
	f.errors = map[string]string{"a": "ExpiredToken", "c": "ExpiredToken"}
	regions := map[string]string{"a": "eu-west-1", "b": "eu-west-1", "c": "eu-west-1"}
	got := resolve(t, Options{Profiles: []string{"a", "b", "c"}, Load: f.loadByKey(regions), Exclude: []string{"444444444444"}})
	if len(got) != 2 || got[0].Account != "222222222222" || got[0].Err == nil || got[1].Err != nil {
		t.Fatalf("got %+v", got)
	}
	if hint, ok := errors.AsType[interface {
		error
		Hint() string
	}](got[0].Err); !ok || !strings.Contains(hint.Hint(), "aws sso login --profile a") {
		t.Errorf("got %v", got[0].Err)
	}

	_, err := Resolve(t.Context(), Options{Profiles: []string{"a", "c"}, Load: f.loadByKey(regions)})
	if want := "--profile a: ExpiredToken: refused\n--profile c: ExpiredToken: refused"; err == nil || err.Error() != want {
		t.Errorf("all expired: got %v", err)
	}
}

func TestProfilesWithoutARegionAreAllNamed(t *testing.T) {
	sharedConfig(t, "[profile a]\n[profile b]\n[profile c]\n", "")
	f := newFake()
	_, err := Resolve(t.Context(), Options{Profiles: []string{"*"}, Load: f.loadByKey(map[string]string{"b": "eu-west-1", "c": "eu-wst-1"})})
	if want := "profile a has no Region: give --region, or set AWS_REGION\nthe Region of profile c: eu-wst-1 is no AWS Region: did you mean eu-west-1?"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if len(f.calls) != 0 {
		t.Errorf("AWS was called: %q", f.calls)
	}
}

func TestWithAccountsOneProfileOpensTheDoorAndIsNoTarget(t *testing.T) {
	sharedConfig(t, "[profile boss]\n[profile other]\n", "")
	f := newFake("222222222222")
	var asked []string
	o := Options{Profiles: []string{"boss"}, Accounts: []string{"222222222222"}, Load: func(_ context.Context, profile string) (aws.Config, error) {
		asked = append(asked, profile)
		return f.config("eu-west-1"), nil
	}}
	got := resolve(t, o)
	if len(got) != 1 || got[0].Account != "222222222222" || !slices.Equal(asked, []string{"boss"}) {
		t.Errorf("got %+v by %q", got, asked)
	}

	o.Profiles = []string{"*"}
	o.Load = mustNotLoad(t)
	_, err := Resolve(t.Context(), o)
	if want := "with accounts, --profile says whose credentials assume the roles: give one, not 2 (boss, other)"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
