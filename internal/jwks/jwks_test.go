package jwks

import (
	"bytes"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAKeyIsJudgedByItself(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		key    any
		reason string // part of it; "" for a usable key
		note   string // part of one
	}{
		{"RSA", rsaOne().with(nil), "", ""},
		{"RSA without use", rsaOne().with(map[string]any{"use": nil}), "", ""},
		{"P-256", p256().with(nil), "", ""},
		{"P-384", p384().with(nil), "", ""},
		{"P-521", p521().with(nil), "", ""},
		{"for encryption", rsaOne().with(map[string]any{"use": "enc"}), `"use" "enc"`, ""},
		{"no kid", rsaOne().with(map[string]any{"kid": nil}), `no "kid"`, ""},
		{"kid a number", rsaOne().with(map[string]any{"kid": 7}), `"kid" that is no string`, ""},
		{"kid null", json.RawMessage(`{"kty":"RSA","kid":null}`), `"kid" that is no string`, ""},
		{"key_ops verify", rsaOne().with(map[string]any{"key_ops": []string{"verify"}}), "key_ops", "careful verifier"},
		{"key_ops empty", rsaOne().with(map[string]any{"key_ops": []string{}}), "key_ops", ""},
		{"key_ops no list", rsaOne().with(map[string]any{"key_ops": "verify"}), "no list of strings", ""},
		{"type ML-DSA", map[string]any{"kty": "AKP", "kid": "k", "alg": "ML-DSA-44"}, `type "AKP"`, ""},
		{"type in lower case", rsaOne().with(map[string]any{"kty": "rsa"}), `type "rsa"`, ""},
		{"Edwards curve", map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "k"}, `type "OKP"`, ""},
		{"symmetric", map[string]any{"kty": "oct", "k": "c2VjcmV0", "kid": "k"}, "symmetric", ""},
		{"no type", map[string]any{"kid": "k"}, `no "kty"`, ""},
		{"secp256k1", p256().with(map[string]any{"crv": "secp256k1"}), `curve "secp256k1"`, ""},
		{"point off the curve", p256().with(map[string]any{"y": b64(make([]byte, 32))}), "no point", ""},
		{"coordinate too long", p256().with(map[string]any{"x": b64(make([]byte, 33))}), "33 bytes", ""},
		{"no modulus", rsaOne().with(map[string]any{"n": nil}), `no "n"`, ""},
		{"modulus undecodable", rsaOne().with(map[string]any{"n": "***"}), "not base64url", ""},
		{"modulus in standard base64", rsaOne().with(map[string]any{"n": "ab+/"}), "standard base64", ""},
		{"modulus wrapped", rsaOne().with(map[string]any{"n": "abcd\nabcd"}), "line ends", ""},
		{"modulus only padding", rsaOne().with(map[string]any{"n": "="}), "not base64url", ""},
		{"modulus zero", rsaOne().with(map[string]any{"n": "AAAA"}), "no RSA modulus", ""},
		{"modulus huge", rsaOne().with(map[string]any{"n": b64(bytes.Repeat([]byte{0xff}, 4096))}), "at most 16384", ""},
		{"modulus padded", rsaOne().with(map[string]any{"n": rsaOne().jwk["n"].(string) + "=="}), "", "padded"},
		{"exponent one", rsaOne().with(map[string]any{"e": "AQ"}), "no RSA exponent", ""},
		{"1024 bits", newRSA(1024).with(nil), "", "at least 2048"},
		{"x5c agrees", rsaOne().with(map[string]any{"x5c": rsaOne().certificate(t)}), "", ""},
		{"x5c disagrees", rsaOne().with(map[string]any{"x5c": rsaOther().certificate(t)}), "another key", ""},
		{"x5c alone", map[string]any{"kty": "RSA", "kid": "k", "x5c": rsaOne().certificate(t)}, "does not read keys from certificates", ""},
		{"x5c damaged", rsaOne().with(map[string]any{"x5c": []string{"AAAA"}}), "no certificate", ""},
		{"x5c no list", rsaOne().with(map[string]any{"x5c": "AAAA"}), "no list of certificates", ""},
		{"no object", 7, "no JSON object", ""},
		{"null", nil, "no JSON object", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// A good neighbour stays good whatever stands beside it.
			neighbour := p256().with(map[string]any{"kid": "neighbour"})
			s := setOf(t, test.key, neighbour)
			if !s.Keys[1].Usable {
				t.Errorf("the key beside it became unusable: %s", s.Keys[1].Reason)
			}
			k := s.Keys[0]
			if k.Usable != (test.reason == "") || !strings.Contains(k.Reason, test.reason) {
				t.Errorf("usable %v, reason %q, want one with %q", k.Usable, k.Reason, test.reason)
			}
			if notes := strings.Join(k.Notes, "; "); !strings.Contains(notes, test.note) || k.Usable && test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

func TestShortCoordinatesAreReadAndNoted(t *testing.T) {
	t.Parallel()
	for range 100_000 { // one key in 128 has a coordinate that begins with a zero byte
		p := newEC(elliptic.P256())
		x, err := base64.RawURLEncoding.DecodeString(p.jwk["x"].(string))
		if err != nil {
			t.Fatal(err)
		}
		if x[0] != 0 {
			continue
		}
		k := setOf(t, p.with(map[string]any{"x": b64(bytes.TrimLeft(x, "\x00"))})).Keys[0]
		if !k.Usable || len(k.Notes) != 1 {
			t.Fatalf("usable %v, notes %q", k.Usable, k.Notes)
		}
		if err := Verify("a.b", p.sign(t, "ES256", "a.b"), "ES256", k); err != nil {
			t.Error(err)
		}
		return
	}
	t.Fatal("no key with such a coordinate came up")
}

func TestPublishedPrivateMembersAreNoticed(t *testing.T) {
	t.Parallel()
	for _, key := range []any{
		rsaOne().with(map[string]any{"d": "AQAB"}), p256().with(map[string]any{"d": "AQAB"}),
		map[string]any{"kty": "oct", "k": "c2VjcmV0"},
	} {
		if !setOf(t, key).Keys[0].Private {
			t.Errorf("not noticed in %v", key)
		}
	}
	if setOf(t, rsaOne().with(nil)).Keys[0].Private {
		t.Error("a public key is called private")
	}
}

func TestMemberNamesCompareWithCase(t *testing.T) {
	t.Parallel()
	if _, err := Parse([]byte(`{"Keys":[]}`)); !errors.Is(err, ErrMalformed) {
		t.Errorf(`"Keys" was taken for "keys": %v`, err)
	}
	if k := setOf(t, rsaOne().with(map[string]any{"kid": nil, "Kid": "k"})).Keys[0]; k.Kid != "" {
		t.Error(`"Kid" was taken for "kid"`)
	}
}

func TestADocumentThatIsNoKeySetIsRefusedWithoutBeingQuoted(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": "", "text": "secret", "list": "[]", "null": "null", "cut": `{"keys":[{"secret`, "no keys": `{"secret":1}`,
		"keys null": `{"keys":null}`, "keys object": `{"keys":{"secret":1}}`, "two documents": `{"keys":[]}{}`,
		"too many": `{"keys":[` + strings.Repeat("{},", MaxKeys) + `{}]}`,
	} {
		s, err := Parse([]byte(body))
		if !errors.Is(err, ErrMalformed) || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: quoted in %q", name, err)
		}
	}
}

func TestTheSetTellsDuplicatesAndCrowds(t *testing.T) {
	t.Parallel()
	var keys []any
	for i := range MaxPerType + 1 {
		keys = append(keys, p256().with(map[string]any{"kid": fmt.Sprint("k", i)}))
	}
	keys = append(keys, rsaOne().with(map[string]any{"kid": "k1"}), rsaOne().with(map[string]any{"kid": "k1"}))
	s := setOf(t, keys...)
	if got := s.Crowded(); !slices.Equal(got, []string{"EC"}) {
		t.Errorf("crowded %q", got)
	}
	if got := s.Duplicates(); !slices.Equal(got, []string{"k1"}) {
		t.Errorf("duplicates %q", got)
	}
	if got := len(setOf(t, keys[:MaxPerType]...).Crowded()); got != 0 {
		t.Error("100 keys are already a crowd")
	}
}

func FuzzParse(f *testing.F) {
	for _, key := range []map[string]any{rsaOne().with(nil), p256().with(nil), rsaOne().with(map[string]any{"key_ops": []string{"verify"}})} {
		body, err := json.Marshal(map[string]any{"keys": []any{key, key}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"k","n":"=","e":"AQAB"},{"kty":"AKP"},7,null]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Parse(body)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		for _, k := range s.Keys {
			if k.Usable == (k.Reason != "") || k.Usable && !k.Verifies() {
				t.Errorf("usable %v with reason %q", k.Usable, k.Reason)
			}
			if chosen, reason := s.Choose("RS256", k.Kid); reason.Code == Chosen && (!chosen.Usable || chosen.Kty != typeRSA) {
				t.Error("a key was chosen that makes no RS256 signatures")
			}
			_ = Verify("a.b", []byte("signature"), "RS256", k)
			_ = Verify("a.b", make([]byte, 64), "ES256", k)
		}
	})
}
