package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/regions"
)

// stackType is the type of the stack itself in its events.
const stackType = "AWS::CloudFormation::Stack"

// cloudFormationService executes templates: change sets, stacks, their events and drift.
// Its operations run by the clock, not in the background: see [advanceStacks].
func cloudFormationService() *service {
	// onStack is an operation on the stack that the request names.
	onStack := func(run func(*call) (any, error)) operation {
		return operation{run: run, resource: stackResourceARN}
	}
	return &service{
		name:      "cloudformation",
		version:   "2010-05-15",
		namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		throttle:  "Throttling",
		advance:   advanceStacks,
		operations: map[string]operation{
			"CreateChangeSet":                   onStack(createChangeSet),
			"DescribeChangeSet":                 onStack(describeChangeSet),
			"ListChangeSets":                    onStack(listChangeSets),
			"DeleteChangeSet":                   onStack(deleteChangeSet),
			"ExecuteChangeSet":                  onStack(executeChangeSet),
			"CreateStack":                       onStack(createStack),
			"UpdateStack":                       onStack(updateStack),
			"CancelUpdateStack":                 onStack(cancelUpdateStack),
			"DeleteStack":                       onStack(deleteStack),
			"RollbackStack":                     onStack(rollbackStack),
			"ContinueUpdateRollback":            onStack(continueUpdateRollback),
			"UpdateTerminationProtection":       onStack(updateTerminationProtection),
			"DescribeStacks":                    onStack(describeStacks),
			"ListStacks":                        {run: listStacks},
			"ListExports":                       {run: listExports},
			"DescribeStackEvents":               onStack(describeStackEvents),
			"DescribeEvents":                    onStack(describeEvents),
			"DescribeStackResource":             onStack(describeStackResource),
			"DescribeStackResources":            onStack(describeStackResources),
			"ListStackResources":                onStack(listStackResources),
			"GetTemplate":                       onStack(getTemplate),
			"GetTemplateSummary":                onStack(getTemplateSummary),
			"GetStackPolicy":                    onStack(getStackPolicy),
			"ValidateTemplate":                  {run: validateTemplate},
			"DetectStackDrift":                  onStack(detectStackDrift),
			"DescribeStackDriftDetectionStatus": {run: describeDriftDetection},
			"DescribeStackResourceDrifts":       onStack(describeResourceDrifts),
		},
	}
}

// stackResourceARN is the stack that a request is about, as permissions name it.
func stackResourceARN(c *call) string {
	name := c.get("StackName")
	if name == "" {
		name = stackOfChangeSet(c.get("ChangeSetName"))
	}
	if name == "" {
		return "*"
	}
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:" + c.partition() + ":cloudformation:" + c.region + ":" + c.caller.Account + ":stack/" + name + "/*"
}

// stackOfChangeSet returns nothing for a name and a wildcard for an ARN: the ARN of a change
// set does not tell its stack.
func stackOfChangeSet(changeSet string) string {
	if !strings.HasPrefix(changeSet, "arn:") {
		return ""
	}
	before, _, _ := strings.Cut(changeSet, ":changeSet/")
	return before + ":stack/*"
}

// stacks returns what CloudFormation keeps in the Region of the call.
func (c *call) stacks() *regionStacks {
	all := c.acct.state.Stacks
	if all[c.region] == nil {
		all[c.region] = &regionStacks{}
	}
	return all[c.region]
}

// stack finds the stack that the request names.
func (c *call) stack() (*stack, error) {
	name, err := c.need("StackName")
	if err != nil {
		return nil, err
	}
	if s := c.stacks().find(name); s != nil {
		return s, nil
	}
	return nil, validationError("Stack with id %s does not exist", name)
}

// maxStackName is the longest name of a stack or a change set, in characters.
const maxStackName = 128

var stackName = lazyregexp.New(`^[a-zA-Z][-a-zA-Z0-9]*$`)

// isStackName says whether CloudFormation takes name for a stack or a change set.
func isStackName(name string) bool { return len(name) <= maxStackName && stackName.MatchString(name) }

// newStackName returns the name of a stack to be made.
func (c *call) newStackName() (string, error) {
	name, err := c.need("StackName")
	if err != nil {
		return "", err
	}
	if !isStackName(name) {
		return "", validationError("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	return name, nil
}

// newStack makes an empty stack. It exists once it is added to the Region's stacks.
func (c *call) newStack(name string) *stack {
	return &stack{
		ID:      c.acct.arn("cloudformation", c.region, "stack/"+name+"/"+c.acct.uuid("stack")),
		Name:    name,
		Created: c.acct.now.UTC(),
	}
}

// regionOf is the Region in a stack's ARN.
func (s *stack) regionOf() string { return strings.Split(s.ID, ":")[3] }

// pseudo gives a stack's pseudo parameters their values.
func (s *stack) pseudo(d deployment) cfn.Pseudo {
	part := strings.Split(s.ID, ":")
	p := cfn.Pseudo{
		Account: part[4], Region: part[3], Partition: part[1], URLSuffix: "amazonaws.com",
		StackName: s.Name, StackID: s.ID, NotificationARNs: d.NotificationARNs,
	}
	if known, ok := regions.PartitionOf(p.Region); ok {
		p.URLSuffix = known.DNSSuffix
	}
	return p
}

// uuid makes a UUID of the account; like all its ids it follows from the sandbox's seed.
func (a *account) uuid(kind string) string {
	a.state.Serial++
	a.touch()
	return uuidText(digest("uuid", a.sandbox.seed, a.ID, kind, strconv.FormatUint(a.state.Serial, 10)))
}

// uuidText writes the first 16 bytes of a hash as a UUID of version 4.
func uuidText(sum []byte) string {
	b := append([]byte(nil), sum[:16]...)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// stamp is a time in CloudFormation's answers; a zero one is left out.
type stamp time.Time

func stampOf(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}

// MarshalXML writes the time as CloudFormation does, with milliseconds.
func (s stamp) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(time.Time(s).UTC().Format("2006-01-02T15:04:05.000Z"), start)
}

// flag reads a truth value of the query protocol, false if it is absent.
func (c *call) flag(name string) bool { return strings.EqualFold(c.get(name), "true") }

// notHere refuses parameters of a request that would change what it does and that nobody
// imitates: ignoring them would be a made-up success.
func (c *call) notHere(names ...string) error {
	for _, name := range names {
		for given := range c.form {
			value := c.get(given)
			if (given == name || strings.HasPrefix(given, name+".")) && value != "" && !strings.EqualFold(value, "false") && value != "0" {
				return validationError("the sandbox does not imitate the parameter %s of %s; see docs/sandbox.md", given, c.action)
			}
		}
	}
	return nil
}

// pageOf cuts a list as NextToken says, which is the index of the next item.
func pageOf[T any](c *call, items []T, size int) (out []T, next string, err error) {
	start := 0
	if token := c.get("NextToken"); token != "" {
		start, err = strconv.Atoi(token)
		if err != nil || start < 0 || start > len(items) {
			return nil, "", validationError("The specified NextToken is invalid")
		}
	}
	end := min(start+size, len(items))
	if end < len(items) {
		next = strconv.Itoa(end)
	}
	return items[start:end], next, nil
}

// jsonText is a value as JSON, with the keys in order and nothing escaped for HTML.
func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sandbox: text, numbers, lists and maps do not marshal: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

func changeSetNotFound(name string) *apiError {
	return refuse(http.StatusNotFound, "ChangeSetNotFound", "ChangeSet [%s] does not exist", name)
}
