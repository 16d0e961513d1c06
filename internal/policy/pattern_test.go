package policy

import (
	"slices"
	"strings"
	"testing"
)

// naiveMatches matches a pattern by trying every run.
func naiveMatches(p Pattern, s []rune) bool {
	if len(p.Symbols) == 0 {
		return len(s) == 0
	}
	symbol, rest := p.Symbols[0], Pattern{p.Symbols[1:], p.Case}
	one := len(s) > 0
	switch symbol.Kind {
	case AnyRun:
		return naiveMatches(rest, s) || one && naiveMatches(p, s[1:])
	case AnyRunButColon:
		return naiveMatches(rest, s) || one && s[0] != ':' && naiveMatches(p, s[1:])
	case AnyOneButColon:
		return one && s[0] != ':' && naiveMatches(rest, s[1:])
	case AnyOne:
		return one && naiveMatches(rest, s[1:])
	default:
		return one && p.Same(s[0], symbol.Char) && naiveMatches(rest, s[1:])
	}
}

func TestPatternsTellApartAllThatTheConditionTellsApart(t *testing.T) {
	t.Parallel()
	compared := 0
	for seed := range uint64(4000) {
		g := newGenerator(seed)
		op := pick(g, baseOperators...)
		src := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Condition": {` + quoteJSON(pick(g, "", "ForAllValues:", "ForAnyValue:")+op.Base) + `: {"k:a": [` +
			quoteJSON(g.text(op.Family)) + ", " + quoteJSON(g.text(op.Family)) + `]}}}}`
		c := &parse(t, src).Statements[0].Conditions[0]
		patterns, ok := c.Patterns()
		if !ok {
			continue
		}
		judged := map[string]ConditionTrace{}
		for _, text := range slices.Concat(generatedValues[op.Family], generatedValues[StringFamily], generatedValues[ARNFamily], []string{"true", "FALSE", "arn:aws:svc:r:1:a", "${k:a}", "\u0130", "tru\u0117", "fal\u017fe"}) {
			key := "empty"
			if text != "" {
				var matched strings.Builder
				for _, p := range patterns {
					matched.WriteByte("01"[map[bool]int{true: 1}[naiveMatches(p, []rune(text))]])
				}
				key = matched.String()
			}
			trace := c.Judge(Context{"k:a": {text}})
			if before, again := judged[key]; again {
				compared++
				if before.Holds != trace.Holds || before.Open != trace.Open {
					t.Errorf("%s: %q and %q match the same patterns, yet hold %t, %t and rest on %q, %q", src, before.Found, trace.Found, before.Holds, trace.Holds, before.Open, trace.Open)
				}
			}
			judged[key] = trace
		}
	}
	if compared < 10_000 {
		t.Errorf("only %d values were compared", compared)
	}
}

func quoteJSON(s string) string { return `"` + s + `"` }

func (g generator) text(family Family) string {
	return pick(g, slices.Concat(generatedValues[family], expectedOnly[family])...)
}
