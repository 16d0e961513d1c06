package claims_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestEveryErrorSaysWhichPartAndWhy(t *testing.T) {
	t.Parallel()
	good := forgecroftToken("")
	parts := strings.Split(good, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	for name, tt := range map[string]struct{ raw, part, want string }{
		"nothing":                    {"", "input", "is empty"},
		"too long":                   {strings.Repeat("e", claims.MaxTokenSize+1), "token", "longer than 20,000 characters, the most that STS takes"},
		"no dots":                    {parts[0], "token", "has no dots"},
		"two parts":                  {parts[0] + "." + parts[1], "token", "has 2 parts"},
		"four parts":                 {good + ".x", "token", "has 4 parts"},
		"five parts":                 {good + ".x.y", "token", "encrypted token (JWE)"},
		"many parts":                 {strings.Repeat("a.", 5000), "token", "more than five parts"},
		"an empty header":            {"." + parts[1] + "." + parts[2], "header", "is empty"},
		"an empty payload":           {parts[0] + ".." + parts[2], "payload", "is empty"},
		"a strange character":        {parts[0] + "." + parts[1][:9] + "*" + parts[1][10:] + "." + parts[2], "payload", "character 10 of"},
		"a line break":               {parts[0] + "." + parts[1] + "\n." + parts[2], "payload", "is not base64url"},
		"padding":                    {parts[0] + "==." + parts[1] + "." + parts[2], "header", "padded with ="},
		"standard base64":            {parts[0] + "." + parts[1] + "." + parts[2][:20] + "+/" + parts[2][22:], "signature", "standard base64, with + and / where a token has - and _"},
		"a missing character":        {parts[0] + "." + parts[1] + ".abcde", "signature", "no text encodes to 5 characters"},
		"no JSON":                    {b64([]byte("{not json at all}")) + "." + parts[1] + ".", "header", "is not JSON: it breaks off at byte 2 of 17"},
		"JSON cut short":             {parts[0] + "." + b64([]byte(`{"iss":"https://x`)) + ".", "payload", "it ends too early"},
		"JSON and more":              {parts[0] + "." + b64([]byte(`{} {}`)) + ".", "payload", "goes on after the JSON object"},
		"an array":                   {parts[0] + "." + b64([]byte(`["a"]`)) + ".", "payload", "is JSON, but not an object"},
		"a repeated name":            {parts[0] + "." + b64([]byte(`{"sub":"a","x":1,"sub":"b"}`)) + ".", "payload", "two members of the same name"},
		"a name repeated in escapes": {parts[0] + "." + b64([]byte(`{"sub":"a","\u0073ub":"b"}`)) + ".", "payload", "two members of the same name"},
		"a repeated name inside":     {parts[0] + "." + b64([]byte(`{"a":[{"b":{},"b":1}]}`)) + ".", "payload", "two members of the same name"},
		"a repeated header":          {b64([]byte(`{"alg":"RS256","alg":"none"}`)) + "." + parts[1] + ".", "header", "two members of the same name"},
		"not UTF-8":                  {parts[0] + "." + b64([]byte("{\"sub\":\"\xff\xfe\"}")) + ".", "payload", "is not UTF-8"},
		"a deep nest":                {parts[0] + "." + b64([]byte(`{"a":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+`}`)) + ".", "payload", "nests more than 64 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := claims.Parse(tt.raw)
			format, ok := errors.AsType[*claims.FormatError](err)
			if !ok || !errors.Is(err, claims.ErrMalformed) {
				t.Fatalf("error %v", err)
			}
			if format.Part != tt.part || !strings.Contains(format.Reason, tt.want) {
				t.Errorf("the %s %q, want the %s to say %q", format.Part, format.Reason, tt.part, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "not a JSON Web Token: the "+tt.part) {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestRepeatedNamesInDifferentObjectsAreNoRepetition(t *testing.T) {
	t.Parallel()
	token := parse(t, encode(header, `{"a":{"x":1,"y":"x"},"b":{"x":1},"c":["a","a",{"x":[]},{"x":2}]}`))
	if len(token.Claims) != 3 {
		t.Errorf("%d claims", len(token.Claims))
	}
}

func TestMembersKeepTheirOrderAndTheirDigits(t *testing.T) {
	t.Parallel()
	token := parse(t, encode(`{"z":1,"alg":"RS256","kid":7,"crit":["b64"]}`, `{"z": 12345678901234567890, "a": 1.50, "m": {"k" : [ 1 ]}}`))
	if h := token.Header; h.Alg != "RS256" || h.Kid != "" || len(h.Crit) != 1 || h.Members[0].Name != "z" {
		t.Errorf("header %+v", h)
	}
	var got []string
	for _, m := range token.Claims {
		got = append(got, m.Name+"="+string(m.Value.Raw()))
	}
	if s := strings.Join(got, " "); s != `z=12345678901234567890 a=1.50 m={"k":[1]}` {
		t.Error(s)
	}
}

func TestAudienceAndSubjectAreReadAsAWSDoes(t *testing.T) {
	t.Parallel()
	token := parse(t, encode(header, `{"aud":["a","b"],"azp":"b","sub":123}`))
	if strings.Join(token.Audience(), " ") != "a b" || token.AZP() != "b" || token.Subject() != "123" {
		t.Errorf("aud %v azp %q sub %q", token.Audience(), token.AZP(), token.Subject())
	}
	if token := parse(t, encode(header, `{"aud":["a",1],"sub":null,"iss":4}`)); token.Audience() != nil || token.Subject() != "" || token.Issuer() != "" {
		t.Error("wrong types are read as texts")
	}
}
