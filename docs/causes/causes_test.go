package causes_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/docs/causes"
)

// width is the longest line of prose, in columns: the pages are printed as they are.
const width = 100

var (
	codeShape = regexp.MustCompile(`^[a-z]+(_[a-z0-9]+)+$`)
	snakeCase = regexp.MustCompile(`\b[a-z]+(_[a-z0-9]+)+\b`)
	inline    = regexp.MustCompile("`[^`]*`")
	sections  = []string{"## How it looks", "## Why", "## How to fix"}
)

func TestEveryCauseOfARefusedExchangeHasAPage(t *testing.T) {
	t.Parallel()
	for _, code := range closedList {
		if _, ok := causes.Text(code); !ok {
			t.Errorf("%s has no page", code)
		}
	}
}

func TestCodesAreSortedAndOfOneShape(t *testing.T) {
	t.Parallel()
	codes := causes.Codes()
	if !slices.IsSorted(codes) {
		t.Errorf("not sorted: %q", codes)
	}
	files, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(codes), len(files)-1; got != want {
		t.Errorf("%d codes, and %d pages beside README.md", got, want)
	}
	for _, code := range codes {
		if !codeShape.MatchString(code) {
			t.Errorf("%q is no code", code)
		}
	}
}

func TestWhatIsNoCodeHasNoText(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "README", "causes", "no_such_code", "../dependencies", "./token_expired", "TOKEN_EXPIRED", "token_expired.md"} {
		if text, ok := causes.Text(code); ok || text != "" {
			t.Errorf("Text(%q) = %.20q, %t", code, text, ok)
		}
		if title := causes.Title(code); title != "" {
			t.Errorf("Title(%q) = %q", code, title)
		}
	}
}

func TestEachPageBeginsWithItsCodeAndATitleOfItsOwn(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, code := range causes.Codes() {
		title := causes.Title(code)
		if !strings.HasPrefix(page(t, code), "# "+code+": "+title+"\n") {
			t.Errorf("%s does not begin with its code and title", code)
		}
		if title == "" || title != strings.TrimSpace(title) || strings.HasSuffix(title, ".") || strings.HasPrefix(title, "#") {
			t.Errorf("%s has the title %q", code, title)
		}
		if other, taken := owner[title]; taken {
			t.Errorf("%s and %s have the same title", code, other)
		}
		owner[title] = code
	}
}

func TestEachPageHasItsThreeSectionsInOrderAndNoneIsEmpty(t *testing.T) {
	t.Parallel()
	for _, code := range causes.Codes() {
		var got []string
		var empty bool
		for _, b := range blocks(t, code) {
			if strings.HasPrefix(b.text, "#") && !b.code {
				if len(got) > 1 && empty {
					t.Errorf("%s: nothing stands under %q", code, got[len(got)-1])
				}
				got, empty = append(got, b.text), true
				continue
			}
			empty = false
		}
		if empty {
			t.Errorf("%s: its last section is empty", code)
		}
		if want := append([]string{"# " + code + ": " + causes.Title(code)}, sections...); !slices.Equal(got, want) {
			t.Errorf("%s has the headings %q", code, got)
		}
	}
}

func TestEachPageCitesAWSAndOffersSomethingToPaste(t *testing.T) {
	t.Parallel()
	for _, code := range causes.Codes() {
		_, rest, _ := strings.Cut(page(t, code), sections[1])
		why, fix, _ := strings.Cut(rest, sections[2])
		if !strings.Contains(why, "\nhttps://docs.aws.amazon.com/") {
			t.Errorf("%s: no page of AWS under %q", code, sections[1])
		}
		if !strings.Contains(fix, "\n```") {
			t.Errorf("%s: nothing to paste under %q", code, sections[2])
		}
	}
}

func TestPagesReadWellInATerminal(t *testing.T) {
	t.Parallel()
	for _, code := range causes.Codes() {
		text := page(t, code)
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.ContainsAny(text, "\t\r") {
			t.Errorf("%s: ends otherwise than with one line end, or has tabs or carriage returns", code)
		}
		for _, b := range blocks(t, code) {
			if !b.code {
				readsWell(t, code, b.text)
			}
		}
	}
}

// readsWell reports lines that a terminal would break or that need a Markdown renderer.
func readsWell(t *testing.T, code, paragraph string) {
	t.Helper()
	for line := range strings.Lines(paragraph) {
		line = strings.TrimSuffix(line, "\n")
		address := strings.HasPrefix(line, "https://") && !strings.Contains(line, " ")
		if utf8.RuneCountInString(line) > width && !address {
			t.Errorf("%s: a line of more than %d columns: %s", code, width, line)
		}
		if strings.Count(line, "`")%2 != 0 {
			t.Errorf("%s: inline code goes over a line end: %s", code, line)
		}
		if line != strings.TrimSpace(line) || strings.ContainsAny(line[:1], "-*>|+") {
			t.Errorf("%s: only headings, paragraphs and code: %s", code, line)
		}
		if plain := inline.ReplaceAllString(line, ""); strings.Contains(plain, "](") || strings.Contains(plain, "**") {
			t.Errorf("%s: a link or bold text: %s", code, line)
		}
	}
}

func TestNoTwoPagesShareAParagraph(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, code := range causes.Codes() {
		for _, b := range blocks(t, code) {
			if b.code || slices.Contains(sections, b.text) {
				continue
			}
			if other, taken := owner[b.text]; taken {
				t.Errorf("%s and %s share: %s", code, other, b.text)
			}
			owner[b.text] = code
		}
	}
}

func TestPagesReferOnlyToCodesThatHaveOne(t *testing.T) {
	t.Parallel()
	for _, code := range causes.Codes() {
		for _, b := range blocks(t, code) {
			if b.code {
				continue
			}
			for line := range strings.Lines(b.text) {
				if strings.HasPrefix(line, "https://") {
					continue
				}
				for _, name := range snakeCase.FindAllString(inline.ReplaceAllString(line, ""), -1) {
					if _, ok := causes.Text(name); !ok {
						t.Errorf("%s speaks of %s, which has no page", code, name)
					}
				}
			}
		}
	}
}

func TestIndexListsEachCodeOnceWithItsTitle(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	row := regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\.md\) \| (.*) \|$`)
	for _, m := range row.FindAllStringSubmatch(string(index), -1) {
		code, file, title := m[1], m[2], m[3]
		if file != code || title != causes.Title(code) {
			t.Errorf("the index has %q for %s, whose title is %q (file %s.md)", title, code, causes.Title(code), file)
		}
		listed = append(listed, code)
	}
	slices.Sort(listed)
	if !slices.Equal(listed, causes.Codes()) {
		t.Errorf("listed %q\nwant   %q", listed, causes.Codes())
	}
}

// block is a heading, a paragraph or, without its fences, a piece of code.
type block struct {
	text string
	code bool
}

func blocks(t *testing.T, code string) []block {
	t.Helper()
	var all []block
	for i, part := range strings.Split("\n"+page(t, code), "\n```") {
		if i%2 == 1 {
			_, body, _ := strings.Cut(part, "\n") // what stands behind the fence is the language
			all = append(all, block{text: body, code: true})
			continue
		}
		for paragraph := range strings.SplitSeq(part, "\n\n") {
			if p := strings.Trim(paragraph, "\n"); p != "" {
				all = append(all, block{text: p})
			}
		}
	}
	if strings.Count(page(t, code), "```")%2 != 0 {
		t.Errorf("%s: a fence is not closed", code)
	}
	return all
}

func page(t *testing.T, code string) string {
	t.Helper()
	text, ok := causes.Text(code)
	if !ok {
		t.Fatalf("%s is listed and has no page", code)
	}
	return text
}

// closedList are the causes of a refused exchange. Cases are labelled with them, so none may vanish.
var closedList = []string{
	"sub_context_mismatch",
	"sub_name_mismatch",
	"sub_case_mismatch",
	"sub_format_changed",
	"wildcard_without_like",
	"aud_condition_mismatch",
	"aud_not_in_provider",
	"condition_key_unsupported",
	"condition_key_prefix",
	"condition_key_wrong_claim",
	"condition_keys_collapsed",
	"principal_wrong",
	"action_wrong",
	"tag_session_missing",
	"provider_missing",
	"issuer_url_mismatch",
	"thumbprint_mismatch",
	"discovery_unreachable",
	"jwks_fetch_transient",
	"jwks_key_missing",
	"token_alg_unsupported",
	"token_expired",
	"token_too_old",
	"token_not_yet_valid",
	"token_claim_missing",
	"wrong_token",
	"duration_exceeds_max",
	"session_name_invalid",
	"role_arn_invalid",
	"org_policy_deny",
	"sts_endpoint",
	"iam_propagation",
	"token_not_obtained",
	"client_config",
	"other_credentials_used",
}
