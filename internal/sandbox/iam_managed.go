package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// managedPolicy is a managed policy: the customer's own, or a stand-in for one of AWS's.
type managedPolicy struct {
	Name        string          `json:"name"`
	Path        string          `json:"path"`
	ID          string          `json:"id"`
	Description string          `json:"description,omitempty"`
	Created     time.Time       `json:"created"`
	Versions    []policyVersion `json:"versions"`
	Default     string          `json:"default"` // id of the version in force
	Serial      int             `json:"serial"`  // number of the latest version ever made
	Tags        []tag           `json:"tags,omitempty"`
}

// policyVersion is one version of a managed policy.
type policyVersion struct {
	ID       string    `json:"id"` // v1
	Document string    `json:"document"`
	Created  time.Time `json:"created"`
}

// version returns the version with the given id.
func (p *managedPolicy) version(id string) (policyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.ID == id })
	if i < 0 {
		return policyVersion{}, false
	}
	return p.Versions[i], true
}

// document is the policy in force.
func (p *managedPolicy) document() string {
	v, _ := p.version(p.Default) // the default version always exists: it cannot be deleted
	return v.Document
}

// policyARN is the ARN of a policy of the account.
func (a *account) policyARN(p *managedPolicy) string { return a.arn("iam", "", "policy"+p.Path+p.Name) }

// managed finds a policy by ARN, the account's own or AWS's.
func (a *account) managed(arn string) (*managedPolicy, bool) {
	if strings.HasPrefix(arn, "arn:"+a.partition+awsPolicyMark) {
		return standInOf(arn)
	}
	rest, ok := strings.CutPrefix(arn, a.arn("iam", "", "policy/"))
	if !ok {
		return nil, false
	}
	p := a.state.Policies[nameKey(rest[strings.LastIndex(rest, "/")+1:])]
	if p == nil || a.policyARN(p) != arn {
		return nil, false
	}
	return p, true
}

// awsPolicyMark is what tells the ARN of a policy that AWS manages.
const awsPolicyMark = ":iam::aws:policy/"

// standInOf finds the stand-in for a policy of AWS, whatever the partition of its ARN.
func standInOf(arn string) (*managedPolicy, bool) {
	_, path, ok := strings.Cut(arn, awsPolicyMark)
	if !ok {
		return nil, false
	}
	p, ok := awsPolicies["/"+path]
	return p, ok
}

// attachable refuses an ARN that no policy has which could be attached or be a boundary.
func (a *account) attachable(arn string) error {
	if arn == "" {
		return missing("policyArn")
	}
	if _, ok := a.managed(arn); ok {
		return nil
	}
	if strings.Contains(arn, awsPolicyMark) {
		return noSuchEntity("Policy %s does not exist or is not attachable. (The sandbox has stand-ins for a few of AWS's policies only; see docs/sandbox.md.)", arn)
	}
	return noSuchEntity("Policy %s does not exist or is not attachable.", arn)
}

// createPolicy makes a customer-managed policy.
func (a *account) createPolicy(name, path, description, document string, tags []tag) (*managedPolicy, error) {
	if err := checkName("policyName", name, 128); err != nil {
		return nil, err
	}
	path, err := checkPath(path)
	if err != nil {
		return nil, err
	}
	if err := checkManagedDocument(document); err != nil {
		return nil, err
	}
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	if a.state.Policies[nameKey(name)] != nil {
		return nil, alreadyExists("A policy called %s already exists. Duplicate names are not allowed.", name)
	}
	if len(a.state.Policies) >= quotaPolicies {
		return nil, limitExceeded("Cannot exceed quota for PoliciesPerAccount: %d", quotaPolicies)
	}
	p := &managedPolicy{
		Name: name, Path: path, ID: a.uniqueID("ANPA"), Description: description, Created: a.now.UTC(), Tags: slices.Clone(tags),
		Versions: []policyVersion{{ID: "v1", Document: document, Created: a.now.UTC()}}, Default: "v1", Serial: 1,
	}
	a.state.Policies[nameKey(name)] = p
	a.touch()
	return p, nil
}

func checkManagedDocument(document string) error {
	if err := checkPermissions(document); err != nil {
		return err
	}
	if documentSize(document) > quotaManagedPolicy {
		return limitExceeded("Cannot exceed quota for PolicySize: %d", quotaManagedPolicy)
	}
	return nil
}

// ownPolicy finds a policy that the account may change.
func (a *account) ownPolicy(arn string) (*managedPolicy, error) {
	if arn == "" {
		return nil, missing("policyArn")
	}
	p, ok := a.managed(arn)
	if !ok {
		return nil, noSuchEntity("Policy %s was not found.", arn)
	}
	if strings.Contains(arn, awsPolicyMark) {
		return nil, accessDenied("Cannot change the AWS-managed policy %s.", arn)
	}
	return p, nil
}

// holders counts the roles that a policy is attached to, and those that it bounds.
func (a *account) holders(arn string) (attached, bounded int) {
	for _, r := range a.state.Roles {
		if slices.Contains(r.Attached, arn) {
			attached++
		}
		if r.Boundary == arn {
			bounded++
		}
	}
	return attached, bounded
}

// deletePolicy removes a customer-managed policy that nothing uses.
func (a *account) deletePolicy(arn string) error {
	p, err := a.ownPolicy(arn)
	if err != nil {
		return err
	}
	if attached, bounded := a.holders(arn); attached+bounded > 0 {
		return deleteConflict("Cannot delete a policy attached to entities.")
	}
	if len(p.Versions) > 1 {
		return deleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	delete(a.state.Policies, nameKey(p.Name))
	a.touch()
	return nil
}

// createPolicyVersion adds a version.
func (a *account) createPolicyVersion(arn, document string, setDefault bool) (policyVersion, error) {
	p, err := a.ownPolicy(arn)
	if err != nil {
		return policyVersion{}, err
	}
	if err := checkManagedDocument(document); err != nil {
		return policyVersion{}, err
	}
	if len(p.Versions) >= quotaVersions {
		return policyVersion{}, limitExceeded("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", quotaVersions)
	}
	p.Serial++
	v := policyVersion{ID: fmt.Sprintf("v%d", p.Serial), Document: document, Created: a.now.UTC()}
	p.Versions = append(p.Versions, v)
	if setDefault {
		p.Default = v.ID
	}
	a.touch()
	return v, nil
}

// deletePolicyVersion removes a version that is not in force.
func (a *account) deletePolicyVersion(arn, id string) error {
	p, err := a.ownPolicy(arn)
	if err != nil {
		return err
	}
	if _, ok := p.version(id); !ok {
		return noSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, id)
	}
	if id == p.Default {
		return deleteConflict("Cannot delete the default version of a policy.")
	}
	p.Versions = slices.DeleteFunc(p.Versions, func(v policyVersion) bool { return v.ID == id })
	a.touch()
	return nil
}

// setDefaultVersion puts a version in force.
func (a *account) setDefaultVersion(arn, id string) error {
	p, err := a.ownPolicy(arn)
	if err != nil {
		return err
	}
	if _, ok := p.version(id); !ok {
		return noSuchEntity("Policy %s version %s does not exist or is not attachable.", arn, id)
	}
	p.Default = id
	a.touch()
	return nil
}

// setPolicyTags replaces a policy's tags.
func (a *account) setPolicyTags(p *managedPolicy, tags []tag) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	p.Tags = slices.Clone(tags)
	a.touch()
	return nil
}
