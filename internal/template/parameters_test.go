package template_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

func TestTheParametersAreReadFromTheTemplate(t *testing.T) {
	t.Parallel()
	parsed, err := cfn.Parse(render(t, template.DefaultIssuer).Body)
	if err != nil {
		t.Fatal(err)
	}
	params := template.Parameters()
	if len(params) != len(parsed.Parameters) {
		t.Fatalf("%d parameters, the template has %d", len(params), len(parsed.Parameters))
	}
	for i, want := range parsed.Parameters {
		got := params[i]
		if got.Name != want.Name || got.Type != want.Type || got.Description != want.Description ||
			got.Required != (want.Default == nil) || !slices.Equal(got.Allowed, want.AllowedValues) {
			t.Errorf("parameter %d is %+v, want %+v", i, got, want)
		}
		if got.Label == "" || len(got.Description) < 20 || !strings.HasSuffix(got.Description, ".") {
			t.Errorf("%s has the label %q and the description %q", got.Name, got.Label, got.Description)
		}
	}
}

func TestTheDefaultsAreTheManagedServices(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		template.ParamTrustMode:              template.TrustModeClaims,
		template.ParamWorkspaceID:            "",
		template.ParamPlanSubject:            "",
		template.ParamApplySubject:           "",
		template.ParamAudience:               template.DefaultAudience,
		template.ParamPlanRoleName:           "forgecroft-runner-plan",
		template.ParamApplyRoleName:          "forgecroft-runner-apply",
		template.ParamPlanPolicyARN:          "",
		template.ParamPermissionsBoundaryARN: "",
		template.ParamMaxSessionDuration:     "3600",
		template.ParamCreateProvider:         "true",
		template.ParamThumbprint:             strings.Repeat("f", 40),
	}
	if diff := cmp.Diff(want, template.WithDefaults(nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGivenValuesWinOverDefaultsAndAreNotChanged(t *testing.T) {
	t.Parallel()
	params := map[string]string{template.ParamAudience: "other"}
	if got := template.WithDefaults(params)[template.ParamAudience]; got != "other" || len(params) != 1 {
		t.Errorf("audience %s, given %v", got, params)
	}
}

func TestRoleNamesAreTheGivenOnesOrTheDefaults(t *testing.T) {
	t.Parallel()
	plan, apply := template.RoleNames(map[string]string{template.ParamApplyRoleName: "writer"})
	if plan != "forgecroft-runner-plan" || apply != "writer" {
		t.Errorf("role names %s and %s", plan, apply)
	}
}

// Changing any of them changes a trust policy, and changing any other parameter does not.
func TestTheTrustParametersAreThoseThatATrustPolicyTests(t *testing.T) {
	t.Parallel()
	other := map[string]string{
		template.ParamOrgID: "ffffffff-aaaa-4bbb-8ccc-ddddeeeeffff", template.ParamAudience: "other", template.ParamTrustMode: "SessionTags",
		template.ParamWorkspaceID: "22222222-2222-2222-2222-222222222222", template.ParamAllowedRegions: "eu-west-1",
		template.ParamPlanSubject: "p", template.ParamApplySubject: "a", template.ParamPlanRoleName: "p", template.ParamApplyRoleName: "a",
		template.ParamPlanPolicyARN: "arn:aws:iam::aws:policy/A", template.ParamPermissionsBoundaryARN: "arn:aws:iam::aws:policy/A",
		template.ParamMaxSessionDuration: "7200", template.ParamCreateProvider: "false", template.ParamThumbprint: strings.Repeat("a", 40),
	}
	for _, p := range template.Parameters() {
		base := given(nil)
		if strings.HasSuffix(p.Name, "Subject") {
			base = subjectMode(nil)
		}
		was := bind(t, template.DefaultIssuer, "us-east-1", base)
		base[p.Name] = other[p.Name]
		is := bind(t, template.DefaultIssuer, "us-east-1", base)
		changed := was.trust(t, template.ResourcePlanRole) != is.trust(t, template.ResourcePlanRole) ||
			was.trust(t, template.ResourceApplyRole) != is.trust(t, template.ResourceApplyRole)
		if listed := slices.Contains(template.TrustParameters(), p.Name); listed != changed {
			t.Errorf("%s: listed as a trust parameter: %v, changes a trust policy: %v", p.Name, listed, changed)
		}
	}
}

func TestRegionsAreSplitAsCloudFormationDoes(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"us-east-1", "eu-west-1", ""}, template.SplitRegions("us-east-1 , eu-west-1,")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
