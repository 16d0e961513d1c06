package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// resourceDrift is what a drift detection found of one resource.
type resourceDrift struct {
	Status      string            `json:"status"` // IN_SYNC, MODIFIED, DELETED
	At          time.Time         `json:"at"`
	Expected    string            `json:"expected,omitempty"` // properties as JSON; only where they drifted
	Actual      string            `json:"actual,omitempty"`
	Differences []driftDifference `json:"differences,omitempty"`
}

type driftDifference struct {
	Path     string `json:"path"`
	Expected string `json:"expected"`
	Actual   string `json:"actual"`
	Kind     string `json:"kind"` // ADD, REMOVE, NOT_EQUAL
}

const (
	driftNotChecked = "NOT_CHECKED"
	driftInSync     = "IN_SYNC"
	driftModified   = "MODIFIED"
	driftDeleted    = "DELETED"
	driftDrifted    = "DRIFTED" // of a whole stack
)

// drift is the stack's drift as the latest detection found it.
func (s *stack) drift() driftInformationXML {
	if s.DriftID == "" {
		return driftInformationXML{StackDriftStatus: driftNotChecked}
	}
	x := driftInformationXML{StackDriftStatus: driftInSync, LastCheckTimestamp: stampOf(s.DriftAt)}
	if s.drifted() > 0 {
		x.StackDriftStatus = driftDrifted
	}
	return x
}

// drifted counts the resources that are not as the template says.
func (s *stack) drifted() int {
	n := 0
	for _, r := range s.Resources {
		if r.Drift != nil && r.Drift.Status != driftInSync {
			n++
		}
	}
	return n
}

func (r *stackResource) driftStatus() resourceDriftXML {
	if r.Drift == nil {
		return resourceDriftXML{StackResourceDriftStatus: driftNotChecked}
	}
	return resourceDriftXML{r.Drift.Status, stampOf(r.Drift.At)}
}

// detectStackDrift compares every resource with what the template makes of it. It is done
// when the call returns; AWS takes longer.
func detectStackDrift(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	if s.Running != nil || s.Now.Template == "" || !s.live() {
		return nil, validationError("Drift detection cannot be run on stack [%s] in its current state [%s]", s.ID, s.Status)
	}
	b, err := c.sandbox.bind(s, s.Now)
	if err != nil {
		return nil, err
	}
	only := c.list("LogicalResourceIds")
	for _, want := range b.Resources() {
		r := s.resource(want.LogicalID)
		if r == nil || !r.exists() || len(only) > 0 && !slices.Contains(only, r.LogicalID) {
			continue
		}
		if r.Drift, err = c.detectDrift(s, b, want, r); err != nil {
			return nil, err
		}
	}
	s.DriftID, s.DriftAt = c.acct.uuid("drift"), c.acct.now.UTC()
	c.acct.touch()
	return struct{ StackDriftDetectionId string }{s.DriftID}, nil //nolint:revive // AWS spells the element so
}

func (c *call) detectDrift(s *stack, b *cfn.Bound, want cfn.BoundResource, r *stackResource) (*resourceDrift, error) {
	expected, err := properties(b, s.Now, want, s)
	if err != nil {
		return nil, err
	}
	kind, _ := handlerOf(r.Type)
	d := &resourceDrift{Status: driftInSync, At: c.acct.now.UTC()}
	live := kind.read(c.acct, r)
	if live == nil {
		d.Status, d.Expected = driftDeleted, jsonText(expected)
		return d, nil
	}
	actual := map[string]any{} // what the template does not set is not compared
	for name := range expected {
		if v, ok := live[name]; ok {
			actual[name] = v
		}
	}
	for _, name := range driftedProperties(expected, actual) {
		e, a := driftForm(name, expected[name]), driftForm(name, actual[name])
		kind := "NOT_EQUAL"
		if actual[name] == nil {
			kind = "REMOVE"
		}
		d.Differences = append(d.Differences, driftDifference{"/" + name, driftText(e), driftText(a), kind})
	}
	if d.Differences != nil {
		d.Status, d.Expected, d.Actual = driftModified, jsonText(expected), jsonText(actual)
	}
	return d, nil
}

// driftForm brings a property to a form in which equal means the same to IAM: documents
// given as text are read, numbers are text, the order of lists that are sets does not count.
func driftForm(name string, v any) any {
	if t, ok := scalarText(v); ok {
		var document any
		if strings.HasSuffix(name, "Document") && json.Unmarshal([]byte(t), &document) == nil {
			return plainValue(document)
		}
		return t
	}
	if items, ok := v.([]any); ok {
		texts := make([]string, len(items))
		for i, item := range items {
			if m, ok := item.(map[string]any); ok {
				item = driftFormOfMap(m)
			}
			texts[i] = jsonText(plainValue(item))
		}
		slices.Sort(texts)
		return texts
	}
	return plainValue(v)
}

func driftFormOfMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = driftForm(key, value)
	}
	return out
}

// plainValue makes values alike that came from YAML and from JSON.
func plainValue(v any) any {
	var out any
	if err := json.Unmarshal([]byte(jsonText(v)), &out); err != nil {
		return v
	}
	return out
}

func driftText(v any) string {
	if t, ok := v.(string); ok {
		return t
	}
	return jsonText(v)
}

func describeDriftDetection(c *call) (any, error) {
	id, err := c.need("StackDriftDetectionId")
	if err != nil {
		return nil, err
	}
	for _, s := range c.stacks().Stacks {
		if s.DriftID != id {
			continue
		}
		return struct {
			StackID                   string `xml:"StackId"`
			StackDriftDetectionID     string `xml:"StackDriftDetectionId"`
			StackDriftStatus          string
			DetectionStatus           string
			DriftedStackResourceCount int
			Timestamp                 *stamp
		}{s.ID, id, s.drift().StackDriftStatus, "DETECTION_COMPLETE", s.drifted(), stampOf(s.DriftAt)}, nil
	}
	return nil, validationError("Drift detection %s does not exist; the sandbox remembers the latest of each stack", id)
}

func describeResourceDrifts(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	type difference struct{ PropertyPath, ExpectedValue, ActualValue, DifferenceType string }
	type drift struct {
		StackID                  string `xml:"StackId"`
		LogicalResourceID        string `xml:"LogicalResourceId"`
		PhysicalResourceID       string `xml:"PhysicalResourceId"`
		ResourceType             string
		ExpectedProperties       string `xml:",omitempty"`
		ActualProperties         string `xml:",omitempty"`
		PropertyDifferences      members[difference]
		StackResourceDriftStatus string
		Timestamp                *stamp
	}
	filter := c.list("StackResourceDriftStatusFilters")
	var all []drift
	for _, r := range s.Resources {
		if r.Drift == nil || len(filter) > 0 && !slices.Contains(filter, r.Drift.Status) {
			continue
		}
		x := drift{
			StackID: s.ID, LogicalResourceID: r.LogicalID, PhysicalResourceID: r.PhysicalID, ResourceType: r.Type,
			ExpectedProperties: r.Drift.Expected, ActualProperties: r.Drift.Actual, StackResourceDriftStatus: r.Drift.Status, Timestamp: stampOf(r.Drift.At),
		}
		for _, d := range r.Drift.Differences {
			x.PropertyDifferences.Member = append(x.PropertyDifferences.Member, difference{d.Path, d.Expected, d.Actual, d.Kind})
		}
		all = append(all, x)
	}
	found, next, err := pageOf(c, all, 100)
	return struct {
		StackResourceDrifts members[drift]
		NextToken           string `xml:",omitempty"`
	}{listOf(found), next}, err
}
