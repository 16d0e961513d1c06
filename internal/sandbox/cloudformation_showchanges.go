package sandbox

import (
	"slices"
)

type changeTargetXML struct {
	Attribute           string
	Name                string `xml:",omitempty"`
	RequiresRecreation  string
	Path                string  `xml:",omitempty"`
	BeforeValue         *string `xml:",omitempty"`
	AfterValue          *string `xml:",omitempty"`
	AttributeChangeType string  `xml:",omitempty"`
	// Of a drift-aware change set:
	BeforeValueFrom string         `xml:",omitempty"`
	AfterValueFrom  string         `xml:",omitempty"`
	Drift           *propertyDrift `xml:",omitempty"`
}

type propertyDrift struct {
	PreviousValue           *string `xml:",omitempty"`
	ActualValue             *string `xml:",omitempty"`
	DriftDetectionTimestamp *stamp
}

type changeDetailXML struct {
	Target        changeTargetXML
	Evaluation    string
	ChangeSource  string
	CausingEntity string `xml:",omitempty"`
}

type resourceChangeXML struct {
	PolicyAction        string `xml:",omitempty"`
	Action              string
	LogicalResourceID   string `xml:"LogicalResourceId"`
	PhysicalResourceID  string `xml:"PhysicalResourceId,omitempty"`
	ResourceType        string
	Replacement         string `xml:",omitempty"`
	Scope               members[string]
	Details             members[changeDetailXML]
	BeforeContext       string `xml:",omitempty"`
	AfterContext        string `xml:",omitempty"`
	ResourceDriftStatus string `xml:",omitempty"` // of a drift-aware change set
}

type changeXML struct {
	Type           string
	ResourceChange resourceChangeXML
}

// show is a change as DescribeChangeSet shows it; values says whether with property values.
func (s *changeSet) show(c resourceChange, values bool) changeXML {
	x := resourceChangeXML{
		PolicyAction: c.PolicyAction, Action: c.Action, LogicalResourceID: c.LogicalID, PhysicalResourceID: c.PhysicalID,
		ResourceType: c.Type, Replacement: c.Replacement,
	}
	for _, p := range c.Details {
		if !slices.Contains(x.Scope.Member, p.Attribute) {
			x.Scope.Member = append(x.Scope.Member, p.Attribute)
		}
		x.Details.Member = append(x.Details.Member, s.showProperty(p, values))
	}
	if s.Mode == revertDrift {
		x.ResourceDriftStatus = s.Live.status(c.LogicalID)
	}
	if values {
		x.BeforeContext = contextText(c.Before, c.Deletion[0])
		x.AfterContext = contextText(c.After, c.Deletion[1])
	}
	return changeXML{"Resource", x}
}

func (s *changeSet) showProperty(p propertyChange, values bool) changeDetailXML {
	x := changeDetailXML{
		Target:     changeTargetXML{Attribute: p.Attribute, Name: p.Name, RequiresRecreation: p.Recreation},
		Evaluation: "Static", ChangeSource: p.Source, CausingEntity: p.Cause,
	}
	if !p.Static {
		x.Evaluation = "Dynamic"
	}
	if !values {
		return x
	}
	x.Target.Path = "/" + p.Attribute
	if p.Name != "" {
		x.Target.Path += "/" + p.Name
	}
	x.Target.BeforeValue, x.Target.AfterValue = valueText(p.Before), valueText(p.After)
	if s.Mode == revertDrift {
		x.Target.BeforeValueFrom, x.Target.AfterValueFrom = "PREVIOUS_DEPLOYMENT_STATE", "TEMPLATE"
	}
	if p.Drift != nil {
		x.Target.BeforeValueFrom = "ACTUAL_STATE"
		x.Target.Drift = &propertyDrift{valueText(p.Drift[0]), valueText(p.Drift[1]), stampOf(s.Created)}
	}
	switch {
	case p.Sync:
		x.Target.AttributeChangeType = actionSync
	case p.Before == nil:
		x.Target.AttributeChangeType = "Add"
	case p.After == nil:
		x.Target.AttributeChangeType = "Remove"
	default:
		x.Target.AttributeChangeType = "Modify"
	}
	return x
}

// valueText is a property value in a change set: text as it is, all else as JSON.
func valueText(v any) *string {
	if v == nil {
		return nil
	}
	t, ok := scalarText(v)
	if !ok {
		t = jsonText(v)
	}
	return &t
}

// contextText is a resource as the template has it, as JSON.
func contextText(props map[string]any, deletion string) string {
	if props == nil {
		return ""
	}
	all := map[string]any{"Properties": props}
	if deletion != "" && deletion != "Delete" {
		all["DeletionPolicy"] = deletion
	}
	return jsonText(all)
}

// changesShown is how many changes a page holds.
const changesShown = 100

func describeChangeSet(c *call) (any, error) {
	s, set, err := c.changeSet()
	if err != nil {
		return nil, err
	}
	type result struct {
		ChangeSetName           string
		ChangeSetID             string `xml:"ChangeSetId"`
		StackID                 string `xml:"StackId"`
		StackName               string
		Description             string `xml:",omitempty"`
		Parameters              members[parameterXML]
		CreationTime            *stamp
		ExecutionStatus         string
		Status                  string
		StatusReason            string `xml:",omitempty"`
		NotificationARNs        members[string]
		RollbackConfiguration   struct{} // AWS always sends the empty element
		Capabilities            members[string]
		Tags                    members[tag]
		Changes                 members[changeXML]
		NextToken               string `xml:",omitempty"`
		IncludeNestedStacks     bool
		OnStackFailure          string `xml:",omitempty"`
		ImportExistingResources bool
		DeploymentMode          string `xml:",omitempty"`
		StackDriftStatus        string `xml:",omitempty"`
	}
	r := result{
		ChangeSetName: set.Name, ChangeSetID: set.ID, StackID: s.ID, StackName: s.Name, Description: set.Description,
		CreationTime: stampOf(set.Created), NotificationARNs: listOf(set.Goal.NotificationARNs), Capabilities: listOf(set.Goal.Capabilities),
		Tags: listOf(set.Goal.Tags), OnStackFailure: set.OnFailure, DeploymentMode: set.Mode,
	}
	r.Status, r.ExecutionStatus = set.state(c.acct.now)
	if r.Parameters, err = c.sandbox.shownParameters(set.Goal); err != nil {
		return nil, err
	}
	if r.Status == createInProgress {
		return r, nil
	}
	if set.Mode == revertDrift {
		r.StackDriftStatus = set.Live.stackStatus()
	}
	if r.StatusReason = set.Failed; set.Failed != "" {
		return r, nil
	}
	if set.changes == nil { // made by another process
		if set.changes, err = c.sandbox.changesOf(s, set.Before, set.Goal, set.bound, set.Live); err != nil {
			return nil, err
		}
	}
	found, next, err := pageOf(c, set.changes, changesShown)
	if err != nil {
		return nil, err
	}
	r.NextToken = next
	for _, change := range found {
		if set.Import[change.LogicalID] != "" {
			change.Action, change.PhysicalID = actionImport, set.Import[change.LogicalID]
		}
		r.Changes.Member = append(r.Changes.Member, set.show(change, c.flag("IncludePropertyValues")))
	}
	return r, nil
}

func listChangeSets(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	type summary struct {
		StackID                 string `xml:"StackId"`
		StackName               string
		ChangeSetID             string `xml:"ChangeSetId"`
		ChangeSetName           string
		ExecutionStatus         string
		Status                  string
		StatusReason            string `xml:",omitempty"`
		CreationTime            *stamp
		Description             string `xml:",omitempty"`
		IncludeNestedStacks     bool
		ImportExistingResources bool
	}
	var all []summary
	for _, set := range s.ChangeSets {
		x := summary{
			StackID: s.ID, StackName: s.Name, ChangeSetID: set.ID, ChangeSetName: set.Name, CreationTime: stampOf(set.Created), Description: set.Description,
		}
		x.Status, x.ExecutionStatus = set.state(c.acct.now)
		if x.Status == "FAILED" {
			x.StatusReason = set.Failed
		}
		all = append(all, x)
	}
	found, next, err := pageOf(c, all, changesShown)
	return struct {
		Summaries members[summary]
		NextToken string `xml:",omitempty"`
	}{listOf(found), next}, err
}
