package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/forgecroft/fcoidc/internal/regions"
)

const (
	// lookupPause keeps to CloudTrail's two lookups a second in an account and Region
	// (CloudTrail API Reference, LookupEvents).
	lookupPause = 500 * time.Millisecond
	// maxLookups bounds the pages of a Region, each of at most fifty events.
	maxLookups     = 20
	maxRefused     = 1000
	webIdentityAPI = "AssumeRoleWithWebIdentity"
)

// history reads the refused exchanges of the roles and of the issuer's provider, in every Region
// in which they may have been made, all at the same time.
func (k *collector) history(ctx context.Context) {
	h := &History{Since: k.s.Taken.Add(-k.o.Since), Regions: k.trailRegions()}
	found := make([][]RefusedCall, len(h.Regions))
	stopped := make([]string, len(h.Regions))
	var all sync.WaitGroup
	for i, region := range h.Regions {
		all.Go(func() { found[i], stopped[i] = k.refusedIn(ctx, region, h.Since) })
	}
	all.Wait()
	h.Refused = slices.Concat(found...)
	slices.SortStableFunc(h.Refused, func(a, b RefusedCall) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Region, b.Region)) })
	if len(h.Refused) > maxRefused {
		h.Refused = h.Refused[:maxRefused]
		stopped = append(stopped, fmt.Sprintf("only the latest %d refused calls are kept", maxRefused))
	}
	h.Stopped = strings.Join(slices.DeleteFunc(stopped, func(s string) bool { return s == "" }), "; ")
	k.s.History = h
}

// trailRegions are those whose STS the runner may have called: the stack's, the one that answers
// for the partition, those that apply may use, and those where the roles were last used.
func (k *collector) trailRegions() []string {
	list := append([]string{k.s.Region}, k.o.Regions...)
	if p, ok := regions.PartitionByID(k.s.Partition); ok {
		list = append(list, p.GlobalRegion)
	}
	list = append(list, AllowedRegions(k.s)...)
	for _, r := range k.s.Roles {
		if r.LastRegion != "" {
			list = append(list, r.LastRegion)
		}
	}
	slices.Sort(list)
	return slices.Compact(slices.DeleteFunc(list, func(id string) bool {
		r, ok := regions.Lookup(id)
		return !ok || r.Partition != k.s.Partition
	}))
}

// refusedIn reads the events of one Region, newest first. stopped says why it ended early.
func (k *collector) refusedIn(ctx context.Context, region string, since time.Time) (list []RefusedCall, stopped string) {
	in := &cloudtrail.LookupEventsInput{
		StartTime: &since, MaxResults: aws.Int32(50),
		LookupAttributes: []trailtypes.LookupAttribute{{AttributeKey: trailtypes.LookupAttributeKeyEventName, AttributeValue: aws.String(webIdentityAPI)}},
	}
	api := k.clients.Trail(region)
	for page := range maxLookups {
		if page > 0 && !pause(ctx, lookupPause) {
			return list, "interrupted in " + region
		}
		out, err := ask(ctx, k, api.LookupEvents, in)
		if err != nil {
			k.miss(FactHistory, "refused calls in "+region, "cloudtrail:LookupEvents", err)
			return list, ""
		}
		for i := range out.Events {
			if c, ok := readRefused(aws.ToString(out.Events[i].CloudTrailEvent)); ok && k.concerns(&c) {
				list = append(list, c)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return list, ""
		}
	}
	return list, fmt.Sprintf("stopped in %s after %d pages of events, at %s", region, maxLookups, lastSeen(list, since))
}

func lastSeen(list []RefusedCall, since time.Time) string {
	if len(list) > 0 {
		since = list[len(list)-1].At
	}
	return since.UTC().Format(time.RFC3339)
}

// concerns reports whether the call was for one of the roles, or with a token of the issuer.
func (k *collector) concerns(c *RefusedCall) bool {
	if c.Provider != "" && strings.HasSuffix(c.Provider, "oidc-provider/"+withoutScheme(k.o.Issuer)) {
		return true
	}
	return slices.ContainsFunc(k.s.Roles, func(r Role) bool { return r.ARN == c.RoleARN })
}

// readRefused reads an event as CloudTrail wrote it. Which of its members a refused call keeps
// AWS does not document: each is taken as it is, or not there.
func readRefused(event string) (RefusedCall, bool) {
	var e struct {
		EventTime    time.Time `json:"eventTime"`
		Region       string    `json:"awsRegion"`
		Code         string    `json:"errorCode"`
		Message      string    `json:"errorMessage"`
		UserIdentity struct {
			PrincipalID string `json:"principalId"`
			UserName    string `json:"userName"`
			Provider    string `json:"identityProvider"`
		} `json:"userIdentity"`
		Request struct {
			RoleARN  string `json:"roleArn"`
			Session  string `json:"roleSessionName"`
			Duration int    `json:"durationSeconds"`
		} `json:"requestParameters"`
	}
	if json.Unmarshal([]byte(event), &e) != nil || e.Code == "" {
		return RefusedCall{}, false
	}
	c := RefusedCall{
		At: e.EventTime.UTC(), Region: e.Region, RoleARN: e.Request.RoleARN, Session: e.Request.Session, Duration: e.Request.Duration,
		Provider: e.UserIdentity.Provider, Subject: e.UserIdentity.UserName, Code: e.Code, Message: e.Message,
	}
	// principalId is "<provider ARN>:<audience>:<subject>"; audience and subject may hold colons
	// themselves (IAM User Guide, cloudtrail-integration).
	if rest, ok := strings.CutPrefix(e.UserIdentity.PrincipalID, c.Provider+":"); ok && c.Provider != "" {
		if audience, ok := strings.CutSuffix(rest, ":"+c.Subject); ok {
			c.Audience = audience
		}
	}
	return c, true
}

// pause waits, and reports whether the time passed.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
