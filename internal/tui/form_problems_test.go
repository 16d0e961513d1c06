package tui

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/template"
)

func TestAProblemIsSaidInTheWordsOfTheForm(t *testing.T) {
	t.Parallel()
	given := map[string]string{
		template.ParamOrgID: "x", template.ParamTrustMode: template.TrustModeSubject,
		template.ParamPlanSubject: "PlanSubject", template.ParamAllowedRegions: "us-east-1,us-east-1",
	}
	got := Problems(template.ValidateParameters(given, template.DefaultIssuer))
	for q, want := range map[Question]string{
		QuestionOrgID:   `The organization "x" is not a UUID; copy it from Forgecroft, Settings, Organization`,
		QuestionRegions: "The list of Regions names us-east-1 twice; name it once",
		QuestionPlanSubject: `The plan subject "PlanSubject" does not contain the OrgId, so it may be another organization's; ` +
			"take the sub of one of your tokens, or trust mode Claims if it has no OrgId",
		QuestionApplySubject: "The apply subject is missing; trust mode Subject needs the sub claim of a token of the apply phase",
		QuestionWorkspaceID:  "",
	} {
		if got[q] != want {
			t.Errorf("%s: %q, want %q", q, got[q], want)
		}
	}
	if got := Problems(nil); len(got) != 0 {
		t.Errorf("of nothing wrong it says %v", got)
	}
}
