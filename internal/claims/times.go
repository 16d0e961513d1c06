package claims

import (
	"strconv"
	"strings"
	"time"
)

// Grace is the allowance for clocks that STS gives exp, iat and nbf: documented for exp
// (IAM User Guide, id_roles_providers_oidc), observed for the others.
const Grace = 5 * time.Minute

// latest is the last second of the year 9999, the last that RFC 3339 can write.
const latest = 253402300799

// TimeForm is how a token spells an instant. STS takes integers and integers in a string;
// anything else it refuses with "Invalid timestamp in token claims." (observed).
type TimeForm int

// The forms of a time claim.
const (
	TimeAbsent TimeForm = iota
	TimeInteger
	TimeDigits   // an integer in a string
	TimeFraction // a number that is no integer literal: RFC 7519 allows it, STS does not
	TimeInvalid
)

// Instant is the time that a claim names.
type Instant struct {
	At   time.Time // in UTC; zero if the form is TimeAbsent or TimeInvalid
	Form TimeForm
}

// Known reports whether the claim names an instant at all, whatever STS thinks of its form.
func (i Instant) Known() bool { return i.Form != TimeAbsent && i.Form != TimeInvalid }

// Accepted reports whether STS reads the claim as an instant.
func (i Instant) Accepted() bool { return i.Form == TimeInteger || i.Form == TimeDigits }

// IssuedAt returns iat.
func (t *Token) IssuedAt() Instant { return t.instant("iat") }

// NotBefore returns nbf.
func (t *Token) NotBefore() Instant { return t.instant("nbf") }

// ExpiresAt returns exp.
func (t *Token) ExpiresAt() Instant { return t.instant("exp") }

// TimeLeft returns how long t stays valid after now, negative once expired.
// ok is false if t carries no exp claim that names an instant.
func (t *Token) TimeLeft(now time.Time) (left time.Duration, ok bool) {
	exp := t.ExpiresAt()
	return exp.At.Sub(now), exp.Known()
}

// Lifetime returns the time from iat to exp. ok is false if one of them is missing.
func (t *Token) Lifetime() (life time.Duration, ok bool) {
	iat, exp := t.IssuedAt(), t.ExpiresAt()
	return exp.At.Sub(iat.At), iat.Known() && exp.Known()
}

func (t *Token) instant(name string) Instant {
	v, _ := t.Claim(name)
	switch v.Kind() {
	case Absent:
		return Instant{}
	case Number:
		return numberInstant(v.Text())
	case String:
		if i := numberInstant(v.Text()); i.Form == TimeInteger {
			return Instant{At: i.At, Form: TimeDigits}
		}
		return Instant{Form: TimeInvalid}
	default:
		return Instant{Form: TimeInvalid}
	}
}

func numberInstant(text string) Instant {
	if !strings.ContainsAny(text, ".eE") {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || text[0] == '+' || seconds < 0 || seconds > latest {
			return Instant{Form: TimeInvalid}
		}
		return Instant{At: time.Unix(seconds, 0).UTC(), Form: TimeInteger}
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= latest) {
		return Instant{Form: TimeInvalid}
	}
	whole := int64(seconds)
	return Instant{At: time.Unix(whole, int64((seconds-float64(whole))*1e9)).UTC(), Form: TimeFraction}
}

// TimeState is where an instant lies in a token's life.
type TimeState string

// The states of a token at an instant. TimesUnknown: it names no end, or not in a form that
// STS reads.
const (
	TimesUnknown TimeState = "unknown"
	TimesValid   TimeState = "valid"
	TimesGrace   TimeState = "grace" // out of its times, and STS still takes it
	TimesExpired TimeState = "expired"
	TimesEarly   TimeState = "not_yet_valid"
)

// State judges t's times at now as STS was observed to: iat and nbf may lie up to [Grace]
// ahead, and now may lie less than [Grace] after exp.
func (t *Token) State(now time.Time) TimeState {
	iat, nbf, exp := t.IssuedAt(), t.NotBefore(), t.ExpiresAt()
	if !iat.Accepted() || !exp.Accepted() || nbf.Form != TimeAbsent && !nbf.Accepted() {
		return TimesUnknown
	}
	switch {
	case iat.At.After(now.Add(Grace)), nbf.At.After(now.Add(Grace)):
		return TimesEarly
	case !now.Add(-Grace).Before(exp.At):
		return TimesExpired
	case iat.At.After(now), nbf.At.After(now), !now.Before(exp.At):
		return TimesGrace
	}
	return TimesValid
}
