package doctor

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// Token holds what was decoded of a token. There is no signature: what it was worth is in the
// issuer's keys.
type Token struct {
	Header json.RawMessage `json:"header"`
	Claims json.RawMessage `json:"claims"`
}

// NewToken keeps of a token what a snapshot may hold.
func NewToken(t *claims.Token) *Token {
	header, payload, _ := strings.Cut(t.SigningInput, ".")
	return &Token{Header: part(header), Claims: part(payload)}
}

// part decodes a part of a token that was decoded before.
func part(encoded string) json.RawMessage {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil || !json.Valid(text) {
		return nil
	}
	return text
}

// issuer is the iss claim, "" if there is none.
func (t *Token) issuer() string {
	var c struct {
		Issuer string `json:"iss"`
	}
	_ = json.Unmarshal(t.Claims, &c) // what is no object has no issuer
	return c.Issuer
}
