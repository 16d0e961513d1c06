package verify_test

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/verify"
)

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token makes a token whose signature is sign's of the rest.
func token(t *testing.T, header, payload string, sign func(input string) []byte) *claims.Token {
	t.Helper()
	input := encode([]byte(header)) + "." + encode([]byte(payload))
	tok, err := claims.Parse(input + "." + encode(sign(input)))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func unsigned(string) []byte { return []byte("none") }

// check describes the token and makes every check.
func check(t *testing.T, in verify.Input) verify.Verification {
	t.Helper()
	keys, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	in.Described = claims.Describe(in.Token, keys, in.Now)
	return verify.Verify(in)
}

func find(t *testing.T, v verify.Verification, name string) verify.Check {
	t.Helper()
	for _, c := range v.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no check %q among %v", name, v.Checks)
	return verify.Check{}
}

func TestWhatIsWrongAnswersAsAWSWasObservedTo(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/aws-live.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var record struct {
			ID             string
			Header, Claims json.RawMessage
			Now            int64
			Expect         struct{ Outcome, Code, Message string }
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		if record.ID == "sts-audience-azp-unregistered-aud-registered" {
			continue // the provider's list of audiences decides it, which no issuer knows
		}
		t.Run(record.ID, func(t *testing.T) {
			t.Parallel()
			v := check(t, verify.Input{
				Token: token(t, string(record.Header), string(record.Claims), unsigned),
				Now:   time.Unix(record.Now, 0), KeysError: "not asked",
			})
			want := record.Expect.Code + ": " + record.Expect.Message
			found := false
			for _, c := range v.Checks {
				if c.Outcome != verify.Failed {
					continue
				}
				if record.Expect.Outcome == "ok" {
					t.Errorf("AWS took it, but %s failed: %s", c.Name, c.Summary)
				}
				found = found || c.AWS == want
			}
			if record.Expect.Outcome != "ok" && !found {
				t.Errorf("no check fails with %q: %+v", want, v.Checks)
			}
		})
	}
}

const payload = `{"iss":"https://idp.example.com","sub":"s","aud":"a","iat":1000000000,"exp":1000000300}`

var now = time.Unix(1000000100, 0)

func rsaSet(t *testing.T) (*rsa.PrivateKey, *jwks.Set) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwks.Parse([]byte(`{"keys":[{"kty":"RSA","kid":"k1","e":"AQAB","n":"` + encode(key.N.Bytes()) + `"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return key, set
}

func signRSA(t *testing.T, key *rsa.PrivateKey) func(string) []byte {
	return func(input string) []byte {
		sum := sha256.Sum256([]byte(input))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
}

func TestSignatureIsJudgedByTheKeyThatAWSTakes(t *testing.T) {
	t.Parallel()
	key, set := rsaSet(t)
	other, _ := rsaSet(t)
	header := `{"alg":"RS256","kid":"k1"}`
	genuine := token(t, header, payload, signRSA(t, key)).Signature()
	for name, tt := range map[string]struct {
		token              *claims.Token
		key, signature     verify.Outcome
		verified           bool
		keyAWS, sigSummary string
	}{
		"a good token is verified": {
			token(t, header, payload, signRSA(t, key)), verify.Passed, verify.Passed, true, "", "good: made with key k1",
		},
		"a changed payload is told from a changed signature": {
			token(t, header, strings.Replace(payload, `"s"`, `"t"`, 1), func(string) []byte { return genuine }),
			verify.Passed, verify.Failed, false, "", "header or payload was changed",
		},
		"a changed signature is told from a changed payload": {
			token(t, header, payload, func(input string) []byte {
				s := signRSA(t, key)(input)
				s[7] ^= 1
				return s
			}), verify.Passed, verify.Failed, false, "", "the signature was changed",
		},
		"another's signature is bad": {
			token(t, header, payload, signRSA(t, other)), verify.Passed, verify.Failed, false, "", "another key signed",
		},
		"a good signature under an unknown kid is refused all the same": {
			token(t, `{"alg":"RS256","kid":"k2"}`, payload, signRSA(t, key)), verify.Failed, verify.Passed, false, "Couldn't retrieve verification key", "not the one that AWS takes",
		},
		"an algorithm that AWS does not take is not tried": {
			token(t, `{"alg":"none","kid":"k1"}`, payload, unsigned), verify.Failed, verify.Failed, false, "InvalidIdentityToken", "not checked",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := check(t, verify.Input{Token: tt.token, Now: now, Keys: set, Issuer: "https://idp.example.com"})
			k, s := find(t, v, "key"), find(t, v, "signature")
			if k.Outcome != tt.key || s.Outcome != tt.signature || v.Verified() != tt.verified {
				t.Errorf("key %s, signature %s, verified %t: %+v", k.Outcome, s.Outcome, v.Verified(), v.Checks)
			}
			if !strings.Contains(k.AWS, tt.keyAWS) || !strings.Contains(s.Summary, tt.sigSummary) {
				t.Errorf("key: %q; signature: %q", k.AWS, s.Summary)
			}
		})
	}
}

func TestALastCharacterThatHidesAChangeIsFound(t *testing.T) {
	t.Parallel()
	key, set := rsaSet(t)
	tok := token(t, `{"alg":"RS256","kid":"k1"}`, payload, signRSA(t, key))
	raw := tok.SigningInput + "." + encode(tok.Signature())
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, raw[len(raw)-1]) // 256 bytes leave four bits of it unused
	changed := raw[:len(raw)-1] + alphabet[last+1:last+2]
	for text, want := range map[string]bool{raw: true, changed: false} {
		parsed, err := claims.Parse(text)
		if err != nil {
			continue // a parser that refuses it has found it too
		}
		if v := check(t, verify.Input{Raw: text, Token: parsed, Now: now, Keys: set}); v.Verified() != want {
			t.Errorf("verified: %t, want %t: %+v", v.Verified(), want, v.Checks)
		}
	}
}

func TestECSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwks.Parse([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"e","x":"` + encode(point[1:33]) + `","y":"` + encode(point[33:]) + `"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	tok := token(t, `{"alg":"ES256","kid":"e"}`, payload, func(input string) []byte {
		sum := sha256.Sum256([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	})
	if v := check(t, verify.Input{Token: tok, Now: now, Keys: set}); !v.Verified() {
		t.Errorf("%+v", v.Checks)
	}
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, set := rsaSet(t)
	tok := token(t, `{"alg":"HS256","kid":"k9","crit":["x"]}`, `{"iss":"https://other.example.com","aud":["a","b"],"exp":1}`, unsigned)
	v := check(t, verify.Input{Token: tok, Now: now, Keys: set, Issuer: "https://idp.example.com"})
	for _, name := range []string{"header", "algorithm", "iss", "sub", "aud", "exp", "iat", "key", "signature"} {
		if c := find(t, v, name); c.Outcome != verify.Failed || c.AWS == "" {
			t.Errorf("%s %s, AWS: %q", name, c.Outcome, c.AWS)
		}
	}
}

func TestWithoutKeysNothingIsVerifiedAndTheRestIsJudged(t *testing.T) {
	t.Parallel()
	tok := token(t, `{"alg":"RS256","kid":"k1"}`, payload, unsigned)
	v := check(t, verify.Input{Token: tok, Now: now.Add(time.Hour), KeysError: "no such host"})
	if v.Verified() || find(t, v, "signature").Outcome != verify.Unknown || find(t, v, "exp").Outcome != verify.Failed {
		t.Errorf("%+v", v.Checks)
	}
	if !strings.Contains(find(t, v, "key").Summary, "no such host") {
		t.Errorf("the reason is missing: %+v", v.Checks)
	}
}

func TestGraceIsAWSsAndSaid(t *testing.T) {
	t.Parallel()
	tok := token(t, `{"alg":"RS256"}`, payload, unsigned)
	for after, want := range map[time.Duration]verify.Outcome{-time.Second: verify.Passed, 299 * time.Second: verify.Passed, 300 * time.Second: verify.Failed} {
		v := check(t, verify.Input{Token: tok, Now: time.Unix(1000000300, 0).Add(after)})
		c := find(t, v, "exp")
		if c.Outcome != want {
			t.Errorf("%s after exp: %s", after, c.Outcome)
		}
		if after == 299*time.Second && !strings.Contains(c.Careful, "careful verifier") {
			t.Errorf("the grace is not said: %+v", c)
		}
	}
}

func TestSpanNamesTheTwoLargestUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 252 * time.Second: "4 m 12 s",
		3 * time.Hour: "3 h 0 m", 50 * time.Hour: "2 d 2 h",
	} {
		if got := verify.Span(d); got != want {
			t.Errorf("Span(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestATimeThatNamesNoInstantIsNeverVerified(t *testing.T) {
	t.Parallel()
	for name, times := range map[string]string{
		"exp is a word":         `"exp": "never", "iat": 1700000000`,
		"exp is null":           `"exp": null, "iat": 1700000000`,
		"exp is negative":       `"exp": -5, "iat": 1700000000`,
		"exp is in an object":   `"exp": {}, "iat": 1700000000`,
		"exp is beyond 9999":    `"exp": 99999999999999, "iat": 1700000000`,
		"exp is milliseconds":   `"exp": 1700000900000, "iat": 1700000000`,
		"iat is a word":         `"exp": 1700000900, "iat": "x"`,
		"nbf is null":           `"exp": 1700000900, "iat": 1700000000, "nbf": null`,
		"nbf is a list of time": `"exp": 1700000900, "iat": 1700000000, "nbf": [1700000000]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claim, _, _ := strings.Cut(name, " ")
			v := check(t, verify.Input{
				Token: token(t, `{"alg": "RS256", "kid": "k"}`, `{"iss": "https://idp.example.com", "sub": "s", "aud": "a", `+times+`}`, unsigned),
				Now:   time.Unix(1700000060, 0), KeysError: "not asked",
			})
			if c := find(t, v, claim); c.Outcome != verify.Failed || c.Careful != "" || strings.Contains(c.Summary, "ago") {
				t.Errorf("got %+v, want it failed without a time made up", c)
			}
		})
	}
}
