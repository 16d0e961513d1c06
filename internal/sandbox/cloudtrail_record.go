package sandbox

import (
	"slices"
	"time"
)

// keptCalls is how many AssumeRoleWithWebIdentity calls an account remembers, the latest ones.
const keptCalls = 500

// webIdentityCall is one AssumeRoleWithWebIdentity as CloudTrail keeps it. The zero value of a
// member stands for what the call did not have or STS did not get to know.
type webIdentityCall struct {
	ID        string    `json:"id"` // of the event
	At        time.Time `json:"at"`
	RequestID string    `json:"request"`
	Region    string    `json:"region"`           // of the endpoint that answered
	Global    bool      `json:"global,omitempty"` // it was sts.amazonaws.com

	Provider string `json:"provider,omitempty"` // ARN of the provider that vouches for the token
	Audience string `json:"aud,omitempty"`
	Subject  string `json:"sub,omitempty"`

	RoleARN        string            `json:"role"` // as the request has it
	SessionName    string            `json:"session"`
	Duration       int               `json:"duration,omitempty"` // seconds; 0: the request names none
	Tags           map[string]string `json:"tags,omitempty"`
	TransitiveTags []string          `json:"transitive,omitempty"`
	SourceIdentity string            `json:"source_identity,omitempty"`
	SourceIP       string            `json:"ip,omitempty"`
	UserAgent      string            `json:"agent,omitempty"`

	Code    string `json:"code,omitempty"` // of the refusal; empty: the call succeeded
	Message string `json:"message,omitempty"`

	// Of the session that a successful call gave out.
	AccessKeyID  string    `json:"key,omitempty"`
	RoleID       string    `json:"role_id,omitempty"`
	Expires      time.Time `json:"expires,omitzero"`
	RoleAsserted bool      `json:"role_asserted,omitempty"` // the token's roles claim named the role
}

// recordWebIdentity keeps an AssumeRoleWithWebIdentity, granted or refused, in the event history
// of the account, which is the role's. STS calls it once for each call that names a role of an
// account; ID, and At where it is zero, are filled in here. A granted one is also the role's last use.
//
// Of the refused ones only AccessDenied leaves a trace: CloudTrail drops calls of callers whom no
// token that verifies vouches for (IAM User Guide, "Logging IAM and AWS STS API calls with AWS
// CloudTrail"), and those that fail for another reason are such.
func (a *account) recordWebIdentity(w webIdentityCall) {
	if w.Code != "" && w.Code != "AccessDenied" {
		return
	}
	w.ID = a.uuid("trail")
	if w.At.IsZero() {
		w.At = a.now
	}
	w.At = w.At.UTC().Truncate(time.Second)
	st := a.state
	st.WebIdentityCalls = append(st.WebIdentityCalls, w)
	if n := len(st.WebIdentityCalls) - keptCalls; n > 0 {
		st.WebIdentityCalls = slices.Delete(st.WebIdentityCalls, 0, n)
	}
	if _, name, ok := splitRoleARN(w.RoleARN); ok && w.Code == "" {
		if r := st.Roles[nameKey(name)]; r != nil {
			r.Used, r.UsedIn = w.At, w.Region
		}
	}
	a.touch()
}
