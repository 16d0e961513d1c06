package policy

import (
	"errors"
	"strings"
	"testing"
)

// at returns the source text that a span marks.
func at(src string, s Span) string { return src[s.Start.Offset:s.End.Offset] }

func TestParseKeepsPositions(t *testing.T) {
	t.Parallel()
	d := parse(t, forgecroftTrust)
	s := d.Statements[0]
	phase := s.Conditions[1]
	for _, c := range []struct {
		name string
		span Span
		text string
		at   string
	}{
		{"version", d.Version.Span, `"2012-10-17"`, "line 2, column 14"},
		{"sid", s.Sid.Span, `"Plan"`, "line 5, column 14"},
		{"effect", s.EffectSpan, `"Allow"`, "line 6, column 17"},
		{"principal", s.Principal.Entries[0].ID.Span, `"` + testProvider + `"`, "line 7, column 34"},
		{"kind of principal", s.Principal.Entries[0].Kind.Span, `"Federated"`, "line 7, column 21"},
		{"action's name", s.Action.Name.Span, `"Action"`, "line 8, column 7"},
		{"action", s.Action.Values[0].Span, `"` + webIdentity + `"`, "line 8, column 17"},
		{"operator", phase.OperatorName.Span, `"StringEquals"`, "line 10, column 9"},
		{"key", phase.Key.Span, `"api.forgecroft.com:phase"`, "line 12, column 11"},
		{"values", phase.ValuesSpan, `["plan"]`, "line 12, column 39"},
		{"value", phase.Values[0].Span, `"plan"`, "line 12, column 40"},
	} {
		if got := at(forgecroftTrust, c.span); got != c.text {
			t.Errorf("%s marks %s, want %s", c.name, got, c.text)
		}
		if got := c.span.Start.String(); got != c.at {
			t.Errorf("%s is at %s, want %s", c.name, got, c.at)
		}
	}
	if got := at(forgecroftTrust, s.Span); !strings.HasPrefix(got, "{\n") || !strings.HasSuffix(got, "    }") {
		t.Errorf("the statement spans %q", got)
	}
	if got := at(forgecroftTrust, s.ConditionSpan); !strings.HasPrefix(got, "{") || !strings.Contains(got, "org_id") {
		t.Errorf("Condition spans %q", got)
	}
	if got, want := d.Line(12), `          "api.forgecroft.com:phase": ["plan"],`; got != want {
		t.Errorf("line 12 is %q, want %q", got, want)
	}
	if got := d.Line(99); got != "" {
		t.Errorf("line 99 is %q, want none", got)
	}
	if len(d.Problems) != 0 {
		t.Errorf("problems: %v", d.Problems)
	}
}

func TestColumnsCountCharactersAndOffsetsBytes(t *testing.T) {
	t.Parallel()
	src := "{\"Id\": \"\u00e4\u00f6\", \"Statement\":\r\n []}"
	d := parse(t, src)
	if got := d.ID.Span.End; got != (Position{Offset: 13, Line: 1, Column: 12}) {
		t.Errorf("the Id ends at %+v", got)
	}
	if got := d.Problems[0].Span.Start; got.Line != 2 || got.Column != 2 {
		t.Errorf("the list starts at %v", got)
	}
	if got := d.Line(1); strings.HasSuffix(got, "\r") {
		t.Errorf("line 1 keeps its line end: %q", got)
	}
}

func TestParseTakesSingleValuesWhereListsMayStand(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
		"Condition": {"StringEquals": {"k:a": 1.50, "k:b": [true, "x\ty", "\u00e4"]}}}}`)
	s := d.Statements[0]
	if got := s.Principal.Entries[0]; got.Kind.Present() || got.ID.Text != "*" {
		t.Errorf("principal is %+v", got)
	}
	if len(s.Action.Values) != 1 || len(s.Resource.Values) != 1 {
		t.Errorf("%d actions, %d resources, want one each", len(s.Action.Values), len(s.Resource.Values))
	}
	var texts []string
	for _, c := range s.Conditions {
		for _, v := range c.Values {
			texts = append(texts, v.Text)
		}
	}
	if got, want := strings.Join(texts, "|"), "1.50|true|x\ty|\u00e4"; got != want {
		t.Errorf("values are %q, want %q", got, want)
	}
}

func TestParseRefusesWhatHasNoOneMeaning(t *testing.T) {
	t.Parallel()
	statement := func(rest string) string {
		return `{"Statement": [{"Effect": "Allow", "Action": "sts:*"` + rest + `}]}`
	}
	for _, c := range []struct {
		name, src string
		code      ProblemCode
		message   string
	}{
		{"empty", ``, NotJSON, `line 1, column 1: this is not JSON: it is empty`},
		{"broken", "{\n  \"Statement\": [}\n}", NotJSON, `line 2, column 17: this is not JSON: invalid character '}' looking for beginning of value`},
		{"trailing", `{"Statement": []} x`, NotJSON, `line 1, column 19: this is not JSON: invalid character 'x' after top-level value`},
		{"byte order mark", "\xef\xbb\xbf{}", NotJSON, `save it without one`},
		{"URL-encoded", "%7B%22Version%22%3A", NotJSON, `decode it first`},
		{"too large", `"` + strings.Repeat(" ", MaxSize) + `"`, TooLarge, `the document has 1048578 bytes`},
		{"list", `[]`, WrongType, `line 1, column 1: a policy document is an object, this is a list`},
		{"document as text", `"{}"`, WrongType, `a policy document is an object, this is a string`},
		{"wrapped", `{"AssumeRolePolicyDocument": {}}`, MissingElement, `the document has no Statement`},
		{"misspelt Statement", `{"Statements": []}`, MisspeltMember, `column 2: the document takes no element "Statements"; did you mean "Statement"?`},
		{"Statement of text", `{"Statement": "x"}`, WrongType, `Statement takes an object or a list of objects, this is a string`},
		{"statement of null", `{"Statement": [null]}`, WrongType, `line 1, column 16: a statement is an object, this is null`},
		{"Version as number", `{"Version": 2012, "Statement": []}`, WrongType, `Version takes a string, this is a number`},
		{"Sid as number", statement(`, "Sid": 1`), WrongType, `Sid takes a string, this is a number`},
		{"no Effect", `{"Statement": {"Action": "sts:*"}}`, MissingElement, `the statement has no Effect`},
		{"Effect in lower case", `{"Statement": {"Effect": "allow", "Action": "sts:*"}}`, BadEffect, `column 26: Effect is "allow", it must be "Allow" or "Deny"`},
		{"Effect as boolean", `{"Statement": {"Effect": true, "Action": "sts:*"}}`, WrongType, `Effect takes a string, this is a boolean`},
		{"element in lower case", statement(`, "condition": {}`), MisspeltMember, `did you mean "Condition"?`},
		{"misspelt element", statement(`, "Ressource": "*"`), MisspeltMember, `did you mean "Resource"?`},
		{"Principal as list", statement(`, "Principal": ["*"]`), WrongType, `Principal takes an object or "*", this is a list`},
		{"principal as number", statement(`, "Principal": {"AWS": 111122223333}`), WrongType, `AWS takes a string or a list of strings, this is a number`},
		{"Resource as object", statement(`, "Resource": {}`), WrongType, `Resource takes a string or a list of strings, this is an object`},
		{"list in a list", statement(`, "Resource": [["*"]]`), WrongType, `this is a list`},
		{"Condition as list", statement(`, "Condition": []`), WrongType, `Condition takes an object, this is a list`},
		{"operator as text", statement(`, "Condition": {"Bool": "x"}`), WrongType, `Bool takes an object of keys and values, this is a string`},
		{"value of null", statement(`, "Condition": {"Bool": {"k:a": null}}`), WrongType, `the key "k:a" takes a value or a list of values, this is null`},
		{"value as object", statement(`, "Condition": {"StringEquals": {"StringLike": {}}}`), WrongType, `this is an object`},
		{"repeated operator", statement(`, "Condition": {"Bool": {"k:a": "true"}, "Bool": {"k:b": "true"}}`), DuplicateMember, `Condition holds "Bool" twice, first at line 1, column 69; merge the two`},
		{"repeated key", statement(`, "Condition": {"Bool": {"k:a": "true", "k:a": "false"}}`), DuplicateMember, `Bool holds "k:a" twice`},
		{"repeated key by escape", statement(`, "Condition": {"Bool": {"k:a": "true", "k:\u0061": "false"}}`), DuplicateMember, `Bool holds "k:a" twice`},
		{"repeated element", statement(`, "Action": "s3:*"`), DuplicateMember, `the statement holds "Action" twice`},
		{"repeated kind", statement(`, "Principal": {"AWS": "*", "AWS": "*"}`), DuplicateMember, `Principal holds "AWS" twice`},
		{"unknown operator", statement(`, "Condition": {"StringEqual": {}}`), UnknownOperator, `"StringEqual" is no condition operator; did you mean "StringEquals"?`},
		{"unknown operator with suffix", statement(`, "Condition": {"StringEqualIfExists": {}}`), UnknownOperator, `did you mean "StringEqualsIfExists"?`},
		{"unknown set operator", statement(`, "Condition": {"ForAnyValues:StringLike": {}}`), UnknownOperator, `did you mean "ForAnyValue:StringLike"?`},
		{"NullIfExists", statement(`, "Condition": {"NullIfExists": {}}`), UnknownOperator, `"NullIfExists" is no condition operator`},
		{"nonsense operator", statement(`, "Condition": {"Matches": {}}`), UnknownOperator, `"Matches" is no condition operator`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse([]byte(c.src))
			var parse *ParseError
			if !errors.As(err, &parse) {
				t.Fatalf("error is %v, want a ParseError (document %v)", err, d)
			}
			if d != nil {
				t.Error("there is a document beside the error")
			}
			if got := parse.Problems[0].Code; got != c.code {
				t.Errorf("code is %s, want %s", got, c.code)
			}
			if !strings.Contains(err.Error(), c.message) {
				t.Errorf("error is\n%v\nwant\n%s", err, c.message)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error has several lines: %q", err)
			}
		})
	}
}

func TestParseReportsEveryReasonInOrder(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte(`{"Statement": [{"Effect": "Permit", "Action": "sts:*"}, {"Effect": "Allow", "Action": 1}, 7]}`))
	var parse *ParseError
	if !errors.As(err, &parse) || len(parse.Problems) != 3 {
		t.Fatalf("error is %v, want three problems", err)
	}
	if got := err.Error(); !strings.Contains(got, `Effect is "Permit"`) || !strings.HasSuffix(got, "(and 2 more problems)") {
		t.Errorf("error is %q", got)
	}
	for i := 1; i < 3; i++ {
		if parse.Problems[i-1].Span.Start.Offset >= parse.Problems[i].Span.Start.Offset {
			t.Errorf("problems are out of order: %v", parse.Problems)
		}
	}
}

func TestParseKeepsProblemsThatLeaveAMeaning(t *testing.T) {
	t.Parallel()
	statement := func(rest string) string {
		return `{"Statement": [{"Effect": "Allow"` + rest + `}]}`
	}
	const action = `, "Action": "sts:AssumeRole"`
	for _, c := range []struct {
		name, src string
		code      ProblemCode
		message   string
	}{
		{"unknown element", statement(action + `, "Comment": "x"`), UnknownMember, `column 64: the statement takes no element "Comment"`},
		{"unknown version", `{"Version": "2012-10-07", "Statement": [{"Effect": "Allow", "Action": "*"}]}`, BadVersion, `the Version is "2012-10-07"`},
		{"no statements", `{"Statement": []}`, NoStatements, `Statement is an empty list`},
		{"Sid with a blank", statement(action + `, "Sid": "a b"`), BadSid, `the Sid "a b" holds other characters`},
		{"repeated Sid", `{"Statement": [{"Sid": "A", "Effect": "Deny", "Action": "*"}, {"Sid": "A", "Effect": "Deny", "Action": "*"}]}`, DuplicateSid, `the Sid "A" stands on an earlier statement`},
		{"no action", statement(``), NoAction, `neither Action nor NotAction`},
		{"two actions", statement(action + `, "NotAction": "s3:*"`), ConflictingElements, `either Action or NotAction, not both`},
		{"action without service", statement(`, "Action": "AssumeRole"`), BadAction, `the action "AssumeRole" is not of the form service:name`},
		{"wildcard in the service", statement(`, "Action": "s*:Get"`), BadAction, `"s*:Get"`},
		{"principal without kind", statement(action + `, "Principal": "arn:x"`), BadPrincipal, `names "arn:x" without its kind, as in {"Federated": "arn:x"}`},
		{"misspelt kind", statement(action + `, "Principal": {"federated": "x"}`), BadPrincipal, `"federated" is no kind of principal; did you mean "Federated"?`},
		{"empty operator", statement(action + `, "Condition": {"Bool": {}}`), EmptyOperator, `Bool lists no keys`},
		{"operator's case", statement(action + `, "Condition": {"bool": {"k:a": true}}`), OperatorCase, `the operator "bool" is spelt "Bool"`},
		{"keys' case", statement(action + `, "Condition": {"Bool": {"k:a": true, "K:A": true}}`), KeysDifferByCase, `the key "K:A" differs from "k:a" in letter case only`},
		{"no values", statement(action + `, "Condition": {"Bool": {"k:a": []}}`), EmptyConditionValues, `Bool lists no values for "k:a"`},
		{"no number", statement(action + `, "Condition": {"NumericEquals": {"k:a": ["1", "x"]}}`), ValueNotComparable, `"x" is no number, which NumericEquals compares with`},
		{"no address", statement(action + `, "Condition": {"IpAddress": {"k:a": "10.0.0.0/33"}}`), ValueNotComparable, `"10.0.0.0/33" is no IP address or block`},
		{"no ARN", statement(action + `, "Condition": {"ArnLike": {"k:a": "*"}}`), ValueNotComparable, `"*" is no ARN`},
		{"no date", statement(action + `, "Condition": {"DateEquals": {"k:a": "soon"}}`), ValueNotComparable, `"soon" is no date`},
		{"no base64", statement(action + `, "Condition": {"BinaryEquals": {"k:a": "%"}}`), ValueNotComparable, `"%" is no base64 text`},
		{"no boolean", statement(action + `, "Condition": {"Null": {"k:a": "x"}}`), ValueNotComparable, `"x" is no boolean`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, c.src)
			if len(d.Problems) != 1 {
				t.Fatalf("problems are %v, want one", d.Problems)
			}
			if got := d.Problems[0]; got.Code != c.code || !strings.Contains(got.String(), c.message) {
				t.Errorf("problem is %s %q, want %s %q", got.Code, got, c.code, c.message)
			}
		})
	}
}

func TestOperatorsAreSpeltAsParsed(t *testing.T) {
	t.Parallel()
	for _, base := range baseOperators {
		for _, set := range []string{"", "ForAllValues:", "ForAnyValue:"} {
			for _, suffix := range []string{"", "IfExists"} {
				name := set + base.Base + suffix
				op, ok := ParseOperator(name)
				if wanted := name == op.String() && op.Base == base.Base; ok != wanted || ok == (base.Family == NullFamily && suffix != "") {
					t.Errorf("%s is parsed as %v, %t", name, op, ok)
				}
				if lower, ok2 := ParseOperator(strings.ToLower(name)); ok2 != ok || lower != op {
					t.Errorf("%s in lower case is parsed as %v, %t", name, lower, ok2)
				}
			}
		}
	}
}
