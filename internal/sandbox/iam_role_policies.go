package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// putRolePolicy sets an inline policy of a role.
func (a *account) putRolePolicy(name, policyName, document string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if err := checkName("policyName", policyName, 128); err != nil {
		return err
	}
	if err := checkPermissions(document); err != nil {
		return err
	}
	size := documentSize(document)
	for other, doc := range r.Inline {
		if other != policyName {
			size += documentSize(doc)
		}
	}
	if size > quotaInline {
		return limitExceeded("Maximum policy size of %d bytes exceeded for role %s", quotaInline, r.Name)
	}
	if r.Inline == nil {
		r.Inline = map[string]string{}
	}
	r.Inline[policyName] = document
	a.touch()
	return nil
}

// deleteRolePolicy removes an inline policy.
func (a *account) deleteRolePolicy(name, policyName string) error {
	r, err := a.inlineHolder(name, policyName)
	if err != nil {
		return err
	}
	delete(r.Inline, policyName)
	a.touch()
	return nil
}

// inlineHolder finds a role that has the named inline policy.
func (a *account) inlineHolder(name, policyName string) (*role, error) {
	r, err := a.role(name)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Inline[policyName]; !ok {
		return nil, noSuchEntity("The role policy with name %s cannot be found.", policyName)
	}
	return r, nil
}

// attachRolePolicy attaches a managed policy; one that is attached already is no error.
func (a *account) attachRolePolicy(name, arn string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if err := a.attachable(arn); err != nil {
		return err
	}
	if slices.Contains(r.Attached, arn) {
		return nil
	}
	if len(r.Attached) >= quotaAttached {
		return limitExceeded("Cannot exceed quota for PoliciesPerRole: %d", quotaAttached)
	}
	r.Attached = append(r.Attached, arn)
	a.touch()
	return nil
}

// detachRolePolicy detaches a managed policy.
func (a *account) detachRolePolicy(name, arn string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	i := slices.Index(r.Attached, arn)
	if i < 0 {
		return noSuchEntity("Policy %s was not found.", arn)
	}
	r.Attached = slices.Delete(r.Attached, i, i+1)
	a.touch()
	return nil
}

func rolePolicyOperations() map[string]operation {
	return map[string]operation{
		"PutRolePolicy": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.putRolePolicy(name, c.get("PolicyName"), c.get("PolicyDocument"))
		}),
		"GetRolePolicy":    onRole(getRolePolicy),
		"ListRolePolicies": onRole(listRolePolicies),
		"DeleteRolePolicy": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.deleteRolePolicy(name, c.get("PolicyName"))
		}),
		"AttachRolePolicy": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.attachRolePolicy(name, c.get("PolicyArn"))
		}),
		"DetachRolePolicy": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.detachRolePolicy(name, c.get("PolicyArn"))
		}),
		"ListAttachedRolePolicies": onRole(listAttachedRolePolicies),
	}
}

func getRolePolicy(c *call, name string) (any, error) {
	policyName := c.get("PolicyName")
	r, err := c.acct.inlineHolder(name, policyName)
	if err != nil {
		return nil, err
	}
	return struct{ RoleName, PolicyName, PolicyDocument string }{r.Name, policyName, encodeDocument(r.Inline[policyName])}, nil
}

func listRolePolicies(c *call, name string) (any, error) {
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	items, truncated, marker, err := page(c, slices.Sorted(maps.Keys(r.Inline)))
	return struct {
		PolicyNames members[string]
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

func listAttachedRolePolicies(c *call, name string) (any, error) {
	type attached struct{ PolicyName, PolicyArn string }
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	var all []attached
	for _, arn := range r.Attached {
		all = append(all, attached{arn[strings.LastIndex(arn, "/")+1:], arn})
	}
	items, truncated, marker, err := page(c, all)
	return struct {
		AttachedPolicies members[attached]
		IsTruncated      bool
		Marker           string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}
