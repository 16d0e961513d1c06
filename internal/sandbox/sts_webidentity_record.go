package sandbox

import (
	"errors"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// record is a call as CloudTrail keeps it, but for the session that a granted one makes.
func (in *webIdentityInput) record(c *call, v *exchange.Verdict, refusal error) webIdentityCall {
	service, region := hostService(c.host())
	w := webIdentityCall{
		RequestID: c.id, Region: c.region, Global: service == "sts" && region == "",
		RoleARN: in.request.RoleARN, SessionName: in.request.SessionName, Duration: in.request.DurationSeconds,
		SourceIP: in.request.Context["aws:SourceIp"][0], UserAgent: c.request.UserAgent(),
	}
	if e, ok := errors.AsType[*apiError](refusal); ok {
		w.Code, w.Message = e.Code, e.Message
	} else if refusal != nil {
		w.Code = "InternalFailure"
	}
	t := in.token
	if t == nil {
		return w
	}
	w.Provider, w.Subject, w.Audience = v.ProviderARN, t.Subject(), t.AZP()
	if audience := t.Audience(); w.Audience == "" && len(audience) > 0 {
		w.Audience = audience[0]
	}
	w.SourceIdentity, _, _ = t.SourceIdentity()
	_, _, w.RoleAsserted = t.Roles()
	tags, transitive, _ := t.SessionTags()
	if w.TransitiveTags = transitive; len(tags) > 0 {
		w.Tags = map[string]string{}
	}
	for _, tag := range tags {
		w.Tags[tag.Key] = tag.Value
	}
	return w
}
