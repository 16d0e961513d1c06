package sandbox

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// parameterXML is a parameter in an answer.
type parameterXML struct {
	ParameterKey   string
	ParameterValue string
}

// shownParameters are a deployment's parameters in the order of the template, hidden where it asks for that.
func (s *Sandbox) shownParameters(d deployment) (members[parameterXML], error) {
	var shown []parameterXML
	if d.Template == "" {
		return listOf(shown), nil
	}
	_, t, err := s.template(d)
	if err != nil {
		return listOf(shown), err
	}
	for _, p := range t.Parameters {
		value := d.Parameters[p.Name]
		if p.NoEcho {
			value = cfn.HiddenValue
		}
		shown = append(shown, parameterXML{p.Name, value})
	}
	return listOf(shown), nil
}

type outputXML struct {
	OutputKey   string
	OutputValue string
	Description string `xml:",omitempty"`
	ExportName  string `xml:",omitempty"`
}

type driftInformationXML struct {
	StackDriftStatus   string
	LastCheckTimestamp *stamp `xml:",omitempty"`
}

type lastOperationXML struct {
	OperationType string
	OperationID   string `xml:"OperationId"`
}

type stackXML struct {
	StackID                     string `xml:"StackId"`
	StackName                   string
	ChangeSetID                 string `xml:"ChangeSetId,omitempty"`
	Description                 string `xml:",omitempty"`
	Parameters                  members[parameterXML]
	CreationTime                *stamp
	DeletionTime                *stamp   `xml:",omitempty"`
	LastUpdatedTime             *stamp   `xml:",omitempty"`
	RollbackConfiguration       struct{} // AWS always sends the empty element
	StackStatus                 string
	StackStatusReason           string `xml:",omitempty"`
	DisableRollback             bool
	NotificationARNs            members[string]
	TimeoutInMinutes            string `xml:",omitempty"`
	Capabilities                members[string]
	Outputs                     members[outputXML]
	RoleARN                     string `xml:",omitempty"`
	Tags                        members[tag]
	EnableTerminationProtection bool
	DriftInformation            driftInformationXML
	LastOperations              *members[lastOperationXML]
}

// showStack is a stack as DescribeStacks shows it.
func (s *Sandbox) showStack(st *stack) (stackXML, error) {
	x := stackXML{
		StackID: st.ID, StackName: st.Name, ChangeSetID: st.ChangeSet, CreationTime: stampOf(st.Created), DeletionTime: stampOf(st.Deleted),
		LastUpdatedTime: stampOf(st.Updated), StackStatus: st.Status, StackStatusReason: st.StatusReason, DisableRollback: st.DisableRollback,
		NotificationARNs: listOf(st.Now.NotificationARNs), TimeoutInMinutes: st.TimeoutMinutes, Capabilities: listOf(st.Now.Capabilities),
		RoleARN: st.Now.RoleARN, Tags: listOf(st.Now.Tags), EnableTerminationProtection: st.TerminationProtection, DriftInformation: st.drift(),
	}
	var err error
	if x.Parameters, err = s.shownParameters(st.Now); err != nil {
		return x, err
	}
	if st.Now.Template != "" {
		_, t, err := s.template(st.Now)
		if err != nil {
			return x, err
		}
		x.Description = t.Description
	}
	for _, o := range st.Outputs {
		x.Outputs.Member = append(x.Outputs.Member, outputXML{o.Name, o.Value, o.Description, o.Export})
	}
	if o := st.operation(); o != nil {
		last := listOf([]lastOperationXML{{o.Kind, o.ID}})
		x.LastOperations = &last
	}
	return x, nil
}

// stacksShown is how many stacks a page holds.
const stacksShown = 100

func describeStacks(c *call) (any, error) {
	type result struct {
		Stacks    members[stackXML]
		NextToken string `xml:",omitempty"`
	}
	var r result
	var found []*stack
	if c.get("StackName") != "" {
		s, err := c.stack()
		if err != nil {
			return nil, err
		}
		found = []*stack{s}
	} else {
		all := slices.DeleteFunc(newestFirst(c.stacks().Stacks), func(s *stack) bool { return !s.live() })
		var err error
		if found, r.NextToken, err = pageOf(c, all, stacksShown); err != nil {
			return nil, err
		}
	}
	for _, s := range found {
		x, err := c.sandbox.showStack(s)
		if err != nil {
			return nil, err
		}
		r.Stacks.Member = append(r.Stacks.Member, x)
	}
	return r, nil
}

func newestFirst[T any](items []T) []T {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}

func listStacks(c *call) (any, error) {
	type summary struct {
		StackID             string `xml:"StackId"`
		StackName           string
		TemplateDescription string `xml:",omitempty"`
		CreationTime        *stamp
		LastUpdatedTime     *stamp `xml:",omitempty"`
		DeletionTime        *stamp `xml:",omitempty"`
		StackStatus         string
		StackStatusReason   string `xml:",omitempty"`
		DriftInformation    driftInformationXML
	}
	filter := c.list("StackStatusFilter")
	matching := slices.DeleteFunc(newestFirst(c.stacks().Stacks), func(s *stack) bool {
		return len(filter) > 0 && !slices.Contains(filter, s.Status)
	})
	found, next, err := pageOf(c, matching, stacksShown)
	if err != nil {
		return nil, err
	}
	var summaries []summary
	for _, s := range found {
		x, err := c.sandbox.showStack(s)
		if err != nil {
			return nil, err
		}
		summaries = append(summaries, summary{
			s.ID, s.Name, x.Description, x.CreationTime, x.LastUpdatedTime, x.DeletionTime, s.Status, s.StatusReason, x.DriftInformation,
		})
	}
	return struct {
		StackSummaries members[summary]
		NextToken      string `xml:",omitempty"`
	}{listOf(summaries), next}, nil
}

func listExports(c *call) (any, error) {
	type export struct{ ExportingStackId, Name, Value string } //nolint:revive // AWS spells the element so
	var exports []export
	for _, s := range c.stacks().Stacks {
		for _, o := range s.Outputs {
			if s.live() && o.Export != "" {
				exports = append(exports, export{s.ID, o.Export, o.Value})
			}
		}
	}
	found, next, err := pageOf(c, exports, stacksShown)
	return struct {
		Exports   members[export]
		NextToken string `xml:",omitempty"`
	}{listOf(found), next}, err
}

type resourceDriftXML struct {
	StackResourceDriftStatus string
	LastCheckTimestamp       *stamp `xml:",omitempty"`
}

// resourceXML is a stack's resource in an answer; which of its fields are set depends on the call.
type resourceXML struct {
	StackName            string `xml:",omitempty"`
	StackID              string `xml:"StackId,omitempty"`
	LogicalResourceID    string `xml:"LogicalResourceId"`
	PhysicalResourceID   string `xml:"PhysicalResourceId,omitempty"`
	ResourceType         string
	Timestamp            *stamp `xml:",omitempty"`
	LastUpdatedTimestamp *stamp `xml:",omitempty"`
	ResourceStatus       string
	ResourceStatusReason string `xml:",omitempty"`
	Metadata             string `xml:",omitempty"`
	DriftInformation     resourceDriftXML
}

func showResource(r *stackResource) resourceXML {
	return resourceXML{
		LogicalResourceID: r.LogicalID, PhysicalResourceID: r.PhysicalID, ResourceType: r.Type,
		ResourceStatus: r.Status, ResourceStatusReason: r.Reason, DriftInformation: r.driftStatus(),
	}
}

func listStackResources(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	found, next, err := pageOf(c, s.Resources, 100)
	if err != nil {
		return nil, err
	}
	var shown []resourceXML
	for _, r := range found {
		x := showResource(r)
		x.LastUpdatedTimestamp = stampOf(r.Updated)
		shown = append(shown, x)
	}
	return struct {
		StackResourceSummaries members[resourceXML]
		NextToken              string `xml:",omitempty"`
	}{listOf(shown), next}, nil
}

func describeStackResource(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	id, err := c.need("LogicalResourceId")
	if err != nil {
		return nil, err
	}
	r := s.resource(id)
	if r == nil {
		return nil, validationError("Resource %s does not exist for stack %s", id, s.Name)
	}
	x := showResource(r)
	x.StackName, x.StackID, x.LastUpdatedTimestamp = s.Name, s.ID, stampOf(r.Updated)
	_, t, err := c.sandbox.template(s.Now)
	if err != nil {
		return nil, err
	}
	if res, ok := t.Resource(id); ok && res.Metadata() != nil {
		x.Metadata = jsonText(res.Metadata())
	}
	return struct{ StackResourceDetail resourceXML }{x}, nil
}

// describeStackResources finds resources by their stack or by a physical id.
func describeStackResources(c *call) (any, error) {
	var s *stack
	switch physical := c.get("PhysicalResourceId"); {
	case c.get("StackName") != "":
		var err error
		if s, err = c.stack(); err != nil {
			return nil, err
		}
	case physical != "":
		for _, o := range c.stacks().Stacks {
			if o.live() && slices.ContainsFunc(o.Resources, func(r *stackResource) bool { return r.exists() && r.PhysicalID == physical }) {
				s = o
			}
		}
		if s == nil {
			return nil, validationError("Stack for %s does not exist", physical)
		}
	default:
		return nil, validationError("Stack name or physical resource id must be specified")
	}
	var shown []resourceXML
	for _, r := range s.Resources {
		if id := c.get("LogicalResourceId"); id != "" && id != r.LogicalID {
			continue
		}
		x := showResource(r)
		x.StackName, x.StackID, x.Timestamp = s.Name, s.ID, stampOf(r.Updated)
		shown = append(shown, x)
	}
	return struct{ StackResources members[resourceXML] }{listOf(shown)}, nil
}

func getTemplate(c *call) (any, error) {
	var d deployment
	if c.get("ChangeSetName") != "" {
		_, set, err := c.changeSet()
		if err != nil {
			return nil, err
		}
		d = set.Goal
	} else {
		s, err := c.stack()
		if err != nil {
			return nil, err
		}
		d = s.Now
	}
	type result struct {
		TemplateBody    string
		StagesAvailable members[string]
	}
	r := result{StagesAvailable: listOf([]string{"Original", "Processed"})}
	if d.Template == "" {
		return r, nil // REVIEW_IN_PROGRESS: nothing is deployed yet
	}
	var err error
	r.TemplateBody, _, err = c.sandbox.template(d)
	return r, err
}

// getStackPolicy answers that there is none: setting one is not imitated.
func getStackPolicy(c *call) (any, error) {
	_, err := c.stack()
	return struct{}{}, err
}
