package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// event is a refused call as CloudTrail writes it; the fields are those of AWS's documented
// examples.
func event(at time.Time, role, provider, audience, subject, code string) string {
	return fmt.Sprintf(`{"eventTime":%q,"awsRegion":"eu-west-1","eventName":"AssumeRoleWithWebIdentity","errorCode":%q,"errorMessage":"Not authorized",
		"userIdentity":{"type":"WebIdentityUser","principalId":"%s:%s:%s","userName":%q,"identityProvider":%q},
		"requestParameters":{"roleArn":%q,"roleSessionName":"run-1"}}`, at.Format(time.RFC3339), code, provider, audience, subject, subject, provider, role)
}

// trail answers lookups with pages that never end, or end after the last.
type trail struct {
	pages   []string // an event each
	endless bool
	asked   []time.Time
}

func (f *trail) LookupEvents(_ context.Context, _ *cloudtrail.LookupEventsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error) {
	n := len(f.asked)
	f.asked = append(f.asked, time.Now())
	out := &cloudtrail.LookupEventsOutput{Events: []trailtypes.Event{{CloudTrailEvent: aws.String(f.pages[n%len(f.pages)])}}}
	if f.endless || n+1 < len(f.pages) {
		out.NextToken = aws.String("more")
	}
	return out, nil
}

func lookedUp(t *testing.T, f *trail) *History {
	t.Helper()
	s := healthy()
	k := &collector{
		clients: Clients{Trail: func(string) TrailAPI { return f }}, s: &Snapshot{Taken: testNow, Account: s.Account, Region: "us-east-1", Partition: "aws", Roles: []Role{s.Roles[0]}},
		o: &Options{Since: time.Hour, Issuer: testIssuer, CallTimeout: time.Minute},
	}
	k.history(t.Context())
	return k.s.History
}

func TestRefusedCallsAreReadPageByPageAtTwoASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		plan := healthy().Roles[0].ARN
		f := &trail{pages: []string{
			event(testNow, plan, testProviderARN(), "sts.amazonaws.com", "repo:a:b", "AccessDenied"),
			event(testNow.Add(-time.Minute), "arn:aws:iam::010000000001:role/github", "arn:aws:iam::010000000001:oidc-provider/token.actions.githubusercontent.com", "a", "s", "AccessDenied"),
			event(testNow.Add(-2*time.Minute), "arn:aws:iam::010000000001:role/mistyped", testProviderARN(), "a", "s", "AccessDenied"),
			event(testNow, plan, testProviderARN(), "a", "s", ""),
			"no JSON",
		}}
		h := lookedUp(t, f)
		if len(h.Refused) != 2 || h.Stopped != "" {
			t.Fatalf("%+v", h)
		}
		if c := h.Refused[0]; c.Subject != "repo:a:b" || c.Audience != "sts.amazonaws.com" || c.RoleARN != plan || c.Session != "run-1" {
			t.Errorf("%+v", c)
		}
		for i := 1; i < len(f.asked); i++ {
			if gap := f.asked[i].Sub(f.asked[i-1]); gap < 500*time.Millisecond {
				t.Errorf("lookup %d came %s after the one before", i, gap)
			}
		}
	})
}

func TestALookAtRefusedCallsEndsAndSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &trail{endless: true, pages: []string{event(testNow, healthy().Roles[0].ARN, testProviderARN(), "a", "s", "AccessDenied")}}
		h := lookedUp(t, f)
		if len(f.asked) != maxLookups || !strings.Contains(h.Stopped, "us-east-1 after 20 pages") {
			t.Errorf("%d lookups, stopped %q", len(f.asked), h.Stopped)
		}
	})
}

func TestRefusedCallsAreCountedByWhatTheirEventsShow(t *testing.T) {
	t.Parallel()
	s := healthy()
	plan := s.Roles[0].ARN
	s.Roles[1].Trust = strings.Replace(s.Roles[1].Trust, `"StringEquals":{`, `"StringEquals":{"api.forgecroft.com:sub":"org:1:phase:apply",`, 1)
	apply := s.Roles[1].ARN
	call := func(role, audience, subject, code, message string) RefusedCall {
		return RefusedCall{At: testNow, Region: "eu-west-1", RoleARN: role, Provider: testProviderARN(), Audience: audience, Subject: subject, Code: code, Message: message, Duration: 7200}
	}
	s.History = &History{Refused: []RefusedCall{
		call(plan, "sts.amazonaws.com", "any", "AccessDenied", ""),
		call(plan, "sts.amazonaws.com", "any", "AccessDenied", ""),
		call(plan, "sts.amazon.com", "any", "AccessDenied", ""),
		call(apply, "sts.amazonaws.com", "org:2:phase:apply", "AccessDenied", ""),
		call(apply, "sts.amazonaws.com", "org:1:phase:Apply", "AccessDenied", ""),
		call("arn:aws:iam::010000000001:role/other", "", "", "AccessDenied", ""),
		call(plan, "", "", "ExpiredTokenException", ""),
		call(plan, "", "", "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
		call(plan, "", "", "RegionDisabledException", ""),
		{At: testNow, Code: "AccessDenied"},
	}}
	var got []string
	for _, g := range groupRefused(s, testExaminer(t), "") {
		got = append(got, fmt.Sprintf("%d %s", g.Count, g.Cause))
		if g.Summary == "" {
			t.Errorf("%+v", g)
		}
	}
	want := "2 |1 aud_condition_mismatch|1 sub_name_mismatch|1 sub_case_mismatch|1 role_missing|1 token_expired|1 duration_exceeds_max|1 sts_region_disabled|1 "
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestThatPhaseAndOrganizationAreNotInTheEventIsSaid(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.History = &History{Refused: []RefusedCall{{RoleARN: s.Roles[0].ARN, Provider: testProviderARN(), Audience: "sts.amazonaws.com", Subject: "x", Code: "AccessDenied"}}}
	if g := groupRefused(s, testExaminer(t), "")[0]; g.Cause != "" || !strings.Contains(g.Summary, "nobody can tell") {
		t.Errorf("%+v", g)
	}
}

func TestASubjectTellsThePhaseAndTheOrganizationThatTheEventDoesNotShow(t *testing.T) {
	t.Parallel()
	const other = "99999999-8888-4777-8666-555555555555"
	for subject, want := range map[string]string{
		"org:" + other + ":phase:plan":                      "org_id_mismatch: by its subject, a plan token of organization " + other + ", not yours",
		"org:" + testOrg + ":workspace:w:phase:apply":       "phase_mismatch: by its subject, an apply token of organization " + testOrg + "; the role is for another phase",
		"org:" + testOrg + ":workspace:w:phase:Plan":        "phase_mismatch: by its subject, a token of the phase Plan of organization " + testOrg + "; the role is for another phase",
		"org:" + testOrg + ":workspace:prod-vpc:phase:plan": ": by its subject, a plan token of organization " + testOrg + ", as the trust policy asks; whether",
		"x": ": the audience is as the trust policy asks; whether phase and org_id were, nobody can tell",
	} {
		s := healthy()
		s.History = &History{Refused: []RefusedCall{{RoleARN: s.Roles[0].ARN, Provider: testProviderARN(), Audience: "sts.amazonaws.com", Subject: subject, Code: "AccessDenied"}}}
		if g := groupRefused(s, testExaminer(t), testOrg)[0]; !strings.HasPrefix(g.Cause+": "+g.Summary, want) {
			t.Errorf("%s:\n%s: %s", subject, g.Cause, g.Summary)
		}
	}
}

func TestRefusedCallsShowWhoAskedAndAreOneFindingOfManyAccounts(t *testing.T) {
	t.Parallel()
	var reports []*TargetReport
	for i := range 2 {
		s := healthy()
		s.Account = []string{testAccount, "010000000009"}[i]
		s.Roles[0].ARN = strings.Replace(s.Roles[0].ARN, testAccount, s.Account, 1)
		for range i + 1 {
			s.History = &History{Refused: append(orEmpty(s.History), RefusedCall{
				At: testNow, Region: "eu-west-1", RoleARN: s.Roles[0].ARN, Provider: testProviderARN(), Audience: "sts.amazonaws.com", Subject: "org:1:phase:plan", Code: "AccessDenied", Message: "Not authorized",
			})}
		}
		reports = append(reports, Diagnosed(s, known(t)))
	}
	groups := slices.DeleteFunc(Group(reports), func(g Common) bool { return g.Code != "history_refused" })
	if len(groups) != 1 || len(groups[0].Accounts) != 2 {
		t.Fatalf("%+v", groups)
	}
	want := "1 refused, the last at " + testNow.UTC().Format(time.RFC3339) + " in eu-west-1; subject org:1:phase:plan; audience sts.amazonaws.com; AccessDenied Not authorized"
	if groups[0].Found != want {
		t.Errorf("got  %s\nwant %s", groups[0].Found, want)
	}
}

func orEmpty(h *History) []RefusedCall {
	if h == nil {
		return nil
	}
	return h.Refused
}

func FuzzAnEventOfAnyFormIsReadOrLeftAside(f *testing.F) {
	f.Add(event(testNow, "r", "p", "a", "s", "AccessDenied"))
	f.Add(`{"errorCode":"x","userIdentity":null,"requestParameters":null}`)
	f.Add(`{"eventTime":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := readRefused(text)
		if ok == (c.Code == "") {
			t.Errorf("%+v %v", c, ok)
		}
	})
}

func TestALookAtCloudTrailIsGivenUpSooner(t *testing.T) {
	t.Parallel()
	for asked, want := range map[int]int{0: trailAttempts, 2: 2, 30: trailAttempts} {
		clients := NewClients(fleet.Target{Config: aws.Config{RetryMaxAttempts: asked}})
		trail, ok := clients.Trail("us-east-1").(*cloudtrail.Client)
		if !ok {
			t.Fatalf("%T", clients.Trail("us-east-1"))
		}
		if n := trail.Options().Retryer.MaxAttempts(); n != want {
			t.Errorf("with AWS_MAX_ATTEMPTS=%d: tried %d times, not %d", asked, n, want)
		}
	}
}
