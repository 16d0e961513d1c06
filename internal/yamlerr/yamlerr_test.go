package yamlerr_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/yamlerr"
)

func TestTheLineIsThatOfTheMistake(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		src  string
		line int
		text string
	}{
		"the scanner, line 1":              {"@a\n- b\n", 1, "found character that cannot start any token"},
		"the scanner, line 3":              {"- a\n- b\n- @c\n", 3, "found character that cannot start any token"},
		"the scanner, in the middle of 1":  {"- a: b: c\n", 1, "mapping values are not allowed in this context"},
		"the parser, line 1":               {"[a b: c d: e\n", 1, "did not find expected ',' or ']'"},
		"the parser, line 2":               {"- a\n- {b: c\n- d\n", 2, "did not find expected ',' or '}'"},
		"the end, of a quote in line 1":    {"- 'a\n- b\n", 3, "found unexpected end of stream"},
		"a control character":              {"- a\n- b\x01\n", 2, "control characters are not allowed"},
		"a byte that is not UTF-8":         {"- a\n- b\n- \xff\n", 3, "invalid leading UTF-8 octet"},
		"a character that is cut":          {"- a\n- \xe2\x82", 2, "incomplete UTF-8 octet sequence"},
		"an anchor that is nowhere":        {"- a\n- *b\n", 0, "unknown anchor 'b' referenced"},
		"a tag of a handle that is nobody": {"- !a!b c\n", 1, "found undefined tag handle"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n yaml.Node
			err := yaml.Unmarshal([]byte(tt.src), &n)
			if err == nil {
				t.Fatal("the library takes it")
			}
			if line, text := yamlerr.Describe([]byte(tt.src), err); line != tt.line || text != tt.text {
				t.Errorf("Describe(%q) = %d, %q, want %d, %q", err, line, text, tt.line, tt.text)
			}
		})
	}
}

func FuzzALineIsOneOfTheFile(f *testing.F) {
	for _, src := range []string{"@", "- a\n- {", "a: b: c", "\x01", "\xff\n", "*a", "- 'a\n\n"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		src = src[:min(len(src), 1000)] // with more that is nested, the library takes very long
		var n yaml.Node
		err := yaml.Unmarshal([]byte(src), &n)
		if err == nil {
			return
		}
		line, text := yamlerr.Describe([]byte(src), err)
		most := 2 // where a file ends is a line, too
		for _, c := range src {
			if c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029' {
				most++
			}
		}
		if line < 0 || line > most || text == "" {
			t.Errorf("%q: line %d of %q, %s", err, line, src, text)
		}
	})
}
