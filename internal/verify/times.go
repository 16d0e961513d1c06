package verify

import (
	"fmt"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// checkTimes judges exp, iat and, where the token has one, nbf.
func checkTimes(in Input) []Check {
	times := in.Described.Times
	checks := []Check{
		checkTime(in, "exp", times.ExpiresAt, expiry(times.ExpiresAt.At.Sub(in.Now))),
		checkTime(in, "iat", times.IssuedAt, reached("issued", "issued", in.Now.Sub(times.IssuedAt.At))),
	}
	if nbf := times.NotBefore; nbf.Form != claims.TimeAbsent {
		checks = append(checks, checkTime(in, "nbf", nbf, reached("began", "begins", in.Now.Sub(nbf.At))))
	}
	return checks
}

func checkTime(in Input, name string, i claims.Instant, s seen) Check {
	c := Check{Name: name, Outcome: Passed, Summary: s.summary, Careful: s.careful}
	if i.Form == claims.TimeDigits {
		c.Careful = name + " is a number in a string: AWS takes it, a careful verifier does not (RFC 7519 §2)"
	}
	if c = judge(in.Described, c, name); c.Outcome != Failed {
		return c
	}
	if i.Accepted() {
		c.Summary, c.Fix = s.summary, timeFix(name) // how long ago tells more than that it is too long
	}
	return c
}

// seen is what a check says of an instant that AWS takes.
type seen struct{ summary, careful string }

func expiry(left time.Duration) seen {
	if left > 0 {
		return seen{summary: "expires in " + Span(left)}
	}
	return seen{
		"expired " + Span(-left) + " ago",
		"AWS still takes it for " + Span(left+claims.Grace) + " (five minutes of grace); a careful verifier does not",
	}
}

// reached is for an instant that should lie in the past.
func reached(did, does string, ago time.Duration) seen {
	if ago >= 0 {
		return seen{summary: did + " " + Span(ago) + " ago"}
	}
	return seen{
		does + " " + Span(-ago) + " from now",
		"AWS allows clocks to differ by five minutes; a careful verifier may allow less",
	}
}

func timeFix(name string) string {
	if name == "exp" {
		return "get a new token; they live for minutes"
	}
	return "set the clocks of this machine and of the issuer"
}

// Span is a duration for people, in its two largest units: "4 m 12 s", "3 d 2 h".
func Span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d m %d s", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d h %d m", s/3600, s%3600/60)
	default:
		return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
	}
}
