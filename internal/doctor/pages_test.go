package doctor

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/forgecroft/fcoidc/docs/causes"
)

func TestEveryCauseThatASymptomCanComeFromHasAPage(t *testing.T) {
	t.Parallel()
	lists := [][]string{causeOrder, denied, badToken}
	for _, x := range texts {
		lists = append(lists, x.causes)
	}
	for _, x := range codes {
		lists = append(lists, x.causes)
	}
	for _, list := range lists {
		for _, code := range list {
			if _, ok := causes.Text(code); !ok {
				t.Errorf("%q has no page", code)
			}
		}
	}
}

// wordedCause is a cause as the sources write it.
var wordedCause = regexp.MustCompile(`(?:Cause:|cause:|also:|Kind +=|Cause =)\s*"([^"]*)"`)

func TestEveryCauseThatTheSourcesNameHasAPage(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("diagnose*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range append(files, "../exchange/verdict.go") {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range wordedCause.FindAllStringSubmatch(string(src), -1) {
			found++
			if _, ok := causes.Text(m[1]); !ok && m[1] != "not_trusted" { // which becomes the causes of a trust policy
				t.Errorf("%s: %q has no page", name, m[1])
			}
		}
	}
	if found < 60 {
		t.Errorf("%d causes found", found)
	}
}
