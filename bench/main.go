//go:build unix

// Command bench measures fcoidc against its goals of speed and size and prints them as
// a table. It needs the repository as working folder and, for moto, the Python tools
// that interop/with-tools puts on PATH:
//
//	make bench
//
// A missed goal is marked, not an error: a busy machine misses some. The exit code is 1
// if something could not be measured.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// figure is one measured quantity, with its goal and where it came from.
type figure struct {
	name     string
	measured string
	goal     string // "" where the figure is there to compare with
	missed   bool
	command  string
}

// bench is what every measurement needs: the binary, and an empty folder for state.
type bench struct {
	fcoidc string
	folder string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: bench <fcoidc binary>")
		return 2
	}
	binary, err := filepath.Abs(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	folder, err := os.MkdirTemp("", "fcoidc-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()

	b := bench{fcoidc: binary, folder: folder}
	code := 0
	var figures []figure
	for _, measurement := range []struct {
		name string
		run  func(context.Context) ([]figure, error)
	}{
		{"size", b.size},
		{"start", b.start},
		{"sandbox", b.sandbox},
		{"moto", b.moto},
	} {
		fmt.Fprintf(os.Stderr, "measuring %s\n", measurement.name)
		measured, err := measurement.run(ctx)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", measurement.name, err)
			code = 1
		}
		figures = append(figures, measured...)
	}
	printTable(figures)
	return code
}

func printTable(figures []figure) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tmeasured\tgoal\t\tcommand")
	for _, f := range figures {
		mark := "✓"
		switch {
		case f.goal == "":
			mark = ""
		case f.missed:
			mark = "✗ missed"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.name, f.measured, f.goal, mark, f.command)
	}
	_ = w.Flush()
}

// shown is a command as a reader would type it, in a repository that was just built.
func shown(args ...string) string { return "bin/fcoidc " + strings.Join(args, " ") }
