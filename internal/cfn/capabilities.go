package cfn

import (
	"slices"
	"strings"
)

// The capabilities that a caller acknowledges when a template makes IAM resources.
const (
	CapabilityIAM      = "CAPABILITY_IAM"
	CapabilityNamedIAM = "CAPABILITY_NAMED_IAM"
)

// iamTypes are the resources that need a capability, each with the property that gives it
// a name of its own, which needs the stronger one. AWS::IAM::OIDCProvider is not among them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
var iamTypes = map[string]string{
	"AWS::IAM::AccessKey":           "",
	"AWS::IAM::Group":               "GroupName",
	"AWS::IAM::InstanceProfile":     "InstanceProfileName",
	"AWS::IAM::ManagedPolicy":       "ManagedPolicyName",
	"AWS::IAM::Policy":              "",
	"AWS::IAM::Role":                "RoleName",
	"AWS::IAM::User":                "UserName",
	"AWS::IAM::UserToGroupAddition": "",
}

// Capabilities returns the capability that deploying the template needs, with the reason in
// CloudFormation's words; both are empty if it needs none.
func (t *Template) Capabilities() (capability, reason string) {
	var types []string
	for _, r := range t.Resources {
		name, ok := iamTypes[r.Type]
		if !ok {
			continue
		}
		types = append(types, r.Type)
		if capability == "" {
			capability = CapabilityIAM
		}
		if name != "" && r.HasProperty(name) {
			capability = CapabilityNamedIAM
		}
	}
	if types == nil {
		return "", ""
	}
	slices.Sort(types)
	return capability, "The following resource(s) require capabilities: [" + strings.Join(slices.Compact(types), ", ") + "]"
}
