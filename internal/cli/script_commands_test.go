package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// exits runs a command and demands its exit code: exits 2 fcoidc bootstrap --nonsense
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits <code> <command> [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// jsonCommand compares what a path in a JSON document holds: json stdout summary.succeeded 5
// A path is member names and list indexes between dots; len is a list's length.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json <file> <path> <value>")
	}
	var doc any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	got, err := at(doc, strings.Split(args[1], "."))
	ts.Check(err)
	if text := fmt.Sprint(got); (text == args[2]) == neg {
		ts.Fatalf("%s: %s is %s, want %s", args[0], args[1], text, args[2])
	}
}

// schemaCommand holds a JSON document to a schema of docs: schema stdout doctor.schema.json
func schemaCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: schema <file> <schema>")
	}
	folder, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	ts.Check(err)
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(folder, args[1]))
	ts.Check(err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(schema.Validate(doc))
}

func at(doc any, path []string) (any, error) {
	if len(path) == 0 {
		return doc, nil
	}
	switch v := doc.(type) {
	case map[string]any:
		next, ok := v[path[0]]
		if !ok {
			return "absent", nil
		}
		return at(next, path[1:])
	case []any:
		if path[0] == "len" {
			return len(v), nil
		}
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(v) {
			return "absent", nil //nolint:nilerr // a path that leads nowhere is an answer here
		}
		return at(v[i], path[1:])
	default:
		return nil, fmt.Errorf("%v has no member %q", doc, path[0])
	}
}
