package sandbox

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const roleType = "AWS::IAM::Role"

// roleHandler is AWS::IAM::Role.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
func roleHandler() handler {
	return handler{
		properties: []string{
			"AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
			"PermissionsBoundary", "Policies", "RoleName", "Tags",
		},
		required:   []string{"AssumeRolePolicyDocument"},
		replaces:   []string{"Path", "RoleName"},
		attributes: []string{"Arn", "RoleId"},
		identifier: "RoleName",
		tagged:     true,
		create:     createRoleResource,
		update:     updateRoleResource,
		remove:     removeRoleResource,
		adopt:      adoptRoleResource,
		takeOver:   (*handling).takeOverRole,
		read:       readRoleResource,
	}
}

func createRoleResource(h *handling) error {
	in := roleInput{
		Name: h.text("RoleName"), Path: h.text("Path"), Description: h.text("Description"), Boundary: h.text("PermissionsBoundary"),
		Trust: documentText(h.props["AssumeRolePolicyDocument"]), Tags: h.tags(),
	}
	if in.Name == "" {
		in.Name = h.physicalName(64)
	}
	if in.Path == "" {
		in.Path = "/"
	}
	var err error
	if in.MaxSession, err = h.number("MaxSessionDuration"); err != nil {
		return err
	}
	arn := h.acct.arn("iam", "", "role"+in.Path+in.Name)
	if err := h.may("iam:CreateRole", arn); err != nil {
		return err
	}
	if len(in.Tags) > 0 {
		if err := h.may("iam:TagRole", arn); err != nil {
			return err
		}
	}
	r, err := h.acct.createRole(in)
	if err != nil {
		return err
	}
	h.adoptRole(r)
	return h.setRolePolicies(r)
}

// adoptRoleResource takes hold of a role and of those of its policies that the template has too.
func adoptRoleResource(h *handling, name string) error {
	r, err := h.acct.role(name)
	if err != nil {
		return err
	}
	h.adoptRole(r)
	for _, arn := range h.texts("ManagedPolicyArns") {
		if slices.Contains(r.Attached, arn) {
			h.res.Owns.Policies = append(h.res.Owns.Policies, arn)
		}
	}
	for policyName := range inlinePolicies(h.props["Policies"]) {
		if _, ok := r.Inline[policyName]; ok {
			h.res.Owns.Inline = append(h.res.Owns.Inline, policyName)
		}
	}
	return nil
}

// adoptRole makes r the resource. What the stack owns on it is noted as it is put there.
func (h *handling) adoptRole(r *role) {
	h.res.PhysicalID = r.Name
	h.res.Attributes = map[string]string{"Arn": h.acct.roleARN(r), "RoleId": r.ID}
	h.res.Owns = owned{Tags: tagKeys(h.tags())}
}

// setRolePolicies brings the stack's policies of a role to what the template says; what it
// does not know of stays. Each step is noted in Owns at once, so that a rollback after
// a failure in between takes off what was put on.
func (h *handling) setRolePolicies(r *role) error {
	arn, owns := h.acct.roleARN(r), &h.res.Owns
	wanted := h.texts("ManagedPolicyArns")
	if err := h.each(missingFrom(wanted, owns.Policies), "iam:DetachRolePolicy", arn, func(p string) error {
		owns.Policies = without(owns.Policies, p)
		return ignoreGone(h.acct.detachRolePolicy(r.Name, p))
	}); err != nil {
		return err
	}
	if err := h.each(missingFrom(owns.Policies, wanted), "iam:AttachRolePolicy", arn, func(p string) error {
		if err := h.acct.attachRolePolicy(r.Name, p); err != nil {
			return err
		}
		owns.Policies = append(slices.Clone(owns.Policies), p)
		return nil
	}); err != nil {
		return err
	}

	inline := inlinePolicies(h.props["Policies"])
	names := slices.Sorted(maps.Keys(inline))
	if err := h.each(missingFrom(names, owns.Inline), "iam:DeleteRolePolicy", arn, func(p string) error {
		owns.Inline = without(owns.Inline, p)
		return ignoreGone(h.acct.deleteRolePolicy(r.Name, p))
	}); err != nil {
		return err
	}
	changed := slices.DeleteFunc(names, func(p string) bool { return r.Inline[p] == inline[p] })
	return h.each(changed, "iam:PutRolePolicy", arn, func(p string) error {
		if err := h.acct.putRolePolicy(r.Name, p, inline[p]); err != nil {
			return err
		}
		owns.Inline = append(without(owns.Inline, p), p)
		return nil
	})
}

// ignoreGone drops the error of removing what is not there any more.
func ignoreGone(err error) error {
	if isNoSuchEntity(err) {
		return nil
	}
	return err
}

// without returns list without item; list itself is left alone.
func without(list []string, item string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == item })
}

// inlinePolicies returns the documents of the property Policies by name.
func inlinePolicies(v any) map[string]string {
	out := map[string]string{}
	items, _ := v.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			name, _ := scalarText(m["PolicyName"])
			out[name] = documentText(m["PolicyDocument"])
		}
	}
	return out
}

func updateRoleResource(h *handling) error {
	r, err := h.acct.role(h.res.PhysicalID)
	if err != nil {
		return err
	}
	arn := h.acct.roleARN(r)
	if trust := documentText(h.props["AssumeRolePolicyDocument"]); trust != r.Trust {
		if err := h.may("iam:UpdateAssumeRolePolicy", arn); err != nil {
			return err
		}
		if err := h.acct.setTrust(r.Name, trust); err != nil {
			return err
		}
	}
	if err := h.updateRoleSettings(r, arn); err != nil {
		return err
	}
	if boundary := h.text("PermissionsBoundary"); boundary != r.Boundary {
		action := "iam:PutRolePermissionsBoundary"
		if boundary == "" {
			action = "iam:DeleteRolePermissionsBoundary"
		}
		if err := h.may(action, arn); err != nil {
			return err
		}
		if err := h.acct.setBoundary(r.Name, boundary); err != nil {
			return err
		}
	}
	tags, err := retag(r.Tags, h.res.Owns.Tags, h.tags())
	if err != nil {
		return err
	}
	if !sameTags(tags, r.Tags) {
		if err := h.may("iam:TagRole", arn); err != nil {
			return err
		}
		if err := h.acct.setRoleTags(r.Name, tags); err != nil {
			return err
		}
	}
	h.res.Owns.Tags = tagKeys(h.tags())
	return h.setRolePolicies(r)
}

// updateRoleSettings sets description and longest session; without one in the template the
// role gets IAM's default back.
func (h *handling) updateRoleSettings(r *role, arn string) error {
	description := h.text("Description")
	maxSession, err := h.number("MaxSessionDuration")
	if err != nil {
		return err
	}
	if maxSession == 0 {
		maxSession = defaultMaxSession
	}
	if description == r.Description && maxSession == r.MaxSession {
		return nil
	}
	if err := h.may("iam:UpdateRole", arn); err != nil {
		return err
	}
	return h.acct.updateRole(r.Name, &description, maxSession)
}

// removeRoleResource takes off what the stack put on the role and deletes it. Policies that
// somebody else attached keep the role alive: IAM refuses.
func removeRoleResource(h *handling) error {
	r, err := h.acct.role(h.res.PhysicalID)
	if err != nil {
		return err
	}
	arn := h.acct.roleARN(r)
	attached := slices.DeleteFunc(slices.Clone(h.res.Owns.Policies), func(p string) bool { return !slices.Contains(r.Attached, p) })
	if err := h.each(attached, "iam:DetachRolePolicy", arn, func(p string) error {
		return h.acct.detachRolePolicy(r.Name, p)
	}); err != nil {
		return err
	}
	inline := slices.DeleteFunc(slices.Clone(h.res.Owns.Inline), func(p string) bool { _, ok := r.Inline[p]; return !ok })
	if err := h.each(inline, "iam:DeleteRolePolicy", arn, func(p string) error {
		return h.acct.deleteRolePolicy(r.Name, p)
	}); err != nil {
		return err
	}
	if err := h.may("iam:DeleteRole", arn); err != nil {
		return err
	}
	return h.acct.deleteRole(r.Name)
}

func readRoleResource(a *account, res *stackResource) map[string]any {
	r, err := a.role(res.PhysicalID)
	if err != nil {
		return nil
	}
	inline := []any{}
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		inline = append(inline, map[string]any{"PolicyName": name, "PolicyDocument": r.Inline[name]})
	}
	props := map[string]any{
		"RoleName": r.Name, "Path": r.Path, "Description": r.Description, "AssumeRolePolicyDocument": r.Trust,
		"ManagedPolicyArns": texts(r.Attached), "MaxSessionDuration": strconv.Itoa(r.MaxSession), "Policies": inline, "Tags": tagValues(r.Tags),
	}
	if r.Boundary != "" {
		props["PermissionsBoundary"] = r.Boundary
	}
	return props
}

// physicalName makes a name for a resource that the template gives none: stack, logical id
// and twelve random characters, as CloudFormation does.
func (h *handling) physicalName(longest int) string {
	suffix := strings.ToUpper(strings.ReplaceAll(h.acct.uuid("name"), "-", ""))[:12]
	head := h.stack.Name + "-" + h.res.LogicalID
	return head[:min(len(head), longest-len(suffix)-1)] + "-" + suffix
}

// missingFrom returns the members of wanted that have lacks.
func missingFrom(have, wanted []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return slices.Contains(have, s) })
}

func sameTags(a, b []tag) bool {
	byKey := func(x, y tag) int { return strings.Compare(x.Key, y.Key) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byKey), slices.SortedFunc(slices.Values(b), byKey))
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, t := range list {
		out[i] = t
	}
	return out
}

func tagValues(tags []tag) []any {
	out := make([]any, len(tags))
	for i, t := range tags {
		out[i] = map[string]any{"Key": t.Key, "Value": t.Value}
	}
	return out
}
