package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// truth is what a class says of one condition.
type truth uint8

const (
	holds truth = 1 << iota
	open        // rests on a reading that AWS leaves open, or on a key that nobody knows
	free        // not worked out: may hold or fail
)

// level is how sure an answer has to be.
type level uint8

const (
	certain  level = iota // under every reading, and whatever network and clock say
	asRead                // as package policy reads the rules, with network and clock to choose
	possible              // under some reading, whatever could not be worked out
)

// may reports whether the condition can be taken to hold, or to fail.
func (t truth) may(hold bool, l level) bool {
	switch {
	case l == possible && t&(open|free) != 0:
		return true
	case l == certain && t&open != 0, t&free != 0:
		return false
	}
	return (t&holds != 0) == hold
}

// class is a set of what the keys of one variable can hold, none of which any condition tells
// from the others; context is one of them.
type class struct {
	context policy.Context
	truths  []truth // of the variable's conditions
	marks   []bool  // whether the marks of the variable match
	weight  int     // how much it adds to a token
	vague   bool    // no context is known for it
	tags    bool    // the token has session tags
	source  bool    // the token sets a source identity
}

// mark is a pattern whose matches an answer asks for.
type mark struct {
	key     string // in lower case
	pattern policy.Pattern
}

// variable is a condition key, or several that depend on each other, with the classes of what
// it can hold.
type variable struct {
	keys       []string // in lower case
	conditions []int    // indexes in the model's conditions
	marks      []mark
	classes    []class
	seen       map[string]bool
}

// key tells classes apart.
func (c *class) key() string {
	key := make([]byte, 0, len(c.truths)+len(c.marks)+3)
	for _, t := range c.truths {
		key = append(key, byte(t))
	}
	for _, b := range append(slices.Clone(c.marks), c.tags, c.source, c.vague) {
		if b {
			key = append(key, 1)
			continue
		}
		key = append(key, 0)
	}
	return string(key)
}

// add keeps a class if it differs from all before it.
func (v *variable) add(c class) bool {
	key := c.key()
	if v.seen == nil {
		v.seen = map[string]bool{}
	}
	if v.seen[key] {
		return false
	}
	v.seen[key] = true
	v.classes = append(v.classes, c)
	return true
}

// markedBy reports whether a mark on the key matches the class.
func (v *variable) markedBy(c *class, key string) bool {
	for i, m := range v.marks {
		if m.key == key && c.marks[i] {
			return true
		}
	}
	return false
}

// matchMarks matches the variable's marks with a context.
func (v *variable) matchMarks(context policy.Context) []bool {
	matched := make([]bool, len(v.marks))
	for i, m := range v.marks {
		values, _, _ := context.Get(m.key)
		matched[i] = slices.ContainsFunc(values, func(text string) bool { return matches(m.pattern, text) })
	}
	return matched
}
