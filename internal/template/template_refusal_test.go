package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

// ValidateParameters and the template say the same of a deployment, but where a template cannot know.
func TestTheTemplateRefusesByItselfWhatItCan(t *testing.T) {
	t.Parallel()
	parsed, err := cfn.Parse(render(t, template.DefaultIssuer).Body)
	if err != nil {
		t.Fatal(err)
	}
	pseudo := stackIn(t, "us-east-1")
	for name, params := range acceptable() {
		if _, err := parsed.Bind(pseudo, params); err != nil {
			t.Errorf("%s: refused by the template: %v", name, err)
		}
	}
	for name, c := range refusals() {
		_, err := parsed.Bind(pseudo, c.params)
		if refused := err != nil; refused == c.onlyHere {
			t.Errorf("%s: the template says %v", name, err)
		}
	}
}

func TestTheConsoleSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	parsed, err := cfn.Parse(render(t, template.DefaultIssuer).Body)
	if err != nil {
		t.Fatal(err)
	}
	for want, params := range map[string]map[string]string{
		"would deploy and every run would be refused":         given(map[string]string{"OrgId": strings.ToUpper(org)}),
		"must be Region codes separated by commas":            given(map[string]string{"AllowedRegions": "US-EAST-1"}),
		"TrustMode Subject needs PlanSubject":                 subjectMode(map[string]string{"PlanSubject": ""}),
		"TrustMode Subject needs ApplySubject":                subjectMode(map[string]string{"ApplySubject": ""}),
		"PlanSubject and ApplySubject must differ":            subjectMode(map[string]string{"ApplySubject": planSub}),
		"WorkspaceId has no effect with TrustMode Subject":    subjectMode(map[string]string{"WorkspaceId": "22222222-2222-2222-2222-222222222222"}),
		"have an effect only with TrustMode Subject":          given(map[string]string{"PlanSubject": planSub}),
		"PlanRoleName and ApplyRoleName must differ":          given(map[string]string{"ApplyRoleName": "forgecroft-runner-plan"}),
		"must be one sub claim, without blanks and without $": subjectMode(map[string]string{"PlanSubject": "${api.forgecroft.com:sub}"}),
	} {
		_, err := parsed.Bind(stackIn(t, "us-east-1"), params)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("said %v, want %q", err, want)
		}
	}
	var rule *cfn.RuleError
	if _, err := parsed.Bind(stackIn(t, "us-east-1"), given(map[string]string{"TrustMode": "Subject"})); !errors.As(err, &rule) {
		t.Errorf("Subject mode without subjects: %v, want a broken rule", err)
	}
}
