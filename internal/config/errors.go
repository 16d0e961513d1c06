package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong in a file.
type Problem struct {
	Line, Column int    // counted from 1
	Text         string // with the way out; what Parse notes quotes no value of the file
}

// Error is everything that is wrong in a file, in the file's order. Its text has a line for each:
// "fcoidc.yaml:7:3: ...".
type Error struct {
	Name     string
	Problems []Problem
}

// maxShown is how many problems a person is shown of a file that is no fcoidc.yaml at all.
const maxShown = 20

func (e *Error) Error() string {
	shown := e.Problems[:min(len(e.Problems), maxShown)]
	lines := make([]string, len(shown), maxShown+1)
	for i, p := range shown {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.Name, p.Line, p.Column, p.Text)
	}
	if more := len(e.Problems) - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more", e.Name, more))
	}
	return strings.Join(lines, "\n")
}

// With is e with more that is wrong in the same file.
func (e *Error) With(more ...Problem) *Error {
	return newError(e.Name, slices.Concat(e.Problems, more))
}

func newError(name string, problems []Problem) *Error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return &Error{Name: name, Problems: problems}
}

// err is what was noted, in the file's order, or nil.
func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return newError(r.name, r.problems)
}
