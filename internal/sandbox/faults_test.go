package sandbox

import (
	"errors"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func TestFaultsAreReadFromText(t *testing.T) {
	t.Parallel()
	got, err := ParseFaults("throttle=20%, http500=5%,reset=0.5%,slow=25%:2s,stack-failure=12:quota:always")
	if err != nil {
		t.Fatal(err)
	}
	want := []Fault{
		{Kind: FaultThrottle, Share: 0.2},
		{Kind: FaultHTTP500, Share: 0.05},
		{Kind: FaultReset, Share: 0.005},
		{Kind: FaultSlow, Share: 0.25, Delay: 2 * time.Second},
		{Kind: FaultStackFailure, Accounts: 12, Reason: "quota", Always: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got, err := ParseFaults(""); err != nil || len(got) != 0 {
		t.Errorf("no text gives %v, %v", got, err)
	}
}

func TestAFaultThatIsNoneIsRefusedWithTheOnesThereAre(t *testing.T) {
	t.Parallel()
	for list, part := range map[string]string{
		"thottle=20%":              `no fault is called "thottle"`,
		"throttle":                 "no value",
		"throttle=20":              `"20" is no percentage`,
		"throttle=120%":            `"120%" is no percentage`,
		"throttle=NaN%":            `"NaN%" is no percentage`,
		"slow=fast":                `"fast" is no duration`,
		"slow=-2s":                 `"-2s" is no duration`,
		"slow=x%:2s":               `"x%" is no percentage`,
		"stack-failure=some":       `"some" is no number of accounts`,
		"stack-failure=2:weather":  "the reasons are provider-exists, provider-unreachable, quota, role-exists, scp-denied",
		"throttle=1%,throttle=2%":  "throttle is given twice",
		"http500=1%,,reset=1%,x=1": `no fault is called "x"`,
	} {
		_, err := ParseFaults(list)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want it to say %s", list, err, part)
			continue
		}
		if !strings.Contains(part, "twice") && !strings.Contains(err.Error(), "stack-failure=N[:REASON][:always]") {
			t.Errorf("%s: %v does not list the forms", list, err)
		}
	}
}

func TestAShareOfCallsFailsTheSameWayEveryTime(t *testing.T) {
	t.Parallel()
	run := func(seed string) (pattern string) {
		s := newSandbox(t, Options{Faults: []Fault{{Kind: FaultThrottle, Share: 0.2}}, Seed: seed})
		client := sts.NewFromConfig(once(s.Config("eu-west-1")))
		for range 200 {
			_, err := client.GetCallerIdentity(t.Context(), nil)
			if err == nil {
				pattern += "."
				continue
			}
			wantCode(t, err, "Throttling", "Rate exceeded")
			pattern += "x"
		}
		return pattern
	}
	first := run("a")
	if n := strings.Count(first, "x"); n < 20 || n > 60 {
		t.Errorf("%d of 200 calls were throttled at 20%%", n)
	}
	if run("a") != first {
		t.Error("the same seed hit other calls")
	}
	if run("b") == first {
		t.Error("another seed hit the same calls")
	}
}

func TestEachServiceWordsItsThrottlingItself(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Faults: []Fault{{Kind: FaultThrottle, Share: 1}}})
	_, err := organizations.NewFromConfig(once(s.Config("us-east-1"))).ListRoots(t.Context(), nil)
	wantCode(t, err, "TooManyRequestsException")
}

func TestServerErrorsCarryTheirStatus(t *testing.T) {
	t.Parallel()
	for kind, code := range map[FaultKind]string{FaultHTTP500: "InternalFailure", FaultHTTP503: "ServiceUnavailable"} {
		s := newSandbox(t, Options{Faults: []Fault{{Kind: kind, Share: 1}}})
		_, err := sts.NewFromConfig(once(s.Config("us-east-1"))).GetCallerIdentity(t.Context(), nil)
		wantCode(t, err, code)
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorFault() != smithy.FaultServer && e.ErrorFault() != smithy.FaultUnknown {
			t.Errorf("%s is the client's fault: %v", kind, err)
		}
	}
}

func TestAResetMayComeAfterTheCallTookEffect(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Faults: []Fault{{Kind: FaultReset, Share: 1}}})
	client := iam.NewFromConfig(once(s.Config("us-east-1")))
	const calls = 40
	for i := range calls {
		_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + strings.Repeat("x", i+1) + ".example")})
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("got %v, want a connection reset", err)
		}
	}
	made := 0
	err := s.open(management, "us-east-1", func(a *account) error {
		made = len(a.state.Providers)
		return nil
	})
	if err != nil || made < calls/4 || made > calls*3/4 {
		t.Errorf("%d of %d calls took effect (%v), want about half", made, calls, err)
	}
}

func TestAResetOverTheNetworkBreaksTheConnection(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Faults: []Fault{{Kind: FaultReset, Share: 1}}})
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := once(s.Config("us-east-1"))
	cfg.HTTPClient, cfg.BaseEndpoint = server.Client(), &server.URL
	_, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	if _, answered := errors.AsType[smithy.APIError](err); err == nil || answered {
		t.Errorf("got %v, want a broken connection", err)
	}
}

func TestLatencyPassesOnTheBubblesClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, Options{APILatency: 50 * time.Millisecond, Faults: []Fault{{Kind: FaultSlow, Share: 1, Delay: 2 * time.Second}}})
		start := time.Now()
		whoAmI(t.Context(), t, s.Config("eu-west-1"))
		if took := time.Since(start); took != 2050*time.Millisecond {
			t.Errorf("the call took %s, want 2.05s", took)
		}
	})
}

func TestAStackFailureChoosesItsAccountsBySeedAndStrikesOnce(t *testing.T) {
	t.Parallel()
	chosen := func(f Fault, seed string) map[string]int {
		s := newSandbox(t, Options{Accounts: 50, Faults: []Fault{f}, Seed: seed})
		out := map[string]int{}
		for _, a := range s.Accounts() {
			for range 2 {
				err := s.open(a.ID, "us-east-1", func(a *account) error {
					if a.stackFailure() != "" {
						out[a.ID]++
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		return out
	}
	oneTime := chosen(Fault{Kind: FaultStackFailure, Accounts: 12, Reason: "quota"}, "a")
	if len(oneTime) != 12 {
		t.Errorf("%d accounts fail, want 12", len(oneTime))
	}
	for id, n := range oneTime {
		if n != 1 {
			t.Errorf("%s fails %d times, want once", id, n)
		}
	}
	always := chosen(Fault{Kind: FaultStackFailure, Accounts: 12, Reason: "quota", Always: true}, "a")
	for id, n := range always {
		if n != 2 || oneTime[id] == 0 {
			t.Errorf("%s fails %d times always and %d times otherwise", id, n, oneTime[id])
		}
	}
	if cmp.Diff(oneTime, chosen(Fault{Kind: FaultStackFailure, Accounts: 12, Reason: "quota"}, "b")) == "" {
		t.Error("another seed chose the same accounts")
	}
}

func TestEveryReasonForAStackFailureNamesWhatFailed(t *testing.T) {
	t.Parallel()
	for _, reason := range StackFailureReasons() {
		f := stackFailures[reason]
		err := f.fail("the-name", "the-arn", "the-caller")
		if !strings.HasPrefix(f.resourceType, "AWS::IAM::") || err.Code == "" || err.Message == "" {
			t.Errorf("%s: %s %v", reason, f.resourceType, err)
		}
	}
}
