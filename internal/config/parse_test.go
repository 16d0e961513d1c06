package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/forgecroft/fcoidc/internal/config"
)

// answersOnly compares what two files answer, wherever they say it.
var answersOnly = cmpopts.IgnoreUnexported(config.Config{})

const everything = `
version: 1
org_id: 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff
allowed_regions: [us-east-1, eu-west-1]
trust_mode: subject
plan_subject: org:x:phase:plan
apply_subject: "org:x:phase:apply"
workspace_id: 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeee0000
issuer: https://api.forgecroft.com
audience: sts.amazonaws.com
stack_name: forgecroft
existing_provider: reuse
parameters:
  MaxSessionDuration: 3600
  PlanRoleName: planner
max_failures: 10%
targets:
  profiles:
    - prod-*
    - mgmt
  accounts: ["012345678901", 123456789012, '000000000001']
  accounts_file: accounts/all.csv
  exclude_accounts: ["111111111111"]
  role_names: [Deployer, team/Other]
  external_id: "42"
  region: eu-west-1
  concurrency: 8
`

func all() *config.Config {
	return &config.Config{
		OrgID:            "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff",
		AllowedRegions:   []string{"us-east-1", "eu-west-1"},
		TrustMode:        "subject",
		PlanSubject:      "org:x:phase:plan",
		ApplySubject:     "org:x:phase:apply",
		WorkspaceID:      "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeee0000",
		Issuer:           "https://api.forgecroft.com",
		Audience:         "sts.amazonaws.com",
		StackName:        "forgecroft",
		ExistingProvider: "reuse",
		Parameters:       map[string]string{"MaxSessionDuration": "3600", "PlanRoleName": "planner"},
		MaxFailures:      "10%",
		Targets: config.Targets{
			Profiles:        []string{"prod-*", "mgmt"},
			Accounts:        []string{"012345678901", "123456789012", "000000000001"},
			AccountsFile:    "accounts/all.csv",
			ExcludeAccounts: []string{"111111111111"},
			RoleNames:       []string{"Deployer", "team/Other"},
			ExternalID:      "42",
			Region:          "eu-west-1",
			Concurrency:     8,
		},
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	got, err := config.Parse("fcoidc.yaml", []byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all(), got, answersOnly); diff != "" {
		t.Error(diff)
	}
}

func TestPlaceIsWhereAValueStands(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("dir/fcoidc.yaml", []byte("org_id: x\nparameters: {MaxSessionDuration: 3600}\ntargets:\n  region: eu-west-1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"org_id":                        "dir/fcoidc.yaml:1:9",
		"parameters.MaxSessionDuration": "dir/fcoidc.yaml:2:34",
		"targets.region":                "dir/fcoidc.yaml:4:11",
		"targets.accounts":              "",
		"region":                        "",
	} {
		got, ok := c.Place(key)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("Place(%s) = %s, %t, want %q", key, got, ok, want)
		}
	}
}

func TestOtherFormsOfYAMLAreReadToo(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		src  string
		want config.Config
	}{
		"JSON":                     {`{"org_id":"x","targets":{"accounts":["012345678901"]}}`, config.Config{OrgID: "x", Targets: config.Targets{Accounts: []string{"012345678901"}}}},
		"a mark, CRLF, comments":   {"\ufeff# ours\r\norg_id: x # the id\r\nstack_name: s\r\n", config.Config{OrgID: "x", StackName: "s"}},
		"an anchor and its alias":  {"plan_subject: &s x\napply_subject: *s\n", config.Config{PlanSubject: "x", ApplySubject: "x"}},
		"a share as a number":      {"max_failures: 3\n", config.Config{MaxFailures: "3"}},
		"a tagged account id":      {"targets: {accounts: [!!str 012345678901]}\n", config.Config{Targets: config.Targets{Accounts: []string{"012345678901"}}}},
		"an explicit document":     {"---\norg_id: x\n...\n", config.Config{OrgID: "x"}},
		"nothing but the version":  {"version: 1\n", config.Config{}},
		"a parameter with a point": {"parameters:\n  Thumbprint: 1234567890123456789012345678901234567890\n", config.Config{Parameters: map[string]string{"Thumbprint": "1234567890123456789012345678901234567890"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.Parse("fcoidc.yaml", []byte(tc.src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got, answersOnly); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsWrongIsToldWithItsPlaceAndTheWayOut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		src  string
		want []string // after "fcoidc.yaml:", each a line
	}{
		"a typo":                        {"orgid: x\nallowed_region: []\n", []string{`1:1: unknown key "orgid": did you mean org_id?`, `2:1: unknown key "allowed_region": did you mean allowed_regions?`}},
		"the name of a flag":            {"allowed-regions: [a]\ntargets: {profile: [x]}\n", []string{`1:1: unknown key "allowed-regions": did you mean allowed_regions?`, `2:11: unknown key "profile": did you mean profiles?`}},
		"an unknown key":                {"colour: red\n", []string{`1:1: unknown key "colour"; known here are version, org_id, `}},
		"a key of the other section":    {"accounts: [\"012345678901\"]\ntargets:\n  org_id: x\n", []string{"1:1: accounts belongs under targets", "3:3: org_id belongs at the top of the file, not under targets"}},
		"a flag of the other section":   {"role-name: [x]\n", []string{`1:1: unknown key "role-name": did you mean role_names, which belongs under targets?`}},
		"a secret":                      {"aws_secret_access_key: hunter2\ntargets: {session-token: hunter2}\nparameters: {Password: hunter2}\n", []string{`1:1: "aws_secret_access_key" sounds like a secret: none belongs in this file`, `2:11: "session-token" sounds like a secret`, `3:14: "Password" sounds like a secret`}},
		"a key given twice":             {"org_id: a\nstack_name: s\norg_id: b\n", []string{`3:1: "org_id" is given twice, first in line 1`}},
		"a list instead of text":        {"org_id: [a]\n", []string{"1:9: org_id is to be one value, not a list or a mapping"}},
		"text instead of a list":        {"allowed_regions: us-east-1,us-west-2\n", []string{"1:18: allowed_regions is to be a list: "}},
		"a number instead of text":      {"targets: {external_id: 42}\n", []string{"1:24: targets.external_id is to be text: put the value in quotes"}},
		"text instead of a number":      {"targets: {concurrency: many}\n", []string{"1:24: targets.concurrency is to be a whole number, at least 1"}},
		"no accounts at once":           {"targets: {concurrency: 0}\n", []string{"1:24: targets.concurrency is to be a whole number"}},
		"a list instead of a section":   {"targets: [a]\n", []string{"1:10: targets is to be a mapping, such as accounts: …"}},
		"text instead of the file":      {"hello\n", []string{"1:1: the file is to be a mapping, such as org_id: …"}},
		"a misspelt choice":             {"trust_mode: Claim\nexisting_provider: ask\n", []string{"1:13: trust_mode is to be one of claims, subject, session-tags: did you mean claims?", "2:20: existing_provider is to be one of reuse, fail"}},
		"keys without values":           {"org_id:\nstack_name: \"\"\ntargets:\n  accounts: []\n", []string{"1:1: org_id has no value: give it one, or take the line out", "2:1: stack_name has no value", "4:3: targets.accounts has no value"}},
		"a zero lost":                   {"targets:\n  accounts:\n    - 012345678901\n    - 010000000001\n    - 12345678901\n", []string{"3:7: targets.accounts: an account id with a leading zero needs quotes", "4:7: targets.accounts: an account id with a leading zero needs quotes", "5:7: targets.accounts: a number that is not of 12 digits: write the account id in quotes"}},
		"no account ids":                {"targets:\n  exclude_accounts: [\"12345678901\", prod, {account: x}, ~]\n", []string{"2:22: targets.exclude_accounts: an account id is 12 digits in quotes", "2:37: targets.exclude_accounts: an account id is", "2:43: targets.exclude_accounts takes account ids", "2:57: targets.exclude_accounts: an account id is"}},
		"an account listed twice":       {"targets:\n  accounts:\n  - '012345678901'\n  - \"012345678901\"\n", []string{"4:5: targets.accounts has the same item twice, first in line 3"}},
		"an empty item":                 {"allowed_regions: [us-east-1, \"\"]\n", []string{"1:30: allowed_regions has an empty item"}},
		"an unknown parameter":          {"parameters: {MaxSesionDuration: 1, Colour: red}\n", []string{`1:14: the template has no parameter "MaxSesionDuration": did you mean MaxSessionDuration?`, `1:36: the template has no parameter "Colour"; see docs/template.md`}},
		"a parameter with its own key":  {"parameters: {OrgId: x}\n", []string{"1:14: OrgId has a key of its own: org_id, at the top of the file"}},
		"a parameter that is a list":    {"parameters: {PlanRoleName: [x]}\n", []string{"1:28: parameters.PlanRoleName is to be one value"}},
		"a later version":               {"version: 2\n", []string{"1:10: version is to be 1, the only one that this fcoidc knows"}},
		"merge keys":                    {"targets: {<<: {region: x}}\n", []string{"1:11: merge keys are not read here"}},
		"a list as a key":               {"? [a]\n: b\n", []string{"1:3: a key is to be one word"}},
		"an empty file":                 {"# to come\n", []string{"1:1: the file is empty; an answer looks like org_id: "}},
		"two documents":                 {"org_id: a\n---\norg_id: b\n", []string{"2:1: a second YAML document begins; only one is read"}},
		"no YAML":                       {"org_id: a\n  stack_name: b\n", []string{"2:3: the file is no YAML: mapping values are not allowed in this context"}},
		"an item out of line":           {"org_id: x\ntargets:\n  profiles:\n    - a\n   - b\n", []string{"3:3: the file is no YAML: did not find expected key"}},
		"a brace that is not closed":    {"targets: {region: x\norg_id: y\n", []string{"2:1: the file is no YAML: did not find expected ',' or '}'"}},
		"an alias to nowhere":           {"org_id: *hunter2\n", []string{"1:1: the file is no YAML: an alias stands for an anchor that is not in the file"}},
		"a control character in line 2": {"org_id: x\nissuer: \x01\n", []string{"2:1: the file is no YAML: control characters are not allowed"}},
		"a file of another kind":        {"PK\x03\x04", []string{"1:1: the file is no YAML: control characters are not allowed"}},
		"a file that contains itself":   {"&a {targets: *a}\n", []string{"1:5: targets belongs at the top of the file, not under targets"}},
		"a file that is too large":      {strings.Repeat("#", 1<<20+1), []string{"1:1: the file is larger than 1 MiB"}},
		"everything at once":            {"targets: {acounts: [x], region: [y]}\nissuer: 7\n", []string{`1:11: unknown key "acounts": did you mean accounts?`, "1:33: targets.region is to be one value", "2:9: issuer is to be text"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("fcoidc.yaml", []byte(tc.src))
			if _, ok := errors.AsType[*config.Error](err); !ok {
				t.Fatalf("error is %v", err)
			}
			got := strings.Split(err.Error(), "\n")
			if len(got) != len(tc.want) {
				t.Fatalf("got\n%s\nwant %d lines", err, len(tc.want))
			}
			for i, want := range tc.want {
				if !strings.HasPrefix(got[i], "fcoidc.yaml:"+want) {
					t.Errorf("got  %s\nwant fcoidc.yaml:%s", got[i], want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a value is quoted: %s", err)
			}
		})
	}
}

func TestALongListOfProblemsIsCut(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	for range 50 {
		src.WriteString("? [a]\n: b\n")
	}
	_, err := config.Parse("f", []byte(src.String()))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || lines[20] != "f: and 30 more" {
		t.Errorf("got %d lines:\n%s", len(lines), err)
	}
}

// FuzzParse states that no input brings Parse down, that what is accepted is written back with the
// same answers, and that no error quotes a value.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte("targets: {accounts: [012345678901], role_names: *x}\n"))
	f.Add([]byte("&a {org_id: *a, <<: *a}\n"))
	f.Add([]byte("max_failures: !!binary YWJj\nparameters: {OrgId: 2001-01-01}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := config.Parse("f", src)
		if err != nil {
			if _, ok := errors.AsType[*config.Error](err); !ok {
				t.Errorf("error of another type: %v", err)
			}
			return
		}
		written := c.Marshal()
		again, err := config.Parse("f", written)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, written)
		}
		if diff := cmp.Diff(c, again, answersOnly, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s\n%s", diff, written)
		}
	})
}

// FuzzErrorsQuoteNoValue puts one value under every key; whatever is wrong with it, it is not shown.
func FuzzErrorsQuoteNoValue(f *testing.F) {
	for _, value := range []string{"hunter2", "'hunter2", "*hunter2", "&hunter2", "!hunter2 x", "[hunter2]", "{hunter2: 1}", "hunter2: x", "\"\\hunter2\"", "%hunter2", "|hunter2", "@hunter2"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !strings.Contains(value, "hunter2") || strings.ContainsAny(value, "\n\r:?{,\u0085\u2028\u2029") {
			return // it brings a key of its own
		}
		for line := range strings.SplitSeq(strings.TrimSpace(everything), "\n") {
			key, _, ok := strings.Cut(line, ":")
			if !ok {
				continue
			}
			src := key + ": " + value + "\n"
			if strings.HasPrefix(key, "  ") {
				src = "targets:\n" + src
			}
			if _, err := config.Parse("f", []byte(src)); err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: %v", src, err)
			}
		}
	})
}
