package doctor

import (
	"slices"
)

// glob is a text of which some stretches are free: a policy's value with wildcards, or a subject
// some of whose parts may be others.
type glob []globToken

// globToken is one character, any one character, or a run of any length.
type globToken struct {
	kind globKind
	r    rune // the character; for a run the one that it may not hold, 0 for none
}

type globKind uint8

const (
	globChar globKind = iota
	globOne
	globRun
)

func literalGlob(s string) glob { return make(glob, 0, len(s)).literally(s) }

// literally is the glob that goes on with a text.
func (g glob) literally(s string) glob {
	for _, r := range s {
		g = append(g, globToken{globChar, r})
	}
	return g
}

// globOf reads a policy's value, with wild for one whose * and ? are wildcards.
func globOf(value string, wild bool) glob {
	g := literalGlob(value)
	for i := range g {
		switch {
		case wild && g[i].r == '*':
			g[i] = globToken{globRun, 0}
		case wild && g[i].r == '?':
			g[i] = globToken{globOne, 0}
		}
	}
	return g
}

// within is the glob whose runs, but for one at the end, do not reach over a separator.
func (g glob) within(sep rune) glob {
	if i := slices.IndexFunc(g, func(t globToken) bool { return t.kind == globRun }); i < 0 || i+1 == len(g) {
		return g
	}
	bounded := slices.Clone(g)
	for i := range bounded {
		if bounded[i].kind == globRun && i+1 < len(bounded) {
			bounded[i].r = sep
		}
	}
	return bounded
}

// maxSteps bounds the work of comparing globs in one diagnosis, some hundredths of a second.
const maxSteps = 1 << 24

// meets reports whether some text fits both globs. steps is what is left of the work that may be
// done; where it does not suffice the two do not meet.
func (g glob) meets(h glob, steps *int) bool {
	// Plain characters at both ends need no table.
	for len(g) > 0 && len(h) > 0 && g[0].kind == globChar && h[0].kind == globChar {
		if g[0] != h[0] {
			return false
		}
		g, h = g[1:], h[1:]
	}
	for len(g) > 0 && len(h) > 0 && g[len(g)-1].kind == globChar && h[len(h)-1].kind == globChar {
		if g[len(g)-1] != h[len(h)-1] {
			return false
		}
		g, h = g[:len(g)-1], h[:len(h)-1]
	}
	if *steps -= (len(g) + 1) * (len(h) + 1); *steps < 0 {
		return false
	}
	// next[j] is whether g[i+1:] and h[j:] meet, row[j] the same of g[i:].
	row, next := make([]bool, len(h)+1), make([]bool, len(h)+1)
	for i := len(g); i >= 0; i-- {
		for j := len(h); j >= 0; j-- {
			switch {
			case i == len(g) && j == len(h):
				row[j] = true
			case i < len(g) && g[i].kind == globRun && next[j], j < len(h) && h[j].kind == globRun && row[j+1]:
				row[j] = true // the run is empty from here on
			case i == len(g) || j == len(h):
				row[j] = false
			default:
				row[j] = g[i].shares(h[j]) && advance(g[i], h[j], next[j], row[j+1], next[j+1])
			}
		}
		row, next = next, row
	}
	return next[0]
}

// shares reports whether one character fits both tokens.
func (t globToken) shares(u globToken) bool {
	switch {
	case t.kind == globChar && u.kind == globChar:
		return t.r == u.r
	case t.kind == globChar:
		return u.kind == globOne || u.r != t.r
	case u.kind == globChar:
		return t.kind == globOne || t.r != u.r
	}
	return true
}

// advance is whether the rests meet once a character is taken from both tokens: a run stays, all
// others are used up. Of two runs one can always end first.
func advance(t, u globToken, tUsed, uUsed, both bool) bool {
	switch {
	case t.kind == globRun && u.kind == globRun:
		return false // both ends were looked at
	case t.kind == globRun:
		return uUsed
	case u.kind == globRun:
		return tUsed
	}
	return both
}
