package claims

import (
	"slices"
	"strings"
)

// maxLines bounds the lines of a wrapped token: the longest in lines of 40 characters.
const maxLines = MaxTokenSize / 40

// unwrap joins a run that ends its line with the lines that continue it. A token says how
// long its signature is by its algorithm; the first join that fits is the token. Where none
// fits, a run that is a token by itself stays alone, and any other takes all it can.
func unwrap(run, rest string) (whole, after string) {
	if fits(run) {
		return run, rest
	}
	joined, left := run, rest
	for range maxLines {
		piece, next, ok := continuation(left)
		if !ok || len(joined)+len(piece) > MaxTokenSize {
			break
		}
		joined, left = joined+piece, next
		if fits(joined) {
			return joined, left
		}
	}
	if isToken(run) {
		return run, rest
	}
	return joined, left
}

// continuation returns the next line of text if it holds token characters only, apart from
// blanks, quotes and the backslash of a shell around them.
func continuation(text string) (piece, rest string, ok bool) {
	const around = " \t\r\\\"'`,;>|"
	head, tail, ok := strings.Cut(text, "\n")
	if !ok || strings.Trim(head, around) != "" {
		return "", "", false
	}
	line, _, _ := strings.Cut(tail, "\n")
	piece = strings.Trim(line, around)
	if piece == "" || strings.IndexFunc(piece, outsideRun) >= 0 {
		return "", "", false
	}
	return piece, tail[len(line):], true
}

// signatureSizes are the bytes of a signature by the first letters of its algorithm; RSA's by
// the usual sizes of keys.
var signatureSizes = map[string][]int{
	"HS256": {32}, "HS384": {48}, "HS512": {64},
	"ES256": {64}, "ES384": {96}, "ES512": {132}, "EdDSA": {64},
	"RS": {256, 384, 512, 1024}, "PS": {256, 384, 512, 1024},
	"none": {0},
}

// fits reports whether s parses and its signature has a length of its algorithm.
func fits(s string) bool {
	if strings.Count(s, ".") != 2 {
		return false
	}
	t, err := Parse(s)
	if err != nil {
		return false
	}
	sizes := signatureSizes[t.Header.Alg]
	if len(sizes) == 0 && len(t.Header.Alg) > 2 {
		sizes = signatureSizes[t.Header.Alg[:2]]
	}
	return slices.Contains(sizes, len(t.signature))
}
