package sandbox

import (
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// webIdentityXML is the answer to an exchange that is granted.
type webIdentityXML struct {
	Credentials                 credentialsXML
	SubjectFromWebIdentityToken string
	AssumedRoleUser             assumedUserXML
	PackedPolicySize            int `xml:",omitempty"`
	Provider                    string
	Audience                    string
	SourceIdentity              string `xml:",omitempty"`
}

// webIdentitySession makes the session that a verdict grants.
func (a *account) webIdentitySession(in webIdentityInput, v *exchange.Verdict) session {
	s := a.newSession(a.state.Roles[nameKey(in.name)], in.request.SessionName, in.policy, v.Grant.SessionSeconds)
	s.attributes = attributes{SourceIdentity: v.Grant.SourceIdentity, Keys: sessionKeys(v)}
	for _, t := range v.Grant.Tags {
		s.Tags = append(s.Tags, tag{t.Key, t.Value})
	}
	_, s.Transitive, _ = in.token.SessionTags()
	return s
}

func (s session) answerWebIdentity(v *exchange.Verdict, partition string) *webIdentityXML {
	creds, user := s.show(partition)
	return &webIdentityXML{
		Credentials: creds, AssumedRoleUser: user, PackedPolicySize: s.packedSize(), SubjectFromWebIdentityToken: v.Grant.Subject,
		Provider: v.Grant.Provider, Audience: v.Grant.Audience, SourceIdentity: s.SourceIdentity,
	}
}

// sessionKeys are the condition keys of the exchange that AWS keeps for the session's calls (IAM User
// Guide, "IAM and AWS STS condition context keys", tables of web identity federation).
func sessionKeys(v *exchange.Verdict) policy.Context {
	keys := policy.Context{"aws:FederatedProvider": {v.ProviderARN}}
	for _, name := range []string{"amr", "aud", "sub"} {
		if values, key, ok := v.Context.Get(v.Provider.KeyPrefix + ":" + name); ok {
			keys[key] = values
		}
	}
	return keys
}

// packedSize stands for how much of the room for session policy and tags is used, in percent; 0 if
// there is neither. AWS counts a packed form that it does not document; here the characters count.
func (s session) packedSize() int {
	n := utf8.RuneCountInString(s.Policy)
	for _, t := range s.Tags {
		n += utf8.RuneCountInString(t.Key + t.Value)
	}
	if n == 0 {
		return 0
	}
	return min(max(100*n/maxSessionPolicy, 1), 100)
}
