// Package causes holds a page for each code that doctor gives: how the fault looks to a person, why
// it is so, and how to fix it. The pages are Markdown that reads well as it stands in a terminal;
// README.md beside them is their index.
package causes

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.md
var pages embed.FS

const (
	extension = ".md"
	index     = "README"
)

// Text returns the page of a code, Markdown in lines of at most 100 columns outside of code. ok is
// false for a code that has none.
func Text(code string) (text string, ok bool) {
	if code == index {
		return "", false
	}
	page, err := pages.ReadFile(code + extension)
	if err != nil {
		return "", false // the pages are in the binary: all that can be wrong is the name
	}
	return string(page), true
}

// Codes returns all codes that have a page, sorted.
func Codes() []string {
	entries, err := pages.ReadDir(".")
	if err != nil {
		return nil // never so of an embedded root
	}
	codes := make([]string, 0, len(entries))
	for _, e := range entries {
		if code := strings.TrimSuffix(e.Name(), extension); code != index {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// Title returns a code's title, one line without a full stop: what the first line of its page,
// "# code: title", says. It is empty for a code that has no page.
func Title(code string) string {
	text, ok := Text(code)
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(text, "\n")
	return strings.TrimPrefix(first, "# "+code+": ")
}
