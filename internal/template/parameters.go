package template

import (
	"maps"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/assets"
)

// The parameters of the template.
const (
	ParamOrgID                  = "OrgId"
	ParamAllowedRegions         = "AllowedRegions"
	ParamTrustMode              = "TrustMode"
	ParamWorkspaceID            = "WorkspaceId"
	ParamPlanSubject            = "PlanSubject"
	ParamApplySubject           = "ApplySubject"
	ParamAudience               = "Audience"
	ParamPlanRoleName           = "PlanRoleName"
	ParamApplyRoleName          = "ApplyRoleName"
	ParamPlanPolicyARN          = "PlanPolicyArn"
	ParamPermissionsBoundaryARN = "PermissionsBoundaryArn"
	ParamMaxSessionDuration     = "MaxSessionDuration"
	ParamCreateProvider         = "CreateProvider"
	ParamThumbprint             = "Thumbprint"
)

// The values of [ParamTrustMode].
const (
	TrustModeClaims      = "Claims"      // conditions on phase and org_id, as Forgecroft documents it
	TrustModeSubject     = "Subject"     // conditions on sub
	TrustModeSessionTags = "SessionTags" // conditions on the session tags phase and org_id
)

// DefaultAudience is the aud claim of Forgecroft's tokens, in every partition.
const DefaultAudience = "sts.amazonaws.com"

// The outputs of the stack.
const (
	OutputPlanRoleARN     = "PlanRoleArn"
	OutputApplyRoleARN    = "ApplyRoleArn"
	OutputOIDCProviderARN = "OidcProviderArn"
	OutputTemplateVersion = "TemplateVersion"
)

// The logical ids of the template's resources.
const (
	ResourceOIDCProvider = "OidcProvider"
	ResourcePlanRole     = "PlanRole"
	ResourceApplyRole    = "ApplyRole"
)

// TrustParameters returns the parameters whose change alters who may assume the roles.
func TrustParameters() []string {
	return []string{ParamOrgID, ParamTrustMode, ParamWorkspaceID, ParamPlanSubject, ParamApplySubject, ParamAudience}
}

// Parameter is one parameter as the template declares it.
type Parameter struct {
	Name        string
	Type        string // String, Number or CommaDelimitedList
	Label       string // its name in the Console
	Description string
	Default     string
	Required    bool     // it has no default
	Allowed     []string // the only values it takes, nil if any
}

// Parameters returns the template's parameters in the order of the file. The slice is the caller's.
func Parameters() []Parameter { return append([]Parameter(nil), declared().parameters...) }

// WithDefaults returns the values that a deployment of the given ones uses: those, and the
// template's defaults for the rest. A required parameter that is not given stays absent.
func WithDefaults(given map[string]string) map[string]string {
	values := make(map[string]string, len(given))
	for _, p := range declared().parameters {
		if !p.Required {
			values[p.Name] = p.Default
		}
	}
	maps.Copy(values, given)
	return values
}

// RoleNames returns the names of the plan and the apply role that a deployment of the given
// parameters makes.
func RoleNames(params map[string]string) (plan, apply string) {
	values := WithDefaults(params)
	return values[ParamPlanRoleName], values[ParamApplyRoleName]
}

// SplitRegions returns the items of an AllowedRegions value as CloudFormation sees them: cut at
// commas, with the blanks around each removed.
func SplitRegions(value string) []string {
	items := strings.Split(value, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
	}
	return items
}

// Version returns the TemplateVersion that a stack of this template puts out.
func Version() string { return declared().version }

// declarations is what the embedded template says of itself.
type declarations struct {
	parameters []Parameter
	version    string
}

var declared = sync.OnceValue(func() declarations {
	var doc yaml.Node
	if err := yaml.Unmarshal(assets.Template, &doc); err != nil {
		panic("the embedded template is not YAML: " + err.Error()) // a test reads it; no input gets here
	}
	root := doc.Content[0]
	labels := child(root, "Metadata", "AWS::CloudFormation::Interface", "ParameterLabels")
	var d declarations
	for name, p := range entries(child(root, "Parameters")) {
		d.parameters = append(d.parameters, readParameter(name, p, child(labels, name, "default").Value))
	}
	d.version = child(root, "Outputs", OutputTemplateVersion, "Value").Value
	return d
})

func readParameter(name string, p *yaml.Node, label string) Parameter {
	read := Parameter{Name: name, Label: label, Required: true}
	for key, value := range entries(p) {
		switch key {
		case "Type":
			read.Type = value.Value
		case "Description":
			read.Description = value.Value
		case "Default":
			read.Default, read.Required = value.Value, false
		case "AllowedValues":
			for _, allowed := range value.Content {
				read.Allowed = append(read.Allowed, allowed.Value)
			}
		}
	}
	return read
}
