package bootstrap

import (
	"maps"
	"strings"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// TagTemplate is the stack tag that holds the SHA-256 of the template a stack was
// deployed with, in hexadecimal. It saves reading the template back in every account.
const TagTemplate = "forgecroft:template-sha256"

// Observation is what was found in one account: everything a plan is decided from.
type Observation struct {
	Target   fleet.Target
	Stack    *Stack           // nil: there is no stack of that name
	Provider *Provider        // nil: the account has no OIDC provider for the issuer
	Roles    map[string]*Role // by name, those that were asked for; nil: there is no such role

	live *presentStack // nil unless drift is to be reverted and can be
}

// Stack is the stack that is there.
type Stack struct {
	ID         string
	Name       string
	Status     cfntypes.StackStatus
	Reason     string // of the status, AWS's text
	Parameters map[string]string
	Tags       map[string]string
	Outputs    map[string]string
	Protected  bool   // termination protection is on
	ChangeSet  string // ARN of the change set that was executed last, if the endpoint says so

	// TemplateSHA256 is that of the stack's template, from its tag or its body.
	TemplateSHA256 string
	// TemplateBody is read only if the template may differ from the one to deploy.
	TemplateBody []byte
}

// Provider is the account's OIDC provider for the issuer.
type Provider struct {
	ARN string

	// Known says that ClientIDs and Tags were read. They are not for the provider of a
	// healthy stack of ours, whose template says what they are.
	Known     bool
	ClientIDs []string
	Tags      map[string]string
}

func (p *Provider) ours() bool { return p.Tags[template.TagManagedBy] == template.ManagedBy }

// Role is a role that has one of the two names.
type Role struct {
	ARN     string
	StackID string // the tag forgecroft:stack-id, empty if it has none
	Managed bool   // it carries our tag
}

// ours reports whether the stack was deployed by us, or its roles say that it was made
// from our template (by hand in the Console, where nobody sets stack tags).
func (o *Observation) ours() bool {
	if o.Stack.tagged() {
		return true
	}
	for _, r := range o.Roles {
		if r != nil && r.Managed && r.StackID == o.Stack.ID {
			return true
		}
	}
	return false
}

func (s *Stack) tagged() bool { return s.Tags[template.TagManagedBy] == template.ManagedBy }

// ownsProvider reports whether the provider is one of the stack's resources.
func (s *Stack) ownsProvider() bool {
	value, ok := s.Parameters[template.ParamCreateProvider]
	return !ok || value == "true"
}

// providerARN is the ARN the roles of the stack trust, empty if it does not say.
func (s *Stack) providerARN() string { return s.Outputs[template.OutputOIDCProviderARN] }

// stackTags are the tags for the stack of r: those that are there stay.
func stackTags(r *Request, present map[string]string) map[string]string {
	tags := ownTags(present)
	maps.Copy(tags, r.Tags)
	tags[template.TagManagedBy] = template.ManagedBy
	tags[TagTemplate] = r.Template.SHA256
	return tags
}

// ownTags are tags without those that AWS sets itself and refuses from others.
func ownTags(tags map[string]string) map[string]string {
	own := make(map[string]string, len(tags)+2)
	for k, v := range tags {
		if !strings.HasPrefix(k, "aws:") {
			own[k] = v
		}
	}
	return own
}
