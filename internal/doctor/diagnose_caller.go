package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/regions"
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
	if q.HasPermissions && !q.IDToken {
		d.show(Diagnosis{
			Cause: "token_not_obtained", Summary: "the workflow may not ask for an ID token",
			Expected: "permissions with id-token: write", Found: "permissions without it",
			Fix: "permissions:\n  id-token: write\n  contents: read",
		}, 0)
	}
}

// keyVariables are variables by which other credentials come before a web identity.
var keyVariables = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "conflicting_static_credentials"}

func (d *diagnoser) credentials() {
	for _, name := range keyVariables {
		if d.c.Request.Environment[name] == "" {
			continue
		}
		what := "the caller's environment sets " + name
		if strings.Contains(name, "credentials") {
			what = "the caller's environment holds credentials of its own"
		}
		d.show(Diagnosis{
			Cause: "other_credentials_used", Summary: what + ", which SDKs use in place of the web identity",
			Expected: "no credentials beside AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN", Found: name,
			Fix: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE",
		}, 5)
		return
	}
}

// configuration looks for variables that are known to be missing.
func (d *diagnoser) configuration() {
	var unset []string
	for _, name := range slices.Sorted(maps.Keys(d.c.Request.Environment)) {
		if strings.HasPrefix(name, "AWS_") && d.c.Request.Environment[name] == "" && !slices.Contains(keyVariables, name) {
			unset = append(unset, name)
		}
	}
	if len(unset) == 0 {
		return
	}
	value := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ROLE_ARN": "<the role's ARN>",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "<the token's file>",
	}
	fix := make([]string, len(unset))
	for i, name := range unset {
		fix[i] = "export " + name + "=" + orElse(value[name], "<value>")
	}
	d.show(Diagnosis{
		Cause: "client_config", Summary: "the caller lacks " + strings.Join(unset, " and "),
		Expected: strings.Join(unset, ", ") + " set", Found: "not set", Fix: strings.Join(fix, "\n"),
	}, 5)
}

func (d *diagnoser) endpoint() {
	q := &d.c.Request
	show := func(summary, expected, found string, rank int) {
		d.show(Diagnosis{
			Cause: "sts_endpoint", Summary: summary, Expected: expected, Found: found,
			Fix: "export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=<a Region that the network lets through>",
		}, rank)
	}
	if len(q.BlockedHosts) > 0 {
		show("the network does not let the call through to STS", "a way to the STS endpoint of some Region", strings.Join(q.BlockedHosts, ", ")+" is blocked", 0)
		return
	}
	partition, _, _, ok := exchange.SplitRoleARN(d.c.RoleARN())
	if called, known := regions.PartitionOf(d.region()); ok && known && called.ID != partition {
		show("the call goes to STS of another partition than the role's", "STS of partition "+partition, "STS of "+d.region()+", which is in "+called.ID, 0)
	}
}

// region is the Region whose STS is called, as far as the request tells.
func (d *diagnoser) region() string {
	q := &d.c.Request
	host := strings.TrimPrefix(q.Endpoint, "https://")
	if region, ok := strings.CutPrefix(host, "sts."); ok {
		region, _, _ = strings.Cut(region, ".amazonaws.")
		if _, known := regions.Lookup(region); known {
			return region
		}
	}
	return q.Region
}

// recent looks for a role or a provider that is too new for every copy of IAM to know it.
func (d *diagnoser) recent() {
	p := d.c.Provider
	created := map[string]string{"the role": d.c.Role.Created}
	if p != nil {
		created["the provider"] = p.Created
	}
	for _, what := range slices.Sorted(maps.Keys(created)) {
		when := created[what]
		if when == "" || !isRecent(when, d.c.Now) {
			continue
		}
		rank := 10
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
	default:
		return
	}
	if d.c.Request.Parallel {
		x.Evidence = append(x.Evidence, "many exchanges run at the same time")
	}
	d.show(x, 2)
}

// sentToken looks for a token of another purpose.
func (d *diagnoser) sentToken() {
	t, q := d.c.Token, &d.c.Request
	x := Diagnosis{Cause: "wrong_token", Expected: "the ID token that the issuer made for this exchange", Fix: "fcoidc decode --token-file <the file that is sent>"}
	source := strings.ToLower(q.TokenSource)
	switch {
	case strings.Contains(source, "request_token"):
		x.Summary, x.Found = "the token that is sent is the one to ask for ID tokens with", q.TokenSource
		x.Fix = "let the action fetch the ID token, or ask ACTIONS_ID_TOKEN_REQUEST_URL for one and send that"
	case strings.Contains(source, "access"), strings.Contains(source, "refresh"):
		x.Summary, x.Found = "an access or refresh token is sent in place of an ID token", q.TokenSource
	case t != nil && t.IsRequestToken():
		x.Summary, x.Found = "the token that is sent is the one with which a GitHub job asks for ID tokens", "a token without sub"
		x.Fix = "let the action fetch the ID token, or ask ACTIONS_ID_TOKEN_REQUEST_URL for one and send that"
	case t != nil && d.v.Has(exchange.ClaimMissing) && t.Subject() == "" && len(t.Audience()) == 0 && len(t.Claims) > 0:
		x.Summary, x.Found = "the token says neither whom it is about nor whom it is for: it is no ID token", "a token without sub and aud"
	case t != nil && textClaim(d.c, "token_use") == "access", t != nil && strings.EqualFold(t.Header.Typ, "at+jwt"):
		x.Summary, x.Found = "an access token is sent in place of an ID token", "a token that names itself an access token"
	case t == nil && !q.HasToken && d.c.Policy == nil && d.symptom.class == classSTS && d.c.Symptom.Message == "" && slices.Contains(d.symptom.causes, "wrong_token"):
		d.suggest(Diagnosis{Cause: "wrong_token", Summary: "what was sent may be no token at all", Expected: x.Expected, Fix: x.Fix}, 0)
		return
	default:
		return
	}
	d.show(x, -10) // it explains the claims that are missing
}

func textClaim(c *exchange.Case, name string) string {
	v, _ := c.Token.Claim(name)
	values, _ := v.Strings()
	if len(values) != 1 {
		return ""
	}
	return values[0]
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
