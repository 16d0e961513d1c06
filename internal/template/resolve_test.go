package template_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/template"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

const account = "012345678901"

// stackIn is the stack that a test deploys to a Region.
func stackIn(t *testing.T, region string) cfn.Pseudo {
	t.Helper()
	p, ok := regions.PartitionOf(region)
	if !ok {
		t.Fatalf("no Region %s", region)
	}
	return cfn.Pseudo{
		Account: account, Region: region, Partition: p.ID, URLSuffix: p.DNSSuffix, StackName: template.DefaultStackName,
		StackID: fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s/3f0c7c20-0000-11f0-8000-0a1b2c3d4e5f", p.ID, region, account, template.DefaultStackName),
	}
}

// deployed knows the physical ids that the template's resources get.
type deployed struct{ partition, issuer string }

func (d deployed) Ref(id string) (string, bool) {
	if id == template.ResourceOIDCProvider {
		return template.ProviderARN(d.partition, account, d.issuer), true
	}
	return id, true
}

func (d deployed) Att(id, _ string) (any, bool) {
	if id == template.ResourceOIDCProvider {
		return template.ProviderARN(d.partition, account, d.issuer), true
	}
	return "arn:" + d.partition + ":iam::" + account + ":role/" + id, true
}

// stack is the template, bound to a Region and parameters.
type stack struct {
	*cfn.Bound
	deployed
}

func bind(t *testing.T, issuer, region string, params map[string]string) stack {
	t.Helper()
	parsed, err := cfn.Parse(render(t, issuer).Body)
	if err != nil {
		t.Fatal(err)
	}
	pseudo := stackIn(t, region)
	bound, err := parsed.Bind(pseudo, params)
	if err != nil {
		t.Fatal(err)
	}
	return stack{bound, deployed{pseudo.Partition, issuer}}
}

func (s stack) properties(t *testing.T, id string) map[string]any {
	t.Helper()
	p, err := s.Properties(id, s.deployed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// trust returns a role's trust policy as indented JSON.
func (s stack) trust(t *testing.T, role string) string {
	t.Helper()
	return indented(t, s.properties(t, role)["AssumeRolePolicyDocument"])
}

func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// golden compares with a file of testdata, or rewrites it under -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

var homeRegion = map[string]string{"aws": "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

// trustCases are the parameters that decide who may assume the roles, by golden file.
func trustCases() map[string]map[string]string {
	return map[string]map[string]string{
		"claims":                 given(nil),
		"claims-workspace":       given(map[string]string{"WorkspaceId": workspace}),
		"subject":                subjectMode(nil),
		"session-tags":           given(map[string]string{"TrustMode": "SessionTags"}),
		"session-tags-workspace": given(map[string]string{"TrustMode": "SessionTags", "WorkspaceId": workspace}),
	}
}

func TestTheTrustPoliciesOfEachModeInEachPartition(t *testing.T) {
	t.Parallel()
	for name, params := range trustCases() {
		for partition, region := range homeRegion {
			t.Run(name+" in "+partition, func(t *testing.T) {
				t.Parallel()
				s := bind(t, template.DefaultIssuer, region, params)
				golden(t, "trust/"+name+"-plan."+partition+".json", s.trust(t, template.ResourcePlanRole))
				golden(t, "trust/"+name+"-apply."+partition+".json", s.trust(t, template.ResourceApplyRole))
			})
		}
	}
}

// The policies are written out here from Forgecroft's page "AWS OIDC (federated, zero
// credentials)", section "Trust policy details", and not made from the template.
func TestTheDefaultTrustPoliciesAreThoseOfForgecroftsPage(t *testing.T) {
	t.Parallel()
	const page = `{
		"Effect": "Allow",
		"Principal": { "Federated": "arn:aws:iam::012345678901:oidc-provider/api.forgecroft.com" },
		"Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": {
			"StringEquals": {
				"api.forgecroft.com:aud": "sts.amazonaws.com",
				"api.forgecroft.com:phase": "plan",
				"api.forgecroft.com:org_id": "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
			}
		}
	}`
	s := bind(t, template.DefaultIssuer, "us-east-1", given(nil))
	for role, phase := range map[string]string{template.ResourcePlanRole: "plan", template.ResourceApplyRole: "apply"} {
		var statement any
		if err := json.Unmarshal([]byte(strings.Replace(page, `"plan"`, `"`+phase+`"`, 1)), &statement); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}
		if diff := cmp.Diff(want, s.properties(t, role)["AssumeRolePolicyDocument"]); diff != "" {
			t.Errorf("%s (-page +template):\n%s", role, diff)
		}
	}
}

func TestAnExistingProviderIsTrustedExactlyLikeOurOwn(t *testing.T) {
	t.Parallel()
	for partition, region := range homeRegion {
		for _, issuer := range goodIssuers {
			own := bind(t, issuer, region, given(nil))
			existing := bind(t, issuer, region, given(map[string]string{"CreateProvider": "false"}))
			for _, role := range []string{template.ResourcePlanRole, template.ResourceApplyRole} {
				if diff := cmp.Diff(own.trust(t, role), existing.trust(t, role)); diff != "" {
					t.Errorf("%s in %s (-own +existing):\n%s", role, partition, diff)
				}
			}
			if resources := existing.Resources(); len(resources) != 2 {
				t.Errorf("CreateProvider=false makes %v; want the two roles", resources)
			}
			for name, s := range map[string]stack{"own": own, "existing": existing} {
				if got := outputs(t, s)[template.OutputOIDCProviderARN]; got != template.ProviderARN(partition, account, issuer) {
					t.Errorf("%s provider: output %s", name, got)
				}
			}
		}
	}
}

func outputs(t *testing.T, s stack) map[string]string {
	t.Helper()
	all, err := s.Outputs(s.deployed)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, o := range all {
		values[o.Name] = o.Value
	}
	return values
}

func TestTheOutputsNameBothRolesTheProviderAndTheVersion(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		template.OutputPlanRoleARN:     "arn:aws:iam::012345678901:role/PlanRole",
		template.OutputApplyRoleARN:    "arn:aws:iam::012345678901:role/ApplyRole",
		template.OutputOIDCProviderARN: "arn:aws:iam::012345678901:oidc-provider/api.forgecroft.com",
		template.OutputTemplateVersion: template.Version(),
	}
	if diff := cmp.Diff(want, outputs(t, bind(t, template.DefaultIssuer, "us-east-1", given(nil)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if template.Version() == "" {
		t.Error("the template has no version")
	}
}

func TestThePermissionsArePerRoleRegionAndPartition(t *testing.T) {
	t.Parallel()
	for partition, region := range homeRegion {
		s := bind(t, template.DefaultIssuer, region, given(map[string]string{"AllowedRegions": region + ", " + region}))
		plan, apply := s.properties(t, template.ResourcePlanRole), s.properties(t, template.ResourceApplyRole)
		if diff := cmp.Diff([]any{"arn:" + partition + ":iam::aws:policy/ReadOnlyAccess"}, plan["ManagedPolicyArns"]); diff != "" {
			t.Errorf("plan role in %s (-want +got):\n%s", partition, diff)
		}
		want := []any{map[string]any{
			"PolicyName": "everything-in-allowed-regions",
			"PolicyDocument": map[string]any{
				"Version": "2012-10-17",
				"Statement": []any{map[string]any{
					"Effect": "Allow", "Action": "*", "Resource": "*",
					"Condition": map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": []any{region, region}}},
				}},
			},
		}}
		if diff := cmp.Diff(want, apply["Policies"]); diff != "" {
			t.Errorf("apply role in %s (-want +got):\n%s", partition, diff)
		}
		if plan["Policies"] != nil || apply["ManagedPolicyArns"] != nil || plan["PermissionsBoundary"] != nil || apply["PermissionsBoundary"] != nil {
			t.Errorf("a role of %s has more permissions or limits than described: %v, %v", partition, plan, apply)
		}
	}
}

func TestTheOptionalParametersReachBothRoles(t *testing.T) {
	t.Parallel()
	const boundary, view = "arn:aws:iam::123456789012:policy/boundary", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
	s := bind(t, template.DefaultIssuer, "us-east-1", given(map[string]string{
		"PermissionsBoundaryArn": boundary, "PlanPolicyArn": view, "MaxSessionDuration": "7200", "PlanRoleName": "look", "ApplyRoleName": "touch",
	}))
	plan, apply := s.properties(t, template.ResourcePlanRole), s.properties(t, template.ResourceApplyRole)
	for name, c := range map[string]struct{ got, want any }{
		"plan policy":    {plan["ManagedPolicyArns"], []any{view}},
		"plan boundary":  {plan["PermissionsBoundary"], boundary},
		"apply boundary": {apply["PermissionsBoundary"], boundary},
		"plan name":      {plan["RoleName"], "look"},
		"apply name":     {apply["RoleName"], "touch"},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, got := range []any{plan["MaxSessionDuration"], apply["MaxSessionDuration"]} {
		if fmt.Sprint(got) != "7200" {
			t.Errorf("MaxSessionDuration is %v, want 7200", got)
		}
	}
}

func TestAllResourcesSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	s := bind(t, template.DefaultIssuer, "us-east-1", given(nil))
	want := []any{
		map[string]any{"Key": template.TagManagedBy, "Value": template.ManagedBy},
		map[string]any{"Key": template.TagStackID, "Value": stackIn(t, "us-east-1").StackID},
	}
	for _, id := range []string{template.ResourceOIDCProvider, template.ResourcePlanRole, template.ResourceApplyRole} {
		if diff := cmp.Diff(want, s.properties(t, id)["Tags"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestTheProviderIsKeptWhateverHappensToTheStack(t *testing.T) {
	t.Parallel()
	resources := bind(t, template.DefaultIssuer, "us-east-1", given(nil)).Resources()
	want := map[string]string{template.ResourceOIDCProvider: "Retain", template.ResourcePlanRole: "Delete", template.ResourceApplyRole: "Delete"}
	for _, r := range resources {
		if r.DeletionPolicy != want[r.LogicalID] || r.UpdateReplacePolicy != want[r.LogicalID] {
			t.Errorf("%s: deletion %s, replacement %s; want %s", r.LogicalID, r.DeletionPolicy, r.UpdateReplacePolicy, want[r.LogicalID])
		}
	}
	if len(resources) != len(want) || resources[0].LogicalID != template.ResourceOIDCProvider {
		t.Errorf("resources %v, want the provider first and then the roles that trust it", resources)
	}
}

// IAM counts 2,048 characters of a trust policy, blanks aside.
func TestTheLongestTrustPolicyFitsIntoIAM(t *testing.T) {
	t.Parallel()
	issuer := "https://idp.example.com/" + strings.Repeat("p", 255-len("https://idp.example.com/"))
	for name, params := range trustCases() {
		params["Audience"] = strings.Repeat("a", 255)
		if params["TrustMode"] == template.TrustModeSubject {
			params["PlanSubject"] = strings.Repeat("p", 512-len(org)) + org
			params["ApplySubject"] = strings.Repeat("a", 512-len(org)) + org
		}
		if err := template.ValidateParameters(params, issuer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := bind(t, issuer, "us-gov-west-1", params)
		for _, role := range []string{template.ResourcePlanRole, template.ResourceApplyRole} {
			text, err := json.Marshal(s.properties(t, role)["AssumeRolePolicyDocument"])
			if err != nil || len(text) > 2048 {
				t.Errorf("%s, %s: %d characters, %v", name, role, len(text), err)
			}
		}
	}
}
