package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/doctor"
)

// HTMLReport is what the page of a run shows: doctor's look at accounts, a run of bootstrap, or
// both. Parts that are not there are left out.
type HTMLReport struct {
	Title   string    // such as "fcoidc doctor"
	When    time.Time // the run began
	Command string    // what was typed, without a token
	Version string    // of fcoidc

	Look   *doctor.Run // doctor's look at each account; nil if nobody looked
	Deploy *HTMLDeploy // nil if nothing was deployed
}

// HTMLDeploy is a run of bootstrap or teardown.
type HTMLDeploy struct {
	Run      Run
	Results  []bootstrap.Result
	Timeline *Timeline // nil if nobody recorded one
}

// css is the look of the page: wide and narrow, light and dark, on paper.
//
//go:embed html.css
var css string

// WriteHTML writes the report as one page that needs nothing else: it runs no script and loads
// nothing, and a policy in its head keeps a browser to that. Whatever comes from outside is
// escaped. It has some 5 kB an account at most.
func WriteHTML(w io.Writer, r *HTMLReport) error {
	p := newPage(r)
	doc := &html.Node{Type: html.DocumentNode}
	doc.AppendChild(&html.Node{Type: html.DoctypeNode, Data: "html"})
	doc.AppendChild(el("html", attr("lang", "en"), p.head(), p.body()).Node)
	return html.Render(w, doc)
}

func (p *page) head() part {
	return el("head",
		el("meta", attr("charset", "utf-8")),
		el("meta", attr("http-equiv", "Content-Security-Policy"), attr("content", contentPolicy())),
		el("meta", attr("name", "viewport"), attr("content", "width=device-width, initial-scale=1")),
		el("meta", attr("name", "color-scheme"), attr("content", "light dark")),
		el("meta", attr("name", "referrer"), attr("content", "no-referrer")),
		el("meta", attr("name", "robots"), attr("content", "noindex")),
		el("title", text(p.report.Title+": "+p.verdict.headline)),
		el("style", stylesheet(css)),
	)
}

// contentPolicy lets the page use its own style sheet and nothing else: no script, no image, no
// font, no form, no connection (Content Security Policy Level 3).
func contentPolicy() string {
	sum := sha256.Sum256([]byte(css))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// section is a part of the page that its contents lead to.
type section struct {
	id, title string
	body      part
}

func (p *page) body() part {
	sections := p.sections()
	links := each(sections, func(s section) part {
		return el("li", el("a", to(s.id), text(s.title)))
	})
	return el("body", when(p.large(), class("large")),
		el("a", class("skip"), to("main"), text("Skip to the report")),
		p.header(),
		el("nav", attr("aria-label", "Contents"), el("ul", links)),
		el("main", id("main"), each(sections, func(s section) part {
			return el("section", id(s.id), attr("aria-labelledby", s.id+"-title"),
				el("h2", id(s.id+"-title"), text(s.title)), s.body)
		})),
		p.footer(),
	)
}

// large reports whether the page is one to search rather than to read through or print whole.
func (p *page) large() bool {
	return len(p.targets) > manyAccounts || p.report.Deploy != nil && len(p.report.Deploy.Results) > manyAccounts
}

// sections are those that have something to say, in the order of what a reader wants to know.
func (p *page) sections() []section {
	var list []section
	add := func(id, title string, body part) {
		if body != nil {
			list = append(list, section{id, title, body})
		}
	}
	add("findings", "Findings and fixes", p.findings())
	add("unseen", "Could not look", p.unseen())
	add("run", "The run", p.deployed())
	add("checks", "Accounts and checks", p.matrix())
	add("regions", "Regions", p.regions())
	add("refused", "Refused exchanges", p.refused())
	add("accounts", "Account by account", p.accounts())
	add("legend", "How to read this page", p.legend())
	return list
}

func (p *page) footer() part {
	return el("footer",
		el("p", text("Written by "+strings.TrimSpace("fcoidc "+p.report.Version)+". This page runs no script and loads nothing; no token, signature or secret is in it.")))
}
