package claims_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// rfcPayload is the payload of RFC 7515 A.1 to A.3 and RFC 7519 §3.1 and §6.1.
const rfcPayload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

const rfcA1 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfcPayload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

func TestTheTokensOfTheRFCsDecodeAsTheySay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		raw, alg  string
		signature int
	}{
		"RFC 7515 A.1 and RFC 7519 3.1, HS256": {rfcA1, "HS256", 32},
		"RFC 7515 A.2, RS256": {
			"eyJhbGciOiJSUzI1NiJ9." + rfcPayload + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
			"RS256", 256,
		},
		"RFC 7515 A.3, ES256":     {"eyJhbGciOiJFUzI1NiJ9." + rfcPayload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", "ES256", 64},
		"RFC 7519 6.1, unsecured": {"eyJhbGciOiJub25lIn0." + rfcPayload + ".", "none", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := claims.Find([]byte("token: " + tt.raw + "\n"))
			if err != nil || raw != tt.raw {
				t.Fatalf("found %d of %d characters: %v", len(raw), len(tt.raw), err)
			}
			token := parse(t, raw)
			if token.Header.Alg != tt.alg || len(token.Signature()) != tt.signature {
				t.Errorf("alg %q with a signature of %d bytes", token.Header.Alg, len(token.Signature()))
			}
			if token.SigningInput+"." != tt.raw[:len(token.SigningInput)+1] {
				t.Error("the signing input is not what precedes the signature")
			}
			if token.Issuer() != "joe" || !token.ExpiresAt().At.Equal(time.Unix(1300819380, 0)) {
				t.Errorf("issuer %q, expires %v", token.Issuer(), token.ExpiresAt())
			}
			if v, ok := token.Claim("http://example.com/is_root"); !ok || v.Kind() != claims.Bool || v.Text() != "true" {
				t.Errorf("is_root is %s", v.Raw())
			}
		})
	}
}

// RFC 7515 A.4 signs the word "Payload": a JWS, but no JWT. A.6 is JSON serialization, and
// RFC 7516 A.1 is encrypted.
func TestWhatTheRFCsSignThatIsNoTokenIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ raw, want string }{
		"RFC 7515 A.4": {"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn", "the payload is not JSON"},
		"RFC 7515 A.6": {`{"payload":"` + rfcPayload + `","protected":"eyJhbGciOiJSUzI1NiJ9","signature":"abc"}`, "JSON serialization"},
		"RFC 7516 A.1": {"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ", "encrypted token (JWE)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := claims.Find([]byte(tt.raw))
			if err == nil {
				_, err = claims.Parse(raw)
			}
			if !errors.Is(err, claims.ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v does not say %q", err, tt.want)
			}
		})
	}
}
