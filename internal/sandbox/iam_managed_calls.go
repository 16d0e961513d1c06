package sandbox

import (
	"slices"
	"strings"
)

// onPolicy is an operation on the policy that the request names.
func onPolicy(run func(c *call, arn string) (any, error)) operation {
	return operation{
		run:      func(c *call) (any, error) { return run(c, c.get("PolicyArn")) },
		resource: func(c *call) string { return c.get("PolicyArn") },
	}
}

func managedPolicyOperations() map[string]operation {
	return map[string]operation{
		"CreatePolicy": {run: createPolicyCall, resource: func(c *call) string {
			path, _ := checkPath(c.get("Path")) // an invalid path is refused by the operation itself
			return "arn:" + c.partition() + ":iam::" + c.caller.Account + ":policy" + path + c.get("PolicyName")
		}},
		"GetPolicy":    onPolicy(getPolicy),
		"ListPolicies": {run: listPolicies},
		"DeletePolicy": onPolicy(func(c *call, arn string) (any, error) { return nil, c.acct.deletePolicy(arn) }),
		"CreatePolicyVersion": onPolicy(func(c *call, arn string) (any, error) {
			inForce := c.get("SetAsDefault") == "true"
			v, err := c.acct.createPolicyVersion(arn, c.get("PolicyDocument"), inForce)
			return struct{ PolicyVersion versionXML }{showVersion(v, inForce, false)}, err
		}),
		"SetDefaultPolicyVersion": onPolicy(func(c *call, arn string) (any, error) {
			return nil, c.acct.setDefaultVersion(arn, c.get("VersionId"))
		}),
		"DeletePolicyVersion": onPolicy(func(c *call, arn string) (any, error) {
			return nil, c.acct.deletePolicyVersion(arn, c.get("VersionId"))
		}),
		"GetPolicyVersion":   onPolicy(getPolicyVersion),
		"ListPolicyVersions": onPolicy(listPolicyVersions),
		"TagPolicy":          onPolicy(tagPolicy),
		"UntagPolicy":        onPolicy(untagPolicy),
		"ListPolicyTags":     onPolicy(listPolicyTags),
	}
}

// readPolicy finds a policy that is to be shown.
func (a *account) readPolicy(arn string) (*managedPolicy, error) {
	if arn == "" {
		return nil, missing("policyArn")
	}
	if p, ok := a.managed(arn); ok {
		return p, nil
	}
	return nil, noSuchEntity("Policy %s was not found.", arn)
}

// policyXML is a managed policy in an answer.
type policyXML struct {
	PolicyName                    string
	PolicyId                      string //nolint:revive // AWS spells the element so
	Arn                           string
	Path                          string
	DefaultVersionId              string //nolint:revive // AWS spells the element so
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    string
	UpdateDate                    string
	Tags                          *members[tag]
}

func (a *account) showPolicy(p *managedPolicy, arn string) policyXML {
	attached, bounded := a.holders(arn)
	return policyXML{
		PolicyName: p.Name, PolicyId: p.ID, Arn: arn, Path: p.Path, DefaultVersionId: p.Default,
		AttachmentCount: attached, PermissionsBoundaryUsageCount: bounded, IsAttachable: true,
		CreateDate: instant(p.Created), UpdateDate: instant(p.Versions[len(p.Versions)-1].Created),
	}
}

func createPolicyCall(c *call) (any, error) {
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	p, err := c.acct.createPolicy(c.get("PolicyName"), c.get("Path"), c.get("Description"), c.get("PolicyDocument"), tags)
	if err != nil {
		return nil, err
	}
	x := c.acct.showPolicy(p, c.acct.policyARN(p))
	shown := listOf(p.Tags)
	x.Tags = &shown
	return struct{ Policy policyXML }{x}, nil
}

func getPolicy(c *call, arn string) (any, error) {
	p, err := c.acct.readPolicy(arn)
	if err != nil {
		return nil, err
	}
	x := c.acct.showPolicy(p, arn)
	x.Description = p.Description
	shown := listOf(p.Tags)
	x.Tags = &shown
	return struct{ Policy policyXML }{x}, nil
}

func listPolicies(c *call) (any, error) {
	var all []policyXML
	prefix := c.get("PathPrefix")
	add := func(p *managedPolicy, arn string) {
		if !strings.HasPrefix(p.Path, prefix) {
			return
		}
		x := c.acct.showPolicy(p, arn)
		if c.get("OnlyAttached") == "true" && x.AttachmentCount == 0 {
			return
		}
		all = append(all, x)
	}
	if c.get("Scope") != "AWS" {
		for _, p := range sorted(c.acct.state.Policies) {
			add(p, c.acct.policyARN(p))
		}
	}
	if c.get("Scope") != "Local" {
		for _, p := range sorted(awsPolicies) {
			add(p, "arn:"+c.acct.partition+":iam::aws:policy"+p.Path+p.Name)
		}
	}
	items, truncated, marker, err := page(c, all)
	return struct {
		Policies    members[policyXML]
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

// versionXML is a policy version in an answer.
type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionId        string //nolint:revive // AWS spells the element so
	IsDefaultVersion bool
	CreateDate       string
}

func showVersion(v policyVersion, isDefault, withDocument bool) versionXML {
	x := versionXML{VersionId: v.ID, IsDefaultVersion: isDefault, CreateDate: instant(v.Created)}
	if withDocument {
		x.Document = encodeDocument(v.Document)
	}
	return x
}

func getPolicyVersion(c *call, arn string) (any, error) {
	p, err := c.acct.readPolicy(arn)
	if err != nil {
		return nil, err
	}
	v, ok := p.version(c.get("VersionId"))
	if !ok {
		return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, c.get("VersionId"))
	}
	return struct{ PolicyVersion versionXML }{showVersion(v, v.ID == p.Default, true)}, nil
}

func listPolicyVersions(c *call, arn string) (any, error) {
	p, err := c.acct.readPolicy(arn)
	if err != nil {
		return nil, err
	}
	var all []versionXML
	for _, v := range slices.Backward(p.Versions) {
		all = append(all, showVersion(v, v.ID == p.Default, false))
	}
	items, truncated, marker, err := page(c, all)
	return struct {
		Versions    members[versionXML]
		IsTruncated bool
		Marker      string `xml:",omitempty"`
	}{listOf(items), truncated, marker}, err
}

func tagPolicy(c *call, arn string) (any, error) {
	p, err := c.acct.ownPolicy(arn)
	if err != nil {
		return nil, err
	}
	added, err := c.tags()
	if err != nil {
		return nil, err
	}
	merged, err := mergeTags(p.Tags, added)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setPolicyTags(p, merged)
}

func untagPolicy(c *call, arn string) (any, error) {
	p, err := c.acct.ownPolicy(arn)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setPolicyTags(p, withoutTags(p.Tags, c.list("TagKeys")))
}

func listPolicyTags(c *call, arn string) (any, error) {
	p, err := c.acct.readPolicy(arn)
	if err != nil {
		return nil, err
	}
	return struct {
		Tags        members[tag]
		IsTruncated bool
	}{listOf(p.Tags), false}, nil
}
