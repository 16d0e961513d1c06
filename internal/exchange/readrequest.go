package exchange

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/jsonwalk"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// parameters of the call, whose names count to the letter.
var parameters = []string{"RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds"}

// request reads a member of the request. Names with a colon are request context keys.
func (r *reader) request(name, v string) {
	q := &r.c.Request
	switch name {
	case "RoleArn":
		q.RoleARN = r.text("request.RoleArn", v)
	case "RoleSessionName":
		q.SessionName, q.HasSessionName = scalar(v), true
	case "DurationSeconds":
		q.DurationSeconds = r.seconds("request.DurationSeconds", v)
	case "ProviderId":
		q.ProviderID = scalar(v)
	case "WebIdentityToken":
		q.Token, q.HasToken = scalar(v), true
	case "token_source":
		q.TokenSource = scalar(v)
	case "web_identity_token_file":
		q.TokenFile = scalar(v)
	case "region":
		q.Region = scalar(v)
	case "sts_endpoint":
		q.Endpoint = scalar(v)
	case "blocked_hosts":
		q.BlockedHosts = r.texts("request.blocked_hosts", v)
	case "failing_call":
		q.FailingCall = scalar(v)
	case "parallel":
		q.Parallel = v == "true"
	case "retry_succeeds":
		q.Retried = v == "true"
	case "fork", "from_fork":
		if v == "true" {
			q.Untrusted = "it comes from a fork"
		}
	case "event", "event_name":
		if strings.Contains(strings.ToLower(scalar(v)), "fork") {
			q.Untrusted = "it comes from a fork"
		}
	case "actor":
		if strings.HasPrefix(scalar(v), "dependabot") && q.Untrusted == "" {
			q.Untrusted = "Dependabot started it"
		}
	case "environment":
		q.Environment = environment(v)
	case "github_permissions":
		r.permissions(v)
	case "now":
		if at := r.instant("request.now", v); r.c.Now.IsZero() {
			r.c.Now = at
		}
	default:
		if slices.ContainsFunc(parameters, func(known string) bool { return strings.EqualFold(known, name) }) {
			q.Misspelt = append(q.Misspelt, name)
		}
		if strings.Contains(name, ":") {
			if q.Context == nil {
				q.Context = policy.Context{}
			}
			q.Context[name] = contextValues(v)
		}
	}
}

func contextValues(v string) []string {
	if v[0] != '[' {
		return []string{scalar(v)}
	}
	var values []string
	for element := range jsonwalk.Elements(v) {
		values = append(values, scalar(element))
	}
	return values
}

// environment reads what is known of the caller's variables. One that is known to be unset has
// the value null, which is kept as "".
func environment(v string) map[string]string {
	known := map[string]string{}
	for name, value := range jsonwalk.Members(v) {
		text := scalar(value)
		if value == "null" || value == "false" {
			text = ""
		}
		known[name] = text
	}
	return known
}

// permissions reads the permissions of a GitHub workflow: a map, or "read-all" and "write-all".
func (r *reader) permissions(v string) {
	q := &r.c.Request
	q.HasPermissions = true
	q.IDToken = scalar(v) == "write-all"
	for name, value := range jsonwalk.Members(v) {
		if name == "id-token" {
			q.IDToken = scalar(value) == "write"
		}
	}
}
