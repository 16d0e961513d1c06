package trust

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// allTexts returns every text of the characters up to a length.
func allTexts(characters string, length int) (texts []string) {
	texts = []string{""}
	for begin := 0; length > 0; length-- {
		end := len(texts)
		for _, text := range texts[begin:end] {
			for _, r := range characters {
				texts = append(texts, text+string(r))
			}
		}
		begin = end
	}
	return texts
}

func (g generator) pattern() policy.Pattern {
	p := policy.Pattern{Case: pick(g, policy.ExactCase, policy.ExactCase, policy.LowerCase)}
	for range g.IntN(5) {
		kind := pick(g, policy.OneChar, policy.OneChar, policy.OneChar, policy.AnyRun, policy.AnyOne, policy.AnyRunButColon, policy.AnyOneButColon)
		s := policy.Symbol{Kind: kind}
		if kind == policy.OneChar {
			s.Char = pick(g, 'a', 'b', ':')
		}
		p.Symbols = append(p.Symbols, s)
	}
	return p
}

func matchedBy(patterns []policy.Pattern, text string) string {
	key := ""
	for _, p := range patterns {
		if matches(p, text) {
			key += "1"
			continue
		}
		key += "0"
	}
	return key
}

func TestSeparatingTextsFindEverySetOfPatternsThatATextMatches(t *testing.T) {
	t.Parallel()
	texts := allTexts("aAb:x", 5)
	forSeeds(t, 60, func(g generator, seed int) {
		var patterns []policy.Pattern
		for range 1 + g.IntN(4) {
			patterns = append(patterns, g.pattern())
		}
		a := alphabet{min: g.IntN(3)}
		found, complete := separatingTexts(patterns, a)
		if !complete {
			t.Errorf("seed %d: given up on %v", seed, patterns)
		}
		sets := map[string]string{}
		for _, text := range found {
			set := matchedBy(patterns, text)
			if other, again := sets[set]; again || !fits(text, a) {
				t.Errorf("seed %d: %q beside %q for %v", seed, text, other, patterns)
			}
			sets[set] = text
		}
		for _, text := range texts {
			if _, ok := sets[matchedBy(patterns, text)]; !ok && fits(text, a) {
				t.Errorf("seed %d: no text like %q among %q for %v", seed, text, found, patterns)
				return
			}
		}
	})
}

func TestSeparatingTextsKeepToTheAlphabet(t *testing.T) {
	t.Parallel()
	patterns := []policy.Pattern{policy.Literal("a b"), policy.Literal("x"), {Symbols: []policy.Symbol{{Kind: policy.AnyRun}, {Char: ':'}}}}
	found, complete := separatingTexts(patterns, sessionText)
	if !complete || len(found) != 1 || !fits(found[0], sessionText) {
		t.Errorf("%q, %t; of a session name no text matches any of these", found, complete)
	}
}
