package template_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/template"
)

const (
	org     = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
	planSub = "org:" + org + ":phase:plan"
)

// given returns the parameters of an ordinary deployment with some of them changed.
func given(changes map[string]string) map[string]string {
	params := map[string]string{
		template.ParamOrgID:          org,
		template.ParamAllowedRegions: "us-east-1,us-west-2",
	}
	maps.Copy(params, changes)
	return params
}

func subjectMode(changes map[string]string) map[string]string {
	params := given(map[string]string{
		template.ParamTrustMode:    template.TrustModeSubject,
		template.ParamPlanSubject:  planSub,
		template.ParamApplySubject: "org:" + org + ":phase:apply",
	})
	maps.Copy(params, changes)
	return params
}

func TestParametersThatDeployAreAccepted(t *testing.T) {
	t.Parallel()
	for name, params := range acceptable() {
		if err := template.ValidateParameters(params, template.DefaultIssuer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func acceptable() map[string]map[string]string {
	return map[string]map[string]string{
		"the two required ones":    given(nil),
		"blanks after commas":      given(map[string]string{"AllowedRegions": "us-east-1, eu-west-1"}),
		"GovCloud":                 given(map[string]string{"AllowedRegions": "us-gov-west-1"}),
		"China":                    given(map[string]string{"AllowedRegions": "cn-north-1,cn-northwest-1"}),
		"sovereign cloud":          given(map[string]string{"AllowedRegions": "eusc-de-east-1"}),
		"subjects":                 subjectMode(nil),
		"session tags":             given(map[string]string{"TrustMode": "SessionTags"}),
		"workspace":                given(map[string]string{"WorkspaceId": "22222222-2222-2222-2222-222222222222"}),
		"workspace tag":            given(map[string]string{"TrustMode": "SessionTags", "WorkspaceId": "22222222-2222-2222-2222-222222222222"}),
		"twelve hours":             given(map[string]string{"MaxSessionDuration": "43200"}),
		"existing provider":        given(map[string]string{"CreateProvider": "false"}),
		"another audience":         given(map[string]string{"Audience": "https://aws.example/aud"}),
		"a boundary":               given(map[string]string{"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/team/boundary"}),
		"a job function":           given(map[string]string{"PlanPolicyArn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}),
		"a policy of GovCloud":     given(map[string]string{"AllowedRegions": "us-gov-west-1", "PlanPolicyArn": "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"}),
		"an upper-case thumbprint": given(map[string]string{"Thumbprint": strings.Repeat("AB", 20)}),
		"odd role names":           given(map[string]string{"PlanRoleName": "a+b=c,d.e@f-g_h", "ApplyRoleName": strings.Repeat("x", 64)}),
	}
}

func TestWrongParametersAreRefusedWithTheWayOut(t *testing.T) {
	t.Parallel()
	for name, c := range refusals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := template.ValidateParameters(c.params, template.DefaultIssuer)
			if _, ok := errors.AsType[template.ParameterErrors](err); !ok {
				t.Fatalf("error is %v, want ParameterErrors", err)
			}
			if got := err.Error(); got != c.want {
				t.Errorf("said\n\t%s\nwant\n\t%s", got, c.want)
			}
		})
	}
}

type refusal struct {
	params map[string]string
	want   string
	// onlyHere marks what the template itself would deploy, though it would not work.
	onlyHere bool
}

func refusals() map[string]refusal {
	one := func(name, value, want string) refusal {
		return refusal{params: given(map[string]string{name: value}), want: want}
	}
	onlyHere := func(r refusal) refusal { r.onlyHere = true; return r }
	return map[string]refusal{
		"no org": {
			params: map[string]string{"AllowedRegions": "us-east-1"},
			want:   "OrgId is missing; copy it from Forgecroft, Settings, Organization",
		},
		"org upper case": one("OrgId", "1F2E3D4C-aaaa-4bbb-8ccc-ddddeeeeffff",
			`OrgId "1F2E3D4C-aaaa-4bbb-8ccc-ddddeeeeffff" must be in lower case, because AWS compares it with the token letter by letter; write 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff`),
		"org a character short": one("OrgId", "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeefff",
			`OrgId "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeefff" has 35 characters and a UUID has 36; copy it from Forgecroft, Settings, Organization again`),
		"org without hyphens": one("OrgId", "1f2e3d4caaaa4bbb8cccddddeeeeffff",
			`OrgId "1f2e3d4caaaa4bbb8cccddddeeeeffff" is a UUID in another notation than the token's; write 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff`),
		"org in braces": one("OrgId", "{1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff}",
			`OrgId "{1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff}" is a UUID in another notation than the token's; write 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff`),
		"org with a line end": one("OrgId", org+"\n",
			`OrgId "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff\n" is a UUID in another notation than the token's; write 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff`),
		"org a slug": one("OrgId", "acme",
			`OrgId "acme" is not a UUID; copy it from Forgecroft, Settings, Organization`),
		"org of 36 other characters": one("OrgId", "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffgg",
			`OrgId "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffgg" is not a UUID; copy it from Forgecroft, Settings, Organization`),
		"no regions": one("AllowedRegions", " ",
			"AllowedRegions is missing; name the Regions in which apply may work, such as us-east-1,us-west-2"),
		"region misspelt": onlyHere(one("AllowedRegions", "us-east-1,eu-wset-1",
			`AllowedRegions has "eu-wset-1", which is not an AWS Region; did you mean eu-west-1?`)),
		"region unheard of": one("AllowedRegions", "westeurope",
			`AllowedRegions has "westeurope", which is not an AWS Region; write Region codes such as eu-west-1`),
		"region wildcard": one("AllowedRegions", "*",
			`AllowedRegions has "*", which is not an AWS Region; write Region codes such as eu-west-1`),
		"region a name": one("AllowedRegions", "Ireland",
			`AllowedRegions has "Ireland", which is not an AWS Region; did you mean eu-west-1?`),
		"a comma too many": one("AllowedRegions", "us-east-1,",
			"AllowedRegions has an empty item; remove the comma too many"),
		"region twice": onlyHere(one("AllowedRegions", "us-east-1, us-east-1",
			"AllowedRegions names us-east-1 twice; name it once")),
		"two partitions": onlyHere(one("AllowedRegions", "us-east-1,us-gov-west-1",
			"AllowedRegions has us-east-1 of partition aws and us-gov-west-1 of partition aws-us-gov; an account lives in one, so name Regions of one")),
		"mode in other letters": one("TrustMode", "claims", `TrustMode "claims" is written Claims`),
		"mode unheard of":       one("TrustMode", "any", `TrustMode "any" is not one of Claims, Subject, SessionTags`),
		"workspace upper case": one("WorkspaceId", "22222222-2222-2222-2222-22222222222A",
			`WorkspaceId "22222222-2222-2222-2222-22222222222A" must be in lower case, because AWS compares it with the token letter by letter; write 22222222-2222-2222-2222-22222222222a`),
		"workspace a name": one("WorkspaceId", "prod-vpc",
			`WorkspaceId "prod-vpc" is not a UUID; copy the workspace's UUID from Forgecroft`),
		"no subjects": {
			params: given(map[string]string{"TrustMode": "Subject"}),
			want: "PlanSubject is missing; TrustMode Subject needs the sub claim of a token of the plan phase\n" +
				"ApplySubject is missing; TrustMode Subject needs the sub claim of a token of the apply phase",
		},
		"equal subjects": {
			params: subjectMode(map[string]string{"ApplySubject": planSub}),
			want:   "ApplySubject is the same as PlanSubject, so that a plan token could assume the apply role; give the sub of an apply token",
		},
		"subject of anybody": onlyHere(refusal{
			params: subjectMode(map[string]string{"PlanSubject": "phase:plan"}),
			want: `PlanSubject "phase:plan" does not contain the OrgId, so it may be another organization's; ` +
				"take the sub of one of your tokens, or TrustMode Claims if it has no OrgId",
		}),
		"subject with a wildcard": {
			params: subjectMode(map[string]string{"PlanSubject": "org:" + org + ":*"}),
			want:   `PlanSubject "org:` + org + `:*" has a wildcard, which would never match: it is compared exactly; write the whole claim`,
		},
		"subject that matches every token": {
			params: subjectMode(map[string]string{"PlanSubject": "${api.forgecroft.com:sub}" + org}),
			want:   `PlanSubject "${api.forgecroft.com:sub}` + org + `" has a $, which could be a policy variable that matches every token; write the claim itself`,
		},
		"subject with a blank": {
			params: subjectMode(map[string]string{"PlanSubject": org + " "}),
			want:   `PlanSubject "` + org + ` " has blanks or control characters; write the claim exactly`,
		},
		"subject too long": {
			params: subjectMode(map[string]string{"PlanSubject": org + strings.Repeat("x", 500)}),
			want:   "PlanSubject has 536 characters; at most 512 fit",
		},
		"subject without its mode": one("ApplySubject", planSub,
			"ApplySubject has an effect only with TrustMode Subject; leave it out or choose that mode"),
		"workspace in Subject mode": {
			params: subjectMode(map[string]string{"WorkspaceId": "22222222-2222-2222-2222-222222222222"}),
			want:   "WorkspaceId has no effect with TrustMode Subject; leave it out and name the workspace in ApplySubject",
		},
		"no audience":       one("Audience", "", "Audience is empty; leave it out to get the default"),
		"audience too long": one("Audience", strings.Repeat("a", 256), "Audience has 256 characters; at most 255 fit"),
		"audience that matches every token": one("Audience", "${api.forgecroft.com:aud}",
			`Audience "${api.forgecroft.com:aud}" has a $, which could be a policy variable that matches every token; write the claim itself`),
		"role an ARN": one("PlanRoleName", "arn:aws:iam::123456789012:role/plan",
			`PlanRoleName "arn:aws:iam::123456789012:role/plan" is an ARN; write the name of the role alone`),
		"role with a path": one("PlanRoleName", "team/plan",
			`PlanRoleName "team/plan" is not a role name; write 1 to 64 letters, digits and characters of _+=,.@-`),
		"no role name": one("ApplyRoleName", "", "ApplyRoleName is empty; leave it out to get the default"),
		"role too long": one("ApplyRoleName", strings.Repeat("x", 65),
			`ApplyRoleName "`+strings.Repeat("x", 65)+`" is not a role name; write 1 to 64 letters, digits and characters of _+=,.@-`),
		"one role for both": one("ApplyRoleName", "forgecroft-runner-plan",
			`ApplyRoleName "forgecroft-runner-plan" is also PlanRoleName, and IAM tells role names apart without case; give the two roles different names`),
		"roles that differ in case": onlyHere(one("ApplyRoleName", "Forgecroft-Runner-PLAN",
			`ApplyRoleName "Forgecroft-Runner-PLAN" is also PlanRoleName, and IAM tells role names apart without case; give the two roles different names`)),
		"policy a name": one("PlanPolicyArn", "ReadOnlyAccess",
			`PlanPolicyArn "ReadOnlyAccess" is not the ARN of a managed policy; write one like arn:aws:iam::123456789012:policy/name`),
		"boundary a role": one("PermissionsBoundaryArn", "arn:aws:iam::123456789012:role/x",
			`PermissionsBoundaryArn "arn:aws:iam::123456789012:role/x" is not the ARN of a managed policy; write one like arn:aws:iam::123456789012:policy/name`),
		"policy of another partition": onlyHere(refusal{
			params: given(map[string]string{"AllowedRegions": "us-gov-west-1", "PlanPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
			want:   "PlanPolicyArn is a policy of partition aws, but AllowedRegions are Regions of aws-us-gov; write arn:aws-us-gov:iam::...",
		}),
		"session too short": one("MaxSessionDuration", "900",
			"MaxSessionDuration 900 is outside what IAM takes; write 3600 (one hour) to 43200 (twelve) seconds"),
		"session too long": one("MaxSessionDuration", "43201",
			"MaxSessionDuration 43201 is outside what IAM takes; write 3600 (one hour) to 43200 (twelve) seconds"),
		"session in hours": one("MaxSessionDuration", "2h",
			`MaxSessionDuration "2h" is not a whole number of seconds; write 3600 to 43200`),
		"provider yes":  one("CreateProvider", "yes", `CreateProvider "yes" is not one of true, false`),
		"provider True": one("CreateProvider", "True", `CreateProvider "True" is written true`),
		"thumbprint with colons": one("Thumbprint", "AB:CD",
			`Thumbprint "AB:CD" is not a SHA-1 thumbprint; write 40 hexadecimal digits without colons`),
		"a parameter in other letters": one("orgid", org, "orgid is not a parameter of the template; did you mean OrgId?"),
		"a parameter unheard of":       one("Colour", "red", "Colour is not a parameter of the template; see fcoidc template"),
	}
}

func TestAllProblemsAreReportedAtOnceInTheTemplatesOrder(t *testing.T) {
	t.Parallel()
	err := template.ValidateParameters(map[string]string{
		"MaxSessionDuration": "1", "OrgId": "acme", "AllowedRegions": "nowhere", "Bogus": "1",
	}, template.DefaultIssuer)
	var problems template.ParameterErrors
	if !errors.As(err, &problems) {
		t.Fatalf("error is %v, want ParameterErrors", err)
	}
	var order []string
	for _, p := range problems {
		order = append(order, p.Parameter)
	}
	if got := strings.Join(order, " "); got != "OrgId AllowedRegions MaxSessionDuration Bogus" {
		t.Errorf("problems with %s", got)
	}
	var first *template.ParameterError
	if !errors.As(err, &first) || first.Parameter != template.ParamOrgID {
		t.Errorf("the first problem is %v, want OrgId's", first)
	}
}

func TestParametersForAWrongIssuerAreRefused(t *testing.T) {
	t.Parallel()
	err := template.ValidateParameters(given(nil), "http://idp.example.com")
	if err == nil || !strings.Contains(err.Error(), "https://") {
		t.Errorf("error is %v, want the issuer's", err)
	}
}

func TestAnswersThatAreStillToComeAreNotMissed(t *testing.T) {
	t.Parallel()
	if err := template.ValidateGiven(map[string]string{"AllowedRegions": "eu-west-1"}, template.DefaultIssuer); err != nil {
		t.Errorf("an OrgId is missed: %v", err)
	}
	if err := template.ValidateGiven(map[string]string{"AllowedRegions": ""}, template.DefaultIssuer); err == nil {
		t.Error("an answer that was given and is empty is accepted")
	}
}
