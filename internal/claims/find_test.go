package claims_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestATokenIsFoundInWhatPeoplePaste(t *testing.T) {
	t.Parallel()
	token := forgecroftToken("")
	parts := strings.Split(token, ".")
	for name, pasted := range map[string]string{
		"alone":                     token,
		"with blanks around":        " \t\r\n" + token + "\r\n\n",
		"in double quotes":          `"` + token + `"`,
		"in single quotes":          "'" + token + "',",
		"in typographic quotes":     "“" + token + "”",
		"in backquotes":             "`" + token + "`",
		"with a byte order mark":    "\ufeff" + token,
		"as UTF-16":                 asUTF16(token),
		"as a bearer":               "Bearer " + token,
		"as a header":               "authorization: bearer " + token,
		"as an assignment":          "export TOKEN=" + token,
		"as a YAML value":           "token: " + token,
		"in a query":                "https://x.example/cb?state=1&id_token=" + token + "&x=y",
		"in a log line":             `2026-09-11T10:00:00Z INFO v3.go:79] got "` + token + `" in 3.2ms (a.b.c)`,
		"before a stray log line":   token + " 11:11:49.782386   40364 v3.go:79] EOF",
		"before a line of a log":    token + "\nEOF\n",
		"at the end of a sentence":  "The token is " + token + ".",
		"twice":                     token + "\n" + token,
		"in GitHub's response":      `{"count":1,"value":"` + token + `"}`,
		"in an OAuth response":      `{"access_token":"` + strings.Replace(token, "fake", "FAKE", 1) + `x","token_type":"Bearer","id_token":"` + token + `"}`,
		"in a TokenRequest":         `{"kind":"TokenRequest","spec":{"audiences":["a"]},"status":{"expirationTimestamp":null,"token":"` + token + `"}}`,
		"under an unusual name":     `[{"n":1,"ok":true},{"CI_ID_TOKEN":"` + token + `"}]`,
		"as a JSON string":          `"` + token + `"`,
		"in NDJSON":                 `{"level":"info"}` + "\n" + `{"msg":"t","jwt":"` + token + `"}` + "\n",
		"wrapped at 76":             wrap(token, 76, "\n"),
		"wrapped at 64 with CRLF":   wrap(token, 64, "\r\n"),
		"wrapped and indented":      "token:\n    " + wrap(token, 60, "\n    ") + "\n",
		"wrapped after the name":    "TOKEN: " + wrap(token, 80, "\n"),
		"wrapped with backslashes":  `"` + wrap(token, 70, "\\\n") + `"`,
		"wrapped, then prose":       wrap(token, 76, "\n") + "\n\nplease have a look",
		"one part a line":           parts[0] + "\n." + parts[1] + "\n." + parts[2],
		"wrapped within the header": wrap(token, 20, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := claims.Find([]byte(pasted))
			if err != nil {
				t.Fatal(err)
			}
			if raw != token {
				t.Errorf("found %d characters instead of %d", len(raw), len(token))
			}
		})
	}
}

func wrap(s string, width int, sep string) string {
	var lines []string
	for len(s) > width {
		lines, s = append(lines, s[:width]), s[width:]
	}
	return strings.Join(append(lines, s), sep)
}

func asUTF16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s + "\r\n")) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestWhatIsNoTokenIsNamed(t *testing.T) {
	t.Parallel()
	token := forgecroftToken("")
	other := forgecroftToken(`,"jti":"2"`)
	for name, tt := range map[string]struct{ pasted, want string }{
		"nothing":                    {" \n", "is empty"},
		"too much":                   {token + strings.Repeat(" ", claims.MaxInputSize), "20,000 characters"},
		"an access key":              {"AKIAIOSFODNN7EXAMPLE", "AWS access key id"},
		"exported credentials":       {"export AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=x", "AWS access key id"},
		"a secret key":               {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS secret access key"},
		"a session token":            {"IQoJb3JpZ2luX2Vj" + strings.Repeat("AbC/", 60), "session token of AWS credentials"},
		"a GitHub token":             {"ghs_16C7e42F292c6912E7710c838347Ae178B4a", "GitHub's API"},
		"a GitLab token":             {"glpat-AbCdEfGhIjKlMnOpQrSt", "GitLab's API"},
		"a path":                     {"/var/run/secrets/eks.amazonaws.com/serviceaccount/token", "path of a file"},
		"a path at home":             {"~/token.jwt", "path of a file"},
		"a path on Windows":          {`C:\Users\me\token.txt`, "path of a file"},
		"a file's name":              {"token.jwt", "path of a file"},
		"a variable":                 {"$AWS_TOKEN", "variable that nothing replaced"},
		"an expression":              {"${{ steps.x.outputs.token }}", "variable that nothing replaced"},
		"a key":                      {"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "PEM block"},
		"a URL":                      {"https://api.forgecroft.com/.well-known/openid-configuration", "is a URL"},
		"a SAML response":            {"PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm4", "SAML"},
		"prose":                      {"hello there", "nothing that looks like a token"},
		"decoded claims":             {`{"iss":"https://api.forgecroft.com","sub":"x"}`, "already decoded"},
		"an error response":          {`{"message":"Not found"}`, "JSON without a token"},
		"two tokens":                 {token + "\n" + other, "more than one token"},
		"two tokens in JSON":         {`{"plan":"` + token + `","apply":"` + other + `"}`, "more than one token"},
		"a GitHub request token":     {encode(header, `{"iss":"https://token.actions.githubusercontent.com","scp":"Actions.GenerateIdToken:x:y","exp":1789124598}`), "request token (ACTIONS_ID_TOKEN_REQUEST_TOKEN)"},
		"a token that is cut":        {strings.Split(token, ".")[0] + "." + strings.Split(token, ".")[1], "has 2 parts"},
		"a word with a dot":          {"abc.def", "has 2 parts"},
		"a token with a wrong sign":  {strings.Replace(token, ".", "*.", 1), "the header is not base64url"},
		"a bearer with a wrong sign": {"Bearer " + strings.Replace(token, ".", ".*", 1), "the payload is not base64url"},
		"a padded token":             {strings.Replace(token, ".", "==.", 1), "padded with ="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := claims.Find([]byte(tt.pasted))
			if err == nil {
				_, err = claims.Parse(raw)
			}
			if !errors.Is(err, claims.ErrMalformed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v does not say %q", err, tt.want)
			}
		})
	}
}

func TestAMistakeComesWithAWayOut(t *testing.T) {
	t.Parallel()
	_, err := claims.Find([]byte("/run/token"))
	if format, ok := errors.AsType[*claims.FormatError](err); !ok || format.Hint() != "fcoidc decode --token-file FILE" {
		t.Errorf("error %v", err)
	}
}

func TestAResponseIsSearchedByTheNamesOfItsFields(t *testing.T) {
	t.Parallel()
	id, access := forgecroftToken(""), forgecroftToken(`,"scope":"x"`)
	body, err := json.Marshal(map[string]any{"access_token": access, "id_token": id, "nested": []any{map[string]any{"value": access}}})
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := claims.Find(body); err != nil || raw != id {
		t.Errorf("found another field: %v", err)
	}
}
