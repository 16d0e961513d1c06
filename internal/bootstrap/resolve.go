package bootstrap

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/regions"
)

// resolved is what a template makes of its parameters in one account.
type resolved struct {
	order     []string // logical ids, dependencies first
	resources map[string]resolvedResource
}

type resolvedResource struct {
	Type       string
	Retained   bool // it stays in the account if the stack lets go of it
	Properties map[string]any
}

// resolve evaluates tpl for the account of t.
func resolve(tpl *cfn.Template, t fleet.Target, stackName, stackID string, params map[string]string, providerARN string) (resolved, error) {
	bound, err := tpl.Bind(pseudo(t, stackName, stackID), params)
	if err != nil {
		return resolved{}, err
	}
	return resourcesOf(bound, t, providerARN)
}

// resourcesOf evaluates the resources of a template. providerARN stands for the OIDC provider,
// which is the one thing whose identity cannot be computed from its properties alone.
func resourcesOf(bound *cfn.Bound, t fleet.Target, providerARN string) (resolved, error) {
	list := bound.Resources()
	ids := identities{}
	out := resolved{resources: make(map[string]resolvedResource, len(list))}
	for _, r := range list {
		properties, err := bound.Properties(r.LogicalID, ids)
		if err != nil {
			return resolved{}, err
		}
		ids[r.LogicalID] = identify(t, r.LogicalID, r.Type, properties, providerARN)
		out.order = append(out.order, r.LogicalID)
		out.resources[r.LogicalID] = resolvedResource{
			Type: r.Type, Retained: r.DeletionPolicy == "Retain", Properties: properties,
		}
	}
	return out, nil
}

func pseudo(t fleet.Target, stackName, stackID string) cfn.Pseudo {
	suffix := "amazonaws.com"
	if p, ok := regions.PartitionOf(t.Region); ok {
		suffix = p.DNSSuffix
	}
	return cfn.Pseudo{
		Account: t.Account, Region: t.Region, Partition: t.Partition, URLSuffix: suffix,
		StackName: stackName, StackID: stackID,
	}
}

// identity is what Ref and Fn::GetAtt answer for a resource that is not made yet.
type identity struct{ ref, arn string }

type identities map[string]identity

// Ref implements [cfn.Physical].
func (ids identities) Ref(logicalID string) (string, bool) {
	id, ok := ids[logicalID]
	return id.ref, ok
}

// Att implements [cfn.Physical].
func (ids identities) Att(logicalID, name string) (any, bool) {
	id, ok := ids[logicalID]
	if !ok {
		return nil, false
	}
	if name == "Arn" {
		return id.arn, true
	}
	return fmt.Sprintf("{%s.%s}", logicalID, name), true // known only once it is made; shown as such
}

func identify(t fleet.Target, logicalID, resourceType string, properties map[string]any, providerARN string) identity {
	if resourceType == typeProvider {
		return identity{ref: providerARN, arn: providerARN}
	}
	name, ok := properties["RoleName"].(string)
	if !ok {
		name = logicalID
	}
	role := arn.ARN{Partition: t.Partition, Service: "iam", AccountID: t.Account, Resource: "role/" + name}
	return identity{ref: name, arn: role.String()}
}
