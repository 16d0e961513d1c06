package escape_test

import (
	"encoding/json"
	"testing"

	"github.com/forgecroft/fcoidc/internal/escape"
)

func TestJSONHidesNothingAndChangesNothing(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"{\n  \"a\": \"Zürich 🚀\"\n}": "{\n  \"a\": \"Zürich 🚀\"\n}",
		"\"user\u202enimda\"":         `"user\u202enimda"`,
		"\"\u009b31m\"":               `"\u009b31m"`,
		"\"\x7f\"":                    `"\u007f"`,
		"\"\U000e0041\"":              `"\udb40\udc41"`,
	} {
		got := string(escape.JSON([]byte(in)))
		if got != want {
			t.Errorf("JSON(%q) = %q, want %q", in, got, want)
		}
		var before, after any
		if json.Unmarshal([]byte(in), &before) == nil && (json.Unmarshal([]byte(got), &after) != nil) {
			t.Errorf("JSON(%q) is no JSON: %q", in, got)
		}
		if _, isText := before.(string); isText && before != after {
			t.Errorf("JSON(%q) reads as %q", in, after)
		}
	}
}
