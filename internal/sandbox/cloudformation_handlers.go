package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// handler makes, changes and removes resources of one type. Its functions work on
// the IAM of the account as whoever runs the stack.
type handler struct {
	// properties are all there are; replaces are those that cannot be changed in place.
	properties, required, replaces []string
	attributes                     []string // of Fn::GetAtt
	identifier                     string   // the property or attribute by which a resource is imported; empty: it cannot be
	tagged                         bool     // the stack's tags go onto it

	create func(*handling) error
	update func(*handling) error
	remove func(*handling) error
	adopt  func(h *handling, identifier string) error // takes hold of what exists; nil if identifier is empty

	// takeOver makes the stack's own what somebody put onto the entity where the template says what is to
	// be there; nil if an update needs no such notice.
	takeOver func(*handling) error

	// read returns the live properties, as far as the template set them; nil if the resource is gone.
	read func(*account, *stackResource) map[string]any
}

// handlerOf returns the handler of a resource type.
func handlerOf(resourceType string) (handler, bool) {
	switch resourceType {
	case providerType:
		return providerHandler(), true
	case roleType:
		return roleHandler(), true
	case managedPolicyType:
		return managedPolicyHandler(), true
	case inlinePolicyType:
		return inlinePolicyHandler(), true
	default:
		return handler{}, false
	}
}

// handling is one call of a handler: it sets PhysicalID, Attributes and Owns of res.
type handling struct {
	acct  *account
	as    principal
	stack *stack
	res   *stackResource
	props map[string]any
}

// may checks that whoever runs the stack may do an IAM action.
func (h *handling) may(action, resource string) error {
	return h.acct.authorize(h.as, action, resource, globalRegion(h.acct.partition))
}

// each does a step for every item, if the action is allowed.
func (h *handling) each(items []string, action, resource string, do func(string) error) error {
	for _, item := range items {
		if err := h.may(action, resource); err != nil {
			return err
		}
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

// text returns a property as text, empty if it is not set.
func (h *handling) text(name string) string {
	t, _ := scalarText(h.props[name])
	return t
}

func (h *handling) texts(name string) []string { return textList(h.props[name]) }

// number returns a whole number, 0 if it is not set.
func (h *handling) number(name string) (int, error) {
	t := h.text(name)
	if t == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(t)
	if err != nil {
		return 0, validationError("Model validation failed (#/%s: expected type: Integer, found: String)", name)
	}
	return n, nil
}

func (h *handling) tags() []tag { return tagList(h.props["Tags"]) }

// documentText is a policy document as IAM takes it. The template may give it as JSON text.
func documentText(v any) string {
	if t, ok := v.(string); ok {
		return t
	}
	if v == nil {
		return ""
	}
	return jsonText(v)
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}

func textList(v any) []string {
	var texts []string
	items, _ := v.([]any)
	for _, item := range items {
		if t, ok := scalarText(item); ok {
			texts = append(texts, t)
		}
	}
	return texts
}

func tagList(v any) []tag {
	var tags []tag
	items, _ := v.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			key, _ := scalarText(m["Key"])
			value, _ := scalarText(m["Value"])
			tags = append(tags, tag{key, value})
		}
	}
	return tags
}

func tagKeys(tags []tag) []string {
	var keys []string
	for _, t := range tags {
		keys = append(keys, t.Key)
	}
	return keys
}

// retag is what an entity's tags become when those that the stack owns change from keys to
// wanted. Tags that somebody else put there stay.
func retag(live []tag, keys []string, wanted []tag) ([]tag, error) {
	return mergeTags(withoutTags(live, keys), wanted)
}

// properties evaluates a resource's properties, the stack's tags among them.
func properties(b *cfn.Bound, d deployment, res cfn.BoundResource, world cfn.Physical) (map[string]any, error) {
	props, err := b.Properties(res.LogicalID, world)
	if err != nil {
		return nil, validationError("%s", err)
	}
	return withStackTags(props, d.Tags, res.Type), nil
}

// withStackTags adds the stack's tags to those of the resource, which win.
func withStackTags(props map[string]any, tags []tag, resourceType string) map[string]any {
	h, _ := handlerOf(resourceType)
	if !h.tagged || len(tags) == 0 {
		return props
	}
	merged, own := slices.Clone(tags), tagList(props["Tags"])
	merged = slices.DeleteFunc(merged, func(t tag) bool {
		return slices.ContainsFunc(own, func(o tag) bool { return o.Key == t.Key })
	})
	all := []any{}
	for _, t := range append(own, merged...) {
		all = append(all, map[string]any{"Key": t.Key, "Value": t.Value})
	}
	props = maps.Clone(props)
	props["Tags"] = all
	return props
}

// checkProperties is the first thing a handler does: it holds the properties against the type's schema.
func (h handler) checkProperties(logicalID string, props map[string]any) error {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(props)) {
		if !slices.Contains(h.properties, name) {
			problems = append(problems, "#: extraneous key ["+name+"] is not permitted")
		}
	}
	for _, name := range h.required {
		if _, ok := props[name]; !ok {
			problems = append(problems, "#: required key ["+name+"] not found")
		}
	}
	if problems == nil {
		return nil
	}
	return &propertiesError{logicalID, problems}
}

// propertiesError says that properties do not fit the type's schema.
type propertiesError struct {
	resource string
	problems []string
}

func (e *propertiesError) Error() string {
	return fmt.Sprintf("Properties validation failed for resource %s with message:\n[%s]", e.resource, strings.Join(e.problems, ", "))
}

// reason is what the event of a failed resource says: AWS's words around those of the service.
func (h *handling) reason(err error) string {
	if invalid, ok := errors.AsType[*propertiesError](err); ok {
		return invalid.Error()
	}
	refusal, ok := errors.AsType[*apiError](err)
	if !ok {
		return err.Error()
	}
	token := h.acct.uuid("request-token")
	message := fmt.Sprintf("%s (Service: Iam, Status Code: %d, Request ID: %s)", refusal.Message, refusal.Status, h.acct.uuid("request"))
	code := handlerErrorCode(refusal)
	if code == "AlreadyExists" && h.res.Type == roleType {
		message = fmt.Sprintf("Resource of type '%s' with identifier '%s' already exists.", roleType, h.text("RoleName"))
	}
	return fmt.Sprintf(`Resource handler returned message: "%s" (RequestToken: %s, HandlerErrorCode: %s)`, message, token, code)
}

// handlerErrorCode is what CloudFormation calls an error of the service behind a resource.
func handlerErrorCode(e *apiError) string {
	switch e.Code {
	case "EntityAlreadyExists":
		return "AlreadyExists"
	case "NoSuchEntity":
		return "NotFound"
	case "LimitExceeded":
		return "ServiceLimitExceeded"
	case "AccessDenied":
		return "AccessDenied"
	case "Throttling":
		return "Throttling"
	case "ValidationError", "InvalidInput", "MalformedPolicyDocument", "OpenIdIdpCommunicationError":
		return "InvalidRequest"
	default:
		return "GeneralServiceException"
	}
}

// checkAttributes refuses Fn::GetAtt of attributes that the types do not have. Values are of
// no concern, so every resource is taken to exist.
func checkAttributes(b *cfn.Bound) error {
	world := schemaWorld{b.Template()}
	_, err := b.Outputs(world)
	resources := b.Resources()
	for i := 0; err == nil && i < len(resources); i++ {
		_, err = b.Properties(resources[i].LogicalID, world)
	}
	// A function that cannot take unknownValue apart says nothing about the template.
	if missing, ok := errors.AsType[*cfn.TemplateError](err); ok && strings.Contains(missing.Message, "does not support attribute type") {
		return validationError("%s", missing.Message)
	}
	return nil
}

// unknownValue is what change sets show for a value that only the deployment will tell.
const unknownValue = "{{changeSet:KNOWN_AFTER_APPLY}}"

// schemaWorld knows which attributes there are and none of their values.
type schemaWorld struct{ template *cfn.Template }

func (schemaWorld) Ref(string) (string, bool) { return unknownValue, true }

func (w schemaWorld) Att(logicalID, name string) (any, bool) {
	r, _ := w.template.Resource(logicalID)
	h, _ := handlerOf(r.Type)
	return unknownValue, slices.Contains(h.attributes, name)
}

// bracketed is a list as AWS writes one into a message.
func bracketed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
