package cli

import (
	"errors"
	"strings"

	"github.com/forgecroft/fcoidc/internal/config"
)

// placed puts the file's line and column where err begins a line with a flag that was not typed:
// the file gave its value. Only errors of usage are about flags; others pass.
func (f *configFlag) placed(err error) error {
	if err == nil || len(f.origins) == 0 || codeOf(err) != exitUsage {
		return err
	}
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = f.placedLine(line)
	}
	hint := ""
	if h, ok := errors.AsType[hinter](err); ok {
		hint = h.Hint()
	}
	return &exitError{code: exitUsage, err: errors.New(strings.Join(lines, "\n")), hint: hint}
}

func (f *configFlag) placedLine(line string) string {
	if from, rest, ok := f.originOf(line); ok {
		return from.place.String() + ": " + from.key + rest
	}
	return line
}

// originOf is where the value stands that a line about a flag is about, and what the line says of
// it. ok is false if the file did not give it.
func (f *configFlag) originOf(line string) (from origin, rest string, ok bool) {
	for flag, from := range f.origins {
		rest, ok := strings.CutPrefix(line, flag)
		if ok && (rest == "" || rest[0] == ' ' || rest[0] == ':') { // else its name only begins like that
			return from, rest, true
		}
	}
	return origin{}, "", false
}

// withValues is err, which says what is wrong in the file before any value was looked at, with what
// is wrong with the values that could be read: all of it is told at once.
func (f *configFlag) withValues(err, values error) error {
	broken, ok := errors.AsType[*config.Error](err)
	if !ok || values == nil {
		return err
	}
	var inFile []config.Problem
	var inFlags []error
	for line := range strings.SplitSeq(values.Error(), "\n") {
		if from, rest, ok := f.originOf(line); ok {
			inFile = append(inFile, config.Problem{Line: from.place.Line, Column: from.place.Column, Text: from.key + rest})
		} else {
			inFlags = append(inFlags, errors.New(line))
		}
	}
	return usagef("", "%w", errors.Join(broken.With(inFile...), errors.Join(inFlags...)))
}
