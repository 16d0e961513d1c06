package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

const (
	memberRole     = "arn:aws:iam::" + member + ":role/forgecroft-runner-plan"
	memberProvider = "arn:aws:iam::" + member + ":oidc-provider/api.forgecroft.com"
)

// refused is a call that a trust policy did not admit.
func refused(region, session string) webIdentityCall {
	return webIdentityCall{
		RequestID: "11111111-aaaa-4bbb-8ccc-ddddeeeeffff", Region: region, Provider: memberProvider,
		Audience: "sts.amazonaws.com", Subject: "org:acme:phase:plan", RoleARN: memberRole, SessionName: session, Duration: 900,
		UserAgent: "forgecroft-runner/1", Code: "AccessDenied", Message: "Not authorized to perform sts:AssumeRoleWithWebIdentity",
	}
}

// record puts calls into the event history of the member account.
func record(t *testing.T, s *Sandbox, calls ...webIdentityCall) {
	t.Helper()
	err := s.open(member, "us-east-1", func(a *account) error {
		for _, w := range calls {
			a.recordWebIdentity(w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lookup asks for the events of a Region, through every page.
func lookup(t *testing.T, s *Sandbox, region string, in cloudtrail.LookupEventsInput) (events []types.Event) {
	t.Helper()
	client := cloudtrail.NewFromConfig(s.ConfigFor(member, region))
	for p := cloudtrail.NewLookupEventsPaginator(client, &in); p.HasMorePages(); {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, out.Events...)
	}
	return events
}

func byName(name string) []types.LookupAttribute {
	return []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: &name}}
}

func TestARefusedExchangeIsInTheEventHistoryOfTheRegionThatAnswered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	record(t, newSandbox(t, Options{Dir: dir}), refused("eu-west-1", "run-1"))
	s := newSandbox(t, Options{Dir: dir})
	if n := len(lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{LookupAttributes: byName("AssumeRoleWithWebIdentity")})); n != 0 {
		t.Errorf("us-east-1 has %d events of a call that eu-west-1 answered", n)
	}
	events := lookup(t, s, "eu-west-1", cloudtrail.LookupEventsInput{LookupAttributes: byName("AssumeRoleWithWebIdentity")})
	if len(events) != 1 {
		t.Fatalf("%d events, want 1", len(events))
	}
	e := events[0]
	if *e.EventName != "AssumeRoleWithWebIdentity" || *e.EventSource != "sts.amazonaws.com" || *e.Username != "org:acme:phase:plan" || time.Since(*e.EventTime) > time.Minute {
		t.Errorf("got %+v", e)
	}
	var doc struct {
		UserIdentity      map[string]string `json:"userIdentity"`
		ErrorCode         string            `json:"errorCode"`
		ErrorMessage      string            `json:"errorMessage"`
		AwsRegion         string            `json:"awsRegion"`
		RequestParameters map[string]any    `json:"requestParameters"`
		ResponseElements  map[string]any    `json:"responseElements"`
		Additional        map[string]any    `json:"additionalEventData"`
		Recipient         string            `json:"recipientAccountId"`
	}
	if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &doc); err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"type":      {doc.UserIdentity["type"], "WebIdentityUser"},
		"principal": {doc.UserIdentity["principalId"], memberProvider + ":sts.amazonaws.com:org:acme:phase:plan"},
		"provider":  {doc.UserIdentity["identityProvider"], memberProvider},
		"code":      {doc.ErrorCode, "AccessDenied"},
		"message":   {doc.ErrorMessage, "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"region":    {doc.AwsRegion, "eu-west-1"},
		"role":      {fmt.Sprint(doc.RequestParameters["roleArn"]), memberRole},
		"seconds":   {fmt.Sprint(doc.RequestParameters["durationSeconds"]), "900"},
		"verified":  {fmt.Sprint(doc.Additional["identityProviderConnectionVerificationMethod"]), "IAMTrustStore"},
		"account":   {doc.Recipient, member},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if doc.ResponseElements != nil {
		t.Errorf("a refusal has response elements: %v", doc.ResponseElements)
	}
}

func TestAGrantedExchangeIsTheRolesLastUseAndNamesItsSession(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	client := iam.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	makeRole(t, client, "forgecroft-runner-plan")
	w := refused("us-west-2", "run-1")
	w.Code, w.Message, w.AccessKeyID, w.RoleID = "", "", "ASIASANDBOXSANDBOX00", "AROASANDBOX"
	record(t, s, w)
	events := lookup(t, s, "us-west-2", cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{
		{AttributeKey: types.LookupAttributeKeyResourceName, AttributeValue: aws.String(memberRole)},
	}})
	if len(events) != 1 || aws.ToString(events[0].AccessKeyId) != "ASIASANDBOXSANDBOX00" {
		t.Fatalf("got %+v", events)
	}
	if !strings.Contains(*events[0].CloudTrailEvent, `"arn":"arn:aws:sts::010000000004:assumed-role/forgecroft-runner-plan/run-1"`) {
		t.Errorf("no assumed role in %s", *events[0].CloudTrailEvent)
	}
	if strings.Contains(*events[0].CloudTrailEvent, "essionToken") {
		t.Error("the event holds a session token")
	}
	out, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("forgecroft-runner-plan")})
	if err != nil || out.Role.RoleLastUsed.LastUsedDate == nil || aws.ToString(out.Role.RoleLastUsed.Region) != "us-west-2" {
		t.Errorf("last used: %+v, %v", out.Role.RoleLastUsed, err)
	}
}

func TestCallsThatNoTokenVouchesForLeaveNoEvent(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	w := refused("us-east-1", "run-1")
	w.Code = "InvalidIdentityToken"
	record(t, s, w)
	if n := len(lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{})); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestEventsComeNewestFirstInPagesAndTheOldestAreForgotten(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	var calls []webIdentityCall
	for i := range keptCalls + 3 {
		calls = append(calls, refused("us-east-1", fmt.Sprintf("run-%d", i)))
	}
	record(t, s, calls...)
	events := lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{MaxResults: aws.Int32(40)})
	if len(events) != keptCalls {
		t.Fatalf("%d events, want %d", len(events), keptCalls)
	}
	for at, want := range map[int]string{0: "run-502", 40: "run-462", keptCalls - 1: "run-3"} {
		if !strings.Contains(*events[at].CloudTrailEvent, `"roleSessionName":"`+want+`"`) {
			t.Errorf("event %d is not of %s: %s", at, want, *events[at].CloudTrailEvent)
		}
	}
}

func TestEventsAreLookedUpByTimeAndRefusedWithoutSense(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	now := time.Now()
	for _, ago := range []time.Duration{100 * 24 * time.Hour, 3 * time.Hour, time.Hour} {
		w := refused("us-east-1", "run")
		w.At = now.Add(-ago)
		record(t, s, w)
	}
	if n := len(lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{})); n != 2 {
		t.Errorf("%d events, want 2: AWS keeps 90 days", n)
	}
	if n := len(lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{StartTime: aws.Time(now.Add(-2 * time.Hour))})); n != 1 {
		t.Errorf("%d events of the last two hours, want 1", n)
	}
	if n := len(lookup(t, s, "us-east-1", cloudtrail.LookupEventsInput{EndTime: aws.Time(now.Add(-2 * time.Hour))})); n != 1 {
		t.Errorf("%d events before, want 1", n)
	}
	client := cloudtrail.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	for code, in := range map[string]cloudtrail.LookupEventsInput{
		"InvalidLookupAttributesException": {LookupAttributes: append(byName("a"), byName("b")...)},
		"InvalidTimeRangeException":        {StartTime: aws.Time(now), EndTime: aws.Time(now.Add(-time.Hour))},
		"InvalidMaxResultsException":       {MaxResults: aws.Int32(51)},
		"InvalidNextTokenException":        {NextToken: aws.String("x")},
	} {
		_, err := client.LookupEvents(t.Context(), &in)
		wantCode(t, err, code)
	}
}

func TestMoreLookupsThanTheRateAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults, err := ParseFaults("lookup-rate=2")
		if err != nil {
			t.Fatal(err)
		}
		s := newSandbox(t, Options{Faults: faults})
		client := cloudtrail.NewFromConfig(once(s.ConfigFor(member, "us-east-1")))
		ask := func() error {
			_, err := client.LookupEvents(t.Context(), nil)
			return err
		}
		for range 2 {
			if err := ask(); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, ask(), "ThrottlingException", "Rate exceeded")
		elsewhere := cloudtrail.NewFromConfig(once(s.ConfigFor(member, "eu-west-1")))
		if _, err := elsewhere.LookupEvents(t.Context(), nil); err != nil {
			t.Errorf("another Region is throttled too: %v", err)
		}
		time.Sleep(time.Second)
		if err := ask(); err != nil {
			t.Errorf("a second later: %v", err)
		}
	})
}
