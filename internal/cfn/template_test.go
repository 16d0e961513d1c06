package cfn

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const oneResource = "Resources: {R: {Type: AWS::IAM::Role}}\n"

// mustParse parses a template that the test takes to be good.
func mustParse(t *testing.T, body string) *Template {
	t.Helper()
	tpl, err := Parse([]byte(body))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, body)
	}
	return tpl
}

func TestParseRefusesWhatCloudFormationRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"nothing":                 {"", "Template format error: unsupported structure."},
		"plain text":              {"hello", "Template format error: unsupported structure."},
		"a list":                  {"[1, 2]", "Template format error: unsupported structure."},
		"broken JSON":             {"{\"Resources\":\n  {\"R\" 1}}", "Template format error: JSON not well-formed. (line 2, column 8)"},
		"text after JSON":         {`{"Resources": {"R": {"Type": "X"}}} x`, "Template format error: JSON not well-formed. (line 1, column 37)"},
		"broken YAML":             {"Resources:\n\t- x", "Template format error: YAML not well-formed. (line 2: found character that cannot start any token)"},
		"two documents":           {oneResource + "---\n" + oneResource, "Template format error: YAML not well-formed. (more than one document)"},
		"no resources":            {"Description: x", "Template format error: At least one Resources member must be defined."},
		"unknown sections":        {"Foo: 1\nBar: 2\n" + oneResource, "Invalid template property or properties [Foo, Bar]"},
		"a macro":                 {"Transform: AWS::Serverless-2016-10-31\n" + oneResource, "Transforms are not supported here: the template must not need a macro"},
		"format version":          {"AWSTemplateFormatVersion: 2011-01-01\n" + oneResource, "Template format error: unsupported value for AWSTemplateFormatVersion."},
		"long description":        {"Description: " + strings.Repeat("x", 1025) + "\n" + oneResource, "Template format error: 'Description' length is greater than 1024."},
		"alias":                   {"Metadata: {A: &a 1, B: *a}\n" + oneResource, "Template error: YAML aliases are not allowed in CloudFormation templates"},
		"null":                    {"Resources: {R: {Type: X, Properties: {P: [1, ~]}}}", "[/Resources/R/Properties/P/1] 'null' values are not allowed in templates"},
		"null in JSON":            {`{"Resources": {"R": {"Type": null}}}`, "[/Resources/R/Type] 'null' values are not allowed in templates"},
		"function as key":         {"Resources: {R: {Type: X, Properties: {!Ref P: 1}}}", "Template format error: [/Resources/R/Properties] map keys must be strings; received a function instead"},
		"key twice":               {"Resources: {R: {Type: X}, R: {Type: X}}", "Template format error: [/Resources] duplicate key R (line 1)"},
		"no type":                 {"Resources: {R: {Properties: {}}}", "Template format error: [/Resources/R] Every Resources object must contain a Type member."},
		"resource no map":         {"Resources: {R: x}", "Template format error: [/Resources/R] Every Resources object must be a map."},
		"long logical id":         {"Resources: {" + strings.Repeat("a", 256) + ": {Type: X}}", "Template format error: Resource name " + strings.Repeat("a", 256) + " is non alphanumeric."},
		"logical id":              {"Resources: {my-role: {Type: X}}", "Template format error: Resource name my-role is non alphanumeric."},
		"resource attribute":      {"Resources: {R: {Type: X, Foo: 1}}", "Invalid template resource property 'Foo'"},
		"deletion policy":         {"Resources: {R: {Type: X, DeletionPolicy: Keep}}", "Template error: Unrecognized DeletionPolicy Keep for resource R"},
		"properties no map":       {"Resources: {R: {Type: X, Properties: [1]}}", "Template format error: [/Resources/R/Properties] has the wrong type"},
		"unknown Ref":             {"Resources: {R: {Type: X, Properties: {A: !Ref B, C: !Sub '${A1}-${R.Arn}'}}}", "Template format error: Unresolved resource dependencies [A1, B] in the Resources block of the template"},
		"unknown GetAtt":          {"Resources: {R: {Type: X, Properties: {A: !GetAtt B.Arn}}}", "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"},
		"unknown DependsOn":       {"Resources: {R: {Type: X, DependsOn: [B]}}", "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"},
		"unknown in output":       {oneResource + "Outputs: {O: {Value: !Ref B}}", "Template format error: Unresolved resource dependencies [B] in the Outputs block of the template"},
		"unknown condition":       {"Resources: {R: {Type: X, Condition: C}}", "Template format error: Unresolved condition dependency C in the Resources block of the template"},
		"unknown in If":           {"Resources: {R: {Type: X, Properties: {A: !If [C, 1, 2]}}}", "Template format error: Unresolved condition dependency C in the Resources block of the template"},
		"unknown in output If":    {oneResource + "Outputs: {O: {Value: x, Condition: C}}", "Template format error: Unresolved condition dependency C in the Outputs block of the template"},
		"condition of none":       {"Conditions: {A: !Not [!Condition B]}\n" + oneResource, "Template format error: Unresolved condition dependency B in the Conditions block of the template"},
		"condition on resource":   {"Conditions: {A: !Equals [!Ref R, x]}\n" + oneResource, "Template format error: Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template"},
		"condition circle":        {"Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n" + oneResource, "Template format error: Circular dependency between conditions: [A, B]"},
		"condition no logic":      {"Conditions: {A: yes}\n" + oneResource, logicUsage},
		"output without value":    {oneResource + "Outputs: {O: {Description: x}}", "Template format error: Output O is malformed. Every Outputs member must contain a Value object"},
		"output attribute":        {oneResource + "Outputs: {O: {Value: x, Foo: 1}}", "Invalid template output property 'Foo'"},
		"mapping shape":           {"Mappings: {M: {K: v}}\n" + oneResource, "Template format error: Every Mappings attribute must be a map: [/Mappings/M/K]"},
		"parameter attribute":     {"Parameters: {P: {Type: String, Foo: 1}}\n" + oneResource, "Invalid template parameter property 'Foo'"},
		"parameter type":          {"Parameters: {P: {Type: Strin}}\n" + oneResource, "Template format error: Unrecognized parameter type: Strin"},
		"parameter no type":       {"Parameters: {P: {Default: x}}\n" + oneResource, "Template format error: Every Parameters object must contain a Type member."},
		"parameter name":          {"Parameters: {p-q: {Type: String}}\n" + oneResource, "Template format error: Parameter name p-q is non alphanumeric."},
		"parameter from SSM":      {"Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>'}}\n" + oneResource, "Parameter P is read from the SSM Parameter Store (type AWS::SSM::Parameter::Value<String>), which is not supported here"},
		"default no text":         {"Parameters: {P: {Type: String, Default: [a]}}\n" + oneResource, "Template format error: Every Default member must be a string. (Parameter P)"},
		"lookahead":               {"Parameters: {P: {Type: String, AllowedPattern: '(?=x)'}}\n" + oneResource, "Template format error: the AllowedPattern of parameter P is not supported here: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		"import":                  {"Resources: {R: {Type: X, Properties: {A: !ImportValue x}}}", "Fn::ImportValue is not supported here"},
		"cidr":                    {"Resources: {R: {Type: X, Properties: {A: {'Fn::Cidr': [a, 1, 2]}}}}", "Fn::Cidr is not supported here"},
		"no such function":        {"Resources: {R: {Type: X, Properties: {A: !Foo x}}}", "Template error: the function Fn::Foo does not exist (line 1)"},
		"function and more":       {"Resources: {R: {Type: X, Properties: {A: {'Fn::Sub': x, B: 1}}}}", "Template format error: Fn::Sub must be the only member of its object (line 1)"},
		"rule function outside":   {"Conditions: {A: !Contains [[a], a]}\n" + oneResource, "Template error: Fn::Contains can be used in the Rules block of the template only"},
		"other function in rule":  {"Rules: {A: {Assertions: [{Assert: !Equals [!Sub x, y]}]}}\n" + oneResource, "Template error: Fn::Sub cannot be used in the Rules block of the template"},
		"rule without assertions": {"Rules: {A: {RuleCondition: !Equals [x, y]}}\n" + oneResource, "Template format error: rule A must contain an Assertions list"},
		"rule on resource":        {"Rules: {A: {Assertions: [{Assert: !Equals [!Ref R, y]}]}}\n" + oneResource, "Template format error: Unresolved dependencies [R]. Cannot reference resources in the Rules block of the template"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.body))
			if _, ok := errors.AsType[*TemplateError](err); !ok || err.Error() != c.want {
				t.Errorf("error %q\n want %q", err, c.want)
			}
		})
	}
}

func TestParseRefusesATemplateThatIsTooLongOrTooDeep(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		oneResource + "#" + strings.Repeat("x", MaxBody),
		`{"Metadata": {"A": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`,
		"Metadata: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
	} {
		if _, err := Parse([]byte(body)); err == nil {
			t.Error("parsed")
		}
	}
}

func TestScalarsStayTextUnlessTheyAreNumbersOrTruthValues(t *testing.T) {
	t.Parallel()
	body := `Resources:
  R:
    Type: X
    Properties:
      Version: 2012-10-17
      Account: 012345678901
      Octal: 0777
      Float: 1.10
      Int: 3600
      Quoted: "3600"
      Yes: yes
      True: true
      QuotedTrue: 'true'
      Tagged: !!str 5
`
	want := map[string]any{
		"Version": "2012-10-17", "Account": "012345678901", "Octal": "0777", "Float": "1.10", "Int": int64(3600),
		"Quoted": "3600", "Yes": "yes", "True": true, "QuotedTrue": "true", "Tagged": "5",
	}
	got, err := mustBind(t, mustParse(t, body), nil).Properties("R", nil)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

func TestJSONAndYAMLOfOneTemplateAreTheSame(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"Parameters: {P: {Type: String, Default: a}}\nConditions: {C: !Equals [!Ref P, a]}\nResources: {R: {Type: X, Condition: C, Properties: {A: !Sub 'x-${P}', B: [1, true, !If [C, y, z]]}}}",
		"{\"Parameters\": {\"P\": {\"Type\": \"String\", \"Default\": \"a\"}},\n\t\"Conditions\": {\"C\": {\"Fn::Equals\": [{\"Ref\": \"P\"}, \"a\"]}},\n\t\"Resources\": {\"R\": {\"Type\": \"X\", \"Condition\": \"C\", \"Properties\": {\"A\": {\"Fn::Sub\": \"x-${P}\"}, \"B\": [1, true, {\"Fn::If\": [\"C\", \"y\", \"z\"]}]}}}}",
	} {
		got, err := mustBind(t, mustParse(t, body), nil).Properties("R", nil)
		want := map[string]any{"A": "x-a", "B": []any{int64(1), true, "y"}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v, -want +got:\n%s", err, diff)
		}
	}
}

func TestMetadataIsKeptAsWritten(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, `Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label: {default: Who}
        Parameters: [P]
    ParameterLabels: {P: {default: "The P"}}
Parameters: {P: {Type: String, Default: x}}
Resources: {R: {Type: X, Metadata: {Note: 1}}}
`)
	want := map[string]any{"AWS::CloudFormation::Interface": map[string]any{
		"ParameterGroups": []any{map[string]any{"Label": map[string]any{"default": "Who"}, "Parameters": []any{"P"}}},
		"ParameterLabels": map[string]any{"P": map[string]any{"default": "The P"}},
	}}
	if diff := cmp.Diff(want, tpl.Metadata); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	r, _ := tpl.Resource("R")
	if diff := cmp.Diff(map[string]any{"Note": int64(1)}, r.Metadata()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCapabilitiesNameTheTypesThatNeedThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ resources, capability, reason string }{
		"none":     {"{R: {Type: AWS::IAM::OIDCProvider, Properties: {Url: x}}}", "", ""},
		"role":     {"{R: {Type: AWS::IAM::Role, Properties: {Path: /}}}", "CAPABILITY_IAM", "The following resource(s) require capabilities: [AWS::IAM::Role]"},
		"named":    {"{R: {Type: AWS::IAM::Role, Properties: {RoleName: x}}, P: {Type: AWS::IAM::Policy, Properties: {PolicyName: x}}}", "CAPABILITY_NAMED_IAM", "The following resource(s) require capabilities: [AWS::IAM::Policy, AWS::IAM::Role]"},
		"policies": {"{A: {Type: AWS::IAM::Policy, Properties: {PolicyName: x}}, B: {Type: AWS::IAM::Policy}}", "CAPABILITY_IAM", "The following resource(s) require capabilities: [AWS::IAM::Policy]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			capability, reason := mustParse(t, "Resources: "+c.resources).Capabilities()
			if capability != c.capability || reason != c.reason {
				t.Errorf("got %q, %q", capability, reason)
			}
		})
	}
}

func TestResourceTypesAreSortedAndStandOnce(t *testing.T) {
	t.Parallel()
	got := mustParse(t, "Resources: {A: {Type: Y}, B: {Type: X}, C: {Type: Y}}").ResourceTypes()
	if diff := cmp.Diff([]string{"X", "Y"}, got); diff != "" {
		t.Error(diff)
	}
}
