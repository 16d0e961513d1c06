package cli

import (
	"io"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// createPage begins the page that --report asks for. It is for others to read; it holds no secret.
func createPage(name string) (*outFile, error) { return createOut(name, "--report", 0o644) }

// writePage writes a run as a page for a browser.
func writePage(w io.Writer, sys *IO, title string, at time.Time, page report.HTMLReport) error {
	page.Title, page.When, page.Command = title, at, sys.commandLine()
	if info, err := versionInfo(); err == nil {
		page.Version = info.Release
	}
	return report.WriteHTML(w, &page)
}

// commandLine is what was typed, without what looks like a token.
func (sys *IO) commandLine() string {
	words := []string{"fcoidc"}
	for _, a := range sys.Args {
		words = append(words, escape.Shell(a))
	}
	return withoutTokens(strings.Join(words, " "))
}
