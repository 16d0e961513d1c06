package template_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

func TestTheDefaultIssuerGetsThePublishedFileUnchanged(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join("..", "..", "assets", "forgecroft-runner-oidc.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got := render(t, template.DefaultIssuer)
	if !bytes.Equal(got.Body, file) {
		t.Error("the template in the binary is not the file of the repository")
	}
	sum := sha256.Sum256(file)
	if got.SHA256 != hex.EncodeToString(sum[:]) || got.Issuer != template.DefaultIssuer || got.KeyPrefix != "api.forgecroft.com" {
		t.Errorf("SHA256 %s, issuer %s, key prefix %s", got.SHA256, got.Issuer, got.KeyPrefix)
	}
}

func TestARenderedTemplateCannotChangeTheNextOne(t *testing.T) {
	t.Parallel()
	first := render(t, template.DefaultIssuer)
	first.Body[0] = '#'
	if second := render(t, template.DefaultIssuer); second.Body[0] == '#' {
		t.Error("a change to the body reached the embedded template")
	}
}

func TestTheTemplateFitsIntoARequestAndIsASCII(t *testing.T) {
	t.Parallel()
	for _, issuer := range goodIssuers {
		body := render(t, issuer).Body
		if len(body) > cfn.MaxInlineBody/2 {
			t.Errorf("the template for %s has %d bytes; half of CloudFormation's limit should do", issuer, len(body))
		}
		// CloudFormation shows other characters of a description as question marks.
		if i := bytes.IndexFunc(body, func(r rune) bool { return r > 0x7e || r < ' ' && r != '\n' }); i >= 0 {
			t.Errorf("the template for %s has a character other than printable ASCII at byte %d", issuer, i)
		}
	}
}

func TestAnotherIssuerChangesTheProviderAndTheConditionKeysAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, issuer := range goodIssuers[1:] {
		rendered := render(t, issuer)
		want := scalars(t, render(t, template.DefaultIssuer).Body)
		for i, value := range want {
			switch {
			case value == template.DefaultIssuer:
				want[i] = issuer
			case strings.HasPrefix(value, "api.forgecroft.com:"):
				want[i] = strings.Replace(value, "api.forgecroft.com", rendered.KeyPrefix, 1)
			case strings.HasSuffix(value, ":oidc-provider/api.forgecroft.com"):
				want[i] = strings.Replace(value, "api.forgecroft.com", rendered.KeyPrefix, 1)
			}
		}
		if diff := cmp.Diff(want, scalars(t, rendered.Body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", issuer, diff)
		}
		if bytes.Contains(rendered.Body, []byte("api.forgecroft.com")) {
			t.Errorf("the template for %s still names api.forgecroft.com", issuer)
		}
		if got, want := comments(rendered.Body), comments(render(t, template.DefaultIssuer).Body); !slices.Equal(got, want) {
			t.Errorf("the template for %s lost or moved a comment: %q, want %q", issuer, got, want)
		}
	}
}

func TestAWrongIssuerIsNotRendered(t *testing.T) {
	t.Parallel()
	if got, err := template.Render("https://idp.example.com:8443"); err == nil {
		t.Errorf("rendered %d bytes", len(got.Body))
	}
}

func render(t *testing.T, issuer string) *template.Template {
	t.Helper()
	rendered, err := template.Render(issuer)
	if err != nil {
		t.Fatal(err)
	}
	return rendered
}

// scalars returns every key and value of a document with its tag, in the order of the file.
func scalars(t *testing.T, body []byte) []string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	var all []string
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			all = append(all, n.Value)
		} else {
			all = append(all, n.Tag)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&doc)
	return all
}

// comments returns the comment lines of a document, without their indentation.
func comments(body []byte) []string {
	var found []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			found = append(found, line)
		}
	}
	return found
}
