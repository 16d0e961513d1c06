package claims

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
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
		return "", &FormatError{Part: "input", Reason: "is empty", hint: "fcoidc decode --token-file FILE"}
	}
	if (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text)) {
		return accept(findInJSON(text))
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

// findInText finds the one token among the runs of a text. Two different tokens are refused:
// which one was meant cannot be known.
func findInText(text string) (string, error) {
	found := runs(text)
	var token string
	for _, f := range found {
		switch {
		case !isToken(f) || f == token:
		case token != "":
			return "", errManyTokens
		default:
			token = f
		}
	}
	if token != "" {
		return token, nil
	}
	return damaged(text, found)
}

var errManyTokens = &FormatError{Part: "input", Reason: "holds more than one token", hint: "pass the one that is meant"}

// damaged returns what comes nearest to a token, for [Parse] to say what is wrong with it: the
// text if it is one word, else the first run.
func damaged(text string, found []string) (string, error) {
	if len(found) == 0 {
		if err := mistaken(text); err != nil {
			return "", err
		}
	}
	word := text[indexRun(text):]
	if len(word) > 7 && strings.EqualFold(word[:7], "bearer ") {
		word = strings.TrimLeft(word[7:], blanks)
	}
	word = strings.Trim(word, blanks+"\"'`;,")
	switch {
	case !strings.ContainsAny(word, blanks) && strings.Contains(word, "."):
		return word, nil
	case len(found) > 0:
		return found[0], nil
	}
	return "", &FormatError{
		Part:   "input",
		Reason: "holds nothing that looks like a token: header.payload.signature, each base64url, beginning with ey",
	}
}

// runs returns the runs of token characters that begin like an encoded JSON object.
func runs(text string) []string {
	var found []string
	for text != "" {
		text = text[indexRun(text):]
		end := strings.IndexFunc(text, outsideRun)
		if end < 0 {
			end = len(text)
		}
		run := text[:end]
		text = text[end:]
		start := indexEncoded(run)
		if start < 0 {
			continue
		}
		run, text = unwrap(withoutFullStop(run[start:]), text)
		found = append(found, run)
	}
	return found
}

// indexRun returns where the first run of token characters begins, or the text's length.
func indexRun(text string) int {
	if at := strings.IndexFunc(text, func(r rune) bool { return !outsideRun(r) }); at >= 0 {
		return at
	}
	return len(text)
}

// indexEncoded returns where in a run an encoded JSON object begins: at its start or, as in
// "token=eyJ…", after a character of standard base64 that no token holds.
func indexEncoded(run string) int {
	for i := range len(run) {
		if (i == 0 || strings.IndexByte("=/+", run[i-1]) >= 0) && looksEncoded(run[i:]) {
			return i
		}
	}
	return -1
}

// withoutFullStop drops the full stops of a sentence. The second dot of a token may be its
// last character: an unsigned one ends with it (RFC 7519 §6.1).
func withoutFullStop(run string) string {
	for strings.Count(run, ".") > 2 && strings.HasSuffix(run, ".") {
		run = run[:len(run)-1]
	}
	return run
}

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
