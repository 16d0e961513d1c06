// Package template knows Forgecroft's CloudFormation template: its parameters and outputs, how it
// reads for another issuer than Forgecroft's managed service, and the same thing as Terraform.
//
// It performs no I/O: the template is part of the binary.
package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/assets"
)

// DefaultIssuer is the issuer of Forgecroft's managed service, and the one that the template is
// written for.
const DefaultIssuer = "https://api.forgecroft.com"

// DefaultStackName is what the stack is called unless somebody says otherwise.
const DefaultStackName = "forgecroft-runner-oidc"

// The tags that all resources of the template carry. A resource is "ours" if it has them.
const (
	TagManagedBy = "forgecroft:managed-by" // its value is ManagedBy
	TagStackID   = "forgecroft:stack-id"   // its value is the ARN of the stack
	ManagedBy    = "fcoidc"
)

// Template is the CloudFormation template for one issuer.
type Template struct {
	Body      []byte // YAML, below the 51,200 bytes that CloudFormation takes in a request
	SHA256    string // of Body, in hexadecimal
	Issuer    string // https://api.forgecroft.com
	KeyPrefix string // what its condition keys begin with: api.forgecroft.com
}

// Render returns the template for an issuer. For [DefaultIssuer] that is the file as it is
// published, byte for byte; for another one the provider's URL, the condition keys and the ARN of
// an existing provider are those of that issuer, comments stay, and nothing else changes.
//
// The error is that of [ParseIssuer].
func Render(issuer string) (*Template, error) {
	issuer, err := ParseIssuer(issuer)
	if err != nil {
		return nil, err
	}
	body := bytes.Clone(assets.Template)
	if issuer != DefaultIssuer {
		if body, err = renderFor(issuer, body); err != nil {
			return nil, fmt.Errorf("render the template for %s: %w", issuer, err)
		}
	}
	sum := sha256.Sum256(body)
	return &Template{
		Body:      body,
		SHA256:    hex.EncodeToString(sum[:]),
		Issuer:    issuer,
		KeyPrefix: keyPrefix(issuer),
	}, nil
}

// renderFor works on YAML nodes, never on text: what comes out has the structure that went in,
// whatever the issuer is called.
func renderFor(issuer string, body []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	for section, content := range entries(doc.Content[0]) {
		if section == "Resources" || section == "Outputs" {
			replaceIssuer(content, issuer)
		}
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// replaceIssuer rewrites the three shapes in which a template names its issuer: the provider's
// URL, the end of the provider's ARN, and the beginning of a condition key.
func replaceIssuer(n *yaml.Node, issuer string) {
	was, is := keyPrefix(DefaultIssuer), keyPrefix(issuer)
	if n.Kind == yaml.ScalarNode {
		const arnPart = ":oidc-provider/"
		switch {
		case n.Value == DefaultIssuer:
			n.Value = issuer
		case strings.HasPrefix(n.Value, was+":"):
			n.Value = is + strings.TrimPrefix(n.Value, was)
		case strings.HasSuffix(n.Value, arnPart+was):
			n.Value = strings.TrimSuffix(n.Value, was) + is
		}
	}
	for _, child := range n.Content {
		replaceIssuer(child, issuer)
	}
}
