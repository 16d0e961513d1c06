package doctor

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// words splits a command as a shell does, as far as fixes go.
func words(command string) (list []string) {
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range command {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				list = append(list, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	return append(list, word.String())
}

// flagsOf are the values of a command's flags by their names.
func flagsOf(list []string) map[string][]string {
	flags := map[string][]string{}
	name := ""
	for _, w := range list {
		if strings.HasPrefix(w, "--") {
			name = w
			flags[name] = nil
			continue
		}
		flags[name] = append(flags[name], w)
	}
	return flags
}

// apply does what a fix says, as the AWS CLI and fcoidc would. done is false for one that is no
// command of theirs.
func apply(t *testing.T, target fleet.Target, fix string) (done bool) {
	t.Helper()
	if first, rest, ok := strings.Cut(fix, commandsInTurn); ok {
		return apply(t, target, first) && apply(t, target, rest)
	}
	list := words(fix)
	if strings.HasPrefix(fix, "fcoidc bootstrap ") {
		redeploy(t, target, flagsOf(list))
		return true
	}
	if len(list) < 3 || list[0] != "aws" {
		return false
	}
	flags := flagsOf(list[3:])
	one := func(name string) *string {
		if len(flags[name]) != 1 {
			t.Fatalf("%s has no %s", fix, name)
		}
		return &flags[name][0]
	}
	client := iam.NewFromConfig(target.Config)
	ctx := t.Context()
	var err error
	switch list[2] {
	case "update-assume-role-policy":
		_, err = client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: one("--role-name"), PolicyDocument: one("--policy-document")})
	case "create-open-id-connect-provider":
		_, err = client.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
			Url: one("--url"), ClientIDList: flags["--client-id-list"], ThumbprintList: flags["--thumbprint-list"], Tags: tagsOf(flags["--tags"]),
		})
	case "add-client-id-to-open-id-connect-provider":
		_, err = client.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: one("--open-id-connect-provider-arn"), ClientID: one("--client-id")})
	case "remove-client-id-from-open-id-connect-provider":
		_, err = client.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: one("--open-id-connect-provider-arn"), ClientID: one("--client-id")})
	case "put-role-policy":
		_, err = client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: one("--role-name"), PolicyName: one("--policy-name"), PolicyDocument: one("--policy-document")})
	case "tag-open-id-connect-provider":
		_, err = client.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: one("--open-id-connect-provider-arn"), Tags: tagsOf(flags["--tags"])})
	case "attach-role-policy":
		_, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: one("--role-name"), PolicyArn: one("--policy-arn")})
	case "detach-role-policy":
		_, err = client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: one("--role-name"), PolicyArn: one("--policy-arn")})
	case "delete-role-permissions-boundary":
		_, err = client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: one("--role-name")})
	case "update-role":
		var n int
		if n, err = strconv.Atoi(*one("--max-session-duration")); err == nil {
			_, err = client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: one("--role-name"), MaxSessionDuration: aws.Int32(int32(n))})
		}
	case "continue-update-rollback":
		_, err = cloudformation.NewFromConfig(target.Config).ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: one("--stack-name")})
	case "enable-region":
		_, err = account.NewFromConfig(target.Config).EnableRegion(ctx, &account.EnableRegionInput{RegionName: one("--region-name")})
	default:
		t.Fatalf("nobody here can do %s", fix)
	}
	if err != nil {
		t.Fatalf("%s: %v", fix, err)
	}
	return true
}

func tagsOf(list []string) (tags []iamtypes.Tag) {
	for _, pair := range list {
		key, value, _ := strings.Cut(strings.TrimPrefix(pair, "Key="), ",Value=")
		tags = append(tags, iamtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return tags
}

func redeploy(t *testing.T, target fleet.Target, flags map[string][]string) {
	t.Helper()
	tpl, err := template.Render(template.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	org := flags["--org-id"]
	if slices.Equal(org, []string{placeholderOrg}) {
		org = []string{letteredOrg} // what the reader fills in
	}
	regions := flags["--allowed-regions"]
	if slices.Equal(regions, []string{placeholderRegions}) {
		regions = []string{strings.Join(usedRegions, ",")}
	}
	_, trust := flags["--allow-trust-change"]
	_, recreate := flags["--recreate"]
	e := bootstrap.New(bootstrap.Request{
		StackName: template.DefaultStackName, Template: *tpl, AllowTrustChange: trust, Recreate: recreate, RunID: "fix", ExistingProvider: bootstrap.ExistingProviderReuse,
		Given: map[string]string{template.ParamOrgID: org[0], template.ParamAllowedRegions: regions[0]},
	}, bootstrap.SinkFunc(func(bootstrap.Event) {}))
	target.Region = flags["--region"][0]
	plans, err := e.Plan(t.Context(), []fleet.Target{target})
	if err != nil {
		t.Fatal(err)
	}
	results, err := e.Deploy(t.Context(), nil, plans)
	if err != nil || results[0].Status != bootstrap.StatusSucceeded {
		t.Fatalf("%v: %+v", err, results)
	}
}

// beyondCommands are the faults whose fix is somebody else's work, or that of the engine which the
// command line ties to doctor.
var beyondCommands = []string{
	"discovery-down", "discovery-404", "issuer-mismatch", "keys-rotated", "tag-session-missing", // the issuer's, or a choice of trust mode
	"stack-drifted", "role-deleted", // fcoidc doctor --fix
	"rcp-deny", "scp-deny-region", "scp-deny-iam", // the organisation's
}

func TestTheFixAsPrintedMendsTheFault(t *testing.T) {
	t.Parallel()
	for _, fault := range sandbox.Breakages() {
		if fault.Needs == sandbox.NeedsTry || slices.Contains(beyondCommands, fault.Name) {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{
				template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ","),
			})
			if _, err := box.Break(fault.Name, targets[0].Account); err != nil {
				t.Fatal(err)
			}
			o := CheckOptions{OrgID: letteredOrg, Regions: usedRegions}
			if fault.Name == "region-not-enabled" {
				o.Regions = append(slices.Clone(usedRegions), "af-south-1")
			}
			var phase Phase
			if fault.Needs == sandbox.NeedsToken {
				phase = Apply
			}
			var tried []string
			for range 4 { // one for each role, and what a fix uncovers
				r := diagnosed(t, box, targets[0], phase, false, o)
				if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity.AtLeast(Warning) && !unproven(f) }) {
					return
				}
				for _, f := range r.Findings {
					if f.Severity.AtLeast(Warning) && !unproven(f) {
						tried = append(tried, f.Fix)
						if !apply(t, targets[0], f.Fix) {
							t.Fatalf("%s: no command: %s", f.Code, f.Fix)
						}
						if f.Code == fault.Cause {
							break // look again: the others may have been its effects
						}
					}
				}
			}
			t.Errorf("after %q:\n%s", tried, describeFindings(diagnosed(t, box, targets[0], phase, false, o)))
		})
	}
}

// unproven are findings that no command here mends: the issuer's word, how new everything is, and
// traces of the fault that fcoidc doctor --fix takes away.
func unproven(f Finding) bool {
	return slices.Contains([]string{"condition_key_undocumented", claimUnknown, "iam_propagation", "stack_drifted"}, f.Code)
}
