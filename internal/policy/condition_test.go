package policy

import "testing"

// conditionCase asks one condition of one context.
type conditionCase struct {
	name      string
	condition string
	context   string
	holds     bool
	open      OpenRules // the readings the outcome must be said to rest on
}

const (
	v2012 = "2012-10-17"
	v2008 = "2008-10-17"
)

func runConditions(t *testing.T, version string, cases []conditionCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, trusting(version, c.condition))
			request := webRequest(contextOf(t, c.context))
			result := d.Evaluate(request)
			if got := result.Decision == Allowed; got != c.holds {
				t.Errorf("holds is %t, want %t\n%s", got, c.holds, describe(result))
			}
			if got := result.Open(); got != c.open {
				t.Errorf("rests on open rules %q, want %q\n%s", got, c.open, describe(result))
			}
			if got := d.Decide(request); got != result.Decision {
				t.Errorf("Decide says %v, Evaluate %v", got, result.Decision)
			}
			if got := naiveRead(t, d.Source).decide(request); got != result.Decision {
				t.Errorf("the naive implementation says %v, Evaluate %v", got, result.Decision)
			}
		})
	}
}

func TestConditionsCombine(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"values of a key are alternatives", `{"StringEquals": {"P:aud": ["a", "b"]}}`, `{"P:aud": "b"}`, true, 0},
		{"of negated operators no value may match", `{"StringNotEquals": {"P:aud": ["a", "b"]}}`, `{"P:aud": "b"}`, false, 0},
		{"a negated operator holds if none matches", `{"StringNotEquals": {"P:aud": ["a", "b"]}}`, `{"P:aud": "c"}`, true, 0},
		{"keys of an operator must all hold", `{"StringEquals": {"P:aud": "a", "P:sub": "s"}}`, `{"P:aud": "a", "P:sub": "x"}`, false, 0},
		{"operators must all hold", `{"StringEquals": {"P:aud": "a"}, "StringLike": {"P:sub": "s*"}}`, `{"P:aud": "a", "P:sub": "x"}`, false, 0},
		{"an empty Condition adds nothing", `{}`, `{}`, true, 0},
		{"an operator without keys adds nothing", `{"StringEquals": {}}`, `{}`, true, OpenEmptyOperator},
		{"key names ignore case", `{"StringEquals": {"API.Forgecroft.com:AUD": "a"}}`, `{"P:aud": "a"}`, true, 0},
		{"key names in the context ignore case", `{"StringEquals": {"P:aud": "a"}}`, `{"API.forgecroft.COM:Aud": "a"}`, true, 0},
		{"keys that differ in case are two conditions", `{"StringEquals": {"P:aud": "a", "P:AUD": "b"}}`, `{"P:aud": "a"}`, false, OpenKeyCase},
		{"an operator in another case is the operator", `{"stringequals": {"P:aud": "a"}}`, `{"P:aud": "a"}`, true, OpenOperatorCase},
		{"a certain failure is certain beside an open one", `{"stringequals": {"P:aud": "a"}, "StringLike": {"P:sub": "x"}}`, `{"P:aud": "a"}`, false, 0},
		{"prefix and suffix in another case", `{"foranyvalue:stringlikeifexists": {"P:aud": "a*"}}`, `{"P:aud": ["b", "a"]}`, true, OpenOperatorCase},
	})
}

func TestMissingKeys(t *testing.T) {
	t.Parallel()
	var cases []conditionCase
	for _, op := range baseOperators {
		if op.Family == NullFamily {
			continue
		}
		value := map[Family]string{
			StringFamily: "x", NumericFamily: "1", DateFamily: "2026-03-01", BoolFamily: "true",
			BinaryFamily: "eA==", IPFamily: "10.0.0.0/8", ARNFamily: "arn:aws:svc:::x",
		}[op.Family]
		condition := func(name string) string { return `{"` + name + `": {"P:sub": "` + value + `"}}` }
		cases = append(
			cases,
			conditionCase{op.Base, condition(op.Base), `{}`, op.Negated, 0},
			conditionCase{op.Base + " of a key without values", condition(op.Base), `{"P:sub": []}`, op.Negated, 0},
			conditionCase{op.Base + "IfExists", condition(op.Base + "IfExists"), `{}`, true, 0},
			conditionCase{"ForAllValues:" + op.Base, condition("ForAllValues:" + op.Base), `{}`, true, 0},
			conditionCase{"ForAllValues:" + op.Base + "IfExists", condition("ForAllValues:" + op.Base + "IfExists"), `{}`, true, 0},
			conditionCase{"ForAnyValue:" + op.Base, condition("ForAnyValue:" + op.Base), `{}`, false, 0},
			conditionCase{"ForAnyValue:" + op.Base + "IfExists", condition("ForAnyValue:" + op.Base + "IfExists"), `{}`, false, OpenAnyValueIfExists},
		)
	}
	runConditions(t, v2012, cases)
}

func TestIfExistsTestsAKeyThatIsThere(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"positive, equal", `{"StringEqualsIfExists": {"P:sub": "x"}}`, `{"P:sub": "x"}`, true, 0},
		{"positive, other", `{"StringEqualsIfExists": {"P:sub": "x"}}`, `{"P:sub": "y"}`, false, 0},
		{"negated, equal", `{"StringNotEqualsIfExists": {"P:sub": "x"}}`, `{"P:sub": "x"}`, false, 0},
		{"negated, other", `{"StringNotEqualsIfExists": {"P:sub": "x"}}`, `{"P:sub": "y"}`, true, 0},
	})
}

func TestNull(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"true of an absent key", `{"Null": {"P:sub": "true"}}`, `{}`, true, 0},
		{"true of a present key", `{"Null": {"P:sub": "true"}}`, `{"P:sub": "x"}`, false, 0},
		{"false of an absent key", `{"Null": {"P:sub": "false"}}`, `{}`, false, 0},
		{"false of a present key", `{"Null": {"P:sub": "false"}}`, `{"P:sub": "x"}`, true, 0},
		{"a JSON boolean", `{"Null": {"P:sub": false}}`, `{"P:sub": "x"}`, true, 0},
		{"several values in the request", `{"Null": {"P:amr": "false"}}`, `{"P:amr": ["a", "b"]}`, true, 0},
		{"an empty string counts as present", `{"Null": {"P:sub": "false"}}`, `{"P:sub": ""}`, true, OpenNull},
		{"any of several values", `{"Null": {"P:sub": ["true", "false"]}}`, `{}`, true, OpenNull},
		{"a set operator changes nothing", `{"ForAllValues:Null": {"P:sub": "false"}}`, `{}`, false, OpenNull},
		{"another spelling", `{"Null": {"P:sub": "True"}}`, `{}`, true, OpenBoolSpelling},
		{"no boolean", `{"Null": {"P:sub": "yes"}}`, `{}`, false, 0},
		{"no values", `{"Null": {"P:sub": []}}`, `{}`, false, OpenEmptyValues},
	})
}

func TestEmptyValueLists(t *testing.T) {
	t.Parallel()
	runConditions(t, v2012, []conditionCase{
		{"ForAllValues, key missing", `{"ForAllValues:StringEquals": {"P:sub": []}}`, `{}`, true, 0},
		{"ForAllValues, key present", `{"ForAllValues:StringEquals": {"P:sub": []}}`, `{"P:sub": "x"}`, false, 0},
		{"ForAllValues negated, key present", `{"ForAllValues:StringNotEquals": {"P:sub": []}}`, `{"P:sub": "x"}`, false, 0},
		{"ForAllValues, key empty", `{"ForAllValues:StringEquals": {"P:sub": []}}`, `{"P:sub": ""}`, true, OpenEmptyValues},
		{"ForAnyValue, key missing", `{"ForAnyValue:StringEquals": {"P:sub": []}}`, `{}`, false, 0},
		{"ForAnyValue, key present", `{"ForAnyValue:StringNotEquals": {"P:sub": []}}`, `{"P:sub": "x"}`, false, 0},
		{"IfExists, key missing", `{"StringEqualsIfExists": {"P:sub": []}}`, `{}`, true, 0},
		{"IfExists, key present", `{"StringNotEqualsIfExists": {"P:sub": []}}`, `{"P:sub": "x"}`, false, 0},
		{"positive", `{"StringEquals": {"P:sub": []}}`, `{"P:sub": "x"}`, false, OpenEmptyValues},
		{"negated", `{"StringNotEquals": {"P:sub": []}}`, `{"P:sub": "x"}`, true, OpenEmptyValues},
		{"positive, key missing", `{"StringEquals": {"P:sub": []}}`, `{}`, false, 0},
		{"negated, key missing", `{"StringNotEquals": {"P:sub": []}}`, `{}`, true, 0},
	})
}

func TestSeveralValuesInTheRequest(t *testing.T) {
	t.Parallel()
	const both = `{"P:amr": ["pwd", "mfa"]}`
	runConditions(t, v2012, []conditionCase{
		{"all are listed", `{"ForAllValues:StringEquals": {"P:amr": ["pwd", "mfa", "otp"]}}`, both, true, 0},
		{"one is not listed", `{"ForAllValues:StringEquals": {"P:amr": ["mfa"]}}`, both, false, 0},
		{"an empty string is a null data set", `{"ForAllValues:StringEquals": {"P:amr": ["mfa"]}}`, `{"P:amr": ""}`, true, 0},
		{"an empty string among others is a value", `{"ForAllValues:StringEquals": {"P:amr": ["mfa"]}}`, `{"P:amr": ["mfa", ""]}`, false, 0},
		{"Null closes the hole", `{"ForAllValues:StringEquals": {"P:amr": ["mfa"]}, "Null": {"P:amr": "false"}}`, `{}`, false, 0},
		{"any is listed", `{"ForAnyValue:StringEquals": {"P:amr": ["mfa"]}}`, both, true, 0},
		{"none is listed", `{"ForAnyValue:StringEquals": {"P:amr": ["otp"]}}`, both, false, 0},
		{"any is another", `{"ForAnyValue:StringNotEquals": {"P:amr": ["mfa"]}}`, both, true, 0},
		{"none is another", `{"ForAnyValue:StringNotEquals": {"P:amr": ["mfa", "pwd"]}}`, both, false, 0},
		{"all are others", `{"ForAllValues:StringNotEquals": {"P:amr": ["otp"]}}`, both, true, 0},
		{"not all are others", `{"ForAllValues:StringNotEquals": {"P:amr": ["mfa"]}}`, both, false, 0},
		{"a single value is a set of one, for all", `{"ForAllValues:StringEquals": {"P:sub": "x"}}`, `{"P:sub": "x"}`, true, 0},
		{"a single value is a set of one, for any", `{"ForAnyValue:StringEquals": {"P:sub": "x"}}`, `{"P:sub": "y"}`, false, 0},
		{"several without a set operator", `{"StringEquals": {"P:amr": "mfa"}}`, both, false, OpenManyValues},
		{"several without a set operator, negated", `{"StringNotEquals": {"P:amr": "otp"}}`, both, false, OpenManyValues},
		{"a list of one is a single value", `{"StringEquals": {"P:aud": "a"}}`, `{"P:aud": ["a"]}`, true, 0},
	})
}
