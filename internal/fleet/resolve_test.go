package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

// options are those of the fake's boss.
func (f *fakeSTS) options(accounts ...string) Options {
	return Options{
		Load:     func(context.Context, string) (aws.Config, error) { return f.config("eu-west-1"), nil },
		Accounts: accounts,
	}
}

func resolve(t *testing.T, o Options) []Target {
	t.Helper()
	targets, err := Resolve(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

func TestTheCurrentCredentialsAreATarget(t *testing.T) {
	t.Parallel()
	f := newFake()
	got := resolve(t, f.options())
	if len(got) != 1 || got[0].Err != nil {
		t.Fatalf("got %+v", got)
	}
	g := got[0]
	if g.Account != management || g.Region != "eu-west-1" || g.Partition != "aws" || g.Caller != boss || g.Source != "current credentials" {
		t.Errorf("got %+v", g)
	}
	if len(f.calls) != 1 || g.Calls != 1 {
		t.Errorf("counted %d calls of %q", g.Calls, f.calls)
	}
}

func TestAccountsAreEnteredByTheFirstRoleThatOpens(t *testing.T) {
	t.Parallel()
	f := newFake("222222222222")
	f.roles[role("333333333333", "AWSControlTowerExecution")] = true
	var asked []url.Values
	f.onCall = func(v url.Values) { asked = append(asked, v) }
	o := f.options("222222222222", "333333333333")
	o.Concurrency = 1
	o.ExternalID = "xid"
	o.Names = map[string]string{"333333333333": "tower"}
	got := resolve(t, o)

	if got[0].Err != nil || got[1].Err != nil {
		t.Fatalf("got %v, %v", got[0].Err, got[1].Err)
	}
	if want := "arn:aws:sts::333333333333:assumed-role/AWSControlTowerExecution/fcoidc-ann@example.com"; got[1].Caller != want {
		t.Errorf("caller %s", got[1].Caller)
	}
	if got[0].Source != "--account 222222222222" || got[1].Name != "tower" || got[0].String() != "222222222222/eu-west-1" {
		t.Errorf("got %+v", got)
	}
	if got[0].Calls != 2 || got[1].Calls != 3 { // AssumeRole for each role tried, GetCallerIdentity
		t.Errorf("%d and %d calls are counted", got[0].Calls, got[1].Calls)
	}
	if want := 1 + 2 + 3; len(f.calls) != want {
		t.Errorf("%d calls, want %d: %q", len(f.calls), want, f.calls)
	}
	for _, v := range asked {
		if v.Get("Action") == "AssumeRole" && (v.Get("ExternalId") != "xid" || v.Get("DurationSeconds") != "3600") {
			t.Errorf("AssumeRole with %v", v)
		}
	}
	// The target's own clients act in its account.
	who, err := sts.NewFromConfig(got[0].Config).GetCallerIdentity(t.Context(), nil)
	if err != nil || aws.ToString(who.Account) != "222222222222" {
		t.Errorf("the target's client is of %v, %v", who, err)
	}
}

func TestNoRoleIsAssumedIntoTheCallersOwnAccount(t *testing.T) {
	t.Parallel()
	f := newFake("222222222222")
	got := resolve(t, f.options(management, "222222222222"))
	if got[0].Err != nil || got[0].Caller != boss {
		t.Errorf("got %+v", got[0])
	}
	if n := f.counted("AssumeRole " + role(management, "")); n != 0 {
		t.Errorf("%d roles assumed in the caller's account", n)
	}
	if len(f.calls) != 3 {
		t.Errorf("calls %q", f.calls)
	}
}

func TestAnAccountWithoutAWayInIsBlockedAndAllAttemptsAreTold(t *testing.T) {
	t.Parallel()
	f := newFake("222222222222")
	got := resolve(t, f.options("444444444444", "222222222222"))
	if got[1].Err != nil {
		t.Errorf("the neighbour is blocked too: %v", got[1].Err)
	}
	blocked, ok := errors.AsType[*AssumeError](got[0].Err)
	if !ok || len(blocked.Attempts) != 2 || got[0].Caller != "" {
		t.Fatalf("got %+v", got[0])
	}
	for _, want := range []string{
		"no way into account 444444444444: role OrganizationAccountAccessRole: AccessDenied: User: " + boss,
		"; role AWSControlTowerExecution: AccessDenied: ",
	} {
		if !strings.Contains(blocked.Error(), want) {
			t.Errorf("%q lacks %q", blocked, want)
		}
	}
	if want := "name a role of account 444444444444 that trusts " + boss + " with --role-name"; !strings.HasPrefix(blocked.Hint(), want) {
		t.Errorf("hint %q", blocked.Hint())
	}
	if !awserr.Is(blocked, awserr.KindDenied) {
		t.Error("the denial is not found in the error")
	}
}

func TestTheNextRoleIsTriedAfterADenialOnly(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.errors[role("222222222222", "OrganizationAccountAccessRole")] = "RegionDisabledException"
	f.roles[role("222222222222", "AWSControlTowerExecution")] = true
	got := resolve(t, f.options("222222222222"))
	blocked, ok := errors.AsType[*AssumeError](got[0].Err)
	if !ok || len(blocked.Attempts) != 1 || !strings.Contains(blocked.Hint(), "enable-region") {
		t.Errorf("got %v", got[0].Err)
	}
}

func TestAnotherAccountThanTheOneAskedForIsBlocked(t *testing.T) {
	t.Parallel()
	f := newFake("222222222222")
	f.answers[role("222222222222", "OrganizationAccountAccessRole")] = "arn:aws:sts::999999999999:assumed-role/X/y"
	got := resolve(t, f.options("222222222222"))
	wrong, ok := errors.AsType[*WrongAccountError](got[0].Err)
	if !ok || wrong.Got != "999999999999" || got[0].Caller != "" || wrong.Hint() == "" {
		t.Fatalf("got %+v", got[0])
	}
	if want := "account 222222222222 was asked for, but the credentials are of account 999999999999 (arn:aws:sts::999999999999:assumed-role/X/y)"; wrong.Error() != want {
		t.Errorf("got %q", wrong)
	}
}

func TestFlagsAndFileTogetherNameEachAccountOnce(t *testing.T) {
	t.Parallel()
	f := newFake("222222222222")
	f.roles[role("333333333333", "Deployer")] = true
	o := f.options("333333333333", "222222222222")
	o.AccountsFile = write(t, "a.csv", "333333333333,dev,Deployer\n111111111111,boss,Unused\n555555555555,gone\n")
	o.Exclude = []string{"555555555555"}
	got := resolve(t, o)
	if len(got) != 3 {
		t.Fatalf("got %d targets", len(got))
	}
	if got[0].Account != "333333333333" || got[0].Name != "dev" || !strings.Contains(got[0].Caller, "assumed-role/Deployer/") || len(got[0].Notes) != 1 || !strings.HasSuffix(got[0].Notes[0], "a.csv line 1 too.") {
		t.Errorf("got %+v", got[0])
	}
	if got[2].Account != management || got[2].Name != "boss" || len(got[2].Notes) != 1 || !strings.HasSuffix(got[2].Source, "a.csv line 2") {
		t.Errorf("got %+v", got[2])
	}
	if n := f.counted("AssumeRole " + role("555555555555", "")); n != 0 {
		t.Error("the excluded account was entered")
	}
}

func TestExcludingEverythingIsRefused(t *testing.T) {
	t.Parallel()
	f := newFake()
	for _, accounts := range [][]string{nil, {management}} {
		o := f.options(accounts...)
		o.Exclude = []string{management}
		_, err := Resolve(t.Context(), o)
		if _, ok := errors.AsType[*InputError](err); !ok || err.Error() != "--exclude-account leaves no account" {
			t.Errorf("%v: got %v", accounts, err)
		}
	}
}

func TestTheRegionComesFromTheFlagThenTheConfiguration(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ flag, config, want, problem string }{
		"flag":                   {"us-east-2", "eu-west-1", "us-east-2", ""},
		"configuration":          {"", "eu-west-1", "eu-west-1", ""},
		"neither":                {"", "", "", "the AWS configuration has no Region: give --region, or set AWS_REGION"},
		"a typo there":           {"", "eu-wst-1", "", "the Region of the AWS configuration: eu-wst-1 is no AWS Region: did you mean eu-west-1?"},
		"of another partition":   {"cn-north-1", "eu-west-1", "", "Region cn-north-1 is in partition aws-cn, but the credentials (" + boss + ") are of aws: give --region, such as us-east-1"},
		"the flag heals a typo":  {"us-east-2", "eu-wst-1", "us-east-2", ""},
		"the flag fills the gap": {"us-east-2", "", "us-east-2", ""},
	} {
		for _, accounts := range [][]string{nil, {"222222222222"}} {
			t.Run(fmt.Sprint(name, accounts), func(t *testing.T) {
				t.Parallel()
				f := newFake("222222222222")
				o := f.options(accounts...)
				o.Region = tc.flag
				o.Load = func(context.Context, string) (aws.Config, error) { return f.config(tc.config), nil }
				got, err := Resolve(t.Context(), o)
				if tc.problem != "" {
					if input, ok := errors.AsType[*InputError](err); !ok || input.Error() != tc.problem {
						t.Errorf("got %v", err)
					}
					return
				}
				if err != nil || got[0].Region != tc.want || got[0].Config.Region != tc.want {
					t.Errorf("got %+v, %v", got, err)
				}
			})
		}
	}
}

func TestBadCredentialsOfTheCallerEndTheRun(t *testing.T) {
	t.Parallel()
	for _, accounts := range [][]string{nil, {"222222222222"}} {
		f := newFake("222222222222")
		f.errors[bossKey] = "ExpiredToken"
		_, err := Resolve(t.Context(), f.options(accounts...))
		if e, ok := errors.AsType[*awserr.Error](err); !ok || e.Kind != awserr.KindExpired || e.Error() != "ExpiredToken: refused" {
			t.Errorf("%v: got %v", accounts, err)
		}
	}
}

func TestAThousandAccountsCostTwoCallsEachAndAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var accounts []string
		for i := range 1000 {
			accounts = append(accounts, fmt.Sprintf("%012d", 500_000_000_000+i))
		}
		f := newFake(accounts...)
		f.latency = 50 * time.Millisecond
		o := f.options(accounts...)
		o.Concurrency = 1000
		start := time.Now()
		got := resolve(t, o)
		for i, g := range got {
			if g.Err != nil || g.Account != accounts[i] {
				t.Fatalf("got %+v", g)
			}
		}
		if len(f.calls) != 2001 {
			t.Errorf("%d calls", len(f.calls))
		}
		if f.busier > maxConcurrency {
			t.Errorf("%d calls at once", f.busier)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestCredentialsAreRenewedBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake("222222222222")
		got := resolve(t, f.options("222222222222"))
		time.Sleep(57 * time.Minute)
		if _, err := got[0].Config.Credentials.Retrieve(t.Context()); err != nil || f.counted("AssumeRole") != 1 {
			t.Errorf("after 57 minutes: %d times assumed, %v", f.counted("AssumeRole"), err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := got[0].Config.Credentials.Retrieve(t.Context()); err != nil || f.counted("AssumeRole") != 2 {
			t.Errorf("after 59 minutes: %d times assumed, %v", f.counted("AssumeRole"), err)
		}
	})
}

func TestAnInterruptIsReturned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake("222222222222")
		f.latency = time.Second
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		_, err := Resolve(ctx, f.options("222222222222", "333333333333"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestThrottlingIsWaitedForAndNotPaidFromASharedQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var accounts []string
		for i := range 300 {
			accounts = append(accounts, fmt.Sprintf("%012d", 500_000_000_000+i))
		}
		f := newFake(accounts...)
		for _, a := range accounts { // the SDK's own quota is empty after 100 retries
			f.errors[role(a, "OrganizationAccountAccessRole")] = "Throttling"
		}
		seen := map[string]int{}
		f.onCall = func(v url.Values) {
			seen[v.Get("RoleArn")]++
			if seen[v.Get("RoleArn")] > 2 {
				delete(f.errors, v.Get("RoleArn"))
			}
		}
		for _, g := range resolve(t, f.options(accounts...)) {
			if g.Err != nil {
				t.Fatal(g.Err)
			}
		}
	})
}

func TestSessionNamesAreValid(t *testing.T) {
	t.Parallel()
	for arn, want := range map[string]string{
		boss:                                   "fcoidc-ann@example.com",
		"arn:aws:iam::111111111111:root":       "fcoidc-root",
		"arn:aws:iam::111111111111:user/a/b c": "fcoidc-b-c",
		"arn:aws:iam::111111111111:user/" + strings.Repeat("é", 70): "fcoidc-" + strings.Repeat("-", 57),
	} {
		if got := sessionName(arn); got != want {
			t.Errorf("%s: got %q", arn, got)
		}
	}
}

func BenchmarkResolveAThousandAccounts(b *testing.B) {
	var accounts []string
	for i := range 1000 {
		accounts = append(accounts, fmt.Sprintf("%012d", 500_000_000_000+i))
	}
	f := newFake(accounts...)
	b.ReportAllocs()
	for b.Loop() {
		targets, err := Resolve(b.Context(), f.options(accounts...))
		if err != nil || len(targets) != 1000 {
			b.Fatal(err)
		}
	}
}
