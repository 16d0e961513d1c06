package sandbox

import (
	"slices"
	"strings"
)

// breakPrefix begins the names of the policies that faults make.
const breakPrefix = "sandbox-break-"

// bind makes a fault's policy and attaches it to the account. Making it again changes nothing.
func (b *broken) bind(f fault) error {
	a := b.account
	name := breakPrefix + f.Name + "-" + a.ID
	wanted, err := f.organization(b)
	if err != nil {
		return err
	}
	return a.sandbox.organization.change(a.sandbox.options.Dir, func(o *organizationState) error {
		p := *wanted
		if slices.ContainsFunc(o.all(p.Type), func(other *controlPolicy) bool { return other.Name == name }) {
			return nil
		}
		if !slices.Contains(o.Types, p.Type) {
			o.Types = append(o.Types, p.Type)
		}
		p.Name = name
		made, err := o.create(a.sandbox.seed, p)
		if err != nil {
			return err
		}
		return o.attach(made, a.ID)
	})
}

// unbind removes the policies that faults made for the account.
func (a *account) unbind() error {
	was, err := a.sandbox.organisation()
	if err != nil {
		return err
	}
	ours := func(p *controlPolicy) bool {
		return strings.HasPrefix(p.Name, breakPrefix) && strings.HasSuffix(p.Name, "-"+a.ID)
	}
	if !slices.ContainsFunc(was.Policies, ours) {
		return nil
	}
	return a.sandbox.organization.change(a.sandbox.options.Dir, func(o *organizationState) error {
		for _, p := range o.Policies {
			if ours(p) {
				o.Attached[a.ID] = slices.DeleteFunc(o.Attached[a.ID], func(id string) bool { return id == p.ID })
			}
		}
		o.Policies = slices.DeleteFunc(o.Policies, ours)
		return nil
	})
}

// exempt are the roles by which administrators come in, which AWS's own policies leave alone too.
const exempt = `"ArnNotLike":{"aws:PrincipalArn":["arn:*:iam::*:role/OrganizationAccountAccessRole","arn:*:iam::*:role/AWSControlTowerExecution"]}`

// denyFederated is an RCP that means to shut outsiders out and hits every token: a caller with a token
// belongs to no organisation, and IfExists takes that for a match. Such a policy was reported at
// https://github.com/aws/lza-universal-configuration/issues/25 .
func denyFederated(*broken) (*controlPolicy, error) {
	return &controlPolicy{
		Type: resourceControl, Description: "Only principals of this organisation may assume roles",
		Content: `{"Version":"2012-10-17","Statement":[{"Sid":"OnlyOurOrganisation","Effect":"Deny","Principal":"*",` +
			`"Action":"sts:AssumeRoleWithWebIdentity","Resource":"*",` +
			`"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"` + organizationID + `"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}`,
	}, nil
}

// denyRegion is an SCP that forbids a Region which the stack allows.
func denyRegion(b *broken) (*controlPolicy, error) {
	region, err := b.lastRegion()
	b.about = region
	return &controlPolicy{
		Type: serviceControl, Description: "Nothing in " + region,
		Content: `{"Version":"2012-10-17","Statement":[{"Sid":"DenyRegion","Effect":"Deny","Action":"*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:RequestedRegion":"` + region + `"},` + exempt + `}}]}`,
	}, err
}

// denyIdentity is an SCP that forbids to change identities.
func denyIdentity(*broken) (*controlPolicy, error) {
	return &controlPolicy{
		Type: serviceControl, Description: "Identities are managed elsewhere",
		Content: `{"Version":"2012-10-17","Statement":[{"Sid":"DenyIdentities","Effect":"Deny","Resource":"*",` +
			`"Action":["iam:Create*","iam:Put*","iam:Update*","iam:Delete*","iam:Attach*","iam:Detach*"],` +
			`"Condition":{` + exempt + `}}]}`,
	}, nil
}
