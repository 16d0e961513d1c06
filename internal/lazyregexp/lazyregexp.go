// Package lazyregexp holds regular expressions that are compiled when they are first
// matched. A command starts in a few milliseconds; compiling every pattern of the program
// at its start would take about as long again, and most commands match none of them.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled at first use. Its methods are those of
// [regexp.Regexp] and may be called concurrently.
type Regexp struct {
	source   string
	compiled func() *regexp.Regexp
}

// New makes a Regexp of a constant pattern. One that does not compile panics as in
// [regexp.MustCompile], but at first use.
func New(source string) *Regexp {
	return &Regexp{source, sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })}
}

// String returns the pattern.
func (r *Regexp) String() string { return r.source }

// MatchString is [regexp.Regexp.MatchString].
func (r *Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }

// ReplaceAllString is [regexp.Regexp.ReplaceAllString].
func (r *Regexp) ReplaceAllString(s, with string) string {
	return r.compiled().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc is [regexp.Regexp.ReplaceAllStringFunc].
func (r *Regexp) ReplaceAllStringFunc(s string, with func(string) string) string {
	return r.compiled().ReplaceAllStringFunc(s, with)
}

// FindStringSubmatch is [regexp.Regexp.FindStringSubmatch].
func (r *Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }
