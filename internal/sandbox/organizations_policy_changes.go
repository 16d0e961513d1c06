package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// Quotas of an organisation (Organizations User Guide, "Quotas and service limits").
const (
	maxControlPolicy = 5120 // characters of a policy
	maxAttached      = 5    // policies of a type on one root, unit or account
)

func createControlPolicy(c *call) (any, error) {
	in, _, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	if err := checkPolicyType("Type", in.Type); err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, invalidOrganizationsInput("Name is missing")
	}
	if err := checkControlPolicy(in.Type, in.Content); err != nil {
		return nil, err
	}
	var made *controlPolicy
	err = c.sandbox.organization.change(c.sandbox.options.Dir, func(o *organizationState) error {
		made, err = o.create(c.sandbox.seed, controlPolicy{Name: in.Name, Type: in.Type, Content: in.Content, Description: text(in.Description)})
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.describedPolicy(made), nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// create adds a policy and gives it an id.
func (o *organizationState) create(seed string, p controlPolicy) (*controlPolicy, error) {
	if slices.ContainsFunc(o.all(p.Type), func(other *controlPolicy) bool { return other.Name == p.Name }) {
		return nil, refuse(http.StatusBadRequest, "DuplicatePolicyException", "A policy with the name %s already exists.", p.Name)
	}
	o.Serial++
	p.ID = "p-" + strings.ToLower(idText(seed, organizationID, "policy", o.Serial)[:10])
	o.Policies = append(o.Policies, &p)
	return &p, nil
}

func updateControlPolicy(c *call) (any, error) {
	in, _, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	var changed *controlPolicy
	err = c.sandbox.organization.change(c.sandbox.options.Dir, func(o *organizationState) error {
		p, err := in.own(o)
		if err != nil {
			return err
		}
		if in.Content != "" {
			if err := checkControlPolicy(p.Type, in.Content); err != nil {
				return err
			}
			p.Content = in.Content
		}
		if in.Name != "" {
			p.Name = in.Name
		}
		if in.Description != nil {
			p.Description = *in.Description
		}
		changed = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c.describedPolicy(changed), nil
}

// own returns the policy that a request names if it is not AWS's.
func (in *policyInput) own(o *organizationState) (*controlPolicy, error) {
	p, err := in.known(o)
	if err == nil && p.AWS {
		return nil, refuse(http.StatusBadRequest, "AccessDeniedException", "The policy %s is managed by AWS and cannot be changed.", p.ID)
	}
	return p, err
}

func deleteControlPolicy(c *call) (any, error) {
	return c.changePolicy(func(o *organizationState, in policyInput) error {
		p, err := in.own(o)
		if err != nil {
			return err
		}
		for _, ids := range o.Attached {
			if slices.Contains(ids, p.ID) {
				return refuse(http.StatusBadRequest, "PolicyInUseException", "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
			}
		}
		o.Policies = slices.DeleteFunc(o.Policies, func(other *controlPolicy) bool { return other == p })
		return nil
	})
}

// changePolicy lets use work on the organisation; the answer is empty.
func (c *call) changePolicy(use func(*organizationState, policyInput) error) (any, error) {
	in, _, err := c.policyRequest()
	if err != nil {
		return nil, err
	}
	return nil, c.sandbox.organization.change(c.sandbox.options.Dir, func(o *organizationState) error { return use(o, in) })
}

func attachControlPolicy(c *call) (any, error) {
	return c.changePolicy(func(o *organizationState, in policyInput) error {
		p, err := in.known(o)
		if err != nil {
			return err
		}
		if err := c.target(in.TargetID); err != nil {
			return err
		}
		return o.attach(p, in.TargetID)
	})
}

// attach attaches a policy to a root, unit or account.
func (o *organizationState) attach(p *controlPolicy, target string) error {
	switch {
	case !slices.Contains(o.Types, p.Type):
		return refuse(http.StatusBadRequest, "PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this root: %s", p.Type)
	case o.attached(p, target):
		return refuse(http.StatusBadRequest, "DuplicatePolicyAttachmentException", "A policy with the specified PolicyId is already attached to the specified target.")
	case len(o.on(target, p.Type)) >= maxAttached:
		return constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You have attached the maximum number of policies to the specified target.")
	case p.AWS:
		delete(o.Closed, target)
	default:
		if o.Attached == nil {
			o.Attached = map[string][]string{}
		}
		o.Attached[target] = append(o.Attached[target], p.ID)
	}
	return nil
}

func constraint(reason, message string) *apiError {
	return refuse(http.StatusBadRequest, "ConstraintViolationException", "%s (%s)", message, reason)
}

func detachControlPolicy(c *call) (any, error) {
	return c.changePolicy(func(o *organizationState, in policyInput) error {
		p, err := in.known(o)
		if err != nil {
			return err
		}
		if err := c.target(in.TargetID); err != nil {
			return err
		}
		switch {
		case !o.attached(p, in.TargetID):
			return refuse(http.StatusBadRequest, "PolicyNotAttachedException", "The policy isn't attached to the specified target.")
		case p.Type == serviceControl && len(o.on(in.TargetID, p.Type)) == 1,
			p.AWS && p.Type == resourceControl:
			return constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
		case p.AWS:
			o.Closed[in.TargetID] = struct{}{}
		default:
			o.Attached[in.TargetID] = slices.DeleteFunc(o.Attached[in.TargetID], func(id string) bool { return id == p.ID })
		}
		return nil
	})
}

// rootJSON is the organisation's root in an answer.
type rootJSON struct {
	Id, Arn, Name string //nolint:revive // AWS spells the members so
	PolicyTypes   []policyTypeJSON
}

type policyTypeJSON struct{ Type, Status string }

func (c *call) showRoot(o *organizationState) rootJSON {
	r := rootJSON{rootID, c.organizationsARN("root/" + organizationID + "/" + rootID), "Root", []policyTypeJSON{}}
	for _, kind := range o.Types {
		r.PolicyTypes = append(r.PolicyTypes, policyTypeJSON{kind, "ENABLED"})
	}
	return r
}

// setPolicyType puts a type of policies in force, or out of it. Out of force, all of its policies
// are detached for good.
func (c *call) setPolicyType(enabled bool) (any, error) {
	var root rootJSON
	_, err := c.changePolicy(func(o *organizationState, in policyInput) error {
		if in.RootID != rootID {
			return refuse(http.StatusBadRequest, "RootNotFoundException", "You specified a root that doesn't exist: %s", in.RootID)
		}
		if err := checkPolicyType("PolicyType", in.PolicyType); err != nil {
			return err
		}
		switch {
		case enabled == slices.Contains(o.Types, in.PolicyType) && enabled:
			return refuse(http.StatusBadRequest, "PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled in the specified root.")
		case enabled:
			o.Types = append(o.Types, in.PolicyType)
		case !slices.Contains(o.Types, in.PolicyType):
			return refuse(http.StatusBadRequest, "PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this root.")
		default:
			o.disable(in.PolicyType)
		}
		root = c.showRoot(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return struct{ Root rootJSON }{root}, nil
}

func (o *organizationState) disable(kind string) {
	o.Types = slices.DeleteFunc(o.Types, func(t string) bool { return t == kind })
	for target, ids := range o.Attached {
		o.Attached[target] = slices.DeleteFunc(ids, func(id string) bool {
			p := o.find(id)
			return p == nil || p.Type == kind
		})
	}
	if kind == serviceControl {
		o.Closed = map[string]struct{}{}
	}
}

// checkControlPolicy refuses what Organizations would not store. An RCP only denies, and everyone
// (Organizations User Guide, "RCP syntax").
func checkControlPolicy(kind, content string) error {
	if len(content) > maxControlPolicy {
		return constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum length of a policy.")
	}
	malformed := refuse(http.StatusBadRequest, "MalformedPolicyDocumentException", "The provided policy document does not meet the requirements of the specified policy type.")
	if !json.Valid([]byte(content)) {
		return malformed
	}
	doc, err := policy.Parse([]byte(content))
	if err != nil {
		return malformed
	}
	for _, s := range doc.Statements {
		isRCP := kind == resourceControl
		if s.NotPrincipal != nil || (s.Principal != nil) != isRCP || s.Resource == nil && s.NotResource == nil {
			return malformed
		}
		if isRCP && (s.Effect != policy.Deny || !everyone(s.Principal)) {
			return malformed
		}
	}
	return nil
}

// everyone says whether a principal is "*".
func everyone(p *policy.PrincipalElement) bool {
	return len(p.Entries) == 1 && p.Entries[0].ID.Text == "*" && !p.Entries[0].Kind.Present()
}
