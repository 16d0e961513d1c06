package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// SymbolKind says what one symbol of a pattern stands for.
type SymbolKind uint8

// The kinds of symbols.
const (
	OneChar SymbolKind = iota // the very character
	AnyOne                    // ?
	AnyRun                    // *
	AnyOneButColon
	AnyRunButColon // a * within one of the first five parts of an ARN
)

// Symbol is one symbol of a pattern.
type Symbol struct {
	Kind SymbolKind
	Char rune // of OneChar
}

// CaseRule says which characters count as the same letter.
type CaseRule uint8

// The rules. IAM is documented to ignore letter case without saying how beyond ASCII.
const (
	ExactCase   CaseRule = iota
	ASCIICase            // A is a
	LowerCase            // what has the same simple lower case: the reading of [OpenLowerCase]
	FoldingCase          // what Unicode's simple folding makes equal
)

// Pattern describes texts, from the first character to the last.
type Pattern struct {
	Symbols []Symbol
	Case    CaseRule
}

// Same reports whether a character of a text counts as one of the pattern.
func (p Pattern) Same(a, b rune) bool {
	switch p.Case {
	case ASCIICase:
		return a == b || a < utf8.RuneSelf && b < utf8.RuneSelf && unicode.ToLower(a) == unicode.ToLower(b)
	case LowerCase:
		return unicode.ToLower(a) == unicode.ToLower(b)
	case FoldingCase:
		return strings.EqualFold(string(a), string(b))
	default:
		return a == b
	}
}

// Literal returns the pattern that s alone matches.
func Literal(s string) Pattern {
	p := Pattern{Symbols: make([]Symbol, 0, len(s))}
	for _, r := range s {
		p.Symbols = append(p.Symbols, Symbol{Char: r})
	}
	return p
}

// Exact returns the text that the pattern describes, ok false if it describes more than one.
func (p Pattern) Exact() (text string, ok bool) {
	if p.Case != ExactCase {
		return "", false
	}
	var b []byte
	for _, s := range p.Symbols {
		if s.Kind != OneChar {
			return "", false
		}
		b = utf8.AppendRune(b, s.Char)
	}
	return string(b), true
}

// ValuePattern returns what value i of the condition compares with. ok is false if that is
// no pattern: a number, date or address, a text with policy variables, or no value that the
// operator could compare with.
func (c *Condition) ValuePattern(i int) (p Pattern, ok bool) {
	switch m := c.matchers[i].(type) {
	case exactMatcher:
		return Literal(m.fixed), m.parts == nil
	case foldMatcher:
		return folded(m.fixed, LowerCase), m.parts == nil
	case pattern:
		return compiledPattern(m.fixed, AnyOne, AnyRun), m.parts == nil
	case arnMatcher:
		return arnPattern(m.fixed), m.parts == nil
	case binaryMatcher:
		return Literal(m.want), utf8.ValidString(m.want)
	default:
		return Pattern{}, false
	}
}

// Patterns returns patterns that tell apart all that the condition tells apart: it judges
// two single values of its key alike if the same of the patterns match both and neither or
// both are empty. ok is false if no patterns do that, because the operator compares numbers,
// dates or addresses, or because a value holds policy variables.
func (c *Condition) Patterns() (patterns []Pattern, ok bool) {
	switch c.Operator.Family {
	case NullFamily:
		return nil, true
	case NumericFamily, DateFamily, IPFamily:
		return nil, false
	case ARNFamily:
		patterns = append(patterns, arnPattern("arn:"+anyARNPart+":"+anyARNPart+":"+anyARNPart+":"+anyARNPart+":"+anyARNPart))
	case BoolFamily:
		for _, b := range []string{"true", "false"} {
			patterns = append(patterns, Literal(b), folded(b, FoldingCase))
		}
	default: // the values are all
	}
	for i, m := range c.matchers {
		if t, ok := m.(interface{ variables() bool }); ok && t.variables() {
			return nil, false
		}
		p, ok := c.ValuePattern(i)
		if !ok {
			continue
		}
		patterns = append(patterns, p)
		if p.Case != ExactCase { // where the rules part, the outcome is open
			patterns = append(patterns, Pattern{p.Symbols, ASCIICase}, Pattern{p.Symbols, FoldingCase})
		}
	}
	return patterns, true
}

func folded(s string, rule CaseRule) Pattern {
	return Pattern{Literal(s).Symbols, rule}
}

var anyARNPart = string([]byte{anyRun})

// compiledPattern reads text in which bytes stand for the wildcards, see glob.
func compiledPattern(text string, one, run SymbolKind) Pattern {
	var p Pattern
	for i := 0; i < len(text); {
		switch text[i] {
		case anyRun:
			p.Symbols = append(p.Symbols, Symbol{Kind: run})
			i++
		case anyOne:
			p.Symbols = append(p.Symbols, Symbol{Kind: one})
			i++
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			p.Symbols = append(p.Symbols, Symbol{Char: r})
			i += size
		}
	}
	return p
}

// arnPattern is the pattern of an ARN, whose wildcards stay within their part.
func arnPattern(text string) Pattern {
	parts, _ := arnParts(text)
	var p Pattern
	for _, part := range parts[:5] {
		p.Symbols = append(p.Symbols, compiledPattern(part, AnyOneButColon, AnyRunButColon).Symbols...)
		p.Symbols = append(p.Symbols, Symbol{Char: ':'})
	}
	p.Symbols = append(p.Symbols, compiledPattern(parts[5], AnyOne, AnyRun).Symbols...)
	return p
}

// Judge judges the condition alone, as part of a request with this context.
func (c *Condition) Judge(ctx Context) ConditionTrace { return c.evaluate(ctx) }
