package escape_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/escape"
)

func TestTextShowsWhatWouldOtherwiseActOnATerminal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"plain text stays":                  {"arn:aws:iam::012345678901:role/x", "arn:aws:iam::012345678901:role/x"},
		"letters of every script stay":      {"Zürich 東京 שלום 🚀", "Zürich 東京 שלום 🚀"},
		"an emoji sequence stays":           {"👩‍💻 ❤️", "👩‍💻 ❤️"},
		"a terminal escape is shown":        {"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		"C1 controls are shown":             {"a\u009bb", `a\x9bb`},
		"line breaks are shown":             {"a\r\nb\tc", `a\r\nb\tc`},
		"bidirectional overrides are shown": {"user\u202e nimda", `user\u202e nimda`},
		"isolates are shown":                {"\u2066x\u2069", `\u2066x\u2069`},
		"a line separator is shown":         {"a\u2028b", `a\u2028b`},
		"tag characters are shown":          {"a\U000e0041", `a\U000e0041`},
		"broken UTF-8 is shown":             {"a\xffb", `a\xffb`},
		"a no-break space is shown":         {"a\u00a0b", `a\xa0b`},
		"a soft hyphen is shown":            {"ad\u00admin", `ad\xadmin`},
		"Hangul fillers are shown":          {"\u3164\u115f\u1160\uffa0", `\u3164\u115f\u1160\uffa0`},
		"a braille blank is shown":          {"a\u2800b ⠃", `a\u2800b ⠃`},
		"a grapheme joiner is shown":        {"a\u034fb", `a\u034fb`},
		"Khmer inherent vowels are shown":   {"ក\u17b4\u17b5", `ក\u17b4\u17b5`},
		"variation selectors are shown":     {"a\ufe00b\U000e0100", `a\ufe00b\U000e0100`},
		"those of emoji stay":               {"❤\ufe0e ❤\ufe0f", "❤\ufe0e ❤\ufe0f"},
		"an empty notehead is shown":        {"\U0001d159", `\U0001d159`},
		"accents stay":                      {"e\u0301 नि 각", "e\u0301 नि 각"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := escape.Text(tt.in); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestBlockKeepsLineFeedsOnly(t *testing.T) {
	t.Parallel()
	if got, want := escape.Block("a\nb\r\x1b"), "a\nb\\r\\x1b"; got != want {
		t.Errorf("Block = %q, want %q", got, want)
	}
}

func FuzzTextNeverReturnsAControlCharacter(f *testing.F) {
	for _, s := range []string{"", "a", "\x1b[0m", "\u202e", "\xff\xfe", "👩‍💻"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := escape.Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Text(%q) is not UTF-8: %q", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("Text(%q) = %q holds %U", s, got, r)
			}
		}
	})
}
