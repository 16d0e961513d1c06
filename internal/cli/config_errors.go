package cli

import (
	"errors"
	"strings"
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
	for flag, from := range f.origins {
		rest, ok := strings.CutPrefix(line, flag)
		if !ok || rest != "" && rest[0] != ' ' && rest[0] != ':' {
			continue // it is about another flag, or one whose name begins like this one's
		}
		return from.place.String() + ": " + from.key + rest
	}
	return line
}
