package fleet

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// mustNotLoad fails the test if anything is looked at.
func mustNotLoad(t *testing.T) func(context.Context, string) (aws.Config, error) {
	return func(context.Context, string) (aws.Config, error) {
		t.Error("credentials were loaded for bad input")
		return aws.Config{}, errors.New("not reached")
	}
}

func TestBadFlagsAreRefusedWithOneSentenceEach(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options Options
		want    []string
	}{
		"11 digits": {
			Options{Accounts: []string{"12345678901"}},
			[]string{`--account "12345678901" has 11 digits, an account id has 12: if a spreadsheet or YAML cut leading zeros, write 012345678901`},
		},
		"13 digits": {
			Options{Accounts: []string{"1234567890123"}},
			[]string{`--account "1234567890123" has 13 digits, an account id has 12`},
		},
		"blanks": {
			Options{Accounts: []string{"1234 5678 9012"}},
			[]string{`--account "1234 5678 9012": write the account id as 12 digits and nothing else: 123456789012`},
		},
		"the Console's dashes": {
			Options{Accounts: []string{"1234-5678-9012"}},
			[]string{`--account "1234-5678-9012": write the account id as 12 digits and nothing else: 123456789012`},
		},
		"letters": {
			Options{Accounts: []string{"12345678901O"}},
			[]string{`--account "12345678901O" is no account id: 12 digits and nothing else`},
		},
		"foreign digits": {
			Options{Accounts: []string{"١٢٣٤٥٦٧٨٩٠١٢"}},
			[]string{`--account "١٢٣٤٥٦٧٨٩٠١٢" is no account id: 12 digits and nothing else`},
		},
		"nothing": {
			Options{Accounts: []string{""}},
			[]string{`--account "": an account id is 12 digits`},
		},
		"an ARN": {
			Options{Accounts: []string{"arn:aws:iam::123456789012:root"}},
			[]string{`--account "arn:aws:iam::123456789012:root" is an ARN; its account is 123456789012`},
		},
		"a spreadsheet's number": {
			Options{Accounts: []string{"1.23457E+11"}},
			[]string{`--account "1.23457E+11": a spreadsheet wrote the account id as a number; format the column as text and enter the 12 digits again`},
		},
		"twice": {
			Options{Accounts: []string{"123456789012", "000000000001", "123456789012"}},
			[]string{"--account 123456789012 is given twice"},
		},
		"a bad exclusion": {
			Options{Exclude: []string{"12345"}},
			[]string{`--exclude-account "12345" has 5 digits, an account id has 12`},
		},
		"a role's ARN": {
			Options{RoleNames: []string{"arn:aws:iam::123456789012:role/team/Deployer"}},
			[]string{`--role-name "arn:aws:iam::123456789012:role/team/Deployer" is an ARN; give the role's name alone: team/Deployer`},
		},
		"a role with a blank": {
			Options{RoleNames: []string{"My Role"}},
			[]string{`--role-name "My Role" is no role name: letters, digits and +=,.@_-, at most 64; a path goes before it, as in team/Deployer`},
		},
		"an external id with a blank, which is not echoed": {
			Options{ExternalID: "s3cret id"},
			[]string{"--external-id takes 2 to 1224 letters, digits and +=,.@:/_-, without blanks"},
		},
		"a misspelt Region": {
			Options{Region: "eu-wst-1"},
			[]string{"--region eu-wst-1 is no AWS Region: did you mean eu-west-1?"},
		},
		"an unknown Region": {
			Options{Region: "mars"},
			[]string{"--region mars is no AWS Region, such as us-east-1 or eu-central-1"},
		},
		"a profile twice": {
			Options{Profiles: []string{"a", "a"}},
			[]string{"--profile a is given twice"},
		},
		"everything at once": {
			Options{Accounts: []string{"1"}, Exclude: []string{"x"}, Region: "mars", AccountsFile: filepath.Join("testdata", "bad.csv")},
			[]string{
				`--account "1" has 1 digits, an account id has 12`,
				`--exclude-account "x" is no account id: 12 digits and nothing else`,
				"--region mars is no AWS Region, such as us-east-1 or eu-central-1",
				filepath.Join("testdata", "bad.csv") + ` line 3: "12" has 2 digits, an account id has 12`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.options.Load = mustNotLoad(t)
			targets, err := Resolve(t.Context(), tc.options)
			input, ok := errors.AsType[*InputError](err)
			if !ok || targets != nil {
				t.Fatalf("got %v, %v", targets, err)
			}
			if !slices.Equal(input.Problems, tc.want) {
				t.Errorf("got:\n%s\nwant:\n%s", err, strings.Join(tc.want, "\n"))
			}
		})
	}
}

func TestRoleNamesWithAPathAreTaken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"R", "team/Deployer", "a/b/c_+=,.@-", strings.Repeat("r", 64)} {
		if problem := checkRole(name); problem != "" {
			t.Error(problem)
		}
	}
	for _, name := range []string{"", "/R", "team/", strings.Repeat("r", 65), "ü", "a\x00/R"} {
		if checkRole(name) == "" {
			t.Errorf("%q was taken", name)
		}
	}
}
