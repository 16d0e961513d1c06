package trust

import (
	"math/big"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// readable returns texts that match the patterns and read like a value somebody could have.
func readable(patterns []policy.Pattern) (texts []string) {
	for _, p := range patterns {
		var b strings.Builder
		wild := false
		for _, s := range p.Symbols {
			switch s.Kind {
			case policy.OneChar:
				b.WriteRune(s.Char)
			case policy.AnyOne, policy.AnyOneButColon:
				b.WriteByte('x')
				wild = true
			case policy.AnyRun, policy.AnyRunButColon:
				b.WriteString("another")
				wild = true
			}
		}
		if wild {
			texts = append(texts, b.String())
		}
	}
	return texts
}

// neighbours returns a value that is no pattern, with the nearest values on both sides where
// it is a number. They are no complete set: conditions on them are left open besides.
func neighbours(text string) []string {
	texts := []string{text}
	if base, _, ok := strings.Cut(text, "/"); ok { // a block of addresses
		texts = append(texts, base)
	}
	if n, ok := new(big.Int).SetString(text, 10); ok {
		one := big.NewInt(1)
		texts = append(texts, new(big.Int).Add(n, one).String(), new(big.Int).Sub(n, one).String())
	}
	return texts
}
