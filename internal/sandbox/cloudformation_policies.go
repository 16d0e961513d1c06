package sandbox

import (
	"errors"
	"slices"
)

const (
	managedPolicyType = "AWS::IAM::ManagedPolicy"
	inlinePolicyType  = "AWS::IAM::Policy"
)

// managedPolicyHandler is AWS::IAM::ManagedPolicy. It attaches to roles only: the sandbox has
// no users and groups.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
func managedPolicyHandler() handler {
	return handler{
		properties: []string{"Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"},
		required:   []string{"PolicyDocument"},
		replaces:   []string{"Description", "ManagedPolicyName", "Path"},
		attributes: []string{"PolicyArn", "PolicyId"},
		identifier: "PolicyArn",
		create:     createManagedPolicyResource,
		update:     updateManagedPolicyResource,
		remove:     removeManagedPolicyResource,
		adopt: func(h *handling, arn string) error {
			p, err := h.acct.ownPolicy(arn)
			if err == nil {
				h.adoptManagedPolicy(p)
			}
			return err
		},
		takeOver: (*handling).takeOverManagedPolicy,
		read:     readManagedPolicyResource,
	}
}

// rolesOnly refuses what a policy would be attached to and nobody here can have.
func (h *handling) rolesOnly() error {
	if len(h.texts("Users"))+len(h.texts("Groups")) > 0 {
		return invalidInput("The sandbox has no IAM users and groups: attach the policy to roles")
	}
	return nil
}

func createManagedPolicyResource(h *handling) error {
	if err := h.rolesOnly(); err != nil {
		return err
	}
	name, path := h.text("ManagedPolicyName"), h.text("Path")
	if name == "" {
		name = h.physicalName(128)
	}
	if path == "" {
		path = "/"
	}
	if err := h.may("iam:CreatePolicy", h.acct.arn("iam", "", "policy"+path+name)); err != nil {
		return err
	}
	p, err := h.acct.createPolicy(name, path, h.text("Description"), documentText(h.props["PolicyDocument"]), nil)
	if err != nil {
		return err
	}
	h.adoptManagedPolicy(p)
	return h.attachTo(h.texts("Roles"))
}

func (h *handling) adoptManagedPolicy(p *managedPolicy) {
	arn := h.acct.policyARN(p)
	h.res.PhysicalID = arn
	h.res.Attributes = map[string]string{"PolicyArn": arn, "PolicyId": p.ID}
}

// attachTo brings the roles that the stack attached the policy to, to those wanted.
func (h *handling) attachTo(roles []string) error {
	arn := h.res.PhysicalID
	for _, name := range missingFrom(roles, h.res.Owns.Roles) {
		if err := h.may("iam:DetachRolePolicy", h.acct.arn("iam", "", "role/"+name)); err != nil {
			return err
		}
		if err := ignoreGone(h.acct.detachRolePolicy(name, arn)); err != nil {
			return err
		}
	}
	for _, name := range missingFrom(h.res.Owns.Roles, roles) {
		if err := h.may("iam:AttachRolePolicy", h.acct.arn("iam", "", "role/"+name)); err != nil {
			return err
		}
		if err := h.acct.attachRolePolicy(name, arn); err != nil {
			return err
		}
	}
	h.res.Owns.Roles = roles
	return nil
}

func updateManagedPolicyResource(h *handling) error {
	if err := h.rolesOnly(); err != nil {
		return err
	}
	arn := h.res.PhysicalID
	p, err := h.acct.ownPolicy(arn)
	if err != nil {
		return err
	}
	if document := documentText(h.props["PolicyDocument"]); document != p.document() {
		if err := h.may("iam:CreatePolicyVersion", arn); err != nil {
			return err
		}
		if len(p.Versions) >= quotaVersions { // make room as CloudFormation does: the oldest goes
			oldest := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.ID != p.Default })
			if err := h.acct.deletePolicyVersion(arn, p.Versions[oldest].ID); err != nil {
				return err
			}
		}
		if _, err := h.acct.createPolicyVersion(arn, document, true); err != nil {
			return err
		}
	}
	return h.attachTo(h.texts("Roles"))
}

func removeManagedPolicyResource(h *handling) error {
	if err := h.attachTo(nil); err != nil {
		return err
	}
	arn := h.res.PhysicalID
	p, err := h.acct.ownPolicy(arn)
	if err != nil {
		return err
	}
	if err := h.may("iam:DeletePolicy", arn); err != nil {
		return err
	}
	for _, v := range slices.Clone(p.Versions) {
		if v.ID != p.Default {
			if err := h.acct.deletePolicyVersion(arn, v.ID); err != nil {
				return err
			}
		}
	}
	return h.acct.deletePolicy(arn)
}

func readManagedPolicyResource(a *account, res *stackResource) map[string]any {
	p, ok := a.managed(res.PhysicalID)
	if !ok {
		return nil
	}
	var roles []string
	for _, r := range sorted(a.state.Roles) {
		if slices.Contains(r.Attached, res.PhysicalID) {
			roles = append(roles, r.Name)
		}
	}
	return map[string]any{
		"ManagedPolicyName": p.Name, "Path": p.Path, "Description": p.Description, "PolicyDocument": p.document(), "Roles": texts(roles),
	}
}

// inlinePolicyHandler is AWS::IAM::Policy: an inline policy of roles.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
func inlinePolicyHandler() handler {
	return handler{
		properties: []string{"Groups", "PolicyDocument", "PolicyName", "Roles", "Users"},
		required:   []string{"PolicyDocument", "PolicyName"},
		attributes: []string{"Id"},
		create:     putInlinePolicyResource,
		update:     putInlinePolicyResource,
		remove:     removeInlinePolicyResource,
		read:       readInlinePolicyResource,
	}
}

// putInlinePolicyResource puts the policy onto its roles and takes it off those it has left.
func putInlinePolicyResource(h *handling) error {
	if err := h.rolesOnly(); err != nil {
		return err
	}
	name, roles, old := h.text("PolicyName"), h.texts("Roles"), h.res.Owns
	if len(roles) == 0 {
		return validationError("At least one of [Groups,Roles,Users] must be non-empty.")
	}
	if h.res.PhysicalID == "" {
		h.res.PhysicalID = h.physicalName(128)
		h.res.Attributes = map[string]string{"Id": h.res.PhysicalID}
	}
	for _, r := range roles {
		if err := h.may("iam:PutRolePolicy", h.acct.arn("iam", "", "role/"+r)); err != nil {
			return err
		}
		if err := h.acct.putRolePolicy(r, name, documentText(h.props["PolicyDocument"])); err != nil {
			return err
		}
	}
	h.res.Owns = owned{Inline: []string{name}, Roles: roles}
	gone := old.Roles
	if slices.Equal(old.Inline, h.res.Owns.Inline) {
		gone = missingFrom(roles, old.Roles)
	}
	return h.dropInline(gone, old.Inline)
}

func (h *handling) dropInline(roles, names []string) error {
	for _, r := range roles {
		for _, name := range names {
			if err := h.may("iam:DeleteRolePolicy", h.acct.arn("iam", "", "role/"+r)); err != nil {
				return err
			}
			if err := ignoreGone(h.acct.deleteRolePolicy(r, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeInlinePolicyResource(h *handling) error {
	return h.dropInline(h.res.Owns.Roles, h.res.Owns.Inline)
}

func readInlinePolicyResource(a *account, res *stackResource) map[string]any {
	var roles []string
	document := ""
	for _, name := range res.Owns.Roles {
		for _, inline := range res.Owns.Inline {
			if r, err := a.inlineHolder(name, inline); err == nil {
				roles, document = append(roles, r.Name), r.Inline[inline]
			}
		}
	}
	if roles == nil {
		return nil
	}
	return map[string]any{"PolicyName": res.Owns.Inline[0], "PolicyDocument": document, "Roles": texts(roles)}
}

func isNoSuchEntity(err error) bool {
	refusal, ok := errors.AsType[*apiError](err)
	return ok && refusal.Code == "NoSuchEntity"
}
