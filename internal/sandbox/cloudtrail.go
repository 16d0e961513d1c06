package sandbox

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// cloudTrailService is CloudTrail's event history. Of all calls it holds the AssumeRoleWithWebIdentity ones.
func cloudTrailService() *service {
	return &service{
		name:       "cloudtrail",
		protocol:   jsonProtocol,
		version:    "2013-11-01",
		target:     "CloudTrail_20131101",
		throttle:   "ThrottlingException",
		operations: map[string]operation{"LookupEvents": {run: lookupEvents}},
	}
}

// largestLookup is how many events a page holds at most, and by default.
const largestLookup = 50

// lookupInput is a request for events. Times are seconds since the epoch, with fractions.
type lookupInput struct {
	LookupAttributes   []lookupAttribute
	StartTime, EndTime *float64
	EventCategory      string
	MaxResults         *int
	NextToken          string
}

type lookupAttribute struct{ AttributeKey, AttributeValue string }

// lookupKeys are the attributes by which events can be looked up, and what of an event each is
// compared with. A value of "" is had by no event.
var lookupKeys = map[string]func(trailEvent) []string{
	"EventId":     func(e trailEvent) []string { return []string{e.EventID} },
	"EventName":   func(e trailEvent) []string { return []string{e.EventName} },
	"ReadOnly":    func(e trailEvent) []string { return []string{e.ReadOnly} },
	"Username":    func(e trailEvent) []string { return []string{e.Username} },
	"EventSource": func(e trailEvent) []string { return []string{e.EventSource} },
	"AccessKeyId": func(e trailEvent) []string { return []string{e.AccessKeyID} },
	"ResourceType": func(e trailEvent) (types []string) {
		for _, r := range e.Resources {
			types = append(types, r.ResourceType)
		}
		return types
	},
	"ResourceName": func(e trailEvent) (names []string) {
		for _, r := range e.Resources {
			names = append(names, r.ResourceName)
		}
		return names
	},
}

// check refuses what CloudTrail refuses (CloudTrail API Reference, LookupEvents).
func (in *lookupInput) check() error {
	if len(in.LookupAttributes) > 1 {
		return badLookup("InvalidLookupAttributesException", "You can only specify one lookup attribute.")
	}
	for _, a := range in.LookupAttributes {
		if lookupKeys[a.AttributeKey] == nil || a.AttributeValue == "" {
			return badLookup("InvalidLookupAttributesException", "%s=%s is no valid lookup attribute", a.AttributeKey, a.AttributeValue)
		}
	}
	if in.StartTime != nil && in.EndTime != nil && *in.StartTime > *in.EndTime {
		return badLookup("InvalidTimeRangeException", "Start time must be less than or equal to end time.")
	}
	if n := in.MaxResults; n != nil && (*n < 1 || *n > largestLookup) {
		return badLookup("InvalidMaxResultsException", "MaxResults is %d; it must be from 1 to %d", *n, largestLookup)
	}
	return nil
}

func badLookup(code, format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, code, format, args...)
}

// lookupEvents answers with the account's events in the Region called, the newest first.
func lookupEvents(c *call) (any, error) {
	if !c.sandbox.lookups.allow(c.caller.Account+" "+c.region, c.now) {
		return nil, badLookup("ThrottlingException", "Rate exceeded")
	}
	var in lookupInput
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	result := struct {
		Events    []trailEvent
		NextToken string `json:",omitempty"`
	}{Events: []trailEvent{}}
	if strings.EqualFold(in.EventCategory, "insight") {
		return result, nil // there are no insights into a sandbox
	}
	all, err := in.find(c)
	if err != nil {
		return nil, err
	}
	start := 0
	if in.NextToken != "" {
		if start = slices.IndexFunc(all, func(e trailEvent) bool { return e.EventID == in.NextToken }); start < 0 {
			return nil, badLookup("InvalidNextTokenException", "Invalid token provided.")
		}
	}
	size := largestLookup
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	end := min(start+size, len(all))
	if end < len(all) {
		result.NextToken = all[end].EventID // events that are recorded meanwhile come before it and shift nothing
	}
	result.Events = append(result.Events, all[start:end]...)
	return result, nil
}

// find returns all events that match.
func (in *lookupInput) find(c *call) ([]trailEvent, error) {
	from, to := c.now.Add(-trailKept), c.now
	if in.StartTime != nil && fromEpoch(*in.StartTime).After(from) {
		from = fromEpoch(*in.StartTime)
	}
	if in.EndTime != nil {
		to = fromEpoch(*in.EndTime)
	}
	var all []trailEvent
	for i := range slices.Backward(c.acct.state.WebIdentityCalls) {
		w := &c.acct.state.WebIdentityCalls[i]
		if w.Region != c.region || w.At.Before(from.Truncate(time.Second)) || w.At.After(to) {
			continue
		}
		e, err := w.event(c.acct.ID)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(in.LookupAttributes, func(a lookupAttribute) bool {
			return !slices.Contains(lookupKeys[a.AttributeKey](e), a.AttributeValue)
		}) {
			all = append(all, e)
		}
	}
	return all, nil
}

// fromEpoch is how the JSON protocol reads a time.
func fromEpoch(seconds float64) time.Time {
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9))
}
