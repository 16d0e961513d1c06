package trust

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// scan runs patterns side by side. A place is a position within one of them; the places of a
// state are bits.
type scan struct {
	patterns []policy.Pattern
	begin    []int // of each pattern's places
	places   int
	chars    []rune // that some pattern names
}

func newScan(patterns []policy.Pattern) *scan {
	s := &scan{patterns: patterns}
	for _, p := range patterns {
		s.begin = append(s.begin, s.places)
		s.places += len(p.Symbols) + 1
		for _, symbol := range p.Symbols {
			s.chars = append(s.chars, symbol.Char)
		}
	}
	return s
}

func (s *scan) start() []uint64 {
	at := make([]uint64, (s.places+63)/64)
	for i := range s.patterns {
		s.enter(at, i, 0)
	}
	return at
}

// enter sets place n of pattern i, and the places after it that a run of no characters reaches.
func (s *scan) enter(at []uint64, i, n int) {
	symbols := s.patterns[i].Symbols
	for {
		place := s.begin[i] + n
		at[place/64] |= 1 << (place % 64)
		if n == len(symbols) || symbols[n].Kind != policy.AnyRun && symbols[n].Kind != policy.AnyRunButColon {
			return
		}
		n++
	}
}

func (s *scan) in(at []uint64, i, n int) bool {
	place := s.begin[i] + n
	return at[place/64]&(1<<(place%64)) != 0
}

// step reads one more character.
func (s *scan) step(at []uint64, r rune) []uint64 {
	next := make([]uint64, len(at))
	for i, p := range s.patterns {
		for n, symbol := range p.Symbols {
			if !s.in(at, i, n) {
				continue
			}
			switch symbol.Kind {
			case policy.AnyRun:
				s.enter(next, i, n)
			case policy.AnyRunButColon:
				if r != ':' {
					s.enter(next, i, n)
				}
			case policy.AnyOne:
				s.enter(next, i, n+1)
			case policy.AnyOneButColon:
				if r != ':' {
					s.enter(next, i, n+1)
				}
			default:
				if p.Same(r, symbol.Char) {
					s.enter(next, i, n+1)
				}
			}
		}
	}
	return next
}

// matched tells of each pattern whether the text so far matches the whole of it.
func (s *scan) matched(at []uint64) []byte {
	matched := make([]byte, len(s.patterns))
	for i, p := range s.patterns {
		if s.in(at, i, len(p.Symbols)) {
			matched[i] = 1
		}
	}
	return matched
}

// key names a state. Below the shortest length that counts, the length belongs to it.
func (s *scan) key(at []uint64, size, least int) string {
	b := make([]byte, 0, len(at)*8+1)
	for _, word := range at {
		b = binary.LittleEndian.AppendUint64(b, word)
	}
	return string(append(b, byte(min(size, least)))) //nolint:gosec // least is 2 at most
}

// nextChars returns the characters that could make a difference in a state: those that stand
// next in some pattern, the colon, and one that stands for all others.
func (s *scan) nextChars(at []uint64, fresh rune) []rune {
	var next []rune
	add := func(r rune) {
		if !slices.Contains(next, r) {
			next = append(next, r)
		}
	}
	colon := false
	for i, p := range s.patterns {
		for n, symbol := range p.Symbols {
			if !s.in(at, i, n) {
				continue
			}
			switch symbol.Kind {
			case policy.OneChar:
				for _, r := range spellings(symbol.Char, p) {
					add(r)
				}
			case policy.AnyOneButColon, policy.AnyRunButColon:
				colon = true
			case policy.AnyOne, policy.AnyRun:
			}
		}
	}
	add(fresh)
	if colon {
		add(':')
	}
	return next
}

// spellings returns the characters that may count as r in some letter case, r first.
func spellings(r rune, p policy.Pattern) []rune {
	all := []rune{r}
	if p.Case == policy.ExactCase {
		return all
	}
	candidates := []rune{unicode.ToLower(r), unicode.ToUpper(r), unicode.ToTitle(r), '\u0130'}
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		candidates = append(candidates, other)
	}
	for _, other := range candidates {
		if p.Same(other, r) && !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

// freshChar returns a character that no pattern names in any letter case.
func (s *scan) freshChar(a alphabet) rune {
	named := func(r rune) bool {
		lower := policy.Pattern{Case: policy.LowerCase}
		return slices.ContainsFunc(s.chars, func(c rune) bool { return lower.Same(c, r) })
	}
	for _, r := range "xyzabcdefghijklmnopqrstuvw0123456789-_.=+@,/!~" {
		if a.takes(r) && !named(r) {
			return r
		}
	}
	for r := rune(0x4e00); r < 0x9fff; r++ { // ideographs have no case
		if a.takes(r) && !named(r) {
			return r
		}
	}
	return utf8.RuneError
}

// matches reports whether the whole text matches the pattern.
func matches(p policy.Pattern, text string) bool {
	s := newScan([]policy.Pattern{p})
	at := s.start()
	for _, r := range text {
		at = s.step(at, r)
	}
	return s.in(at, 0, len(p.Symbols))
}
