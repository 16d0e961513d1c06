package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func addSeeds(f *testing.F, add func(src []byte)) {
	f.Helper()
	for _, e := range readExamples(f) {
		add(e.TrustPolicy)
	}
	add([]byte(forgecroftTrust))
	for seed := range uint64(50) {
		g := newGenerator(seed)
		add(g.policy().source(f))
	}
	for _, src := range []string{
		``, `{`, `[]`, `{"Statement": {}}`, "\xff", `{"Statement": [{"Effect": "Allow", "Effect": "Deny"}]}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Condition":{"StringLike":{"a":"${b, '${c}'}*"}}}}`,
	} {
		add([]byte(src))
	}
}

// FuzzParse checks that whatever is parsed is valid JSON with sound positions, and
// that whatever is not gives one sentence.
func FuzzParse(f *testing.F) {
	addSeeds(f, func(src []byte) { f.Add(src) })
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Parse(src)
		if err != nil {
			var parse *ParseError
			if !errors.As(err, &parse) || len(parse.Problems) == 0 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Fatalf("%q", err)
			}
			return
		}
		if !json.Valid(src) {
			t.Fatal("parsed what is no JSON")
		}
		for _, s := range d.Statements {
			for _, c := range s.Conditions {
				for _, v := range append([]Value{c.OperatorName}, c.Values...) {
					checkSpan(t, src, v)
				}
			}
		}
	})
}

// checkSpan checks that a value's span holds its text and line and column are those of the offset.
func checkSpan(t *testing.T, src []byte, v Value) {
	t.Helper()
	marked := src[v.Span.Start.Offset:v.Span.End.Offset]
	var text any
	decoder := json.NewDecoder(bytes.NewReader(marked))
	decoder.UseNumber()
	if err := decoder.Decode(&text); err != nil || naiveText(text) != v.Text {
		t.Fatalf("%q is marked by %q", v.Text, marked)
	}
	before := src[:v.Span.Start.Offset]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	if want := (Position{len(before), bytes.Count(before, []byte("\n")) + 1, len([]rune(string(line))) + 1}); v.Span.Start != want {
		t.Fatalf("%q is at %+v, want %+v", v.Text, v.Span.Start, want)
	}
}

// FuzzEvaluate checks that any document can be asked anything, that the bare decision
// is that of the trace, and that every reason can be put in words of one line.
func FuzzEvaluate(f *testing.F) {
	addSeeds(f, func(src []byte) {
		f.Add(src, webIdentity, "arn:aws:s3:::b/x", "k:a", "x", "arn:aws:svc:r:1:a")
		f.Add(src, "sts:*", "", "api.forgecroft.com:sub", "${*}", "\xff*")
	})
	f.Fuzz(func(t *testing.T, src []byte, action, resource, key, one, other string) {
		if len(src) > 1<<14 || len(one)+len(other)+len(resource) > 1<<12 {
			t.Skip("patterns cost the product of the lengths")
		}
		d, err := Parse(src)
		if err != nil {
			return
		}
		r := Request{Action: action, Resource: resource, Context: Context{key: {one, other}, "k:b": {one}, "k:c": {other}}}
		for _, r.Principal = range []*Principal{nil, {Kind: "Federated", ID: one, Account: other}, {Kind: "AWS", ID: one, Account: other}} {
			result := d.Evaluate(r)
			if got := d.Decide(r); got != result.Decision {
				t.Fatalf("Decide says %v, Evaluate %v", got, result.Decision)
			}
			if text := describe(result); strings.ContainsAny(text, "\x1b\r") {
				t.Fatalf("reason holds control characters: %q", text)
			}
			_ = result.Open()
		}
	})
}
