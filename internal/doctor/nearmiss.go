package doctor

import (
	"fmt"
	"strings"
)

// nearMiss says how two texts that should be equal differ, in words: the want first.
func nearMiss(want, found string) string {
	switch {
	case want == found:
		return "the two are equal"
	case strings.EqualFold(want, found):
		return "equal but for letter case"
	case strings.TrimSpace(want) == strings.TrimSpace(found):
		return "equal but for blanks around it"
	case strings.TrimSuffix(want, "/") == strings.TrimSuffix(found, "/"):
		return "equal but for a trailing slash"
	case withoutScheme(want) == withoutScheme(found):
		return "equal but for the scheme"
	case strings.HasPrefix(want, found):
		return fmt.Sprintf("%q is missing at the end", want[len(found):])
	case strings.HasPrefix(found, want):
		return fmt.Sprintf("%q is too much at the end", found[len(want):])
	}
	n := firstDifference(want, found)
	if n == 0 {
		return "they differ from the first character on"
	}
	return fmt.Sprintf("they differ from character %d on", n+1)
}

func withoutScheme(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		return rest
	}
	return s
}

// firstDifference counts the characters that two texts have in common at the beginning.
func firstDifference(a, b string) int {
	x, y := []rune(a), []rune(b)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}
