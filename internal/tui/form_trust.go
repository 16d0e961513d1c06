package tui

import "github.com/forgecroft/fcoidc/internal/report"

// trustMode is one way in which the trust policies tell tokens apart.
type trustMode struct {
	value string
	title string
	gloss string // a few words beside the title
	tests string // what the policies test
	needs string // what one needs for it
}

var trustModes = []trustMode{
	{
		value: TrustModeClaims,
		title: "Claims",
		gloss: "as Forgecroft documents it",
		tests: "The policies test the claims phase and org_id of the token.",
		needs: "Nothing more. But AWS publishes no such condition keys for this issuer, so only the first run in Forgecroft proves it.",
	},
	{
		value: TrustModeSubject,
		title: "Subject",
		gloss: "on a key that AWS documents for every issuer",
		tests: "The policies test the sub claim, a key that AWS documents for every issuer.",
		needs: "The sub of one of your plan tokens and of one of your apply tokens. They must differ, and hold your OrgId.",
	},
	{
		value: TrustModeSessionTags,
		title: "Session tags",
		gloss: "on tags that the token carries",
		tests: "The policies test the session tags phase and org_id, by keys that AWS documents.",
		needs: "Tokens that carry both as tags (the claim https://aws.amazon.com/tags).",
	},
}

// modeTitle is the trust mode in words.
func (a Answers) modeTitle() string {
	for _, m := range trustModes {
		if m.value == a.TrustMode {
			return m.title
		}
	}
	return a.TrustMode
}

// renderModes draws the modes, and what the current one means and needs.
func (f form) renderModes(s Styles, room int) []string {
	var lines []string
	for i, m := range trustModes {
		current, radio := i == f.mode, "( )"
		if current {
			radio = "(" + s.Theme.Text(report.MarkGood, "x") + ")"
		}
		line := pointer(s, current) + radio + " " + strong(s, current, padTo(m.title, 13, false)) + " " + s.Dim.Paint(m.gloss)
		lines = append(lines, cutTo(line, room, s.Ellipsis))
	}
	m := trustModes[f.mode]
	lines = append(lines, "")
	lines = append(lines, prose("  "+s.Dim.Paint("means")+"  ", m.tests, room+2)...)
	return append(lines, prose("  "+s.Dim.Paint("needs")+"  ", m.needs, room+2)...)
}

// indented is text in lines that begin with indent, dimmed if it is beside the point.
func indented(s Styles, indent, text string, room int, dim bool) []string {
	lines := wrapTo(text, room-textWidth(indent))
	for i := range lines {
		if dim {
			lines[i] = s.Dim.Paint(lines[i])
		}
		lines[i] = indent + lines[i]
	}
	return lines
}
