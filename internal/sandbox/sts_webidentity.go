package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// keyTable is AWS's table of condition keys.
var keyTable = sync.OnceValues(func() (*claims.KeyTable, error) {
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		return nil, fmt.Errorf("read the table of condition keys: %w", err)
	}
	return table, nil
})

// newJudge returns who answers AssumeRoleWithWebIdentity for tokens of an issuer. The sandbox's
// issuer is Forgecroft's, under whatever URL its user gives it.
func newJudge(keys trust.Keys, issuer string) (*exchange.Judge, error) {
	table, err := keyTable()
	if err != nil {
		return nil, err
	}
	return exchange.NewJudge(table.WithForgecroft(issuer), cmp.Or(keys, trust.KeysIssuer)), nil
}

// assumeRoleWithWebIdentity answers as package exchange says that AWS would, by the role's
// account and what the sandbox's issuer publishes at this moment.
func assumeRoleWithWebIdentity(c *call) (any, error) {
	in, err := readWebIdentity(c)
	if err != nil {
		return nil, err
	}
	judge, err := c.sandbox.judgeOf(in.token)
	if err != nil {
		return nil, err
	}
	facts := in.newCase(c)
	var granted *webIdentityXML
	err = c.sandbox.open(in.account, c.region, func(a *account) error {
		if err := a.stsInRegion(c.region); err != nil {
			return err
		}
		if err := a.describe(facts, in.name); err != nil {
			return err
		}
		v := judge.Verdict(facts)
		refusal := refusalOf(v, facts)
		record := in.record(c, v, refusal)
		if refusal == nil {
			s := a.webIdentitySession(in, v)
			granted = s.answerWebIdentity(v, a.partition)
			record.AccessKeyID, record.RoleID, record.Expires = granted.Credentials.AccessKeyId, s.RoleID, time.Unix(s.Expires, 0)
		}
		a.recordWebIdentity(record)
		return refusal
	})
	if errors.Is(err, errNoAccount) {
		return nil, refusalOf(judge.Verdict(facts), facts)
	}
	if err != nil {
		return nil, err
	}
	return granted, nil
}

// judgeOf returns who judges a token; nearly all are of Forgecroft's own URL.
func (s *Sandbox) judgeOf(t *claims.Token) (*exchange.Judge, error) {
	if t == nil || t.Issuer() == template.DefaultIssuer {
		return s.judge()
	}
	return newJudge(s.options.Keys, t.Issuer())
}

// webIdentityInput is a request, read as far as it can be without the role's account.
type webIdentityInput struct {
	request       exchange.Request
	account, name string // of the role; empty if its ARN names none
	token         *claims.Token
	policy        string
}

// maxSessionPolicy is how long a session policy may be, in characters.
const maxSessionPolicy = 2048

// unsupportedWebIdentity are parameters that would change the session or its token. Leaving one
// out unsaid would be a made-up success.
var unsupportedWebIdentity = []string{"PolicyArns.member.1.arn", "MinimumSessionTokenSize"}

// readWebIdentity reads the parameters. Those that package exchange judges pass as they are.
func readWebIdentity(c *call) (in webIdentityInput, err error) {
	for _, p := range unsupportedWebIdentity {
		if c.has(p) {
			name, _, _ := strings.Cut(p, ".")
			return in, notImitatedParameter(name, c.action)
		}
	}
	q := &in.request
	if q.RoleARN, err = c.given("RoleArn", 20); err != nil {
		return in, err
	}
	if q.SessionName, err = c.given("RoleSessionName", 2); err != nil {
		return in, err
	}
	token, err := c.given("WebIdentityToken", 4)
	if err != nil {
		return in, err
	}
	if q.DurationSeconds, err = c.seconds("DurationSeconds"); err != nil {
		return in, err
	}
	if q.DurationSeconds == 0 && c.has("DurationSeconds") {
		return in, validationError("1 validation error detected: Value '0' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to %d", minSession)
	}
	if in.policy = c.get("Policy"); in.policy != "" {
		if err := checkSessionPolicy(in.policy); err != nil {
			return in, err
		}
	}
	in.account, in.name, _ = splitRoleARN(q.RoleARN)
	q.HasSessionName, q.ProviderID, q.HasToken = true, c.get("ProviderId"), true
	if in.token, err = claims.Parse(token); err != nil {
		q.Token = token // what it is instead is for package exchange to say
	}
	c.localise(q.RoleARN)
	q.Region, q.Context = c.region, c.clientContext()
	return in, nil
}

// given returns a parameter that must be given, and of which an empty one is too short.
func (c *call) given(name string, shortest int) (string, error) {
	value, err := c.need(name)
	if err != nil && c.has(name) {
		return "", validationError("1 validation error detected: Value '' at '%s' failed to satisfy constraint: Member must have length greater than or equal to %d",
			strings.ToLower(name[:1])+name[1:], shortest)
	}
	return value, err
}

func checkSessionPolicy(text string) error {
	if len([]rune(text)) > maxSessionPolicy {
		return validationError("1 validation error detected: Value '…' at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicy)
	}
	return checkPermissions(text)
}

// host is the name under which the sandbox was called.
func (c *call) host() string { return cmp.Or(c.request.Host, c.request.URL.Host) }

// localise places an unsigned call that no AWS host name places: it is made in the global
// Region of the role's partition.
func (c *call) localise(roleARN string) {
	if _, region := hostService(c.host()); c.accessKey != "" || region != "" {
		return
	}
	if parts := strings.SplitN(roleARN, ":", 3); len(parts) == 3 {
		c.region = globalRegion(parts[1])
	}
}

// clientContext holds the condition keys about the caller's side of the connection.
func (c *call) clientContext() policy.Context {
	ctx := policy.Context{"aws:SourceIp": {"127.0.0.1"}} // in process
	if host, _, err := net.SplitHostPort(c.request.RemoteAddr); err == nil {
		ctx["aws:SourceIp"] = []string{host}
	}
	for key, value := range map[string]string{"aws:UserAgent": c.request.UserAgent(), "aws:Referer": c.request.Referer()} {
		if value != "" {
			ctx[key] = []string{value}
		}
	}
	return ctx
}

// refusalOf is STS's answer to a call that it does not grant, nil if it does.
func refusalOf(v *exchange.Verdict, facts *exchange.Case) error {
	switch v.Decision {
	case exchange.Allow:
		return nil
	case exchange.Deny:
		return refuse(webIdentityStatus(v.Code), v.Code, "%s", cmp.Or(v.Message, documentedText[v.Code]))
	case exchange.Unknown:
	}
	if len(v.Unknown) == 0 {
		return fmt.Errorf("the trust policy of %s cannot be read", facts.RoleARN())
	}
	return refuse(http.StatusNotImplemented, "NotImplemented",
		"the trust policy of %s tests %s, which the sandbox does not know of a call; see docs/sandbox.md", facts.RoleARN(), strings.Join(v.Unknown, " and "))
}

// webIdentityStatus is the HTTP status of an error code (API reference, AssumeRoleWithWebIdentity).
func webIdentityStatus(code string) int {
	switch code {
	case "AccessDenied", "IDPRejectedClaim":
		return http.StatusForbidden
	case "InternalFailure":
		return http.StatusInternalServerError
	default:
		return http.StatusBadRequest
	}
}

// documentedText is what the API reference says of a code. It stands where AWS's own text
// for a cause is not known.
var documentedText = map[string]string{
	"InvalidIdentityToken": "The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity provider and then retry the request.",
	"IDPRejectedClaim":     "The identity provider (IdP) reported that authentication failed. This might be because the claim is invalid.",
}
