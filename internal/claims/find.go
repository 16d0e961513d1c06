package claims

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxInputSize is the most, in bytes, that [Find] looks through: room for the longest token
// within a response or a log. Read no more than one byte beyond it.
const MaxInputSize = 64 << 10

// Find returns the token in what people paste: between quotes and blanks, after "Bearer ", in
// a line of a log, in a JSON response, wrapped over several lines, saved as UTF-16. What it
// returns need not be well formed; [Parse] says what is wrong with it. If there is nothing like
// a token Find says what was given instead, as far as it knows. Every error wraps
// [ErrMalformed] and none quotes the input.
func Find(pasted []byte) (raw string, err error) {
	if len(pasted) > MaxInputSize {
		return "", &FormatError{
			Part:   "input",
			Reason: fmt.Sprintf("is longer than %d KiB and was not read to its end; STS takes tokens of at most %s characters", MaxInputSize>>10, thousands(MaxTokenSize)),
			hint:   "pass the token alone",
		}
	}
	text := strings.Trim(decodeText(pasted), blanks)
	if text == "" {
		return "", &FormatError{Part: "input", Reason: "is empty"}
	}
	if text[0] == '{' || text[0] == '[' {
		if raw, err, ok := findInJSON(text); ok {
			return accept(raw, err)
		}
	}
	return accept(findInText(text))
}

// accept refuses the one well-formed JWT that is never an ID token.
func accept(raw string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	if t, err := Parse(raw); err == nil && t.IsRequestToken() {
		return "", &FormatError{
			Part:   "input",
			Reason: "is a GitHub Actions request token (ACTIONS_ID_TOKEN_REQUEST_TOKEN): a job asks for ID tokens with it, it is none itself",
			hint:   `curl -sSH "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | fcoidc decode -`,
		}
	}
	return raw, nil
}

// blanks surround pasted text: white space, no-break space, zero-width space and the byte
// order mark.
const blanks = " \t\r\n\v\f\u00a0\u200b\ufeff"

// decodeText turns UTF-16, which Windows PowerShell writes with ">", into UTF-8.
func decodeText(src []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(src, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return string(src)
	}
	var out []byte
	for i := 2; i+1 < len(src); i += 2 {
		r := rune(order.Uint16(src[i:]))
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError // no token holds such a character
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// findInText looks for runs of token characters that begin like an encoded JSON object.
func findInText(text string) (string, error) {
	var found []string
	for rest := text; rest != ""; {
		run, after := nextRun(rest)
		if run == "" {
			break
		}
		rest = after
		if !looksEncoded(run) {
			continue
		}
		whole, after := unwrap(run, rest)
		found, rest = append(found, whole), after
	}
	return choose(text, found)
}

// choose returns the one token among what was found. Two different tokens in one text are
// refused: which one was meant cannot be known.
func choose(text string, found []string) (string, error) {
	var tokens []string
	for _, f := range found {
		if isToken(f) && (len(tokens) == 0 || tokens[0] != f) {
			tokens = append(tokens, f)
		}
	}
	switch {
	case len(tokens) == 1:
		return tokens[0], nil
	case len(tokens) > 1:
		return "", &FormatError{Part: "input", Reason: "holds more than one token", hint: "pass the one that is meant"}
	case len(found) > 0:
		return found[0], nil
	}
	if err := mistaken(text); err != nil {
		return "", err
	}
	return "", &FormatError{
		Part:   "input",
		Reason: "holds nothing that looks like a token: header.payload.signature, each base64url, beginning with ey",
	}
}

// nextRun returns the first run of characters that a token or a standard-base64 imitation of
// one consists of, and the text after it.
func nextRun(text string) (run, rest string) {
	start := strings.IndexFunc(text, func(r rune) bool { return !outsideRun(r) })
	if start < 0 {
		return "", ""
	}
	text = text[start:]
	end := strings.IndexFunc(text, outsideRun)
	if end < 0 {
		end = len(text)
	}
	// "token=eyJ…" and "path/eyJ…": what precedes the token is no part of it.
	run = text[:end]
	if at := strings.LastIndexAny(run[:max(0, firstDot(run))], "=/"); at >= 0 && looksEncoded(run[at+1:]) {
		run = run[at+1:]
	}
	return strings.TrimRight(run, "."), text[end:]
}

func firstDot(s string) int { return strings.IndexByte(s, '.') }

func outsideRun(r rune) bool { return r != '.' && outsideBase64(r) }

// looksEncoded reports whether s begins as base64 of "{" does. A header of some length
// follows, so that short words are none.
func looksEncoded(s string) bool {
	const shortest = 10 // of {"alg":""}: fourteen characters encoded, cut or mistyped
	return len(s) >= shortest && s[0] == 'e' && strings.IndexByte("wxyz0123456789-_", s[1]) >= 0
}

// isToken reports whether s is a token in whole: it parses.
func isToken(s string) bool {
	_, err := Parse(s)
	return err == nil
}
