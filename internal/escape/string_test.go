package escape_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// encoded is a string as encoding/json writes it, made harmless: what AppendString does at once.
func encoded(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	return string(escape.JSON(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))
}

var odd = []string{
	"", "plain", `"quoted" \ back`, "a\r\n\tb\b\f\v\x00\x1f\x7f", "Zürich 東京 🚀", "user\u202enimda", "\u009b31m", "a\u00a0b",
	"\u2028\u2029", "\U000e0041", "a\xffb\xc3", "\ufffd", "👩‍💻 ❤️", "<script>&amp;", "\ue000",
}

func TestAppendStringIsEncodingJSONMadeHarmless(t *testing.T) {
	t.Parallel()
	for _, s := range odd {
		if got, want := string(escape.AppendString([]byte("x"), s)), "x"+encoded(t, s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func FuzzAppendStringAgreesWithEncodingJSON(f *testing.F) {
	for _, s := range odd {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(escape.AppendString(nil, s)), encoded(t, s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	})
}
