package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestTheReadmeNamesEveryCommand(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Commands\n")
	section, _, _ = strings.Cut(section, "\n## ")
	said := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `fcoidc (.*?)` \\|").FindAllStringSubmatch(section, -1) {
		names := strings.Split(row[1], "`, `") // of one group, whose name the first one has
		group := ""
		if words := strings.Fields(names[0]); len(words) > 1 {
			group = words[0] + " "
		}
		for i, name := range names {
			if i > 0 {
				name = group + name
			}
			said[name] = true
		}
	}
	for _, name := range commandNames(newRoot(&IO{})) {
		if !said[name] {
			t.Errorf("fcoidc %s is not in the table", name)
		}
		delete(said, name)
	}
	for name := range said {
		t.Errorf("there is no command fcoidc %s", name)
	}
}

// commandNames are the commands that do something, without the program's name. Those of a shell
// are not told apart.
func commandNames(parent *cobra.Command) []string {
	var names []string
	for _, c := range parent.Commands() {
		switch {
		case c.Hidden || c.IsAdditionalHelpTopicCommand():
		case c.HasSubCommands() && c.Name() != "completion":
			for _, name := range commandNames(c) {
				names = append(names, c.Name()+" "+name)
			}
		default:
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	return names
}
