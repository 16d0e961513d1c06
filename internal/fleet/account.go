package fleet

import (
	"fmt"
	"strings"
)

// accountDigits is the length of every AWS account id.
const accountDigits = 12

// CheckAccount returns what is wrong with an account id, starting with it quoted, or "".
// The sentence names the likely cause: a spreadsheet, a missing zero, a pasted ARN.
func CheckAccount(id string) string {
	if id == "" {
		return `"": an account id is 12 digits`
	}
	if fields := strings.Split(id, ":"); fields[0] == "arn" && len(fields) > 5 && isAccount(fields[4]) {
		return fmt.Sprintf("%q is an ARN; its account is %s", id, fields[4])
	}
	digits := keepDigits(id)
	switch {
	case isAccount(id):
		return ""
	case strings.ContainsAny(id, " \t-_.,'\"") && isAccount(digits) && !hasLetters(id):
		return fmt.Sprintf("%q: write the account id as 12 digits and nothing else: %s", id, digits)
	case isScientific(id):
		return fmt.Sprintf("%q: a spreadsheet wrote the account id as a number; format the column as text and enter the 12 digits again", id)
	case digits != id:
		return fmt.Sprintf("%q is no account id: 12 digits and nothing else", id)
	case len(id) < accountDigits && len(id) >= accountDigits-3:
		return fmt.Sprintf("%q has %d digits, an account id has 12: if a spreadsheet or YAML cut leading zeros, write %s", id, len(id), strings.Repeat("0", accountDigits-len(id))+id)
	}
	return fmt.Sprintf("%q has %d digits, an account id has 12", id, len(id))
}

// isAccount reports whether id is 12 ASCII digits.
func isAccount(id string) bool { return len(id) == accountDigits && keepDigits(id) == id }

func keepDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func hasLetters(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f })
}

// isScientific recognises 1.23457E+11, which is what a spreadsheet makes of an account id.
func isScientific(id string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(id), "E+")
	return ok && mantissa != "" && exponent != "" && strings.Trim(mantissa, "0123456789.,") == "" && keepDigits(exponent) == exponent
}
