package sandbox

import (
	"slices"
	"time"
)

// role is an IAM role.
type role struct {
	Name        string            `json:"name"`
	Path        string            `json:"path"`
	ID          string            `json:"id"`
	Created     time.Time         `json:"created"`
	Description string            `json:"description,omitempty"`
	Trust       string            `json:"trust"`              // the trust policy as it was given
	MaxSession  int               `json:"max_session"`        // seconds
	Boundary    string            `json:"boundary,omitempty"` // ARN of the permissions boundary
	Tags        []tag             `json:"tags,omitempty"`
	Inline      map[string]string `json:"inline,omitempty"`   // policy documents by policy name
	Attached    []string          `json:"attached,omitempty"` // ARNs of managed policies

	// Used is when a token was last exchanged for a session, in the Region UsedIn.
	Used   time.Time `json:"used,omitzero"`
	UsedIn string    `json:"used_in,omitempty"`
}

// roleInput is what a role is made of.
type roleInput struct {
	Name, Path, Description, Trust, Boundary string
	MaxSession                               int // seconds; 0 is the default of an hour
	Tags                                     []tag
}

const (
	defaultMaxSession = 3600
	maxMaxSession     = 43200
)

func (a *account) roleARN(r *role) string { return a.arn("iam", "", "role"+r.Path+r.Name) }

// role finds a role by name.
func (a *account) role(name string) (*role, error) {
	if name == "" {
		return nil, missing("roleName")
	}
	if r := a.state.Roles[nameKey(name)]; r != nil {
		return r, nil
	}
	return nil, noSuchEntity("The role with name %s cannot be found.", name)
}

// createRole makes a role.
func (a *account) createRole(in roleInput) (*role, error) {
	if err := checkName("roleName", in.Name, 64); err != nil {
		return nil, err
	}
	path, err := checkPath(in.Path)
	if err != nil {
		return nil, err
	}
	if err := checkMaxSession(in.MaxSession); err != nil {
		return nil, err
	}
	if err := checkTrust(in.Trust); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if in.Boundary != "" {
		if err := a.attachable(in.Boundary); err != nil {
			return nil, err
		}
	}
	if a.state.Roles[nameKey(in.Name)] != nil {
		return nil, alreadyExists("Role with name %s already exists.", in.Name)
	}
	if len(a.state.Roles) >= quotaRoles {
		return nil, limitExceeded("Cannot exceed quota for RolesPerAccount: %d", quotaRoles)
	}
	r := &role{
		Name: in.Name, Path: path, ID: a.uniqueID("AROA"), Created: a.now.UTC(), Description: in.Description, Trust: in.Trust,
		MaxSession: in.MaxSession, Boundary: in.Boundary, Tags: slices.Clone(in.Tags), Inline: map[string]string{},
	}
	if r.MaxSession == 0 {
		r.MaxSession = defaultMaxSession
	}
	a.state.Roles[nameKey(r.Name)] = r
	a.touch()
	return r, nil
}

func checkMaxSession(seconds int) error {
	if seconds != 0 && (seconds < defaultMaxSession || seconds > maxMaxSession) {
		return validationError("1 validation error detected: Value '%d' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between %d and %d",
			seconds, defaultMaxSession, maxMaxSession)
	}
	return nil
}

// deleteRole removes a role that has no policies left.
func (a *account) deleteRole(name string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if len(r.Attached) > 0 {
		return deleteConflict("Cannot delete entity, must detach all policies first.")
	}
	if len(r.Inline) > 0 {
		return deleteConflict("Cannot delete entity, must delete policies first.")
	}
	delete(a.state.Roles, nameKey(name))
	a.touch()
	return nil
}

// setTrust replaces a role's trust policy.
func (a *account) setTrust(name, trust string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if err := checkTrust(trust); err != nil {
		return err
	}
	r.Trust = trust
	a.touch()
	return nil
}

// updateRole changes description and longest session; nil leaves the one, 0 the other as it is.
func (a *account) updateRole(name string, description *string, maxSession int) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if err := checkMaxSession(maxSession); err != nil {
		return err
	}
	if description != nil {
		r.Description = *description
	}
	if maxSession != 0 {
		r.MaxSession = maxSession
	}
	a.touch()
	return nil
}

// setRoleTags replaces a role's tags, as CloudFormation does.
func (a *account) setRoleTags(name string, tags []tag) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	r.Tags = slices.Clone(tags)
	a.touch()
	return nil
}

// setBoundary sets a role's permissions boundary; an empty ARN removes it.
func (a *account) setBoundary(name, arn string) error {
	r, err := a.role(name)
	if err != nil {
		return err
	}
	if arn != "" {
		if err := a.attachable(arn); err != nil {
			return err
		}
	}
	r.Boundary = arn
	a.touch()
	return nil
}
