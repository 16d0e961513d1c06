package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// eventXML is a stack event in an answer.
type eventXML struct {
	StackID              string `xml:"StackId"`
	EventID              string `xml:"EventId"`
	StackName            string
	OperationID          string `xml:"OperationId,omitempty"`
	LogicalResourceID    string `xml:"LogicalResourceId"`
	PhysicalResourceID   string `xml:"PhysicalResourceId,omitempty"`
	ResourceType         string
	Timestamp            *stamp
	ResourceStatus       string
	ResourceStatusReason string `xml:",omitempty"`
	ClientRequestToken   string `xml:",omitempty"`
}

// eventID follows from the stack and the event's place in it.
func (s *stack) eventID(i int) string {
	return uuidText(digest("event", s.ID, s.Events[i].At.Format(time.RFC3339Nano), strconv.Itoa(i)))
}

// operationOf returns the operation that an event belongs to; an event of a shell belongs to none.
func (s *stack) operationOf(e stackEvent) operationEntry {
	if e.Operation < 0 || e.Operation >= len(s.Operations) {
		return operationEntry{}
	}
	return s.Operations[e.Operation]
}

const eventsShown = 100

func describeStackEvents(c *call) (any, error) {
	s, err := c.stack()
	if err != nil {
		return nil, err
	}
	indices := make([]int, len(s.Events)) // newest first
	for i := range indices {
		indices[i] = len(s.Events) - 1 - i
	}
	found, next, err := pageOf(c, indices, eventsShown)
	if err != nil {
		return nil, err
	}
	var shown []eventXML
	for _, i := range found {
		e := s.Events[i]
		o := s.operationOf(e)
		shown = append(shown, eventXML{
			s.ID, s.eventID(i), s.Name, o.ID, e.LogicalID, e.PhysicalID, e.Type, stampOf(e.At), e.Status, e.Reason, o.Token,
		})
	}
	return struct {
		StackEvents members[eventXML]
		NextToken   string `xml:",omitempty"`
	}{listOf(shown), next}, nil
}

type operationEventXML struct {
	EventID              string `xml:"EventId"`
	StackID              string `xml:"StackId"`
	OperationID          string `xml:"OperationId,omitempty"`
	OperationType        string `xml:",omitempty"`
	OperationStatus      string `xml:",omitempty"`
	EventType            string
	LogicalResourceID    string `xml:"LogicalResourceId"`
	PhysicalResourceID   string `xml:"PhysicalResourceId,omitempty"`
	ResourceType         string
	Timestamp            *stamp
	StartTime            *stamp `xml:",omitempty"`
	EndTime              *stamp `xml:",omitempty"`
	ResourceStatus       string
	ResourceStatusReason string `xml:",omitempty"`
	ClientRequestToken   string `xml:",omitempty"`
}

// describeEvents is DescribeStackEvents by operation: with what the operation was, and on
// request its failures only.
func describeEvents(c *call) (any, error) {
	s, operationID, err := c.eventSource()
	if err != nil {
		return nil, err
	}
	failures := c.flag("Filters.FailedEvents")
	var all []operationEventXML
	for i, e := range slices.Backward(s.Events) {
		o := s.operationOf(e)
		if operationID != "" && o.ID != operationID || failures && !failureEvent(e) {
			continue
		}
		x := operationEventXML{
			EventID: s.eventID(i), StackID: s.ID, OperationID: o.ID, OperationType: o.Kind, EventType: eventType(e), LogicalResourceID: e.LogicalID,
			PhysicalResourceID: e.PhysicalID, ResourceType: e.Type, Timestamp: stampOf(e.At), ResourceStatus: e.Status,
			ResourceStatusReason: e.Reason, ClientRequestToken: o.Token,
		}
		if e.Type == stackType && o.ID != "" {
			x.OperationStatus, x.StartTime, x.EndTime = o.status(), stampOf(o.Started), stampOf(o.Ended)
		}
		all = append(all, x)
	}
	found, next, err := pageOf(c, all, eventsShown)
	return struct {
		OperationEvents members[operationEventXML]
		NextToken       string `xml:",omitempty"`
	}{listOf(found), next}, err
}

// eventSource finds the stack whose events are asked for and the operation, if only one is.
func (c *call) eventSource() (*stack, string, error) {
	id := c.get("OperationId")
	switch {
	case c.get("ChangeSetName") != "":
		s, set, err := c.changeSet()
		if err != nil {
			return nil, "", err
		}
		for _, o := range s.Operations {
			if strings.HasSuffix(o.Request, " "+set.ID) {
				return s, o.ID, nil
			}
		}
		return s, "none", nil // not executed yet
	case c.get("StackName") != "":
		s, err := c.stack()
		return s, id, err
	case id != "":
		for _, s := range c.stacks().Stacks {
			if slices.ContainsFunc(s.Operations, func(o operationEntry) bool { return o.ID == id }) {
				return s, id, nil
			}
		}
		return nil, "", validationError("Operation with id %s does not exist", id)
	}
	return nil, "", validationError("At least one of StackName, ChangeSetName or OperationId must be specified")
}

func failureEvent(e stackEvent) bool { return strings.HasSuffix(e.Status, "_FAILED") }

func eventType(e stackEvent) string {
	switch {
	case e.Type == stackType:
		return "STACK_EVENT"
	case failureEvent(e):
		return "PROVISIONING_ERROR"
	default:
		return "PROGRESS_EVENT"
	}
}

// status is how an operation stands.
func (o operationEntry) status() string {
	switch {
	case o.Ended.IsZero():
		return "IN_PROGRESS"
	case o.Failed:
		return "FAILED"
	default:
		return "SUCCEEDED"
	}
}
