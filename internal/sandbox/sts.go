package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// stsService is STS for callers that hold AWS credentials or a token of an issuer.
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
			// The token is all that this one asks for, be the call signed or not.
			"AssumeRoleWithWebIdentity": {run: assumeRoleWithWebIdentity, unlocked: true, unchecked: true, anonymous: true},
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
			return in, notImitatedParameter(name, c.action)
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

func notImitatedParameter(name, action string) error {
	return refuse(http.StatusNotImplemented, "NotImplemented", "the sandbox does not imitate the parameter %s of sts:%s; see docs/sandbox.md", name, action)
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
	steps, err := c.mayAssume(in.arn)
	if err != nil {
		return nil, err
	}
	var creds session
	err = c.sandbox.open(in.account, c.region, func(a *account) error {
		r := a.state.Roles[nameKey(in.name)]
		if r == nil || a.roleARN(r) != in.arn {
			return c.mayNot("sts:AssumeRole", in.arn)
		}
		for _, step := range steps {
			trusted, named := a.trusts(r, c, in, step.action)
			// Within an account a trust policy that names the caller itself is enough. One that names the
			// account, or another account's principal, leaves the decision to the caller's own policies too.
			if !trusted || step.caller != policy.Allowed && (!named || in.account != c.caller.Account) {
				return c.mayNot(step.action, in.arn)
			}
		}
		rcp, err := a.deniedByResourceControl(policy.Request{
			Action: "sts:AssumeRole", Resource: in.arn, Context: requestContext(c.caller, c.partition(), c.region, c.now),
		})
		if err != nil {
			return err
		}
		if rcp != nil {
			return c.mayNot("sts:AssumeRole", in.arn)
		}
		if in.duration > r.MaxSession {
			return validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
		creds = a.newSession(r, in.session, in.policy, in.duration)
		creds.attributes = c.caller.inherited()
		return nil
	})
	if errors.Is(err, errNoAccount) {
		return nil, c.mayNot("sts:AssumeRole", in.arn)
	}
	if err != nil {
		return nil, err
	}
	return assumed(creds, c.partition()), nil
}

// mayNot is STS's refusal of an action on a role.
func (c *call) mayNot(action, roleARN string) error {
	return accessDenied("User: %s is not authorized to perform: %s on resource: %s", c.caller.arn(c.partition()), action, roleARN)
}

// newSession makes a session of a role, with a length in seconds.
func (a *account) newSession(r *role, name, policy string, duration int) session {
	return session{
		Account: a.ID, Role: r.Name, Path: r.Path, RoleID: r.ID, Name: name, Policy: policy,
		Expires: a.now.Add(time.Duration(duration) * time.Second).Unix(),
	}
}

// assumeStep is an action that AssumeRole takes, with what the caller's own policies say to it.
type assumeStep struct {
	action string
	caller policy.Decision
}

// mayAssume asks the caller's own policies whether it may assume the role, with all that the new
// session inherits. The error is a refusal that no trust policy could undo.
func (c *call) mayAssume(roleARN string) ([]assumeStep, error) {
	steps := []assumeStep{{action: "sts:AssumeRole"}}
	next := c.caller.inherited()
	if len(next.Tags) > 0 {
		steps = append(steps, assumeStep{action: trust.TagSession})
	}
	if next.SourceIdentity != "" {
		steps = append(steps, assumeStep{action: trust.SetSourceIdentity})
	}
	if c.caller.admin() {
		steps[0].caller = policy.Allowed // an administrator's key hands nothing down
		return steps, nil
	}
	return steps, c.sandbox.open(c.caller.Account, c.region, func(a *account) (refusal error) {
		for i := range steps {
			if steps[i].caller, refusal = a.decide(c.caller, steps[i].action, roleARN, c.region); steps[i].caller == policy.ExplicitDeny {
				return refusal
			}
		}
		return nil
	})
}

// trusts asks a role's trust policy for an action; named says that it admits the caller
// by name and not only as part of its account.
func (a *account) trusts(r *role, c *call, in assumeRoleInput, action string) (trusted, named bool) {
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
			Action:    action,
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

// The parts that answers with a session have in common.
type (
	credentialsXML struct{ AccessKeyId, SecretAccessKey, SessionToken, Expiration string } //nolint:revive // AWS spells the elements so
	assumedUserXML struct{ AssumedRoleId, Arn string }                                     //nolint:revive // AWS spells the elements so
)

func (s session) show(partition string) (credentialsXML, assumedUserXML) {
	creds, p := issue(s), s.principal()
	return credentialsXML{creds.AccessKeyID, creds.SecretAccessKey, creds.SessionToken, instant(creds.Expires)},
		assumedUserXML{p.userID(), p.arn(partition)}
}

// assumed is the answer of AssumeRole.
func assumed(s session, partition string) any {
	creds, user := s.show(partition)
	return struct {
		Credentials     credentialsXML
		AssumedRoleUser assumedUserXML
		SourceIdentity  string `xml:",omitempty"`
	}{creds, user, s.SourceIdentity}
}
