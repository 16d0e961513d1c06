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
	"unicode/utf8"
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
		{"decode", b.decode},
		{"batch", b.batch},
		{"screens", b.screens},
		{"sandbox", b.sandbox},
		{"doctor", b.doctor},
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

// printTable prints the figures below the commands that they came from.
func printTable(figures []figure) {
	width := func(column func(figure) string) int {
		widest := 0
		for _, f := range figures {
			widest = max(widest, utf8.RuneCountInString(column(f)))
		}
		return widest
	}
	name := width(func(f figure) string { return f.name })
	measured := width(func(f figure) string { return f.measured })
	command := ""
	for _, f := range figures {
		if f.command != command {
			command = f.command
			fmt.Fprintf(os.Stdout, "\n$ %s\n", command)
		}
		mark := "✓ " + f.goal
		switch {
		case f.goal == "":
			mark = "  (no goal)"
		case f.missed:
			mark = "✗ " + f.goal + ", missed"
		}
		fmt.Fprintf(os.Stdout, "  %-*s  %*s  %s\n", name, f.name, measured, f.measured, mark)
	}
}

// shown is a command as a reader would type it, in a repository that was just built.
func shown(args ...string) string { return "bin/fcoidc " + strings.Join(args, " ") }
