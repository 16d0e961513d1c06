package claims_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
)

func TestATimeIsReadInTheFormsThatAWSTakesAndNamedInTheOthers(t *testing.T) {
	t.Parallel()
	for spelled, want := range map[string]claims.TimeForm{
		`1789124598`:             claims.TimeInteger,
		`0`:                      claims.TimeInteger,
		`"1789124598"`:           claims.TimeDigits,
		`1789124598.5`:           claims.TimeFraction,
		`1.789124598e9`:          claims.TimeFraction,
		`"1789124598.5"`:         claims.TimeInvalid,
		`"+1789124598"`:          claims.TimeInvalid,
		`""`:                     claims.TimeInvalid,
		`"2026-09-11T00:00:00Z"`: claims.TimeInvalid,
		`-1`:                     claims.TimeInvalid,
		`99999999999999999999`:   claims.TimeInvalid,
		`253402300800`:           claims.TimeInvalid,
		`1e400`:                  claims.TimeInvalid,
		`null`:                   claims.TimeInvalid,
		`true`:                   claims.TimeInvalid,
		`[1789124598]`:           claims.TimeInvalid,
	} {
		t.Run(spelled, func(t *testing.T) {
			t.Parallel()
			exp := parse(t, encode(header, `{"exp":`+spelled+`}`)).ExpiresAt()
			if exp.Form != want {
				t.Errorf("form %d, want %d", exp.Form, want)
			}
			if _, err := exp.At.MarshalJSON(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTimesAreJudgedWithFiveMinutesOfGraceToTheSecond(t *testing.T) {
	t.Parallel()
	const iat, nbf, exp = 1000, 2000, 3000
	token := parse(t, encode(header, fmt.Sprintf(`{"iat":%d,"nbf":%d,"exp":%d}`, iat, nbf, exp)))
	for at, want := range map[int64]claims.TimeState{
		nbf - 301: claims.TimesEarly,
		nbf - 300: claims.TimesGrace,
		nbf - 1:   claims.TimesGrace,
		nbf:       claims.TimesValid,
		exp - 1:   claims.TimesValid,
		exp:       claims.TimesGrace,
		exp + 299: claims.TimesGrace,
		exp + 300: claims.TimesExpired,
	} {
		times := token.Times(time.Unix(at, 0))
		if times.State != want || times.AWSAccepts != (want == claims.TimesValid || want == claims.TimesGrace) {
			t.Errorf("at %d it is %s, want %s", at, times.State, want)
		}
		if times.Left != time.Duration(exp-at)*time.Second || times.Lifetime != 2000*time.Second {
			t.Errorf("at %d: %v left of %v", at, times.Left, times.Lifetime)
		}
		if times.AWSAcceptsUntil.Unix() != exp+300 {
			t.Errorf("accepted until %v", times.AWSAcceptsUntil)
		}
	}
}

func TestMillisecondsAreRecognised(t *testing.T) {
	t.Parallel()
	d := claims.Describe(parse(t, encode(header, `{"iss":"https://a","sub":"s","aud":"a","iat":1789123688000,"exp":1789124598000}`)), keyTable(t), now)
	if len(d.Warnings) < 1 || d.Warnings[0].Code != "time_milliseconds" {
		t.Errorf("warnings %+v", d.Warnings)
	}
}
