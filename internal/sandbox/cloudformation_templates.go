package sandbox

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// templateCache keeps parsed templates by their text: a thousand accounts send the same one.
type templateCache struct {
	mu  sync.Mutex
	all map[string]*cfn.Template
}

// maxTemplates bounds the cache; a server that ran for long may have seen many.
const maxTemplates = 100

func (t *templateCache) parse(body string) (*cfn.Template, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.all[body]; ok {
		return known, nil
	}
	parsed, err := cfn.Parse([]byte(body))
	if err != nil {
		return nil, validationError("%s", err)
	}
	if t.all == nil || len(t.all) >= maxTemplates {
		t.all = map[string]*cfn.Template{}
	}
	t.all[body] = parsed
	return parsed, nil
}

// template returns the text of a deployment's template, and what it says.
func (s *Sandbox) template(d deployment) (string, *cfn.Template, error) {
	body, err := s.blobs.get(d.Template)
	if err != nil {
		return "", nil, err
	}
	parsed, err := s.templates.parse(body)
	return body, parsed, err
}

// bind gives the template of a deployment its values.
func (s *Sandbox) bind(st *stack, d deployment) (*cfn.Bound, error) {
	_, t, err := s.template(d)
	if err != nil {
		return nil, err
	}
	b, err := t.Bind(st.pseudo(d), d.Parameters)
	if err != nil {
		return nil, validationError("%s", err)
	}
	return b, nil
}

// templateBody returns the template that the request carries or, by UsePreviousTemplate, that of the stack.
func (c *call) templateBody(previous *stack) (string, error) {
	body := c.get("TemplateBody")
	switch {
	case c.get("TemplateURL") != "":
		return "", validationError("the sandbox has no S3: send the template as TemplateBody, not as TemplateURL")
	case len(body) > cfn.MaxInlineBody:
		return "", validationError("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", cfn.MaxInlineBody)
	case c.flag("UsePreviousTemplate"):
		if body != "" {
			return "", validationError("You cannot specify both usePreviousTemplate and Template Body/Template URL.")
		}
		if previous == nil || previous.Now.Template == "" {
			return "", validationError("UsePreviousTemplate cannot be specified when creating a stack.")
		}
		text, _, err := c.sandbox.template(previous.Now)
		return text, err
	case body == "":
		return "", validationError("Either Template URL or Template Body must be specified.")
	}
	return body, nil
}

// deployment reads from the request what a stack is to be made from, and checks it as far as
// CloudFormation does before it touches anything. s is the stack, which may be a shell.
func (c *call) deployment(s *stack) (deployment, *cfn.Bound, error) {
	var d deployment
	body, err := c.templateBody(s)
	if err != nil {
		return d, nil, err
	}
	t, err := c.sandbox.templates.parse(body)
	if err != nil {
		return d, nil, err
	}
	if err := checkResourceTypes(t); err != nil {
		return d, nil, err
	}
	if d.Parameters, err = c.parameters(s.Now.Parameters); err != nil {
		return d, nil, err
	}
	if d.Tags, err = c.stackTags(s); err != nil {
		return d, nil, err
	}
	d.Capabilities = c.list("Capabilities")
	if err := checkCapabilities(t, d.Capabilities); err != nil {
		return d, nil, err
	}
	d.NotificationARNs = c.list("NotificationARNs")
	if d.RoleARN = c.get("RoleARN"); d.RoleARN == "" {
		d.RoleARN = s.Now.RoleARN
	}
	if d.RoleARN != "" && c.acct.roleByARN(d.RoleARN) == nil {
		return d, nil, validationError("Role %s is invalid or cannot be assumed", d.RoleARN)
	}
	if d.Template, err = c.sandbox.blobs.put(body); err != nil {
		return d, nil, err
	}
	b, err := t.Bind(s.pseudo(d), d.Parameters)
	if err != nil {
		return d, nil, bindError(err)
	}
	d.Parameters = b.Parameters()
	return d, b, checkAttributes(b)
}

// bindError is CloudFormation's answer to values that the template does not take.
func bindError(err error) error {
	if p, ok := errors.AsType[*cfn.ParameterError](err); ok {
		return validationError("%s", p.Message)
	}
	return validationError("%s", err)
}

// checkResourceTypes refuses a template with resources that nobody here can make.
func checkResourceTypes(t *cfn.Template) error {
	var unknown []string
	for _, name := range t.ResourceTypes() {
		if _, ok := handlerOf(name); !ok {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return validationError("Template format error: Unrecognized resource types: %s", bracketed(unknown))
	}
	return nil
}

func checkCapabilities(t *cfn.Template, given []string) error {
	needed, _ := t.Capabilities()
	if needed == "" || slices.Contains(given, needed) || slices.Contains(given, cfn.CapabilityNamedIAM) {
		return nil
	}
	return refuse(http.StatusBadRequest, "InsufficientCapabilitiesException", "Requires capabilities : [%s]", needed)
}

// parameters reads the parameters of a request. previous are the stack's, for UsePreviousValue.
func (c *call) parameters(previous map[string]string) (map[string]string, error) {
	values := map[string]string{}
	for i := 1; ; i++ {
		prefix := "Parameters.member." + strconv.Itoa(i) + "."
		key := c.get(prefix + "ParameterKey")
		if key == "" {
			return values, nil
		}
		if _, twice := values[key]; twice {
			return nil, validationError("Duplicate ParameterKeys Found: %s", bracketed([]string{key}))
		}
		if !c.flag(prefix + "UsePreviousValue") {
			values[key] = c.get(prefix + "ParameterValue")
			continue
		}
		if c.get(prefix+"ParameterValue") != "" {
			return nil, validationError("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and non empty value for a parameter", key)
		}
		value, ok := previous[key]
		if !ok {
			return nil, validationError("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", key)
		}
		values[key] = value
	}
}

// stackTags reads the stack's tags; an update that names none keeps those there are.
func (c *call) stackTags(s *stack) ([]tag, error) {
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	if tags == nil && !c.has("Tags") {
		return s.Now.Tags, nil
	}
	return tags, nil
}

// roleByARN finds a role of the account by its ARN, or returns nil.
func (a *account) roleByARN(arn string) *role {
	for _, r := range a.state.Roles {
		if a.roleARN(r) == arn {
			return r
		}
	}
	return nil
}
