package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// maxTextStates bounds the search of [separatingTexts]; a trust policy of ordinary size needs
// some hundreds.
const maxTextStates = 1 << 14

// separatingTexts returns the shortest text for each set of the patterns that some text
// matches, no others of them. complete is false if the search had to be given up.
//
// All patterns are run at once over all texts: a state holds where within each pattern one
// can be, and two texts that lead to the same state cannot be told apart by what follows.
func separatingTexts(patterns []policy.Pattern, a alphabet) (texts []string, complete bool) {
	if exact, ok := exactTexts(patterns, a); ok {
		return exact, true
	}
	s := newScan(patterns)
	type node struct {
		at   []uint64
		text string
		size int
	}
	fresh := s.freshChar(a)
	start := s.start()
	queue := []node{{at: start}}
	seen := map[string]bool{s.key(start, 0, a.min): true}
	found := map[string]bool{}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if matched := string(s.matched(n.at)); n.size >= a.min && !found[matched] {
			found[matched] = true
			texts = append(texts, n.text)
		}
		if a.max > 0 && n.size >= a.max {
			continue
		}
		for _, r := range s.nextChars(n.at, fresh) {
			if !a.takes(r) {
				continue
			}
			at := s.step(n.at, r)
			key := s.key(at, n.size+1, a.min)
			if seen[key] {
				continue
			}
			if len(seen) >= maxTextStates {
				return texts, false
			}
			seen[key] = true
			queue = append(queue, node{at, n.text + string(r), n.size + 1})
		}
	}
	return texts, true
}

// exactTexts is the quick way for patterns without wildcards: each text, and one that is none
// of them.
func exactTexts(patterns []policy.Pattern, a alphabet) (texts []string, ok bool) {
	for _, p := range patterns {
		text, exact := p.Exact()
		if !exact {
			return nil, false
		}
		if fits(text, a) && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	other := "other"
	for slices.Contains(texts, other) {
		other += "-x"
	}
	if !fits(other, a) {
		return nil, false
	}
	return append(texts, other), true
}
