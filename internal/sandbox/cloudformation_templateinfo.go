package sandbox

import (
	"github.com/forgecroft/fcoidc/internal/cfn"
)

// askedTemplate returns the template that GetTemplateSummary or ValidateTemplate is about.
func (c *call) askedTemplate() (*cfn.Template, error) {
	if c.get("StackSetName") != "" {
		return nil, notImitated(c.service.name, c.action+" of a stack set")
	}
	if name := c.get("StackName"); name != "" {
		s, err := c.stack()
		if err != nil {
			return nil, err
		}
		if s.Now.Template == "" {
			return nil, validationError("Stack with id %s does not exist", name)
		}
		_, t, err := c.sandbox.template(s.Now)
		return t, err
	}
	body, err := c.templateBody(nil)
	if err != nil {
		return nil, err
	}
	return c.sandbox.templates.parse(body)
}

// capabilitiesXML is what a template needs, in an answer.
type capabilitiesXML struct {
	Capabilities       members[string]
	CapabilitiesReason string `xml:",omitempty"`
}

func capabilitiesOf(t *cfn.Template) capabilitiesXML {
	var x capabilitiesXML
	capability, reason := t.Capabilities()
	if capability != "" {
		x = capabilitiesXML{listOf([]string{capability}), reason}
	}
	return x
}

func getTemplateSummary(c *call) (any, error) {
	t, err := c.askedTemplate()
	if err != nil {
		return nil, err
	}
	type constraints struct{ AllowedValues members[string] }
	type declaration struct {
		ParameterKey         string
		DefaultValue         *string
		ParameterType        string
		NoEcho               bool
		Description          string `xml:",omitempty"`
		ParameterConstraints constraints
	}
	type identifiers struct {
		ResourceType        string
		LogicalResourceIds  members[string] //nolint:revive // AWS spells the element so
		ResourceIdentifiers members[string]
	}
	type result struct {
		Parameters                  members[declaration]
		Description                 string `xml:",omitempty"`
		Capabilities                members[string]
		CapabilitiesReason          string `xml:",omitempty"`
		ResourceTypes               members[string]
		Version                     string
		Metadata                    string `xml:",omitempty"`
		ResourceIdentifierSummaries members[identifiers]
	}
	needs := capabilitiesOf(t)
	r := result{Description: t.Description, Capabilities: needs.Capabilities, CapabilitiesReason: needs.CapabilitiesReason, Version: "2010-09-09"}
	if t.Metadata != nil {
		r.Metadata = jsonText(t.Metadata)
	}
	for _, p := range t.Parameters {
		r.Parameters.Member = append(r.Parameters.Member, declaration{
			p.Name, p.Default, p.Type, p.NoEcho, p.Description, constraints{listOf(p.AllowedValues)},
		})
	}
	for _, resource := range t.Resources { // one entry a resource, as AWS answers
		r.ResourceTypes.Member = append(r.ResourceTypes.Member, resource.Type)
	}
	for _, name := range t.ResourceTypes() {
		h, ok := handlerOf(name)
		if !ok || h.identifier == "" {
			continue
		}
		entry := identifiers{ResourceType: name, ResourceIdentifiers: listOf([]string{h.identifier})}
		for _, resource := range t.Resources {
			if resource.Type == name {
				entry.LogicalResourceIds.Member = append(entry.LogicalResourceIds.Member, resource.LogicalID)
			}
		}
		r.ResourceIdentifierSummaries.Member = append(r.ResourceIdentifierSummaries.Member, entry)
	}
	return r, nil
}

func validateTemplate(c *call) (any, error) {
	t, err := c.askedTemplate()
	if err != nil {
		return nil, err
	}
	if err := checkResourceTypes(t); err != nil {
		return nil, err
	}
	type parameter struct {
		ParameterKey string
		DefaultValue *string
		NoEcho       bool
		Description  string `xml:",omitempty"`
	}
	var shown []parameter
	for _, p := range t.Parameters {
		shown = append(shown, parameter{p.Name, p.Default, p.NoEcho, p.Description})
	}
	needs := capabilitiesOf(t)
	return struct {
		Parameters         members[parameter]
		Description        string `xml:",omitempty"`
		Capabilities       members[string]
		CapabilitiesReason string `xml:",omitempty"`
	}{listOf(shown), t.Description, needs.Capabilities, needs.CapabilitiesReason}, nil
}
