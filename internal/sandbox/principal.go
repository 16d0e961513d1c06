package sandbox

import (
	"maps"
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// principal is who signed a request, or on whose behalf a stack works. It is plain data, so that
// a stack operation can remember it.
type principal struct {
	Account string `json:"account,omitempty"` // empty: an unsigned request
	Role    string `json:"role,omitempty"`    // name of the assumed role; empty: the account's administrator
	Path    string `json:"path,omitempty"`    // the role's path
	RoleID  string `json:"role_id,omitempty"`
	Session string `json:"session,omitempty"`
	Policy  string `json:"policy,omitempty"` // session policy
	attributes
}

// attributes are what a session brings into the request context of its calls: what the token or
// the session that it was made of handed down.
type attributes struct {
	Tags           []tag          `json:"tags,omitempty"`            // session tags
	Transitive     []string       `json:"transitive,omitempty"`      // keys of the tags that the next session inherits
	SourceIdentity string         `json:"source_identity,omitempty"` // who is behind it, whatever roles were assumed since
	Keys           policy.Context `json:"keys,omitempty"`            // of a web identity: aws:FederatedProvider and the issuer's own
}

// inherited are the attributes of a session that one with these makes by AssumeRole (IAM User
// Guide, "Chaining roles with session tags" and "Monitor and control actions taken with assumed
// roles").
func (at attributes) inherited() attributes {
	next := attributes{SourceIdentity: at.SourceIdentity, Transitive: at.Transitive}
	for _, t := range at.Tags {
		if slices.Contains(at.Transitive, t.Key) {
			next.Tags = append(next.Tags, t)
		}
	}
	return next
}

// addTo writes the attributes into a request context.
func (at attributes) addTo(ctx policy.Context) {
	maps.Copy(ctx, at.Keys)
	if at.SourceIdentity != "" {
		ctx["aws:SourceIdentity"] = []string{at.SourceIdentity}
	}
	for _, t := range at.Tags {
		ctx[principalTag+t.Key] = []string{t.Value}
	}
}

const principalTag = "aws:PrincipalTag/"

// admin says whether p is an account's administrator, whom nothing limits.
func (p principal) admin() bool { return p.Account != "" && p.Role == "" }

// arn is the principal as GetCallerIdentity shows it.
func (p principal) arn(partition string) string {
	if p.admin() {
		return "arn:" + partition + ":iam::" + p.Account + ":user/" + adminUser
	}
	return "arn:" + partition + ":sts::" + p.Account + ":assumed-role/" + p.Role + "/" + p.Session
}

// userID is the principal's unique id.
func (p principal) userID() string {
	if p.admin() {
		return "AIDA" + idText("", p.Account, "AIDA", 0)
	}
	return p.RoleID + ":" + p.Session
}

// names are the ARNs by which a policy may name the principal. The first is
// aws:PrincipalArn, which for a session is the role's.
func (p principal) names(partition string) []string {
	if p.admin() {
		return []string{p.arn(partition)}
	}
	return []string{"arn:" + partition + ":iam::" + p.Account + ":role" + p.Path + p.Role, p.arn(partition)}
}
