package jwks

import (
	"errors"
	"strings"
	"testing"
)

func TestTheChoiceSaysWhyThereIsNone(t *testing.T) {
	t.Parallel()
	one := rsaOne().with(map[string]any{"kid": "one"})
	other := rsaOther().with(map[string]any{"kid": "other"})
	ec := p256().with(map[string]any{"kid": "ec"})
	enc := rsaOther().with(map[string]any{"kid": "enc", "use": "enc"})
	tests := []struct {
		name     string
		keys     []any
		alg, kid string
		code     Code
		note     string // part of it
	}{
		{"by kid", []any{one, other}, "RS256", "other", Chosen, ""},
		{"of the set for another algorithm", []any{rsaOne().with(map[string]any{"kid": "one", "alg": "RS512"})}, "RS256", "one", Chosen, "goes by the token"},
		{"twice, last taken", []any{one, rsaOther().with(map[string]any{"kid": "one"})}, "RS256", "one", Chosen, "takes the last"},
		{"an unusable namesake after it", []any{one, enc, rsaOther().with(map[string]any{"kid": "one", "use": "enc"})}, "RS256", "one", Chosen, "takes the last"},
		{"no kid, one usable key beside others", []any{enc, one}, "RS256", "", Chosen, ""},
		{"no kid, two keys", []any{one, ec}, "RS256", "", KidMissing, "try each"},
		{"no kid, no key", []any{enc}, "RS256", "", NoUsableKey, ""},
		{"empty set", []any{}, "RS256", "one", KidUnknown, ""},
		{"unknown kid", []any{one}, "RS256", "One", KidUnknown, ""},
		{"key of another type", []any{ec}, "RS256", "ec", KeyMismatch, ""},
		{"key of another curve", []any{ec}, "ES384", "ec", KeyMismatch, ""},
		{"key for encryption", []any{enc}, "RS256", "enc", KeyUnusable, ""},
		{"unsigned", []any{one}, "none", "one", AlgorithmUnsupported, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, reason := setOf(t, test.keys...).Choose(test.alg, test.kid)
			if reason.Code != test.code || (reason.Text == "") != (test.code == Chosen) {
				t.Errorf("%q: %s, want %q", reason.Code, reason.Text, test.code)
			}
			if !strings.Contains(reason.Note, test.note) || test.note == "" && reason.Note != "" {
				t.Errorf("note %q, want %q", reason.Note, test.note)
			}
		})
	}
}

func TestEveryAlgorithmVerifiesItsOwnSignaturesOnly(t *testing.T) {
	t.Parallel()
	const input = "header.payload"
	for _, alg := range Algorithms() {
		k := setOf(t, signerFor(alg).with(nil)).Keys[0]
		signature := signerFor(alg).sign(t, alg, input)
		if err := Verify(input, signature, alg, k); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if err := Verify(input+"x", signature, alg, k); !errors.Is(err, ErrSignature) {
			t.Errorf("%s of another text: %v", alg, err)
		}
		if err := Verify(input, signature[1:], alg, k); !errors.Is(err, ErrSignature) {
			t.Errorf("%s cut: %v", alg, err)
		}
		for _, foreign := range Algorithms() {
			if foreign != alg && Verify(input, signature, foreign, k) == nil {
				t.Errorf("a signature of %s passed as %s", alg, foreign)
			}
		}
	}
}

func TestAnECDSASignatureInASN1FormIsNamed(t *testing.T) {
	t.Parallel()
	k := setOf(t, p256().with(nil)).Keys[0]
	err := Verify("a.b", append([]byte{0x30, 0x45}, make([]byte, 69)...), "ES256", k)
	if !errors.Is(err, ErrSignature) || !strings.Contains(err.Error(), "ASN.1") {
		t.Error(err)
	}
}

func TestAlgorithmsThatAWSDoesNotTakeAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	for alg, word := range map[string]string{
		"": "names none", "none": "not signed", "NONE": "not signed", "HS256": "shared secret", "PS256": "RSA-PSS",
		"EdDSA": "Edwards", "ES256K": "secp256k1", "rs256": "upper case", "RS1": "not among",
	} {
		k := setOf(t, rsaOne().with(nil)).Keys[0]
		err := Verify("a.b", nil, alg, k)
		refusal, ok := errors.AsType[*AlgorithmError](err)
		if !ok || !strings.Contains(refusal.Reason, word) {
			t.Errorf("%q: %v", alg, err)
		}
	}
}

func TestTheKeyThatSignedIsFoundUnderAnotherId(t *testing.T) {
	t.Parallel()
	s := setOf(t, rsaOther().with(map[string]any{"kid": "named"}), rsaOne().with(map[string]any{"kid": "signer", "use": "enc"}))
	keys := s.Verifying("a.b", rsaOne().sign(t, "RS256", "a.b"), "RS256")
	if len(keys) != 1 || keys[0].Kid != "signer" {
		t.Errorf("%v", keys)
	}
}

func TestVerifyingWithAKeyThatCannotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	err := Verify("a.b", nil, "RS256", setOf(t, map[string]any{"kty": "AKP", "kid": "pq"}).Keys[0])
	if err == nil || !strings.Contains(err.Error(), `key "pq" cannot be read: it is of type "AKP"`) {
		t.Error(err)
	}
}
