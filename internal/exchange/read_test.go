package exchange_test

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

func TestAnIdIsGivenBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`{"id":"a"}`:            `"a"`,
		`{"id":""}`:             `""`,
		`{"id":7}`:              `7`,
		`{"id":1.50}`:           `1.50`,
		`{"id":{"a":[1, 2]}}`:   `{"a":[1, 2]}`,
		`{"id":true}`:           `true`,
		`{"id":"first","id":2}`: `2`,
		"{\"id\":\"\xff\"}":     "\"\uFFFD\"",
	} {
		if got := string(read(t, []byte(src)).ID); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
		broken := strings.TrimSuffix(src, "}") + `,"claims":5}`
		if got := string(exchange.ID(broken)); got != want {
			t.Errorf("of a line that is no case, %s: %s, want %s", broken, got, want)
		}
	}
	for _, src := range []string{`{}`, `{"id":null}`} {
		if c := read(t, []byte(src)); c.ID != nil {
			t.Errorf("%s has the id %s", src, c.ID)
		}
	}
}

func TestAPolicyAsTextCountsBeforeTheObjectInWhateverOrder(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`{"trust_policy_text":"as text","trust_policy":{}}`,
		`{"trust_policy":{},"trust_policy_text":"as text"}`,
	} {
		if c := read(t, []byte(src)); string(c.Policy) != "as text" {
			t.Errorf("%s: %s", src, c.Policy)
		}
	}
}

func TestInstantsMayHaveFractionsOfASecond(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]int64{
		`{"now":1789123706}`:                 1789123706,
		`{"now":1789123706.75}`:              1789123706,
		`{"now":"1789123706"}`:               1789123706,
		`{"request":{"now":1789123706.001}}`: 1789123706,
	} {
		if got := read(t, []byte(src)).Now.Unix(); got != want {
			t.Errorf("%s: %d, want %d", src, got, want)
		}
	}
	for _, src := range []string{`{"now":-1}`, `{"now":1e3}`, `{"now":"soon"}`, `{"now":"5."}`, `{"now":"5.x"}`, `{"now":253402300800}`} {
		if _, err := exchange.Read([]byte(src)); err == nil || !strings.Contains(err.Error(), "now must be seconds since 1970") {
			t.Errorf("%s: %v", src, err)
		}
	}
}
