package report_test

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/verify"
)

const tokenHeader = `{"alg":"RS256","kid":"k1","typ":"JWT"}`

const planClaims = `{"iss":"https://api.forgecroft.com","sub":"org:11111111-1111-1111-1111-111111111111:phase:plan",
"aud":"sts.amazonaws.com","iat":1795444769,"nbf":1795444769,"exp":1795445669,
"org_id":"11111111-1111-1111-1111-111111111111","phase":"plan","actor":"\u001b[31m\u202eecila","run_count":"7",
"https://aws.amazon.com/source_identity":"alice"}`

func parseToken(t *testing.T, payload string) *claims.Token {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	tok, err := claims.Parse(encode([]byte(tokenHeader)) + "." + encode([]byte(payload)) + "." + encode([]byte("the signature")))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// describedToken is a token as seen four minutes and twelve seconds before it expires.
func describedToken(t *testing.T) *report.Token {
	t.Helper()
	keys, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	tok, now := parseToken(t, planClaims), time.Unix(1795445669-252, 0)
	return &report.Token{
		Token: tok, Described: claims.Describe(tok, keys, now), Now: now,
		Location: time.FixedZone("CET", 3600),
	}
}

// withoutKeys adds a verification that could not get at the keys.
func withoutKeys(d *report.Token) *report.Token {
	v := verify.Verify(verify.Input{Token: d.Token, Described: d.Described, Now: d.Now, KeysError: "no such host", KeysFix: "look at DNS"})
	d.Verification = &v
	d.Issuer = []issuer.Problem{{Code: issuer.CodeUnreachable, Severity: issuer.Failure, Summary: "no such host", Fix: "look at DNS"}}
	return d
}

func TestATokenIsExplainedAt80Columns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		theme report.Theme
		token *report.Token
	}{
		"decode.txt":         {report.Theme{}, describedToken(t)},
		"decode-color.txt":   {report.Theme{Color: true, Width: 80}, describedToken(t)},
		"decode-ascii.txt":   {report.Theme{ASCII: true, Width: 80}, describedToken(t)},
		"decode-unknown.txt": {report.Theme{}, withoutKeys(describedToken(t))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := report.WriteTokenText(&out, tt.theme, tt.token); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
			plain := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(out.String(), "")
			for line := range strings.Lines(plain) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
			if !strings.Contains(plain, "NOT VERIFIED") || strings.Contains(plain, base64.RawURLEncoding.EncodeToString([]byte("the signature"))) {
				t.Errorf("unlabelled, or with its signature:\n%s", plain)
			}
			if strings.ContainsAny(plain, "\x1b\u202e") {
				t.Errorf("a claim acts on the terminal: %q", plain)
			}
		})
	}
}

func TestColourChangesNoWord(t *testing.T) {
	t.Parallel()
	var plain, colored bytes.Buffer
	if err := report.WriteTokenText(&plain, report.Theme{}, describedToken(t)); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteTokenText(&colored, report.Theme{Color: true, Width: 80}, describedToken(t)); err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored.String(), ""); got != plain.String() {
		t.Errorf("with colour:\n%s\nwithout:\n%s", got, plain.String())
	}
}

func TestATokenAsJSONKeepsItsValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.WriteTokenJSON(&out, withoutKeys(describedToken(t))); err != nil {
		t.Fatal(err)
	}
	golden(t, "decode.json", out.String())
}

func TestTwoTokensAreComparedClaimByClaim(t *testing.T) {
	t.Parallel()
	a := parseToken(t, planClaims)
	b := parseToken(t, strings.NewReplacer(`"phase":"plan"`, `"phase":"apply"`, `"exp":1795445669`, `"exp":1795445670`, `,"run_count":"7"`, "").Replace(planClaims))
	var out bytes.Buffer
	if err := report.WriteTokenDiffText(&out, report.Theme{}, claims.Diff(a, b)); err != nil {
		t.Fatal(err)
	}
	golden(t, "decode-diff.txt", out.String())
}
