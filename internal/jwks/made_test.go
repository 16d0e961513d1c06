package jwks

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"testing"
)

func TestMadeTellsAChangedTextFromAChangedSignature(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("signed"))
	signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	k := Key{Kty: typeRSA, public: &private.PublicKey}
	if !Made(signature, "RS256", k) {
		t.Error("a signature of this key is not recognised")
	}
	if Made(signature, "RS512", k) {
		t.Error("a signature over another hash is")
	}
	signature[10] ^= 1
	if Made(signature, "RS256", k) {
		t.Error("a changed signature is")
	}
}
