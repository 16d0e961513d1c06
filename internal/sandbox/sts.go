package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// stsService is STS for callers that hold AWS credentials.
func stsService() *service {
	return &service{
		name:      "sts",
		version:   "2011-06-15",
		namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		throttle:  "Throttling",
		operations: map[string]operation{
			"GetCallerIdentity": {run: getCallerIdentity, unchecked: true},
			"GetAccessKeyInfo":  {run: getAccessKeyInfo},
			// AssumeRole weighs the caller's permission and the role's trust policy together.
			"AssumeRole": {run: assumeRole, unlocked: true, unchecked: true},
		},
	}
}

func getCallerIdentity(c *call) (any, error) {
	return struct {
		Arn     string
		UserId  string //nolint:revive // AWS spells the element so
		Account string
	}{c.caller.arn(c.partition()), c.caller.userID(), c.caller.Account}, nil
}

func getAccessKeyInfo(c *call) (any, error) {
	key, err := c.need("AccessKeyId")
	if err != nil {
		return nil, err
	}
	id, ok := keyAccount(key)
	if _, exists := c.sandbox.account(id); !ok || !exists {
		return nil, validationError("Invalid Access Key: the sandbox issued no key %s", key)
	}
	return struct{ Account string }{id}, nil
}

const (
	defaultSession = 3600
	minSession     = 900
	chainedSession = 3600 // the longest session of a role assumed by a role
)

// assumeRoleInput is a request to assume a role, checked as far as it can be without the role.
type assumeRoleInput struct {
	arn, account, name  string // of the role
	session, externalID string
	policy              string
	duration            int
}

// unsupportedAssume are parameters of AssumeRole that would change what a session may do. Leaving
// one out unsaid would be a made-up success.
var unsupportedAssume = []string{"PolicyArns.member.1.arn", "Tags.member.1.Key", "TransitiveTagKeys.member.1", "SourceIdentity", "SerialNumber", "ProvidedContexts.member.1.ProviderArn"}

func readAssumeRole(c *call) (in assumeRoleInput, err error) {
	for _, p := range unsupportedAssume {
		if c.has(p) {
			name, _, _ := strings.Cut(p, ".")
			return in, refuse(http.StatusNotImplemented, "NotImplemented", "the sandbox does not imitate the parameter %s of sts:AssumeRole; see docs/sandbox.md", name)
		}
	}
	if in.arn, err = c.need("RoleArn"); err != nil {
		return in, err
	}
	if in.session, err = c.need("RoleSessionName"); err != nil {
		return in, err
	}
	if err := checkSessionName(in.session); err != nil {
		return in, err
	}
	var ok bool
	if in.account, in.name, ok = splitRoleARN(in.arn); !ok {
		return in, validationError("%s is invalid", in.arn)
	}
	in.externalID, in.policy = c.get("ExternalId"), c.get("Policy")
	if in.policy != "" {
		if err := checkPermissions(in.policy); err != nil {
			return in, err
		}
	}
	if in.duration, err = c.seconds("DurationSeconds"); err != nil {
		return in, err
	}
	if in.duration == 0 {
		in.duration = defaultSession
	}
	if in.duration < minSession || in.duration > maxMaxSession {
		return in, validationError("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value between %d and %d",
			in.duration, minSession, maxMaxSession)
	}
	return in, nil
}

// checkSessionName refuses a RoleSessionName that STS would refuse.
func checkSessionName(name string) error {
	const text = "1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must "
	switch {
	case len(name) < 2:
		return validationError(text+"have length greater than or equal to 2", name)
	case len(name) > 64:
		return validationError(text+"have length less than or equal to 64", name)
	case checkName("roleSessionName", name, 64) != nil:
		return validationError(text+`satisfy regular expression pattern: [\w+=,.@-]*`, name)
	}
	return nil
}

// splitRoleARN takes account and name from a role's ARN, whatever its partition and path.
func splitRoleARN(arn string) (account, name string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || !isAccountID(parts[4]) || !strings.HasPrefix(parts[5], "role/") {
		return "", "", false
	}
	name = parts[5][strings.LastIndex(parts[5], "/")+1:]
	return parts[4], name, name != ""
}

func assumeRole(c *call) (any, error) {
	in, err := readAssumeRole(c)
	if err != nil {
		return nil, err
	}
	if !c.caller.admin() && in.duration > chainedSession {
		return nil, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	callerMay, refusal, err := c.mayAssume(in.arn)
	if err != nil {
		return nil, err
	}
	if callerMay == policy.ExplicitDeny {
		return nil, refusal
	}
	denied := accessDenied("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.caller.arn(c.partition()), in.arn)

	var creds session
	err = c.sandbox.open(in.account, c.region, func(a *account) error {
		r := a.state.Roles[nameKey(in.name)]
		if r == nil || a.roleARN(r) != in.arn {
			return denied
		}
		trusted, named := a.trusts(r, c, in)
		// Within an account a trust policy that names the caller itself is enough. One that names the
		// account, or another account's principal, leaves the decision to the caller's own policies too.
		if !trusted || callerMay != policy.Allowed && (!named || in.account != c.caller.Account) {
			return denied
		}
		rcp, err := a.deniedByResourceControl(policy.Request{
			Action: "sts:AssumeRole", Resource: in.arn, Context: requestContext(c.caller, c.partition(), c.region, c.now),
		})
		if err != nil {
			return err
		}
		if rcp != nil {
			return denied
		}
		if in.duration > r.MaxSession {
			return validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
		creds = session{
			Account: in.account, Role: r.Name, Path: r.Path, RoleID: r.ID, Name: in.session, Policy: in.policy,
			Expires: c.now.Add(time.Duration(in.duration) * time.Second).Unix(),
		}
		return nil
	})
	if errors.Is(err, errNoAccount) {
		return nil, denied
	}
	if err != nil {
		return nil, err
	}
	return assumed(creds, c.partition()), nil
}

// mayAssume asks the caller's own policies whether it may assume the role.
func (c *call) mayAssume(roleARN string) (d policy.Decision, refusal, err error) {
	if c.caller.admin() {
		return policy.Allowed, nil, nil
	}
	err = c.sandbox.open(c.caller.Account, c.region, func(a *account) error {
		d, refusal = a.decide(c.caller, "sts:AssumeRole", roleARN, c.region)
		return nil
	})
	return d, refusal, err
}

// trusts asks a role's trust policy; named says that it admits the caller
// by name and not only as part of its account.
func (a *account) trusts(r *role, c *call, in assumeRoleInput) (trusted, named bool) {
	doc, err := a.sandbox.policies.parse(r.Trust)
	if err != nil {
		return false, false // checkTrust let it in, so this is a state file edited by hand
	}
	ctx := requestContext(c.caller, c.partition(), c.region, c.now)
	ctx["sts:RoleSessionName"] = []string{in.session}
	if in.externalID != "" {
		ctx["sts:ExternalId"] = []string{in.externalID}
	}
	for _, arn := range c.caller.names(c.partition()) {
		request := policy.Request{
			Action:    "sts:AssumeRole",
			Principal: &policy.Principal{Kind: "AWS", ID: arn, Account: c.caller.Account},
			Context:   ctx,
		}
		switch doc.Decide(request) {
		case policy.ExplicitDeny:
			return false, false
		case policy.Allowed:
			trusted = true
		case policy.ImplicitDeny:
		}
		request.Principal.Account = ""
		named = named || doc.Decide(request) == policy.Allowed
	}
	return trusted, named
}

// assumed is the answer of AssumeRole.
func assumed(s session, partition string) any {
	creds := issue(s)
	type credentials struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string } //nolint:revive // AWS spells the elements so
	type user struct{ AssumedRoleId, Arn string }                                            //nolint:revive // AWS spells the elements so
	p := principal{Account: s.Account, Role: s.Role, RoleID: s.RoleID, Session: s.Name}
	return struct {
		Credentials     credentials
		AssumedRoleUser user
	}{
		credentials{creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken, instant(creds.Expires)},
		user{p.userID(), p.arn(partition)},
	}
}
