package cfn

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParametersAreJudgedByTheirConstraints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ parameter, value, want string }{
		"pattern":               {"{Type: String, AllowedPattern: '[a-z]+'}", "abc", ""},
		"pattern is anchored":   {"{Type: String, AllowedPattern: '[a-z]+'}", "abc1", "Parameter 'P' must match pattern [a-z]+"},
		"alternatives anchored": {"{Type: String, AllowedPattern: 'a|b'}", "ax", "Parameter 'P' must match pattern a|b"},
		"pattern, newline":      {"{Type: String, AllowedPattern: '[a-z]+'}", "abc\n", "Parameter 'P' must match pattern [a-z]+"},
		"described":             {"{Type: String, AllowedPattern: x, ConstraintDescription: it must be x.}", "y", "Parameter P failed to satisfy constraint: it must be x."},
		"allowed":               {"{Type: String, AllowedValues: [a, 1, true]}", "true", ""},
		"not allowed":           {"{Type: String, AllowedValues: [a, b]}", "A", "Parameter 'P' must be one of AllowedValues"},
		"too short":             {"{Type: String, MinLength: 3}", "ab", "Parameter 'P' must contain at least 3 characters"},
		"too long":              {"{Type: String, MaxLength: 3}", "abcd", "Parameter 'P' must contain at most 3 characters"},
		"characters, not bytes": {"{Type: String, MaxLength: '3'}", "äöü", ""},
		"number":                {"{Type: Number, MinValue: 1, MaxValue: 9.5}", "9.5", ""},
		"no number":             {"{Type: Number}", "x", "Parameter 'P' must be a number"},
		"too small":             {"{Type: Number, MinValue: 900}", "899", "Parameter 'P' must be a number not less than 900"},
		"too great":             {"{Type: Number, MaxValue: 43200}", "43201", "Parameter 'P' must be a number not greater than 43200"},
		"each of a list":        {"{Type: CommaDelimitedList, AllowedPattern: '[a-z0-9-]+'}", "us-east-1, eu-west-1", ""},
		"one of a list":         {"{Type: CommaDelimitedList, AllowedPattern: '[a-z0-9-]+'}", "us-east-1,,eu-west-1", "Parameter 'P' must match pattern [a-z0-9-]+"},
		"list of numbers":       {"{Type: List<Number>, MaxValue: 10}", "1,2,x", "Parameter 'P' must be a number"},
		"AWS type":              {"{Type: 'AWS::EC2::VPC::Id'}", "vpc-1", ""},
		"list of AWS type":      {"{Type: 'List<AWS::EC2::Subnet::Id>'}", "a,b", ""},
		"empty":                 {"{Type: String}", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tpl := mustParse(t, "Parameters: {P: "+c.parameter+"}\n"+oneResource)
			_, err := tpl.Bind(testPseudo, map[string]string{"P": c.value})
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			pe, ok := errors.AsType[*ParameterError](err)
			if !ok || pe.Message != c.want {
				t.Fatalf("error %q\n want %q", err, c.want)
			}
			if diff := cmp.Diff([]string{"P"}, pe.Parameters); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsDeployedIsNotJudgedAgain(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, "Parameters: {P: {Type: String, AllowedPattern: '[a-z]+'}}\nRules: {R: {Assertions: [{Assert: !Equals [!Ref P, a], AssertDescription: no}]}}\n"+oneResource)
	if _, err := tpl.Bind(testPseudo, map[string]string{"P": "B"}); err == nil {
		t.Error("Bind takes a value that the pattern forbids")
	}
	b, err := tpl.BindDeployed(testPseudo, map[string]string{"P": "B"})
	if err != nil || len(b.Resources()) != 1 {
		t.Errorf("%v, error %v", b, err)
	}
	if _, err := tpl.BindDeployed(testPseudo, nil); err == nil {
		t.Error("BindDeployed takes a parameter without a value")
	}
}

func TestBindNamesMissingAndUnknownParameters(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, "Parameters: {OrgId: {Type: String}, B: {Type: String}, C: {Type: String, Default: c}}\n"+oneResource)
	for want, values := range map[string]map[string]string{
		"Parameters: [OrgId, B] must have values":         nil,
		"Parameters: [B] must have values":                {"OrgId": ""},
		"Parameters: [X, Y] do not exist in the template": {"OrgId": "", "B": "", "Y": "", "X": ""},
	} {
		if _, err := tpl.Bind(testPseudo, values); err == nil || err.Error() != want {
			t.Errorf("error %q\n want %q", err, want)
		}
	}
	got := mustBind(t, tpl, map[string]string{"OrgId": "a", "B": ""}).Parameters()
	if diff := cmp.Diff(map[string]string{"OrgId": "a", "B": "", "C": "c"}, got); diff != "" {
		t.Error(diff)
	}
}

const ruled = `Parameters:
  Mode: {Type: String, Default: Claims}
  Plan: {Type: String, Default: ""}
  Apply: {Type: String, Default: ""}
  Regions: {Type: CommaDelimitedList, Default: us-east-1}
Rules:
  SubjectMode:
    RuleCondition: !Equals [!Ref Mode, Subject]
    Assertions:
      - Assert: !Not [!Or [!Equals [!Ref Plan, ""], !Equals [!Ref Apply, ""]]]
        AssertDescription: Subject needs both subjects.
      - Assert: {"Fn::Not": [{"Fn::Equals": [{Ref: Plan}, {Ref: Apply}]}]}
        AssertDescription: The subjects must differ.
  Known:
    Assertions:
      - Assert: !And [!Contains [[Claims, Subject], !Ref Mode], !EachMemberIn [!Ref Regions, [us-east-1, eu-west-1]]]
        AssertDescription: Unknown mode or Region.
  Same:
    RuleCondition: !Equals [!Ref Plan, same]
    Assertions: [{Assert: !EachMemberEquals [!Ref Regions, us-east-1]}]
` + oneResource

func TestRulesHoldBetweenParameters(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, ruled)
	for name, c := range map[string]struct {
		values map[string]string
		want   string
	}{
		"defaults":           {nil, ""},
		"both given":         {map[string]string{"Mode": "Subject", "Plan": "p", "Apply": "a"}, ""},
		"one missing":        {map[string]string{"Mode": "Subject", "Plan": "p"}, "Subject needs both subjects."},
		"equal":              {map[string]string{"Mode": "Subject", "Plan": "p", "Apply": "p"}, "The subjects must differ."},
		"not contained":      {map[string]string{"Mode": "claims"}, "Unknown mode or Region."},
		"member not in list": {map[string]string{"Regions": "us-east-1,us-east-2"}, "Unknown mode or Region."},
		"members in list":    {map[string]string{"Regions": "us-east-1,eu-west-1"}, ""},
		"members equal":      {map[string]string{"Plan": "same", "Regions": "us-east-1,us-east-1"}, ""},
		"members differ":     {map[string]string{"Plan": "same", "Regions": "us-east-1,eu-west-1"}, "Template error: an assertion of rule Same is not satisfied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tpl.Bind(testPseudo, c.values)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if _, ok := errors.AsType[*RuleError](err); !ok || err.Error() != c.want {
				t.Errorf("error %q\n want %q", err, c.want)
			}
		})
	}
}

const conditional = `Parameters:
  Create: {Type: String, Default: "true"}
Conditions:
  CreateIt: !Equals [!Ref Create, "true"]
Resources:
  Role:
    Type: AWS::IAM::Role
    DeletionPolicy: !If [CreateIt, Delete, Retain]
    DependsOn: Last
    Properties:
      Principal: !If [CreateIt, !Ref Provider, !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/x"]
  Provider:
    Type: AWS::IAM::OIDCProvider
    Condition: CreateIt
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
  Last: {Type: X}
Outputs:
  RoleArn: {Value: !GetAtt Role.Arn, Description: d, Export: {Name: !Sub "${AWS::StackName}-role"}}
  ProviderArn: {Condition: CreateIt, Value: !Ref Provider}
`

func TestConditionsDecideWhichResourcesAndOutputsExist(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, conditional)
	world := fakeWorld{"Role": "role", "Provider": "provider", "Last": "last"}
	for create, want := range map[string]struct {
		resources []BoundResource
		outputs   []BoundOutput
		principal string
	}{
		"true": {
			[]BoundResource{
				{LogicalID: "Last", Type: "X", DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete"},
				{LogicalID: "Provider", Type: "AWS::IAM::OIDCProvider", DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain"},
				{LogicalID: "Role", Type: "AWS::IAM::Role", DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete", DependsOn: []string{"Last", "Provider"}},
			},
			[]BoundOutput{
				{Name: "RoleArn", Value: "arn:aws:iam::123456789012:role/role", Description: "d", ExportName: "s-role"},
				{Name: "ProviderArn", Value: "provider"},
			},
			"provider",
		},
		"false": {
			[]BoundResource{
				{LogicalID: "Last", Type: "X", DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete"},
				{LogicalID: "Role", Type: "AWS::IAM::Role", DeletionPolicy: "Retain", UpdateReplacePolicy: "Delete", DependsOn: []string{"Last"}},
			},
			[]BoundOutput{{Name: "RoleArn", Value: "arn:aws:iam::123456789012:role/role", Description: "d", ExportName: "s-role"}},
			"arn:aws:iam::012345678901:oidc-provider/x",
		},
	} {
		t.Run(create, func(t *testing.T) {
			t.Parallel()
			b := mustBind(t, tpl, map[string]string{"Create": create})
			resources := b.Resources()
			for i := range resources { // no needs: nil or empty is the same
				if len(resources[i].DependsOn) == 0 {
					resources[i].DependsOn = nil
				}
			}
			outputs, err := b.Outputs(world)
			if err != nil {
				t.Fatal(err)
			}
			properties, err := b.Properties("Role", world)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.resources, resources); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want.outputs, outputs); diff != "" {
				t.Error(diff)
			}
			if properties["Principal"] != want.principal {
				t.Errorf("principal %v", properties["Principal"])
			}
		})
	}
}

func TestBindRefusesReferencesToResourcesThatDoNotExistAndCircles(t *testing.T) {
	t.Parallel()
	const head = "Parameters: {P: {Type: String, Default: x}}\nConditions: {No: !Equals [!Ref P, y]}\n"
	for name, c := range map[string]struct{ body, want string }{
		"Ref":    {head + "Resources: {A: {Type: X, Condition: No}, B: {Type: X, Properties: {P: !Ref A}}}", "Template format error: Unresolved resource dependencies [A] in the Resources block of the template"},
		"GetAtt": {head + "Resources: {A: {Type: X, Condition: No}, B: {Type: X, Properties: {P: !Sub '${A.Arn}'}}}", "Template format error: Unresolved resource dependencies [A] in the Resources block of the template"},
		"output": {head + "Resources: {A: {Type: X, Condition: No}, B: {Type: X}}\nOutputs: {O: {Value: !Ref A}}", "Template format error: Unresolved resource dependencies [A] in the Outputs block of the template"},
		"circle": {"Resources: {A: {Type: X, DependsOn: C}, B: {Type: X, Properties: {P: !Ref A}}, C: {Type: X, Properties: {P: !Sub '${B}'}}}", "Circular dependency between resources: [A, B, C]"},
		"itself": {"Resources: {A: {Type: X, Properties: {P: !GetAtt A.Arn}}}", "Circular dependency between resources: [A]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := mustParse(t, c.body).Bind(testPseudo, nil); err == nil || err.Error() != c.want {
				t.Errorf("error %q\n want %q", err, c.want)
			}
		})
	}
}

func TestABranchNotTakenMakesNoCircle(t *testing.T) {
	t.Parallel()
	tpl := mustParse(t, "Parameters: {P: {Type: String, Default: x}}\nConditions: {No: !Equals [!Ref P, y]}\n"+
		"Resources: {A: {Type: X, Properties: {P: !Ref B}}, B: {Type: X, Properties: {P: !If [No, !Ref A, b]}}}")
	mustBind(t, tpl, nil)
	if _, err := tpl.Bind(testPseudo, map[string]string{"P": "y"}); err == nil {
		t.Error("the taken branch makes a circle")
	}
}

func TestNestedSubstitutionsTakeNoExponentialTime(t *testing.T) {
	t.Parallel()
	value := "x"
	for range 45 {
		value = `!Sub ["${A}${A}${A}${A}", {A: ` + value + `}]`
	}
	b := mustBind(t, mustParse(t, "Resources: {R: {Type: X, Properties: {P: "+value+"}}}"), nil)
	if _, err := b.Properties("R", nil); err == nil || err.Error() != "Template error: an Fn::Sub expression makes more than 1000000 bytes" {
		t.Errorf("error %v", err)
	}
}

func TestOutputsMustBeText(t *testing.T) {
	t.Parallel()
	b := mustBind(t, mustParse(t, oneResource+"Outputs: {O: {Value: [a]}}"), nil)
	want := "Template format error: The Value field of every Outputs member must evaluate to a String."
	if _, err := b.Outputs(nil); err == nil || err.Error() != want {
		t.Errorf("error %q", err)
	}
}

func TestParametersReturnsACopy(t *testing.T) {
	t.Parallel()
	b := mustBind(t, mustParse(t, "Parameters: {P: {Type: String, Default: x}}\n"+oneResource), nil)
	maps.DeleteFunc(b.Parameters(), func(string, string) bool { return true })
	if b.Parameters()["P"] != "x" {
		t.Error("the caller's change reached the bound template")
	}
}

// FuzzParse: any bytes are parsed or refused with a text, and what is parsed can be bound
// and evaluated without a panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(functionHead + "!Sub '${Env}'\n"))
	f.Add([]byte(ruled))
	f.Add([]byte(conditional))
	f.Add([]byte(`{"Resources": {"R": {"Type": "X", "Properties": {"P": {"Fn::Join": [",", {"Ref": "AWS::NotificationARNs"}]}}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		tpl, err := Parse(body)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		b, err := tpl.Bind(testPseudo, nil)
		if err != nil {
			return
		}
		world := fakeWorld{}
		for _, r := range tpl.Resources {
			world[r.LogicalID] = "x"
		}
		for _, r := range b.Resources() {
			_, _ = b.Properties(r.LogicalID, world)
		}
		_, _ = b.Outputs(world)
		tpl.Capabilities()
	})
}

// FuzzBind: a value either is refused or comes back as it was given.
func FuzzBind(f *testing.F) {
	tpl, err := Parse([]byte("Parameters: {S: {Type: String, AllowedPattern: '[a-z]*', MaxLength: 5}, N: {Type: Number, Default: 1}, L: {Type: CommaDelimitedList, Default: a}}\n" + oneResource))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("abc", "1", "a,b")
	f.Fuzz(func(t *testing.T, s, n, l string) {
		given := map[string]string{"S": s, "N": n, "L": l}
		b, err := tpl.Bind(testPseudo, given)
		if err == nil && !maps.Equal(b.Parameters(), given) {
			t.Errorf("gave %q, got %q", given, b.Parameters())
		}
	})
}

func TestReferencesNameWhatAPropertyIsMadeFrom(t *testing.T) {
	t.Parallel()
	b := mustBind(t, mustParse(t, `Parameters: {Mode: {Type: String, Default: a}, P: {Type: String, Default: p}, Q: {Type: String, Default: q}}
Conditions: {IsA: !Equals [!Ref Mode, a], NotA: !Not [!Condition IsA]}
Resources:
  Other: {Type: X}
  R: {Type: X, Properties: {A: !If [NotA, !Ref Q, !Sub "${P}-${Other.Arn}"], B: text}}
`), nil)
	for property, want := range map[string][2][]string{
		"A": {{"Mode", "P"}, {"Other"}}, "B": {}, "C": {},
	} {
		parameters, resources := b.References("R", property)
		if diff := cmp.Diff(want, [2][]string{parameters, resources}); diff != "" {
			t.Errorf("%s: %s", property, diff)
		}
	}
}
