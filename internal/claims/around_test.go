package claims_test

import (
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestWhatStandsAroundATokenIsSaid(t *testing.T) {
	t.Parallel()
	token := forgecroftToken("")
	for pasted, want := range map[string]string{
		token:                            "",
		token + "\n":                     "",
		token + "\r\n":                   "",
		"\"" + token + "\"\n":            "quotes around the token",
		"Bearer " + token:                "the word Bearer before the token",
		"Authorization: Bearer " + token: "the name of a header before the token",
		"{\"value\": \"" + token + "\"}": "JSON around the token",
		"\ufeff" + token:                 "a byte order mark before the token",
		asUTF16(token):                   "UTF-16, where a token is plain text",
		wrap(token, 64, "\n"):            "line breaks within the token",
		" " + token:                      "blanks around the token",
		token + " \n":                    "blanks around the token",
		"export TOKEN=" + token:          "other text around the token",
	} {
		raw, err := claims.Find([]byte(pasted))
		if err != nil {
			t.Fatal(err)
		}
		if got := claims.Around([]byte(pasted), raw); got != want {
			t.Errorf("Around(%.30q…) = %q, want %q", pasted, got, want)
		}
	}
}
