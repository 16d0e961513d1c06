package cfn

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeWorld is what exists: every resource's Ref is its id in lower case, and each has an Arn.
type fakeWorld map[string]string

func (w fakeWorld) Ref(id string) (string, bool) { v, ok := w[id]; return v, ok }

func (w fakeWorld) Att(id, name string) (any, bool) {
	v, ok := w[id]
	return "arn:aws:iam::123456789012:role/" + v, ok && name == "Arn"
}

// mustBind binds a template to values that the test takes to be good.
func mustBind(t *testing.T, tpl *Template, values map[string]string) *Bound {
	t.Helper()
	b, err := tpl.Bind(testPseudo, values)
	if err != nil {
		t.Fatalf("Bind: %v", err)
	}
	return b
}

var testPseudo = Pseudo{
	Account: "012345678901", Region: "eu-west-1", Partition: "aws", URLSuffix: "amazonaws.com", StackName: "s",
	StackID: "arn:aws:cloudformation:eu-west-1:012345678901:stack/s/1", NotificationARNs: []string{"a", "b"},
}

const functionHead = `Parameters:
  Env: {Type: String, Default: dev}
  Regions: {Type: CommaDelimitedList, Default: "us-east-1, us-west-2"}
  Ports: {Type: List<Number>, Default: "80,443"}
  Seconds: {Type: Number, Default: 3600}
Mappings:
  M: {eu-west-1: {Name: west, Zones: [a, b], Count: 2}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Dev: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Condition Dev]
  Any: {"Fn::Or": [{Condition: Prod}, {Condition: Dev}]}
  West: !Equals [!FindInMap [M, !Ref "AWS::Region", Name], west]
  Listed: !Equals [!Join ["", !Ref Regions], ""]
Resources:
  Role: {Type: AWS::IAM::Role}
  R:
    Type: X
    Properties:
      P: `

func TestFunctionsGiveWhatCloudFormationGives(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`!Ref Env`:                   "dev",
		`{Ref: Regions}`:             []any{"us-east-1", "us-west-2"},
		`!Ref Ports`:                 []any{"80", "443"},
		`!Ref Seconds`:               "3600",
		`!Ref Role`:                  "my-role",
		`!Ref AWS::AccountId`:        "012345678901",
		`!Ref AWS::Region`:           "eu-west-1",
		`!Ref AWS::Partition`:        "aws",
		`!Ref AWS::URLSuffix`:        "amazonaws.com",
		`!Ref AWS::StackName`:        "s",
		`!Ref AWS::StackId`:          testPseudo.StackID,
		`!Ref AWS::NotificationARNs`: []any{"a", "b"},

		`!GetAtt Role.Arn`:                            "arn:aws:iam::123456789012:role/my-role",
		`!GetAtt [Role, Arn]`:                         "arn:aws:iam::123456789012:role/my-role",
		`{"Fn::GetAtt": [Role, Arn]}`:                 "arn:aws:iam::123456789012:role/my-role",
		`!Select [1, !Split ["/", !GetAtt Role.Arn]]`: "my-role",

		`!Sub "${AWS::Partition}-${Env}-${Role}-${Role.Arn}"`: "aws-dev-my-role-arn:aws:iam::123456789012:role/my-role",
		`!Sub "no variable $ {x} $"`:                          "no variable $ {x} $",
		`!Sub "${!Env} ${Env}"`:                               "${Env} dev",
		`!Sub ["${A}/${Env}", {A: !Ref Seconds}]`:             "3600/dev",
		`!Sub ["${Env}", {Env: local}]`:                       "local",
		`{"Fn::Sub": ["${A}", {A: {Ref: Env}}]}`:              "dev",
		`!Sub ["${A}", {A: !Join ["+", !Ref Ports]}]`:         "80+443",
		`!Sub '{"${Env}:sub": ["${Role}"]}'`:                  `{"dev:sub": ["my-role"]}`,

		`!Join ["-", [a, 1, true, !Ref Env]]`:                "a-1-true-dev",
		`!Join ["", []]`:                                     "",
		`!Join [",", !Ref Regions]`:                          "us-east-1,us-west-2",
		`!Join [",", [a, !If [Prod, b, !Ref AWS::NoValue]]]`: "a",
		`!Split [",", "a,b,,c"]`:                             []any{"a", "b", "", "c"},
		`!Select [0, [a, b]]`:                                "a",
		`!Select ["1", !Ref Regions]`:                        "us-west-2",
		`!FindInMap [M, eu-west-1, Zones]`:                   []any{"a", "b"},
		`!FindInMap [M, !Ref AWS::Region, Count]`:            int64(2),
		`!Base64 {"Fn::Sub": "${Env}"}`:                      "ZGV2",
		`!Base64 hello`:                                      "aGVsbG8=",

		`!If [Prod, a, b]`:                            "b",
		`!If [Dev, a, b]`:                             "a",
		`!If [Both, a, b]`:                            "b",
		`!If [Any, a, b]`:                             "a",
		`!If [West, a, b]`:                            "a",
		`!If [Listed, a, b]`:                          "b",
		`[a, !If [Prod, b, !Ref AWS::NoValue], c]`:    []any{"a", "c"},
		`{A: 1, B: !If [Prod, b, !Ref AWS::NoValue]}`: map[string]any{"A": int64(1)},
		`{Condition: {StringEquals: {"aws:RequestedRegion": !Ref Regions}}}`: map[string]any{"Condition": map[string]any{"StringEquals": map[string]any{"aws:RequestedRegion": []any{"us-east-1", "us-west-2"}}}},
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			b := mustBind(t, mustParse(t, functionHead+source+"\n"), nil)
			got, ok, err := b.Property("R", "P", fakeWorld{"Role": "my-role"})
			if diff := cmp.Diff(want, got); diff != "" || err != nil || !ok {
				t.Errorf("set %v, error %v, -want +got:\n%s", ok, err, diff)
			}
		})
	}
}

func TestAPropertyOfNoValueIsNotSet(t *testing.T) {
	t.Parallel()
	b := mustBind(t, mustParse(t, functionHead+"!Ref AWS::NoValue\n"), nil)
	if v, ok, err := b.Property("R", "P", nil); ok || err != nil {
		t.Errorf("got %v, error %v", v, err)
	}
	if all, err := b.Properties("R", nil); len(all) != 0 || err != nil {
		t.Errorf("got %v, error %v", all, err)
	}
}

func TestMalformedFunctionsAreRefusedWithCloudFormationsText(t *testing.T) {
	t.Parallel()
	const boolList = " object requires a list of at least 2 and at most 10 boolean parameters."
	for source, want := range map[string]string{
		`!Ref [a]`:                              "Template format error: Every Ref object must have a single String value.",
		`!GetAtt Role`:                          "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
		`!GetAtt [Role]`:                        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
		`!GetAtt Role.Name`:                     "Template error: resource Role does not support attribute type Name in Fn::GetAtt",
		`!Sub [a]`:                              subUsage,
		`!Sub {A: b}`:                           subUsage,
		`!Sub "${Env"`:                          "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
		`!Sub "${a-b}"`:                         "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
		`!Sub "${Regions}"`:                     "Template error: every value of an Fn::Sub expression must resolve to a string, but Regions does not",
		`!Sub ["${A}", {A: !Ref AWS::NoValue}]`: "Template error: every value of an Fn::Sub expression must resolve to a string",
		`!Join [",", a]`:                        joinUsage,
		`!Join [",", !Ref Env]`:                 joinUsage,
		`!Join [[], [a]]`:                       joinUsage,
		`!Join [",", [[a]]]`:                    joinUsage,
		`!Split [","]`:                          splitUsage,
		`!Split ["", a]`:                        splitUsage,
		`!Split [",", !Ref Ports]`:              splitUsage,
		`!Select [x, [a]]`:                      selectUsage,
		`!Select [0]`:                           selectUsage,
		`!Select [2, [a, b]]`:                   "Template error: Fn::Select cannot select nonexistent value at index 2",
		`!Select [-1, [a, b]]`:                  "Template error: Fn::Select cannot select nonexistent value at index -1",
		`!FindInMap [M, a]`:                     findInMapUsage,
		`!FindInMap [N, a, b]`:                  "Template error: Mapping named 'N' is not present in the 'Mappings' section of template.",
		`!FindInMap [M, a, b]`:                  "Template error: Unable to get mapping for M::a::b",
		`!If [Prod, a]`:                         "Template error: Fn::If requires a list argument with three elements",
		`!If [[], a, b]`:                        "Template error: Fn::If requires a list argument with the first element being a condition",
		`!Base64 [a]`:                           base64Usage,
		`!Equals [a]`:                           "Template error: every Fn::Equals object requires a list of 2 string parameters.",
		`!And [!Condition Prod]`:                "Template error: every Fn::And" + boolList,
		`!Or [a, b]`:                            "Template error: every Fn::Or" + boolList,
		`!Not [a]`:                              "Template error: every Fn::Not object requires one boolean parameter.",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			tpl, err := Parse([]byte(functionHead + source + "\n"))
			if err == nil {
				b := mustBind(t, tpl, nil)
				_, err = b.Properties("R", fakeWorld{"Role": "my-role"})
			}
			if err == nil || err.Error() != want {
				t.Errorf("error %q\n want %q", err, want)
			}
		})
	}
}
