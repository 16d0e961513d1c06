package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/config"
)

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*config.Config{
		"everything": all(),
		"nothing":    {},
		"text that YAML would read as something else": {
			OrgID: "null", StackName: "true", PlanSubject: "1e3", ApplySubject: " # no comment: ", Audience: "a\tb\u202e\"'", MaxFailures: "5",
			Parameters: map[string]string{"MaxSessionDuration": "0x10", "PlanRoleName": "~"},
			Targets:    config.Targets{Profiles: []string{"*", "- a", "&b"}, Accounts: []string{"000000000000"}, ExternalID: "=0123"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			written := c.Marshal()
			got, err := config.Parse("fcoidc.yaml", written)
			if err != nil {
				t.Fatalf("%v\n%s", err, written)
			}
			if diff := cmp.Diff(c, got, answersOnly); diff != "" {
				t.Errorf("%s\n%s", diff, written)
			}
		})
	}
}

func TestTheFileIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(all().Marshal())); diff != "" {
		t.Error(diff)
	}
}

func TestBytesThatAreNoTextAreWrittenAsTheReplacementCharacter(t *testing.T) {
	t.Parallel()
	c := &config.Config{OrgID: "a\xffb"}
	got, err := config.Parse("fcoidc.yaml", c.Marshal())
	if err != nil || got.OrgID != "a\ufffdb" {
		t.Errorf("got %v, %v", got, err)
	}
}

// docs/config.md shows a file with every key; it is one that is read.
func TestTheFileInTheDocumentationIsReadAndHasEveryKey(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("docs/config.md shows no file")
	}
	if _, err := config.Parse("docs/config.md", []byte(example)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all().Marshal())) {
		key, _, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && !strings.ContainsAny(key, "# \"") && !strings.Contains(example, key+":") {
			t.Errorf("docs/config.md does not show %s", key)
		}
	}
}
