package jsonwalk_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
)

func TestMembersAreThoseOfTheObject(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]map[string]string{
		`{}`:                                 {},
		` { "a" : 1 , "b":[1,{"c":"}"}]}`:    {"a": "1", "b": `[1,{"c":"}"}]`},
		`{"a\"b":"x\\","c":"\\\""}`:          {`a"b`: `"x\\"`, "c": `"\\\""`},
		"{\"ü\":null,\n\t\"\\u00fc2\":true}": {"ü": "null", "ü2": "true"},
		`{"":{"":""}}`:                       {"": `{"":""}`},
		`[1]`:                                {},
		`"text"`:                             {},
	} {
		got := maps.Collect(jsonwalk.Members(src))
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", src, got, want)
		}
	}
}

func TestElementsAreThoseOfTheArray(t *testing.T) {
	t.Parallel()
	var got []string
	for e := range jsonwalk.Elements(` [ "a,]" , [ ] ,{"b":[1]}, -1.5e3 ] `) {
		got = append(got, e)
	}
	want := []string{`"a,]"`, `[ ]`, `{"b":[1]}`, `-1.5e3`}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("element %d is %q, want %q", i, got[i], want[i])
		}
	}
	for e := range jsonwalk.Elements(`{"a":1}`) {
		t.Errorf("an object has no elements, got %q", e)
	}
}

func TestTextIsWhatAStringSays(t *testing.T) {
	t.Parallel()
	if text, ok := jsonwalk.Text(`"a\u0041\n"`); !ok || text != "aA\n" {
		t.Errorf("got %q, %t", text, ok)
	}
	if _, ok := jsonwalk.Text(`12`); ok {
		t.Error("a number is no text")
	}
}

// FuzzMembersAgreeWithTheStandardLibrary holds the walk to encoding/json on valid text, and to
// not reading outside the text on any.
func FuzzMembersAgreeWithTheStandardLibrary(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"c":[true,null,"x\"y"]}}`, `{`, `{"a"`, `{"a":`, `["\`, "{\"\xff\":1}", `{"\ud800":"\\"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		got := maps.Collect(jsonwalk.Members(src))
		for range jsonwalk.Elements(src) { // that it ends is what is tested
		}
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(src), &want) != nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%d members, want %d, in %q", len(got), len(want), src)
		}
		for name, value := range want {
			if got[name] != string(value) {
				t.Errorf("%q is %q, want %q", name, got[name], value)
			}
		}
	})
}
