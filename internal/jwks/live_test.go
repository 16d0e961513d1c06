package jwks

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// record is one line of testdata/aws-live.ndjson.
type record struct {
	ID     string
	Header struct{ Alg, Kid string }
	JWKS   struct {
		Keys []struct {
			Kid, Kty, Alg, Use, Crv string
			KeyOps                  []string        `json:"key_ops"`
			X5C                     json.RawMessage `json:"x5c"`
			Verifies                bool
		}
	}
	Expect struct{ Outcome, Code, Message string }
}

const (
	notRetrieved = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	notValidated = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
)

// set makes a real key set of a record's description.
func (r record) set(t *testing.T) *Set {
	t.Helper()
	var keys []any
	for _, described := range r.JWKS.Keys {
		source := signerFor(described.Alg)
		if described.Kty == "RSA" && !described.Verifies {
			source = rsaOther()
		}
		jwk := source.with(map[string]any{"kid": described.Kid, "alg": described.Alg, "use": described.Use})
		if described.KeyOps != nil {
			jwk["key_ops"] = described.KeyOps
		}
		if described.X5C != nil {
			jwk["x5c"] = rsaOne().certificate(t)
		}
		keys = append(keys, jwk)
	}
	return setOf(t, keys...)
}

// answer is what AWS says by our choice and verification; "" if it takes the token.
func (r record) answer(t *testing.T) string {
	t.Helper()
	const input = "header.payload"
	signature := signerFor(r.Header.Alg).sign(t, r.Header.Alg, input)
	key, reason := r.set(t).Choose(r.Header.Alg, r.Header.Kid)
	switch reason.Code {
	case Chosen:
		if Verify(input, signature, r.Header.Alg, key) != nil {
			return notValidated
		}
		return ""
	case KeyRefused:
		return notValidated
	default:
		return notRetrieved
	}
}

func TestEveryAnswerObservedOfAWSIsReproduced(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/aws-live.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := 0
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		count++
		t.Run(strings.TrimPrefix(r.ID, "sts-"), func(t *testing.T) {
			t.Parallel()
			if got := r.answer(t); got != r.Expect.Message {
				t.Errorf("answer %q, AWS gave %q", got, r.Expect.Message)
			}
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if count != 12 {
		t.Errorf("%d records, want the 12 of the groups keys and algorithms", count)
	}
}
