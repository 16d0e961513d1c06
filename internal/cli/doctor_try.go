package cli

import (
	"context"
	"time"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/regions"
)

// try makes the real exchange for the roles of the token's phase, and explains what AWS answers.
func (l *lookout) try(ctx context.Context, t *fleet.Target, r *doctor.TargetReport) (attempts []doctor.Attempt) {
	api := doctor.NewExchangeClient(t.Config, t.Region, l.stsEndpoint(t))
	for _, role := range r.Roles {
		if role.Token == nil || !role.ForToken() {
			continue
		}
		a := doctor.Try(ctx, api, role.Role.ARN, l.raw, time.Now)
		l.examiner.Explain(&a, role.Token)
		attempts = append(attempts, a)
	}
	return attempts
}

// stsEndpoint is where the token is sent: AWS's STS of the target's Region and partition, the
// sandbox, or what the user typed. An endpoint that the configuration names is not followed: a
// token is a credential, and a variable that somebody set long ago is no place for one.
func (l *lookout) stsEndpoint(t *fleet.Target) string {
	switch {
	case l.Live.Endpoint != "":
		return l.Live.Endpoint
	case l.world.sandbox != nil:
		return "" // whose transport answers whatever address is asked
	}
	suffix := "amazonaws.com"
	if p, ok := regions.PartitionOf(t.Region); ok {
		suffix = p.DNSSuffix
	}
	return "https://sts." + t.Region + "." + suffix
}
