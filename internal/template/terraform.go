package template

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/forgecroft/fcoidc/internal/cfn"
)

// ManagedByTerraform is the value of [TagManagedBy] on resources that the Terraform form makes:
// they are not fcoidc's, and teardown leaves them alone.
const ManagedByTerraform = "terraform"

// Terraform returns what the template makes for an issuer and parameters as a Terraform
// configuration: one file, formatted, with variables whose defaults are the given values. A
// required parameter that is not given becomes a variable without a default.
//
// The policies are not written a second time: they are what the CloudFormation template resolves
// to, so the two forms cannot differ in whom they trust. The trust mode, the source of the provider
// and the issuer are fixed in the text; other ones make another text.
//
// The error is that of [ValidateGiven].
func Terraform(issuer string, params map[string]string) ([]byte, error) {
	if err := ValidateGiven(params, issuer); err != nil {
		return nil, err
	}
	resolved, err := resolve(issuer, params)
	if err != nil {
		return nil, fmt.Errorf("resolve the template for %s: %w", issuer, err)
	}
	w := &terraformWriter{
		file:    hclwrite.NewEmptyFile(),
		issuer:  issuer,
		values:  WithDefaults(params),
		created: WithDefaults(params)[ParamCreateProvider] == "true",
	}
	w.placeholders = placeholders{
		{orgPlaceholder, ref("var.org_id")},
		{workspacePlaceholder, ref("var.workspace_id")},
		{regionsPlaceholder, ref("var.allowed_regions")},
		{partitionPlaceholder, ref("data.aws_partition.current.partition")},
		{providerPlaceholder, ref(w.providerAddress() + ".arn")},
	}
	w.head()
	w.variables()
	w.provider(resolved.provider)
	w.planRole(resolved.plan)
	w.applyRole(resolved.apply)
	w.outputs()
	return hclwrite.Format(w.file.Bytes()), nil
}

// What the template is resolved with in place of values that Terraform has expressions for. The
// first three satisfy the template's own patterns; no valid parameter contains the others.
const (
	orgPlaceholder       = "00000000-0000-0000-0000-00000000feed"
	workspacePlaceholder = "00000000-0000-0000-0000-00000000cafe"
	regionsPlaceholder   = "zz-allowed-1"
	partitionPlaceholder = "\x00partition"
	providerPlaceholder  = "\x00provider"
)

// resolvedTemplate holds the properties of the three resources.
type resolvedTemplate struct{ provider, plan, apply map[string]any }

func resolve(issuer string, params map[string]string) (r resolvedTemplate, err error) {
	rendered, err := Render(issuer)
	if err != nil {
		return r, err
	}
	parsed, err := cfn.Parse(rendered.Body)
	if err != nil {
		return r, err
	}
	bound, err := parsed.Bind(cfn.Pseudo{Partition: partitionPlaceholder}, withPlaceholders(params))
	if err != nil {
		return r, err
	}
	for id, into := range map[string]*map[string]any{ResourceOIDCProvider: &r.provider, ResourcePlanRole: &r.plan, ResourceApplyRole: &r.apply} {
		if *into, err = bound.Properties(id, providerOnly{}); err != nil {
			return r, err
		}
	}
	return r, nil
}

// withPlaceholders always creates the provider, so that its properties and its ARN are there to
// be read; the trust policies are the same if it exists.
func withPlaceholders(params map[string]string) map[string]string {
	values := WithDefaults(params)
	if org := params[ParamOrgID]; org != "" {
		for _, subject := range []string{ParamPlanSubject, ParamApplySubject} {
			values[subject] = strings.ReplaceAll(values[subject], org, orgPlaceholder)
		}
	}
	if values[ParamWorkspaceID] != "" {
		values[ParamWorkspaceID] = workspacePlaceholder
	}
	values[ParamOrgID] = orgPlaceholder
	values[ParamAllowedRegions] = regionsPlaceholder
	values[ParamCreateProvider] = "true"
	return values
}

// providerOnly knows the one resource that others refer to.
type providerOnly struct{}

func (providerOnly) Ref(id string) (string, bool) {
	return providerPlaceholder, id == ResourceOIDCProvider
}

func (providerOnly) Att(id, name string) (any, bool) {
	return providerPlaceholder, id == ResourceOIDCProvider && name == "Arn"
}

// terraformWriter writes the file from top to bottom.
type terraformWriter struct {
	file         *hclwrite.File
	placeholders placeholders
	issuer       string
	values       map[string]string // given and defaults
	created      bool              // the configuration creates the provider
}

func (w *terraformWriter) providerAddress() string {
	const address = "aws_iam_openid_connect_provider.forgecroft"
	if w.created {
		return address
	}
	return "data." + address
}

func (w *terraformWriter) head() {
	comment(w.file.Body(),
		"Lets Forgecroft run Terraform in this AWS account without access keys: the same provider, roles and",
		"policies as fcoidc's CloudFormation template makes, version "+Version()+", trust mode "+w.values[ParamTrustMode]+".",
		"",
		"Who may assume a role stands in its assume_role_policy. The plan role holds ReadOnlyAccess unless the",
		"attachment below says otherwise; that reads data too. The apply role may do everything in",
		"allowed_regions. IAM counts as us-east-1 (us-gov-west-1 in GovCloud, cn-north-1 in China): without that",
		"Region the apply role cannot manage IAM, this trust included; with it, it can give itself any permission,",
		"unless permissions_boundary_arn names a policy that restricts IAM.",
	)
	terraform := w.block("terraform")
	terraform.SetAttributeValue("required_version", cty.StringVal(">= 1.2"))
	terraform.AppendNewline()
	providers := terraform.AppendNewBlock("required_providers", nil).Body()
	providers.SetAttributeValue("aws", cty.ObjectVal(map[string]cty.Value{
		"source": cty.StringVal("hashicorp/aws"), "version": cty.StringVal(">= 5.0"),
	}))
}

func (w *terraformWriter) provider(p map[string]any) {
	if !w.created {
		w.existingProvider()
		return
	}
	body := w.block("resource", "aws_iam_openid_connect_provider", "forgecroft")
	w.set(body, "url", p["Url"])
	w.set(body, "client_id_list", p["ClientIdList"])
	comment(body, "AWS looks at it only if it does not trust the issuer's certificate authority.")
	w.set(body, "thumbprint_list", p["ThumbprintList"])
	w.tags(body, p)
	body.AppendNewline()
	comment(body,
		"Other roles may have come to trust the provider, and an account can hold only one for an issuer.",
		"To destroy the rest, take it out of the state first:",
		"terraform state rm "+w.providerAddress(),
	)
	body.AppendNewBlock("lifecycle", nil).Body().SetAttributeValue("prevent_destroy", cty.True)
}

// existingProvider reads the provider that the account has, and insists on its audience.
func (w *terraformWriter) existingProvider() {
	body := w.block("data", "aws_iam_openid_connect_provider", "forgecroft")
	w.set(body, "url", w.issuer)
	body.AppendNewline()
	post := body.AppendNewBlock("lifecycle", nil).Body().AppendNewBlock("postcondition", nil).Body()
	audience := hclwrite.TokensForValue(cty.StringVal(w.values[ParamAudience]))
	post.SetAttributeRaw("condition", hclwrite.TokensForFunctionCall("contains", hclwrite.TokensForTraversal(ref("self.client_id_list")), audience))
	w.set(post, "error_message", "The provider does not have the audience "+w.values[ParamAudience]+": add it to the provider's client ids.")
}

func (w *terraformWriter) planRole(p map[string]any) {
	w.role("plan", p)
	if w.values[ParamPlanPolicyARN] == "" {
		w.block("data", "aws_partition", "current")
	}
	attachment := w.block("resource", "aws_iam_role_policy_attachment", "plan")
	attachment.SetAttributeTraversal("role", ref("aws_iam_role.plan.name"))
	w.set(attachment, "policy_arn", p["ManagedPolicyArns"].([]any)[0])
}

func (w *terraformWriter) applyRole(p map[string]any) {
	w.role("apply", p)
	inline := p["Policies"].([]any)[0].(map[string]any)
	body := w.block("resource", "aws_iam_role_policy", "apply")
	w.set(body, "name", inline["PolicyName"])
	body.SetAttributeTraversal("role", ref("aws_iam_role.apply.name"))
	w.setJSON(body, "policy", inline["PolicyDocument"])
}

func (w *terraformWriter) role(phase string, p map[string]any) {
	body := w.block("resource", "aws_iam_role", phase)
	body.SetAttributeTraversal("name", ref("var."+phase+"_role_name"))
	w.set(body, "description", p["Description"])
	body.SetAttributeTraversal("max_session_duration", ref("var.max_session_duration"))
	body.SetAttributeTraversal("permissions_boundary", ref("var.permissions_boundary_arn"))
	body.AppendNewline()
	w.setJSON(body, "assume_role_policy", p["AssumeRolePolicyDocument"])
	w.tags(body, p)
}

// tags writes the template's tags, but for the one that names the stack: there is none.
func (w *terraformWriter) tags(body *hclwrite.Body, p map[string]any) {
	tags := map[string]any{}
	for _, tag := range p["Tags"].([]any) {
		tag := tag.(map[string]any)
		tags[tag["Key"].(string)] = tag["Value"]
	}
	delete(tags, TagStackID)
	tags[TagManagedBy] = ManagedByTerraform
	body.AppendNewline()
	w.set(body, "tags", tags)
}

func (w *terraformWriter) outputs() {
	output := func(name, description string) *hclwrite.Body {
		body := w.block("output", name)
		w.set(body, "description", description)
		return body
	}
	output("plan_role_arn", `Paste into Forgecroft (Settings, Credentials, New, "AWS - OIDC") as PlanRoleArn.`).
		SetAttributeTraversal("value", ref("aws_iam_role.plan.arn"))
	output("apply_role_arn", `Paste into Forgecroft (Settings, Credentials, New, "AWS - OIDC") as ApplyRoleArn.`).
		SetAttributeTraversal("value", ref("aws_iam_role.apply.arn"))
	output("oidc_provider_arn", "The OpenID Connect provider that both roles trust.").
		SetAttributeTraversal("value", ref(w.providerAddress()+".arn"))
}

// block begins a block after an empty line.
func (w *terraformWriter) block(kind string, labels ...string) *hclwrite.Body {
	w.file.Body().AppendNewline()
	return w.file.Body().AppendNewBlock(kind, labels).Body()
}

func (w *terraformWriter) set(body *hclwrite.Body, name string, value any) {
	body.SetAttributeRaw(name, w.placeholders.tokens(value))
}

func (w *terraformWriter) setJSON(body *hclwrite.Body, name string, document any) {
	body.SetAttributeRaw(name, hclwrite.TokensForFunctionCall("jsonencode", w.placeholders.tokens(document)))
}

func comment(body *hclwrite.Body, lines ...string) {
	for _, line := range lines {
		text := strings.TrimRight("# "+line, " ") + "\n"
		body.AppendUnstructuredTokens(hclwrite.Tokens{{Type: hclsyntax.TokenComment, Bytes: []byte(text)}})
	}
}

// number is the value of a parameter that was validated to be a whole number.
func number(digits string) cty.Value {
	n, _ := strconv.ParseInt(digits, 10, 64)
	return cty.NumberIntVal(n)
}
