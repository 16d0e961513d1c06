package jsonwalk_test

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
)

func TestAFaultIsNamedWhereItStands(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]struct {
		at   string // what stands at the offset
		what string
	}{
		"{\u201ca\": 1}":        {"\u201c", "\u201c (U+201C) is a typographic quote"},
		"{\"a\": \u201d1\"}":    {"\u201d", "(U+201D) is a typographic quote"},
		"{\u00a0\"a\": 1}":      {"\u00a0", "a no-break space (U+00A0)"},
		"{'a': 1}":              {"'", "a single quote"},
		"{\"a\": 1, // note\n}": {"//", "a comment"},
		"// note\n{}":           {"//", "a comment"},
		"{\"a\": 1 /* b */}":    {"/*", "a comment"},
		"{\"a\": 1 # b\n}":      {"#", "a comment"},
		"{\"a\": [1, 2,\n ]}":   {",\n ]", "a comma behind the last element"},
		"{\"a\": 1,}":           {",}", "a comma behind the last element"},
		"\xff\xfe{\x00}\x00":    {"\xff", "UTF-16: save it as UTF-8"},
		"{\x00}\x00":            {"{", "UTF-16"},
		"\xef\xbb\xbf{}":        {"\xef", "byte order mark"},
		"%7B%22a%22%3A1%7D":     {"%7B", "URL-encoded"},
		"{\"a\": 1":             {"", "ends too early"},
		"{\"a\": \xe4}":         {"\xe4", "no UTF-8"},
		"{\"a\": \u00e4}":       {"\u00e4", "U+00E4"},
		" \n":                   {" ", "it is empty"},
		"{\"a\" 1}":             {"1}", "invalid character '1' after object key"},
	} {
		at, what, ok := jsonwalk.Fault(src)
		if !ok || !strings.HasPrefix(src[at:], want.at) || !strings.Contains(what, want.what) {
			t.Errorf("Fault(%q) = %d, %q, %t; want %q at %q", src, at, what, ok, want.what, want.at)
		}
	}
	if _, _, ok := jsonwalk.Fault(`{"a": "// no comment, 'no quote'"}`); ok {
		t.Error("valid JSON has a fault")
	}
}
