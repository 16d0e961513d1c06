package verify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/jwks"
)

// checkSignature asks which key AWS takes, and whether the signature is good. They are two
// questions: a good signature of a key that AWS passes over is still refused.
func checkSignature(in Input) (key, signature Check, id string) {
	key, signature = Check{Name: "key"}, Check{Name: "signature"}
	if in.Keys == nil {
		key.Outcome, key.Summary, key.Fix = Unknown, "the keys could not be had: "+in.KeysError, in.KeysFix
		key.AWS = awsNoKey
		signature.Outcome, signature.Summary = Unknown, "not checked, for want of keys"
		return key, signature, ""
	}
	t := in.Token
	chosen, reason := in.Keys.Choose(t.Header.Alg, t.Header.Kid)
	key.Careful = reason.Note
	if reason.Code == jwks.Chosen {
		key.Outcome, key.Summary = Passed, "AWS takes "+describe(chosen)
	} else {
		key.Outcome, key.Summary, key.AWS, key.Fix = Failed, reason.Text, keyAnswer(reason.Code), keyFix(reason.Code)
	}
	id = tryKey(in, chosen, reason.Code, &signature)
	if signature.Outcome == Passed && respelled(in) {
		signature.Outcome, signature.Fix = Failed, changedFix
		signature.Summary = "its last character was changed, in bits that the signature does not use"
		signature.Careful = "many verifiers overlook those bits; whether AWS does was not observed"
	}
	return key, signature, id
}

// respelled reports whether the signature is not written in the one way that encoders write
// it: base64url may leave bits of the last character unused, and they are zero (RFC 4648 §3.5).
func respelled(in Input) bool {
	return in.Raw != "" && !strings.HasSuffix(in.Raw, "."+base64.RawURLEncoding.EncodeToString(in.Token.Signature()))
}

// tryKey checks the signature with the chosen key, and with the others if that fails or
// there is none. It returns the id of the key that made it.
func tryKey(in Input, chosen jwks.Key, code jwks.Code, c *Check) (id string) {
	t := in.Token
	if code == jwks.AlgorithmUnsupported {
		c.Outcome, c.AWS, c.Summary = Failed, awsRefused, "not checked: no signature of this algorithm is good for AWS"
		return ""
	}
	if chosen.Verifies() {
		err := jwks.Verify(t.SigningInput, t.Signature(), t.Header.Alg, chosen)
		if err == nil {
			c.Outcome, c.Summary = Passed, "good: made with "+describe(chosen)
			return chosen.Kid
		}
		c.Summary = err.Error()
		if errors.Is(err, jwks.ErrSignature) {
			c.Summary, c.Fix = whatChanged(t.Signature(), t.Header.Alg, chosen), changedFix
		}
	} else {
		c.Summary = "made with none of the issuer's keys"
	}
	c.Outcome, c.AWS = Failed, awsRefused
	if others := in.Keys.Verifying(t.SigningInput, t.Signature(), t.Header.Alg); len(others) > 0 {
		c.Summary = "good, but made with " + describe(others[0]) + ", which is not the one that AWS takes"
		c.Fix = "let the issuer name in kid the key that signs"
		if code != jwks.Chosen {
			c.Outcome, c.AWS = Passed, ""
		}
		return others[0].Kid
	}
	return ""
}

const changedFix = "copy the token again, whole; if it stays so, it is not the issuer's"

// whatChanged tells a token that was changed from a signature that was: an RSA signature
// shows by itself whether this key made it.
func whatChanged(signature []byte, alg string, k jwks.Key) string {
	switch {
	case k.Kty != "RSA":
		return "bad: header, payload or signature was changed, or another key signed"
	case jwks.Made(signature, alg, k):
		return "made with this key, but for another text: header or payload was changed after signing"
	default:
		return "not made with this key: the signature was changed, or another key signed"
	}
}

func describe(k jwks.Key) string {
	kind := fmt.Sprintf("%s %d bits", k.Kty, k.Bits)
	if k.Crv != "" {
		kind = k.Kty + " " + k.Crv
	}
	if k.Kid == "" {
		return fmt.Sprintf("key number %d, which has no kid (%s)", k.Index+1, kind)
	}
	return fmt.Sprintf("key %s (%s)", k.Kid, kind)
}

// keyAnswer is what AWS says when the choice of a key ended so.
func keyAnswer(code jwks.Code) string {
	switch code {
	case jwks.Chosen:
		return ""
	case jwks.AlgorithmUnsupported:
		return awsRefused
	case jwks.KeyRefused:
		return awsNotValid
	case jwks.TooManyKeys, jwks.NoUsableKey, jwks.KidMissing, jwks.KidUnknown, jwks.KeyMismatch, jwks.KeyUnusable:
		return awsNoKey
	default:
		return awsNoKey
	}
}

func keyFix(code jwks.Code) string {
	switch code {
	case jwks.KidUnknown:
		return "publish the key before signing with it, and keep the old one beside it for an hour: AWS keeps key sets for minutes"
	case jwks.KidMissing:
		return "let the issuer name the key in the token's kid"
	case jwks.Chosen, jwks.AlgorithmUnsupported, jwks.KeyRefused, jwks.TooManyKeys, jwks.NoUsableKey, jwks.KeyMismatch, jwks.KeyUnusable:
		return ""
	default:
		return ""
	}
}
