package cli

import (
	"os"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// writePage writes a run as a page for a browser.
func writePage(sys *IO, file, title string, at time.Time, page report.HTMLReport) error {
	page.Title, page.When, page.Command = title, at, sys.commandLine()
	if info, err := versionInfo(); err == nil {
		page.Version = info.Release
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644) //nolint:gosec // because a report is for others to read; it holds no secret
	if err != nil {
		return fileError(file, "--report", err)
	}
	if err := report.WriteHTML(f, &page); err != nil {
		_ = f.Close() // the write's error says more
		return fileError(file, "--report", err)
	}
	if err := f.Close(); err != nil {
		return fileError(file, "--report", err)
	}
	return nil
}

// commandLine is what was typed, without what looks like a token.
func (sys *IO) commandLine() string {
	words := []string{"fcoidc"}
	for _, a := range sys.Args {
		words = append(words, escape.Shell(a))
	}
	return withoutTokens(strings.Join(words, " "))
}
