package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

type templateForm string

const (
	formCloudFormation templateForm = "cloudformation"
	formTerraform      templateForm = "terraform"
)

type templateOptions struct {
	IO     *IO
	Form   templateForm
	Output format
	Trust  trustFlags
}

type templateDocument struct {
	Version int    `json:"version"`
	Format  string `json:"format"`
	Issuer  string `json:"issuer"`
	SHA256  string `json:"sha256,omitempty"` // of the CloudFormation template
	Body    string `json:"body"`
}

func newTemplate(sys *IO, run func(context.Context, templateOptions) error) *cobra.Command {
	o := templateOptions{IO: sys, Form: formCloudFormation, Output: formatText}
	cmd := &cobra.Command{
		Use:     "template",
		GroupID: groupTrust,
		Short:   "Print the template, as CloudFormation or as Terraform",
		Long: `Print the CloudFormation template that bootstrap deploys, to read it or to deploy it
by hand, or the same three resources as Terraform. The answers given by flags
become the defaults of Terraform's variables; CloudFormation takes them as parameters.`,
		Example: `  fcoidc template > forgecroft-runner-oidc.yaml
  fcoidc template --format terraform --org-id 11111111-1111-1111-1111-111111111111 --allowed-regions us-east-1 > main.tf`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) },
	}
	cmd.Flags().Var(newEnum(&o.Form, formCloudFormation, formTerraform), "format", "what to print it as")
	o.Trust.add(cmd)
	addOutput(cmd, &o.Output, formatText, formatJSON)
	return cmd
}

func runTemplate(_ context.Context, o templateOptions) error {
	t, err := o.Trust.template()
	if err != nil {
		return err
	}
	doc := templateDocument{
		Version: report.FormatVersion, Format: string(o.Form), Issuer: t.Issuer, SHA256: t.SHA256, Body: string(t.Body),
	}
	if o.Form == formTerraform {
		params, err := o.Trust.parameters()
		if err != nil {
			return err
		}
		body, err := template.Terraform(t.Issuer, params)
		if err != nil {
			return usagef("fcoidc template --help", "%w", err)
		}
		doc.Body = string(body)
	}
	if o.Output == formatJSON {
		return report.WriteJSON(o.IO.Out, doc)
	}
	_, err = fmt.Fprint(o.IO.Out, doc.Body)
	return err
}
