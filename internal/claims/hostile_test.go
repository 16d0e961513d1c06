package claims_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
)

// The bounds are wide, for slow machines; what they exclude is work that grows with the square
// of the input.
func TestHostileInputTakesLittleTimeAndMemory(t *testing.T) {
	t.Parallel()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	var many strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&many, `"%x":0,`, i)
	}
	token := forgecroftToken("")
	odd := token[:len(token)-7]
	for name, pasted := range map[string]string{
		"many claims":         encode(header, "{"+many.String()+`"z":0}`),
		"many tokens":         strings.Repeat(token+" ", claims.MaxInputSize/(len(token)+1)),
		"many odd tokens":     strings.Repeat(odd+"\n", claims.MaxInputSize/(len(odd)+1)),
		"an endless wrap":     odd + strings.Repeat("\nAb", 20_000),
		"many starts":         strings.Repeat("eyJhbGciOi\n", claims.MaxInputSize/11),
		"many starts in line": strings.Repeat("=eyJhbGciO", claims.MaxInputSize/10),
		"deep JSON":           strings.Repeat("[", claims.MaxInputSize/2) + strings.Repeat("]", claims.MaxInputSize/2),
		"less deep JSON":      strings.Repeat("[", 9000) + `"eyJhbGciOi.x.y"` + strings.Repeat("]", 9000),
		"dots":                "ey" + strings.Repeat(".", claims.MaxInputSize-2),
		"blanks":              strings.Repeat(" ", claims.MaxInputSize),
		"zeros":               strings.Repeat("\x00", claims.MaxInputSize),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if raw, err := claims.Find([]byte(pasted)); err == nil {
				if token, err := claims.Parse(raw); err == nil {
					claims.Describe(token, table, now)
				}
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Log(took)
			}
		})
	}
}

// Escaping is the printer's part: the package hands texts on as they are, and its own texts
// hold nothing of them.
func TestHostileTextsStayInValuesAndOutOfWarnings(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[31m\u202eevil"
	spelled := `"\u001b[31m\u202eevil"`
	token := parse(t, encode(header, `{"iss":`+spelled+`,"sub":`+spelled+`,"aud":`+spelled+`,"azp":"x`+spelled[1:]+`,"iat":`+spelled+`,"exp":`+spelled+
		`,"https://aws.amazon.com/tags":{"principal_tags":{`+spelled+`:[`+spelled+`]}},"https://aws.amazon.com/roles":`+spelled+`,"https://aws.amazon.com/source_identity":`+spelled+`}`))
	if token.Subject() != evil {
		t.Fatalf("subject %q", token.Subject())
	}
	d := claims.Describe(token, keyTable(t), now)
	for _, w := range d.Warnings {
		if strings.Contains(w.Text+w.AWS+w.Code, "evil") {
			t.Errorf("warning %+v", w)
		}
	}
	if len(d.Warnings) == 0 {
		t.Error("nothing was warned of")
	}
}
