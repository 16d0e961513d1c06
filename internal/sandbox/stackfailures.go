package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// defaultStackFailure is why stacks fail when a fault names no reason.
const defaultStackFailure = "provider-unreachable"

// stackFailure is a way for a stack to fail: the resource type that fails, and AWS's reason.
type stackFailure struct {
	resourceType string
	// fail makes the error of the service behind the resource. name is the role's name or the provider's
	// URL with scheme, arn the resource's, caller the ARN of who runs the stack.
	fail func(name, arn, caller string) *apiError
}

var stackFailures = map[string]stackFailure{
	defaultStackFailure: {"AWS::IAM::OIDCProvider", func(name, _, _ string) *apiError {
		return refuse(http.StatusBadRequest, "OpenIdIdpCommunicationError", "Could not connect to openid configuration of provider: %s", name)
	}},
	"provider-exists": {"AWS::IAM::OIDCProvider", func(name, _, _ string) *apiError {
		return alreadyExists("Provider with url %s already exists.", name)
	}},
	"role-exists": {"AWS::IAM::Role", func(name, _, _ string) *apiError {
		return alreadyExists("Role with name %s already exists.", name)
	}},
	"quota": {"AWS::IAM::Role", func(_, _, _ string) *apiError {
		return limitExceeded("Cannot exceed quota for RolesPerAccount: 1000")
	}},
	"scp-denied": {"AWS::IAM::Role", func(_, arn, caller string) *apiError {
		return accessDenied("User: %s is not authorized to perform: iam:CreateRole on resource: %s with an explicit deny in a service control policy", caller, arn)
	}},
}

// StackFailureReasons are the reasons that a stack-failure fault may name, in order.
func StackFailureReasons() []string { return slices.Sorted(maps.Keys(stackFailures)) }

// stackFailure returns the reason for which a stack operation that starts now in the account is
// to fail, "" if it is not. It counts the failure, so it is asked once an operation.
func (a *account) stackFailure() string {
	f, chosen := a.sandbox.faults.accounts[a.ID]
	if !chosen || a.state.StackFailures > 0 && !f.Always {
		return ""
	}
	a.state.StackFailures++
	a.touch()
	return f.Reason
}
