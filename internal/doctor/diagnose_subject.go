package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// compareSubjects says how the subject of a policy differs from the token's. wild is true if the
// policy's holds * or ? that are meant as wildcards, whatever its operator makes of them.
func (d *diagnoser) compareSubjects(expected, found string, wild bool) likeness {
	s, ok := splitSubject(d.c.Token.Issuer(), found)
	if !ok || len(s.parts) > maxParts || d.steps <= 0 {
		return compareUnknown(expected, found)
	}
	s.steps, s.room = &d.steps, &d.shape
	if l, changed := s.compareIDs(expected, wild); changed {
		return l
	}
	return s.compare(expected, wild)
}

// compare asks which parts of the subject must become others for the policy's value to match it.
// A wildcard before the end is first taken to stand for a value, as it is meant, and only then for
// several parts, as it works.
func (s subject) compare(expected string, wild bool) likeness {
	whole := globOf(expected, wild)
	if l, changed := s.compareTemplate(expected, whole); changed {
		return l
	}
	bounded := whole.within(rune(s.sep[0]))
	if l, ok := s.comparePattern(expected, bounded); ok {
		return l
	}
	if !slices.Equal(bounded, whole) {
		if l, ok := s.comparePattern(expected, whole); ok {
			return l
		}
	}
	return s.shapeDiffers(expected)
}

func (s subject) comparePattern(expected string, want glob) (likeness, bool) {
	lead := s.lead()
	who := func(i int) bool { return i < lead || isIdentity(s.parts[i].Name) }
	fits := func(free func(part int) bool) bool {
		return want.meets(s.shape(len(s.parts), free, false), s.steps) || want.meets(s.shape(lead, free, true), s.steps)
	}
	if fits(func(i int) bool { return !who(i) }) {
		return s.contextDiffers(expected), true
	}
	if !fits(func(int) bool { return true }) {
		return likeness{}, false
	}
	var names []string
	for i, p := range s.parts {
		if who(i) && !fits(func(j int) bool { return j != i }) {
			names = append(names, s.nameDiffers(expected, p))
		}
	}
	difference := strings.Join(names, "; ")
	if difference == "" {
		difference = nearMiss(expected, s.text())
	}
	return likeness{
		cause: "sub_name_mismatch", far: 5 + min(len(names), 2) + s.stranger(expected),
		words: "the subject names another one than the policy: " + difference,
	}, true
}

func (s subject) contextDiffers(expected string) likeness {
	context := s.parts[s.lead():]
	who := s.leading().text()
	rest, cut := strings.CutPrefix(expected, who+s.sep)
	switch {
	case expected == who:
		return likeness{cause: "sub_context_mismatch", far: 2, words: "the policy leaves out the context with which the token's subject goes on: " + partsText(context)}
	case !cut:
		rest = expected
	}
	return likeness{cause: "sub_context_mismatch", far: 3, words: "who it is agrees, the context does not: the token's is " + partsText(context) + ", the policy's " + rest}
}

// nameDiffers words one part, with what the policy has in its place where that can be told.
func (s subject) nameDiffers(expected string, p claims.Part) string {
	own := p.Name + " is " + p.Value
	if s.pair == "" {
		fields := strings.Split(strings.TrimPrefix(expected, s.prefix), s.sep)
		if i := slices.Index(s.parts, p); i < len(fields) {
			return own + ", the policy names " + fields[i]
		}
		return own
	}
	if _, after, ok := strings.Cut(s.sep+expected, s.sep+p.Name+s.pair); ok {
		named, _, _ := strings.Cut(after, s.sep)
		return own + ", the policy names " + named
	}
	return own
}

// stranger is 1 if not even the owner, the group or the namespace is the policy's.
func (s subject) stranger(expected string) int {
	first := s.parts[0]
	owner, _, _ := strings.Cut(first.Value, "/")
	if owner == "" || strings.Contains(expected, owner) {
		return 0
	}
	return 1
}

func (s subject) shapeDiffers(expected string) likeness {
	if s.pair != "" && !strings.HasPrefix(expected, s.parts[0].Name+s.pair) {
		return likeness{cause: "sub_format_changed", far: 8, words: "the issuer writes the subject in another format than the policy expects: it begins with " + s.parts[0].Name}
	}
	if s.pair == "" && !strings.HasPrefix(expected, s.prefix) {
		return likeness{cause: "sub_format_changed", far: 8, words: "the issuer writes the subject in another format than the policy expects"}
	}
	if s.pair == "" {
		return likeness{cause: "sub_name_mismatch", far: 7, words: "the token's subject is another than the one that the policy names: " + nearMiss(expected, s.text())}
	}
	return likeness{cause: "sub_format_changed", far: 4, words: "the issuer writes the subject with other parts than the policy expects: " + partNames(s.parts)}
}

// compareUnknown compares subjects of no known format.
func compareUnknown(expected, found string) likeness {
	switch {
	case strings.HasPrefix(found, expected+":"):
		return likeness{cause: "sub_context_mismatch", far: 2, words: "the policy's subject ends where the token's goes on"}
	case strings.HasPrefix(expected, found+":"):
		return likeness{cause: "sub_format_changed", far: 2, words: "the token's subject ends where the policy's goes on"}
	case firstName(expected) != firstName(found):
		return likeness{cause: "sub_format_changed", far: 6, words: "the issuer writes the subject in another format than the policy expects"}
	}
	return likeness{cause: "sub_name_mismatch", far: 6, words: "the token's subject is another than the one that the policy names: " + nearMiss(expected, found)}
}

// firstName is what stands before the first colon of a subject, "" if there is none.
func firstName(sub string) string {
	name, _, ok := strings.Cut(sub, ":")
	if !ok {
		return ""
	}
	return name
}
