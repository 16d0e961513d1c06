package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// caller looks for causes on the caller's side, and for what time and network explain.
func (d *diagnoser) caller() {
	d.permissions()
	d.credentials()
	d.configuration()
	d.endpoint()
	d.recent()
	d.passing()
	d.sentToken()
}

func (d *diagnoser) permissions() {
	q := &d.c.Request
	if q.Untrusted != "" {
		d.show(Diagnosis{
			Cause: "token_not_obtained", Summary: "GitHub gives this run no ID token: " + q.Untrusted,
			Expected: "an event that may ask for ID tokens", Found: q.Untrusted,
			Fix: "if: ${{ !github.event.pull_request.head.repo.fork && github.actor != 'dependabot[bot]' }}",
		}, 0)
		return
	}
	if name := d.unsetToken(); name != "" {
		d.show(Diagnosis{
			Cause: "token_not_obtained", Summary: "the caller has no ID token: " + name + " is not set",
			Expected: name + " set by the platform", Found: "not set",
			Fix: "in GitHub Actions: permissions: {id-token: write, contents: read}; in GitLab CI: id_tokens:; elsewhere the setting that hands jobs an OIDC token",
		}, 0)
		return
	}
	if q.HasPermissions && !q.IDToken {
		d.show(Diagnosis{
			Cause: "token_not_obtained", Summary: "the workflow may not ask for an ID token",
			Expected: "permissions with id-token: write", Found: "permissions without it",
			Fix: "permissions:\n  id-token: write\n  contents: read",
		}, 0)
	}
}

// unsetToken is a variable in which a platform would hand over an ID token, or the way to one, and
// which is known to be unset.
func (d *diagnoser) unsetToken() string {
	for _, name := range d.variables() {
		if d.c.Request.Environment[name] == "" && (strings.Contains(name, "OIDC_TOKEN") || strings.Contains(name, "ID_TOKEN")) {
			return name
		}
	}
	return ""
}

// behindAll is the rank of a cause that comes after all others that are shown.
const behindAll = 30

// recent looks for a role or a provider that is too new for every copy of IAM to know it.
func (d *diagnoser) recent() {
	provider := ""
	if p := d.c.Provider; p != nil {
		provider = p.Created
	}
	for _, made := range [...]struct{ what, when string }{{"the provider", provider}, {"the role", d.c.Role.Created}} {
		what, when := made.what, made.when
		if when == "" || !isRecent(when, d.c.Now) {
			continue
		}
		rank := 10
		if d.v.Decision == exchange.Deny {
			rank = behindAll // what was seen refuses the token on any copy of IAM
		}
		if d.c.Request.FailingCall != "" && !strings.Contains(d.c.Request.FailingCall, "WebIdentity") {
			rank = 0 // the exchange worked, and what failed used its credentials
		}
		d.show(Diagnosis{
			Cause: "iam_propagation", Summary: what + " is so new that not every copy of IAM knows it",
			Expected: what + " known everywhere, some seconds after it was made", Found: "made " + when,
			Fix: "try again in a minute; in scripts, retry AccessDenied for up to two minutes after a change",
		}, rank)
	}
}

// propagation is how long IAM was seen to need, with room.
const propagation = 2 * time.Minute

func isRecent(when string, now time.Time) bool {
	if at, err := time.Parse(time.RFC3339, when); err == nil {
		return !now.IsZero() && now.Sub(at) < propagation
	}
	return strings.ContainsFunc(when, func(r rune) bool { return r >= 'a' && r <= 'z' }) // words: somebody thought it worth saying
}

// passing looks for reasons that go away by themselves.
func (d *diagnoser) passing() {
	disc := d.c.Discovery
	x := Diagnosis{Cause: "jwks_fetch_transient", Expected: "the keys fetched every time", Fix: "retry with backoff, and exchange a token once for many clients"}
	switch {
	case disc != nil && disc.Outage:
		x.Summary, x.Found = "AWS could not fetch the issuer's keys during an outage", "an outage at the time"
	case disc != nil && disc.Intermittent:
		x.Summary, x.Found = "AWS fails to fetch the issuer's keys now and then", "exchanges that sometimes work"
	case d.c.Request.Parallel:
		x.Summary, x.Found = "many exchanges at one time make AWS fetch the issuer's keys too often", "parallel exchanges"
	case d.c.Request.Retried && slices.Contains(d.symptom.causes, x.Cause):
		x.Summary, x.Found = "AWS failed to fetch the issuer's keys for a passing reason", "the same call worked a little later"
	default:
		return
	}
	if d.c.Request.Parallel {
		x.Evidence = append(x.Evidence, "many exchanges run at the same time")
	}
	d.show(x, 2)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// count words a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
