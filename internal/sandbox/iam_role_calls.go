package sandbox

import (
	"net/url"
	"strconv"
	"strings"
)

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
		"CreateRole":            onRole(createRoleCall),
		"GetRole":               onRole(getRole),
		"ListRoles":             {run: listRoles},
		"DeleteRole":            onRole(func(c *call, name string) (any, error) { return nil, c.acct.deleteRole(name) }),
		"UpdateRole":            onRole(updateRoleCall),
		"UpdateRoleDescription": onRole(updateRoleDescription),
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
	RoleLastUsed             *lastUsedXML
}

// lastUsedXML is a role's last use; without members for a role that was not used.
type lastUsedXML struct {
	LastUsedDate string `xml:",omitempty"`
	Region       string `xml:",omitempty"`
}

// showRole is a role as GetRole shows it.
func (a *account) showRole(r *role) roleXML {
	x := a.listedRole(r)
	if r.Boundary != "" {
		x.PermissionsBoundary = &boundaryXML{"Policy", r.Boundary}
	}
	tags := listOf(r.Tags)
	x.Tags = &tags
	x.RoleLastUsed = &lastUsedXML{}
	if !r.Used.IsZero() {
		x.RoleLastUsed = &lastUsedXML{instant(r.Used), r.UsedIn}
	}
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

// updateRoleDescription is the older form of UpdateRole, which terraform still uses.
func updateRoleDescription(c *call, name string) (any, error) {
	description := c.get("Description")
	if err := c.acct.updateRole(name, &description, 0); err != nil {
		return nil, err
	}
	return getRole(c, name)
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
