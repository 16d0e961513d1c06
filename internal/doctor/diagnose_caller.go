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
	for _, name := range slices.Sorted(maps.Keys(d.c.Request.Environment)) {
		if d.c.Request.Environment[name] == "" && (strings.Contains(name, "OIDC_TOKEN") || strings.Contains(name, "ID_TOKEN")) {
			return name
		}
	}
	return ""
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
	if who := d.symptom.signer; who != "" {
		d.show(Diagnosis{
			Cause: "other_credentials_used", Summary: "the call was signed with the credentials of " + who + ", and an exchange is not signed at all",
			Expected: "an unsigned call of sts:AssumeRoleWithWebIdentity", Found: who,
			Fix: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE\nexport AWS_EC2_METADATA_DISABLED=true",
		}, 5)
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
	d.misspelt()
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

// clientVariables are the variables by which SDKs find a web identity.
var clientVariables = []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME", "AWS_STS_REGIONAL_ENDPOINTS"}

// misspelt looks for names that are nearly ones that count.
func (d *diagnoser) misspelt() {
	names := slices.Clone(d.c.Request.Misspelt)
	known := []string{"RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds"}
	for _, name := range slices.Sorted(maps.Keys(d.c.Request.Environment)) {
		if !slices.Contains(clientVariables, name) && !slices.Contains(keyVariables, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		for _, right := range append(known, clientVariables...) {
			if strings.EqualFold(name, right) || oneEdit(name, right) {
				d.show(Diagnosis{
					Cause: "client_config", Summary: name + " is misspelt: the name is " + right,
					Expected: right, Found: name, Fix: "write " + right + " in place of " + name,
				}, 4)
				return
			}
		}
	}
}

// oneEdit reports whether one character more, less or another, or two swapped, makes a of b.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 1:
		return a[i:] == b[i+1:]
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
	}
	return false
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
	if called, where := d.calledPartition(); ok && called != "" && called != partition {
		d.explain(Diagnosis{
			Cause: "sts_endpoint", Summary: "the call goes to STS of another partition than the role's",
			Expected: "STS of partition " + partition, Found: where + ", which is of " + called,
			Fix: "export AWS_STS_REGIONAL_ENDPOINTS=regional AWS_REGION=" + homeRegion(partition),
		}, 0)
	}
}

// calledPartition is the partition whose STS is called, and by what it is known.
func (d *diagnoser) calledPartition() (partition, where string) {
	q := &d.c.Request
	host := strings.TrimSuffix(withoutScheme(q.Endpoint), "/")
	if region := d.region(); region != "" && (region != q.Region || host == "") {
		p, _ := regions.PartitionOf(region)
		return p.ID, "STS of " + region
	}
	if host == "sts.amazonaws.com" {
		return "aws", host
	}
	return "", ""
}

func homeRegion(partition string) string {
	p, ok := regions.PartitionByID(partition)
	if !ok {
		return "<a Region of " + partition + ">"
	}
	return p.GlobalRegion
}

// region is the Region whose STS is called, as far as the request tells.
func (d *diagnoser) region() string {
	q := &d.c.Request
	host := strings.TrimPrefix(strings.Replace(withoutScheme(q.Endpoint), "sts-fips.", "sts.", 1), "sts.")
	region, _, _ := strings.Cut(host, ".amazonaws.")
	if _, known := regions.Lookup(region); known {
		return region
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
	case t != nil && d.refused() && namesItselfAccess(d.c):
		x.Summary, x.Found = "an access token is sent in place of an ID token", "a token that names itself an access token"
	case t != nil && d.refused() && otherService(t.Audience()) != "":
		x.Summary, x.Found = "the token is meant for another service: "+otherService(t.Audience()), "aud "+strings.Join(t.Audience(), ", ")
		x.Fix = "send the token that was made for AWS; in a pod that is the one that AWS_WEB_IDENTITY_TOKEN_FILE names, /var/run/secrets/eks.amazonaws.com/serviceaccount/token"
	case t == nil && !q.HasToken && d.c.Policy == nil && d.symptom.class == classSTS && d.c.Symptom.Message == "" && slices.Contains(d.symptom.causes, "wrong_token"):
		d.suggest(Diagnosis{Cause: "wrong_token", Summary: "what was sent may be no token at all", Expected: x.Expected, Fix: x.Fix}, 0)
		return
	default:
		return
	}
	d.show(x, -10) // it explains the claims that are missing
}

// refused reports whether AWS refuses the exchange, by the case or by what somebody saw.
func (d *diagnoser) refused() bool {
	return d.v.Decision == exchange.Deny || d.symptom.class != classNone
}

// namesItselfAccess reports whether a token says that it is no ID token: Cognito's token_use,
// Keycloak's typ, the type of RFC 9068.
func namesItselfAccess(c *exchange.Case) bool {
	switch strings.ToLower(textClaim(c, "typ")) {
	case "bearer", "refresh", "offline":
		return true
	}
	return textClaim(c, "token_use") == "access" || strings.EqualFold(c.Token.Header.Typ, "at+jwt")
}

// otherService names the service whose audience a token carries, where nobody registers that
// with AWS.
func otherService(audience []string) string {
	for _, aud := range audience {
		switch {
		case strings.Contains(aud, "kubernetes.default.svc"):
			return "the Kubernetes API"
		case aud == "00000003-0000-0000-c000-000000000000", strings.HasPrefix(aud, "https://graph.microsoft.com"):
			return "Microsoft Graph"
		}
	}
	return ""
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
