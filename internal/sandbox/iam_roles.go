package sandbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
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
		if _, err := a.attachable(in.Boundary); err != nil {
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
		if _, err := a.attachable(arn); err != nil {
			return err
		}
	}
	r.Boundary = arn
	a.touch()
	return nil
}

// onRole is an operation on the role that the request names.
func onRole(run func(c *call, name string) (any, error)) operation {
	return operation{
		run: func(c *call) (any, error) { return run(c, c.get("RoleName")) },
		resource: func(c *call) string {
			name, path := c.get("RoleName"), c.get("Path")
			if path == "" {
				path = "/"
			}
			return "arn:" + c.partition() + ":iam::" + c.caller.Account + ":role" + path + name
		},
	}
}

func roleOperations() map[string]operation {
	return map[string]operation{
		"CreateRole": onRole(createRoleCall),
		"GetRole":    onRole(getRole),
		"ListRoles":  {run: listRoles},
		"DeleteRole": onRole(func(c *call, name string) (any, error) { return nil, c.acct.deleteRole(name) }),
		"UpdateRole": onRole(updateRoleCall),
		"UpdateAssumeRolePolicy": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.setTrust(name, c.get("PolicyDocument"))
		}),
		"TagRole":                    onRole(tagRole),
		"UntagRole":                  onRole(untagRole),
		"ListRoleTags":               onRole(listRoleTags),
		"PutRolePermissionsBoundary": onRole(putBoundary),
		"DeleteRolePermissionsBoundary": onRole(func(c *call, name string) (any, error) {
			return nil, c.acct.setBoundary(name, "")
		}),
		"ListInstanceProfilesForRole": onRole(listInstanceProfiles),
	}
}

// boundaryXML is a permissions boundary in an answer.
type boundaryXML struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

// roleXML is a role in an answer.
type roleXML struct {
	Path                     string
	RoleName                 string
	RoleId                   string //nolint:revive // AWS spells the element so
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string
	Description              string       `xml:",omitempty"`
	MaxSessionDuration       int          `xml:",omitempty"`
	PermissionsBoundary      *boundaryXML `xml:",omitempty"`
	Tags                     *members[tag]
	RoleLastUsed             *struct{}
}

// showRole is a role as GetRole shows it.
func (a *account) showRole(r *role) roleXML {
	x := a.listedRole(r)
	if r.Boundary != "" {
		x.PermissionsBoundary = &boundaryXML{"Policy", r.Boundary}
	}
	tags := listOf(r.Tags)
	x.Tags = &tags
	x.RoleLastUsed = &struct{}{}
	return x
}

// listedRole is a role as ListRoles shows it: without tags, boundary and last use.
func (a *account) listedRole(r *role) roleXML {
	return roleXML{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: a.roleARN(r), CreateDate: instant(r.Created),
		AssumeRolePolicyDocument: encodeDocument(r.Trust), Description: r.Description, MaxSessionDuration: r.MaxSession,
	}
}

// encodeDocument writes a policy document as IAM answers it: URL-encoded by RFC 3986.
func encodeDocument(doc string) string {
	return strings.ReplaceAll(url.QueryEscape(doc), "+", "%20")
}

func createRoleCall(c *call, name string) (any, error) {
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	maxSession, err := c.seconds("MaxSessionDuration")
	if err != nil {
		return nil, err
	}
	r, err := c.acct.createRole(roleInput{
		Name: name, Path: c.get("Path"), Description: c.get("Description"), Trust: c.get("AssumeRolePolicyDocument"),
		Boundary: c.get("PermissionsBoundary"), MaxSession: maxSession, Tags: tags,
	})
	if err != nil {
		return nil, err
	}
	return struct{ Role roleXML }{c.acct.showRole(r)}, nil
}

// seconds reads an optional number parameter.
func (c *call) seconds(name string) (int, error) {
	text := c.get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, validationError("%s is no number: %s", name, text)
	}
	return n, nil
}

func getRole(c *call, name string) (any, error) {
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	return struct{ Role roleXML }{c.acct.showRole(r)}, nil
}

func listRoles(c *call) (any, error) {
	var shown []roleXML
	for _, r := range sorted(c.acct.state.Roles) {
		if strings.HasPrefix(r.Path, c.get("PathPrefix")) {
			shown = append(shown, c.acct.listedRole(r))
		}
	}
	items, truncated, marker, err := page(c, shown)
	return struct {
		Roles       members[roleXML]
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

func updateRoleCall(c *call, name string) (any, error) {
	maxSession, err := c.seconds("MaxSessionDuration")
	if err != nil {
		return nil, err
	}
	var description *string
	if c.has("Description") {
		text := c.get("Description")
		description = &text
	}
	return struct{}{}, c.acct.updateRole(name, description, maxSession)
}

func tagRole(c *call, name string) (any, error) {
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	added, err := c.tags()
	if err != nil {
		return nil, err
	}
	merged, err := mergeTags(r.Tags, added)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setRoleTags(name, merged)
}

func untagRole(c *call, name string) (any, error) {
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setRoleTags(name, withoutTags(r.Tags, c.list("TagKeys")))
}

func listRoleTags(c *call, name string) (any, error) {
	r, err := c.acct.role(name)
	if err != nil {
		return nil, err
	}
	items, truncated, marker, err := page(c, r.Tags)
	return struct {
		Tags        members[tag]
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

func putBoundary(c *call, name string) (any, error) {
	arn, err := c.need("PermissionsBoundary")
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setBoundary(name, arn)
}

// listInstanceProfiles answers that there are none: terraform asks before it deletes a role,
// and the sandbox has no EC2 that could use one.
func listInstanceProfiles(c *call, name string) (any, error) {
	if _, err := c.acct.role(name); err != nil {
		return nil, err
	}
	return struct {
		InstanceProfiles members[struct{}]
		IsTruncated      bool
	}{}, nil
}
