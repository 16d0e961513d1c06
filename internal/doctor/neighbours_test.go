package doctor_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func TestNeighboursOfACauseHaveOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(c object)
		first  string // "": none
	}{
		"a permission that the role itself lacks is no failed exchange": {func(c object) {
			c["symptom"] = object{"error_code": "AccessDenied", "message": "User: arn:aws:sts::" + account + ":assumed-role/deploy/session is not authorized to perform: s3:GetObject on resource: x"}
		}, ""},
		"one that another role lacks was signed by that": {func(c object) {
			c["symptom"] = object{"error_code": "AccessDenied", "message": "User: arn:aws:sts::" + account + ":assumed-role/node/i-1 is not authorized to perform: s3:GetObject on resource: x"}
		}, "other_credentials_used"},
		"a token that names itself an access token and is taken is none of doctor's business": {func(c object) {
			c["claims"].(object)["typ"] = "Bearer"
		}, ""},
		"STS of the role's own partition is right": {func(c object) {
			c["request"].(object)["sts_endpoint"] = "https://sts.amazonaws.com/"
			c["request"].(object)["region"] = "eu-west-1"
		}, ""},
		"STS of GovCloud is not": {func(c object) {
			c["request"].(object)["sts_endpoint"] = "https://sts.us-gov-west-1.amazonaws.com"
			c["symptom"] = object{"error_code": "AccessDenied", "message": "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
		}, "sts_endpoint"},
		"variables that are right are not misspelt": {func(c object) {
			c["request"].(object)["environment"] = object{"AWS_REGION": "eu-west-1", "AWS_ROLE_ARN": "set", "AWS_WEB_IDENTITY_TOKEN_FILE": "set"}
		}, ""},
		"an exchange that AWS says it does not know why to refuse": {func(c object) {
			c["symptom"] = object{"error_code": "AccessDenied", "message": "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
		}, "iam_propagation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := workings["github"].build()
			test.change(c)
			codes, v := causesOf(t, newJudge(t, trust.KeysIssuer), c)
			if v.Decision != exchange.Allow {
				t.Errorf("decision %s", v.Decision)
			}
			if test.first == "" && len(codes) != 0 || test.first != "" && slices.Index(codes, test.first) != 0 {
				t.Errorf("want %q first: %v", test.first, codes)
			}
		})
	}
}

// No fix may open a role that writes to runs that only plan.
func TestNoFixGivesOnePhaseTheRoleOfTheOther(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"forgecroft by subject", "forgecroft by claims"} {
		w := workings[name]
		c := w.build()
		if w.withoutSub {
			equals(c)[w.issuer+":phase"] = "apply"
		} else {
			equals(c)[w.issuer+":sub"] = w.otherContext
		}
		if got := firstFix(t, c); got != "let plan runs assume the plan role and apply runs the apply role: fcoidc outputs prints both ARNs" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// That AWS does not know Forgecroft's keys comes first, also seconds after bootstrap.
func TestANewRoleIsNoReasonToOverlookKeysThatAWSDoesNotDocument(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"forgecroft by claims", "forgecroft by subject"} {
		c := workings[name].build()
		c["role"].(object)["created"] = time.Unix(now-5, 0).UTC().Format(time.RFC3339)
		c["symptom"] = object{"error_code": "AccessDenied", "message": "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
		codes, v := causesOf(t, newJudge(t, trust.KeysIssuer), c)
		want := []string{"condition_key_unsupported", "iam_propagation"}
		if v.Basis == exchange.Documented {
			want = want[1:]
		}
		if !slices.Equal(codes, want) {
			t.Errorf("%s: %v, want %v", name, codes, want)
		}
	}
}

// Another trust mode locks everybody out, or lets others in, where the token lacks what it tests.
func TestAnotherTrustModeIsAdvisedOnlyByWhatTheTokenCarries(t *testing.T) {
	t.Parallel()
	const org = "1b4e28ba-2fa1"
	for name, test := range map[string]struct {
		claims object
		want   string
	}{
		"neither": {nil, "ask the issuer for tokens whose sub names the organization and the phase"},
		"a subject with both": {
			object{"sub": "org:" + org + ":phase:plan"},
			"fcoidc bootstrap --trust-mode subject --plan-subject org:" + org + ":phase:plan --apply-subject org:" + org + ":phase:apply --allow-trust-change",
		},
		"a subject without organization": {object{"sub": "workspace:vpc:phase:plan"}, "ask the issuer"},
		"a subject without phase":        {object{"sub": "org:" + org}, "ask the issuer"},
		"session tags": {
			object{"https://aws.amazon.com/tags": object{"principal_tags": object{"phase": []any{"plan"}, "org_id": []any{org}}}},
			"fcoidc bootstrap --trust-mode session-tags --allow-trust-change",
		},
		"one session tag of two": {object{"https://aws.amazon.com/tags": object{"principal_tags": object{"phase": []any{"plan"}}}}, "ask the issuer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := workings["forgecroft by claims"].build()
			statement(c)["Action"] = []any{trust.Action, trust.TagSession}
			maps.Copy(c["claims"].(object), test.claims)
			c["symptom"] = object{"error_code": "AccessDenied", "message": "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
			if got := firstFix(t, c); !strings.Contains(got, test.want) {
				t.Errorf("%s\nwant %s", got, test.want)
			}
		})
	}
}
