package jsonwalk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
)

// doubtful are texts at the edges of the grammar.
var doubtful = []string{
	"", " ", "{}", " [ ] ", "{", "[", "}", `"`, `"\`, `"\"`, `"\""`, `"\u00e"`, `"\u00eg"`, `"\u00Ef"`, `"\x"`, "\"\x1f\"", "\"\x7f\"", "\"\xff\"",
	"0", "-0", "00", "01", "-", "+1", "1.", ".5", "1.5", "1e", "1e+", "1e+5", "1E-05", "-1.0e0x", "0x1", "1 2", "Infinity",
	"true", "truex", "tru", "false", "null", "nul", "True", "[1,]", "[,1]", "[1 2]", "[1,2]x", `{"a":1,}`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1 "b":2}`,
	`{"a":{"b":[{},[],"x",-1e5,true,null]}}`, "\t\r\n[\n1\t,\r2 ]\n", "\v[]", "\u00a0[]", "\ufeff{}", "[\x00]", `["\ud800"]`,
}

func TestValidTakesWhatTheStandardLibraryTakes(t *testing.T) {
	t.Parallel()
	for _, src := range doubtful {
		if got, want := jsonwalk.Valid(src), json.Valid([]byte(src)); got != want {
			t.Errorf("%q: %t, want %t", src, got, want)
		}
	}
	for _, depth := range []int{9_999, 10_000, 10_001} {
		for _, nest := range []string{"[", `{"":`} {
			closing := map[string]string{"[": "]", `{"":`: "}"}[nest]
			src := strings.Repeat(nest, depth) + "1" + strings.Repeat(closing, depth)
			if got, want := jsonwalk.Valid(src), json.Valid([]byte(src)); got != want {
				t.Errorf("%d levels of %q: %t, want %t", depth, nest, got, want)
			}
		}
	}
}

func FuzzValidAgreesWithTheStandardLibrary(f *testing.F) {
	for _, src := range doubtful {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if got, want := jsonwalk.Valid(src), json.Valid([]byte(src)); got != want {
			t.Errorf("%q: %t, want %t", src, got, want)
		}
		sameAtOnce(t, src)
	})
}

func TestAnObjectReadAtOnceIsTheOneThatIsWalkedOver(t *testing.T) {
	t.Parallel()
	for _, src := range append(doubtful, line, ` {"a" : "b\"" ,"\u00fc":[{}] } `, `{"a":1,"a":2}`, `{"a":1}x`) {
		sameAtOnce(t, src)
	}
}

// sameAtOnce holds AppendObject to Valid and Members.
func sameAtOnce(t *testing.T, src string) {
	t.Helper()
	got, isObject, ok := jsonwalk.AppendObject(nil, src)
	if ok != jsonwalk.Valid(src) {
		t.Errorf("%q: valid %t when read at once", src, ok)
	}
	if !ok {
		return
	}
	if want := strings.HasPrefix(strings.TrimLeft(src, " \t\r\n"), "{"); isObject != want {
		t.Errorf("%q: object %t, want %t", src, isObject, want)
	}
	var want []jsonwalk.Member
	for name, value := range jsonwalk.Members(src) {
		want = append(want, jsonwalk.Member{Name: name, Value: value})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q: %q, want %q", src, got, want)
	}
}

const line = `{"id": "x", "trust_policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"}]}, "claims": {"iss": "https://api.forgecroft.com", "exp": 1789124598}}`

func BenchmarkValid(b *testing.B) {
	for name, valid := range map[string]func() bool{
		"this":     func() bool { return jsonwalk.Valid(line) },
		"standard": func() bool { return json.Valid([]byte(line)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				if !valid() {
					b.Fatal("not valid")
				}
			}
		})
	}
}
