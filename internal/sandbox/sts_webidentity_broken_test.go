package sandbox

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// trade sends a token to a role of the member account, in us-west-2, and returns the error's code, "" for credentials.
func trade(t *testing.T, s *Sandbox, role string, o TokenOptions) string {
	t.Helper()
	cfg := once(s.Config("us-west-2"))
	cfg.Credentials = aws.AnonymousCredentials{}
	token := mint(t, s, o)
	_, err := sts.NewFromConfig(cfg).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String("arn:aws:iam::" + member + ":role/" + role), RoleSessionName: aws.String("run-1"), WebIdentityToken: &token,
	})
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// anIdentity is one for sandboxes to share: to make its keys takes longer than all else here.
var anIdentity = sync.OnceValues(func() (*identity, error) { return newIdentity(time.Now()) })

func TestEveryFaultShowsInAnExchangeAsOnAWS(t *testing.T) {
	t.Parallel()
	const denied, invalid, off = "AccessDenied", "InvalidIdentityToken", "RegionDisabledException"
	// What becomes of a plan token on the plan role, an apply token on the apply role, a plan token on the
	// apply role, and, on the plan role, of a stranger's token and of one without an organization.
	type outcome [5]string
	sound := outcome{"", "", denied, denied, denied}
	shut := outcome{denied, denied, denied, denied, denied}
	unusable := outcome{invalid, invalid, invalid, invalid, invalid}
	shows := map[string]outcome{
		"discovery-down": unusable, "discovery-404": unusable, "issuer-mismatch": unusable, "keys-rotated": unusable,
		"provider-missing": unusable, "provider-slash": unusable, "provider-audience-missing": unusable,

		"tag-session-missing": shut, "stack-missing": shut, "rcp-deny": shut, "org-id-case": shut, "org-id-other": shut,
		"trust-redirected": shut, "audience-condition": shut, "principal-other-account": shut, "principal-typo": shut,
		"action-wrong": shut, "wildcard-without-like": shut, "condition-key-prefix": shut, "condition-key-wrong-claim": shut,
		"condition-key-unknown": shut, "subject-other": shut,

		"role-deleted":    {"", denied, denied, denied, denied},
		"workspace-other": {"", denied, denied, denied, denied},
		"trust-denied":    {"", denied, denied, denied, denied},
		"phase-wrong":     {denied, "", denied, denied, denied},
		"phase-swapped":   {denied, denied, "", denied, denied},
		"phase-open":      {"", "", "", denied, denied},

		"trust-no-org":         {"", "", denied, "", ""},
		"trust-negated":        {"", "", denied, "", ""},
		"trust-wildcard":       {"", "", denied, "", denied},
		"trust-if-exists":      {"", "", denied, denied, ""},
		"trust-for-all-values": {"", "", denied, denied, ""},

		"sts-region-disabled": {off, off, off, off, off},
	}
	for _, b := range Breakages() {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{})
			var err error
			if s.identity.memory, err = anIdentity(); err != nil {
				t.Fatal(err)
			}
			deployTo(t, s, member)
			breakIt(t, s, b.Name)
			plan, apply := TokenOptions{OrgID: testOrg}, TokenOptions{OrgID: testOrg, Phase: "apply"}
			got := outcome{
				trade(t, s, planRoleName, plan), trade(t, s, applyRoleName, apply),
				trade(t, s, applyRoleName, plan),
				trade(t, s, planRoleName, TokenOptions{}), trade(t, s, planRoleName, TokenOptions{Without: []string{"org_id"}}),
			}
			want, special := shows[b.Name]
			if !special {
				want = sound
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s\n%s", b.Summary, d)
			}
		})
	}
}

func TestExchangesAreInTheEventHistoryOfTheRolesAccount(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	deployTo(t, s, member)
	plan := TokenOptions{OrgID: testOrg}
	trade(t, s, applyRoleName, plan)                                 // AccessDenied
	trade(t, s, planRoleName, TokenOptions{Audience: []string{"x"}}) // InvalidIdentityToken
	trade(t, s, planRoleName, plan)

	type event struct {
		ErrorCode, AwsRegion, SourceIPAddress string
		UserIdentity                          struct{ PrincipalID, IdentityProvider string }
		RequestParameters                     struct{ RoleArn, RoleSessionName string }
		ResponseElements                      struct {
			AssumedRoleUser struct{ AssumedRoleID string }
		}
	}
	var got []event
	for _, e := range lookup(t, s, "us-west-2", cloudtrail.LookupEventsInput{LookupAttributes: byName("AssumeRoleWithWebIdentity")}) {
		var one event
		if err := json.Unmarshal([]byte(*e.CloudTrailEvent), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	if len(got) != 2 {
		t.Fatalf("%d events, want those of the granted call and of the one that the trust policy refused", len(got))
	}
	granted, refused := got[0], got[1]
	if refused.ErrorCode != "AccessDenied" || refused.RequestParameters.RoleArn != "arn:aws:iam::"+member+":role/"+applyRoleName ||
		refused.UserIdentity.PrincipalID != memberProvider+":sts.amazonaws.com:org:"+testOrg+":phase:plan" {
		t.Errorf("refused: %+v", refused)
	}
	role, err := iam.NewFromConfig(s.ConfigFor(member, "us-east-1")).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(planRoleName)})
	if err != nil {
		t.Fatal(err)
	}
	if granted.ErrorCode != "" || granted.UserIdentity.IdentityProvider != memberProvider || granted.SourceIPAddress != "127.0.0.1" ||
		granted.RequestParameters.RoleSessionName != "run-1" || granted.ResponseElements.AssumedRoleUser.AssumedRoleID != *role.Role.RoleId+":run-1" {
		t.Errorf("granted: %+v", granted)
	}
	if used := role.Role.RoleLastUsed; used == nil || aws.ToString(used.Region) != "us-west-2" {
		t.Errorf("last used: %+v", used)
	}
}
