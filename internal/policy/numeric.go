package policy

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is an integer or decimal number, kept exact: claims such as ids do not fit
// a float. The zero value is 0.
type decimal struct {
	negative bool
	whole    string // without leading zeros
	fraction string // without trailing zeros
}

// parseDecimal reads digits with an optional minus sign and fraction. Exponents, a
// plus sign and a missing digit before or after the point make it no number.
func parseDecimal(s string) (d decimal, ok bool) {
	s, d.negative = strings.CutPrefix(s, "-")
	whole, fraction, hasPoint := strings.Cut(s, ".")
	if !isDigits(whole) || hasPoint && !isDigits(fraction) {
		return decimal{}, false
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.fraction = strings.TrimRight(fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.negative = false // -0 is 0
	}
	return d, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// compare returns the sign of d - e.
func (d decimal) compare(e decimal) int {
	if d.negative != e.negative {
		if d.negative {
			return -1
		}
		return 1
	}
	sign := cmp.Or(
		cmp.Compare(len(d.whole), len(e.whole)),
		strings.Compare(d.whole, e.whole),
		strings.Compare(d.fraction, e.fraction),
	)
	if d.negative {
		return -sign
	}
	return sign
}

type numberMatcher struct {
	compare comparison
	want    decimal
}

func newNumberMatcher(compare comparison, value string) (matcher, bool) {
	want, ok := parseDecimal(value)
	if !ok {
		return neverMatcher{openNumber(value)}, false
	}
	return numberMatcher{compare, want}, true
}

func (m numberMatcher) match(value string, _ Context) (outcome, OpenRules) {
	got, ok := parseDecimal(value)
	if !ok {
		return incomparable, openNumber(value)
	}
	return m.compare.ordered(got.compare(m.want)), 0
}

// openNumber marks text that is no number here but may be one to AWS: 1e3, +5, .5.
func openNumber(s string) OpenRules {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0 // ParseFloat also takes hexadecimal, Inf and NaN
	}
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return 0
	}
	return OpenNumberNotation
}
