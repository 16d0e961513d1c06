package bootstrap

import (
	"fmt"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// extras tells what somebody put onto the roles where the template says nothing.
// CloudFormation takes that for no drift, so no deployment takes it off.
func extras(t fleet.Target, live *presentStack) []string {
	var notes []string
	for _, id := range live.deployed.order {
		found, properties := live.found[id], live.deployed.resources[id].Properties
		role := fmt.Sprint(properties["RoleName"])
		if live.deployed.resources[id].Type != typeRole || found == nil {
			continue
		}
		note := func(what, command string) {
			notes = append(notes, fmt.Sprintf("%s (%s) has %s, of which the template says nothing: CloudFormation does not take it off. If it is not wanted: %s",
				id, role, what, awsCommand(t, command+" --role-name "+escape.Shell(role))))
		}
		if arn, ok := found["PermissionsBoundary"].(string); ok && properties["PermissionsBoundary"] == nil {
			note("the permissions boundary "+arn, "iam delete-role-permissions-boundary")
		}
		if properties["ManagedPolicyArns"] == nil {
			for _, arn := range asList(found["ManagedPolicyArns"]) {
				note(fmt.Sprintf("the policy %s", arn), "iam detach-role-policy --policy-arn "+escape.Shell(fmt.Sprint(arn)))
			}
		}
		if properties["Policies"] == nil {
			for _, p := range asList(found["Policies"]) {
				name := fmt.Sprint(p.(map[string]any)["PolicyName"])
				note("the inline policy "+name, "iam delete-role-policy --policy-name "+escape.Shell(name))
			}
		}
	}
	return notes
}
