package template_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/forgecroft/fcoidc/internal/template"
)

func terraform(t *testing.T, issuer string, params map[string]string) []byte {
	t.Helper()
	text, err := template.Terraform(issuer, params)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheTerraformFormReadsWell(t *testing.T) {
	t.Parallel()
	cases := trustCases()
	cases["unanswered"] = nil
	cases["existing-provider"] = given(map[string]string{
		"CreateProvider": "false", "AllowedRegions": "us-gov-west-1", "MaxSessionDuration": "7200",
		"PlanPolicyArn": "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess", "PermissionsBoundaryArn": "arn:aws-us-gov:iam::012345678901:policy/boundary",
	})
	for name, params := range cases {
		text := terraform(t, template.DefaultIssuer, params)
		golden(t, "terraform/"+name+".tf", string(text))
		if !bytes.Equal(hclwrite.Format(text), text) {
			t.Errorf("%s is not formatted as terraform fmt would", name)
		}
	}
}

// Both forms are resolved here, each by its own language, and must come to the same policies.
func TestTerraformTrustsWhomTheTemplateTrusts(t *testing.T) {
	t.Parallel()
	for name, params := range trustCases() {
		for partition, region := range homeRegion {
			for _, create := range []string{"true", "false"} {
				params := given(params)
				params["AllowedRegions"], params["CreateProvider"] = region, create
				for _, issuer := range []string{template.DefaultIssuer, "https://acme.eu.auth0.com/"} {
					stack, config := bind(t, issuer, region, params), evaluate(t, terraform(t, issuer, params), partition, issuer)
					for role, label := range map[string]string{template.ResourcePlanRole: "plan", template.ResourceApplyRole: "apply"} {
						if diff := cmp.Diff(stack.trust(t, role), config.document(t, "aws_iam_role", label, "assume_role_policy")); diff != "" {
							t.Errorf("%s role, %s in %s (-template +terraform):\n%s", label, name, partition, diff)
						}
					}
					apply := stack.properties(t, template.ResourceApplyRole)["Policies"].([]any)[0].(map[string]any)
					if diff := cmp.Diff(indented(t, apply["PolicyDocument"]), config.document(t, "aws_iam_role_policy", "apply", "policy")); diff != "" {
						t.Errorf("apply permissions, %s in %s (-template +terraform):\n%s", name, partition, diff)
					}
					plan := stack.properties(t, template.ResourcePlanRole)["ManagedPolicyArns"].([]any)[0]
					if got := config.value(t, "aws_iam_role_policy_attachment", "plan", "policy_arn").AsString(); got != plan {
						t.Errorf("plan permissions, %s in %s: %s, want %s", name, partition, got, plan)
					}
				}
			}
		}
	}
}

func TestAnswersAreTheDefaultsOfVariables(t *testing.T) {
	t.Parallel()
	config := evaluate(t, terraform(t, template.DefaultIssuer, given(map[string]string{
		"PlanRoleName": "look", "ApplyRoleName": "touch", "MaxSessionDuration": "7200", "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/b",
	})), "aws", template.DefaultIssuer)
	for role, name := range map[string]string{"plan": "look", "apply": "touch"} {
		if got := config.value(t, "aws_iam_role", role, "name").AsString(); got != name {
			t.Errorf("the %s role is called %s, want %s", role, got, name)
		}
		if got := config.value(t, "aws_iam_role", role, "permissions_boundary").AsString(); got != "arn:aws:iam::123456789012:policy/b" {
			t.Errorf("the %s role has the boundary %s", role, got)
		}
		if got := config.value(t, "aws_iam_role", role, "max_session_duration"); got.Equals(cty.NumberIntVal(7200)).False() {
			t.Errorf("the %s role has sessions of %#v", role, got)
		}
	}
}

func TestWhatTerraformOwnsIsNotTaggedAsOurs(t *testing.T) {
	t.Parallel()
	text := string(terraform(t, template.DefaultIssuer, given(nil)))
	if strings.Contains(text, template.TagStackID) || strings.Contains(text, `"`+template.ManagedBy+`"`) {
		t.Errorf("the resources are tagged as fcoidc's:\n%s", text)
	}
	if n := strings.Count(text, `"forgecroft:managed-by" = "terraform"`); n != 3 {
		t.Errorf("%d of 3 resources say that Terraform manages them", n)
	}
}

func TestTerraformKeepsTheProviderAsTheTemplateDoes(t *testing.T) {
	t.Parallel()
	if text := terraform(t, template.DefaultIssuer, given(nil)); !bytes.Contains(text, []byte("prevent_destroy = true")) {
		t.Errorf("the provider may be destroyed:\n%s", text)
	}
	text := terraform(t, template.DefaultIssuer, given(map[string]string{"CreateProvider": "false"}))
	if bytes.Contains(text, []byte(`resource "aws_iam_openid_connect_provider"`)) {
		t.Errorf("a provider that exists is made again:\n%s", text)
	}
}

// A value with the characters that HCL gives a meaning must come out as it went in.
func TestNothingInAValueBecomesHCL(t *testing.T) {
	t.Parallel()
	audience := `a"b\%{c}#{d}{partition}`
	config := evaluate(t, terraform(t, template.DefaultIssuer, given(map[string]string{"Audience": audience})), "aws", template.DefaultIssuer)
	var trust struct {
		Statement []struct {
			Condition map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(config.document(t, "aws_iam_role", "plan", "assume_role_policy")), &trust); err != nil {
		t.Fatal(err)
	}
	if got := trust.Statement[0].Condition["StringEquals"]["api.forgecroft.com:aud"]; got != audience {
		t.Errorf("audience %q became %q", audience, got)
	}
}

func TestTerraformRefusesWhatBootstrapRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range refusals() {
		if c.params["OrgId"] == "" {
			continue // not given yet is no error here
		}
		var problems template.ParameterErrors
		if text, err := template.Terraform(template.DefaultIssuer, c.params); !errors.As(err, &problems) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	if _, err := template.Terraform("https://idp.example.com/?", nil); err == nil {
		t.Error("a wrong issuer is accepted")
	}
}

// evaluated is a Terraform configuration whose expressions can be looked at.
type evaluated struct {
	body *hclsyntax.Body
	in   *hcl.EvalContext
}

func evaluate(t *testing.T, text []byte, partition, issuer string) evaluated {
	t.Helper()
	file, diags := hclsyntax.ParseConfig(text, "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	arn := cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(template.ProviderARN(partition, account, issuer))})
	provider := cty.ObjectVal(map[string]cty.Value{"forgecroft": arn})
	current := cty.ObjectVal(map[string]cty.Value{"current": cty.ObjectVal(map[string]cty.Value{"partition": cty.StringVal(partition)})})
	e := evaluated{file.Body.(*hclsyntax.Body), &hcl.EvalContext{
		Variables: map[string]cty.Value{
			"aws_iam_openid_connect_provider": provider,
			"data": cty.ObjectVal(map[string]cty.Value{
				"aws_partition": current, "aws_iam_openid_connect_provider": provider,
			}),
		},
		Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc},
	}}
	variables := map[string]cty.Value{}
	for _, block := range e.body.Blocks {
		if block.Type == "variable" {
			variables[block.Labels[0]] = e.expression(t, block.Body.Attributes["default"])
		}
	}
	e.in.Variables["var"] = cty.ObjectVal(variables)
	return e
}

func (e evaluated) expression(t *testing.T, attribute *hclsyntax.Attribute) cty.Value {
	t.Helper()
	v, diags := attribute.Expr.Value(e.in)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

func (e evaluated) value(t *testing.T, kind, label, attribute string) cty.Value {
	t.Helper()
	for _, block := range e.body.Blocks {
		if block.Type == "resource" && block.Labels[0] == kind && block.Labels[1] == label {
			return e.expression(t, block.Body.Attributes[attribute])
		}
	}
	t.Fatalf("there is no %s.%s", kind, label)
	return cty.NilVal
}

// document returns an attribute that holds JSON, indented.
func (e evaluated) document(t *testing.T, kind, label, attribute string) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(e.value(t, kind, label, attribute).AsString()), &doc); err != nil {
		t.Fatal(err)
	}
	return indented(t, doc)
}
