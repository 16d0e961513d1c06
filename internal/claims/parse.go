package claims

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Parse decodes the compact form "header.payload.signature" (RFC 7519 §3). Every error
// wraps [ErrMalformed] and none quotes the input, which may be a live credential.
func Parse(raw string) (*Token, error) {
	if err := checkSize(len(raw)); err != nil {
		return nil, err
	}
	parts := strings.SplitN(raw, ".", 6)
	if err := checkParts(parts); err != nil {
		return nil, err
	}
	header, err := decodePart("header", parts[0])
	if err != nil {
		return nil, err
	}
	claims, err := decodePart("payload", parts[1])
	if err != nil {
		return nil, err
	}
	signature, err := decodeBase64("signature", parts[2])
	if err != nil {
		return nil, err
	}
	return &Token{
		Header:       newHeader(header),
		Claims:       claims,
		SigningInput: raw[:len(parts[0])+1+len(parts[1])],
		signature:    signature,
	}, nil
}

// FromJSON makes a token of a header and a payload that are decoded already, as a saved case
// holds them. It has no signature. An empty header is one without members. The errors are
// those of [Parse].
func FromJSON(header, payload []byte) (*Token, error) {
	t := &Token{}
	if err := t.set(string(header), string(payload), decodeObject); err != nil {
		return nil, err
	}
	return t, nil
}

// SetValidJSON makes of t what [FromJSON] returns for texts that are known to be valid JSON, since
// the document that they are parts of was checked as a whole. It uses the memory of t's claims
// again; after an error t is empty.
func (t *Token) SetValidJSON(header, payload string) error {
	return t.set(header, payload, decodeValid)
}

func (t *Token) set(header, payload string, decode func(Members, string) (Members, error)) error {
	header, payload = WithoutSignatures(header), WithoutSignatures(payload)
	room := t.Claims[:0]
	*t = Token{}
	decoded, err := decode(room, payload)
	if err != nil {
		return &FormatError{Part: "payload", Reason: err.Error()}
	}
	if header != "" {
		members, err := decode(nil, header)
		if err != nil {
			return &FormatError{Part: "header", Reason: err.Error()}
		}
		t.Header = newHeader(members)
	}
	t.Claims = decoded
	return nil
}

func checkSize(n int) error {
	switch {
	case n == 0:
		return &FormatError{Part: "input", Reason: "is empty"}
	case n > MaxTokenSize:
		return &FormatError{
			Part:   "token",
			Reason: fmt.Sprintf("is longer than %s characters, the most that STS takes", thousands(MaxTokenSize)),
			hint:   "let the issuer put fewer claims into it",
		}
	}
	return nil
}

func checkParts(parts []string) error {
	switch len(parts) {
	case 3:
		return nil
	case 5:
		return &FormatError{
			Part:   "token",
			Reason: "has five parts: the form of an encrypted token (JWE), which neither AWS nor fcoidc can read",
			hint:   "ask the issuer for a signed ID token (JWS); an encrypted one is often an access token for its own service",
		}
	case 6:
		return &FormatError{Part: "token", Reason: "has more than five parts between dots, a signed token has three: header.payload.signature"}
	case 1:
		return &FormatError{Part: "token", Reason: "has no dots, a signed token has three parts between two: header.payload.signature"}
	}
	return &FormatError{
		Part:   "token",
		Reason: fmt.Sprintf("has %d parts between dots, a signed token has three: header.payload.signature", len(parts)),
		hint:   "see that it was copied whole",
	}
}

func decodePart(name, encoded string) (Members, error) {
	if encoded == "" {
		return nil, &FormatError{Part: name, Reason: "is empty"}
	}
	text, err := decodeBase64(name, encoded)
	if err != nil {
		return nil, err
	}
	members, err := decodeObject(nil, WithoutSignatures(string(text)))
	if err != nil {
		return nil, &FormatError{Part: name, Reason: err.Error()}
	}
	return members, nil
}

// decodeBase64 decodes base64url without padding (RFC 7515 §2). The standard decoder skips
// line breaks; a token has none, so the alphabet is checked first.
func decodeBase64(part, encoded string) ([]byte, error) {
	for i := range len(encoded) {
		if !isBase64URL(rune(encoded[i])) {
			return nil, notBase64URL(part, encoded, i)
		}
	}
	if len(encoded)%4 == 1 {
		return nil, &FormatError{Part: part, Reason: fmt.Sprintf("is not base64url: no text encodes to %d characters, one is missing or too many", len(encoded)), hint: "see that the token was copied whole"}
	}
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return nil, &FormatError{Part: part, Reason: "is not base64url"}
	}
	return decoded, nil
}

func notBase64URL(part, encoded string, at int) error {
	e := &FormatError{Part: part, Reason: fmt.Sprintf("is not base64url: character %d of %d is outside its alphabet", at+1, len(encoded))}
	switch {
	case encoded[at] == '=' && strings.Trim(encoded[at:], "=") == "":
		e.Reason = "is not base64url: it is padded with =, which a token leaves out"
		e.hint = "the producer must encode without padding (RFC 7515 §2)"
	case strings.IndexFunc(encoded, outsideBase64) < 0:
		e.Reason = fmt.Sprintf("is not base64url: character %d of %d shows that it is standard base64, with + and / where a token has - and _", at+1, len(encoded))
		e.hint = "the producer must use the URL-safe alphabet (RFC 4648 §5)"
	}
	return e
}

func isBase64URL(c rune) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// outsideBase64 reports whether r belongs to neither alphabet of base64.
func outsideBase64(r rune) bool {
	return !isBase64URL(r) && r != '+' && r != '/' && r != '='
}

func newHeader(m Members) Header {
	text := func(name string) string {
		v, _ := m.Get(name)
		if v.Kind() != String {
			return ""
		}
		return v.Text()
	}
	crit, _ := m.Get("crit")
	names, _ := crit.Strings()
	return Header{Alg: text("alg"), Kid: text("kid"), Typ: text("typ"), Crit: names, Members: m}
}

// thousands writes n below a million with a comma, as AWS does.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
