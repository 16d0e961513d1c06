package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// identity are the parts of a subject that say who it is; the others say in which context: which
// branch, environment or phase.
var identity = []string{
	"repo", "owner", "owner_id", "repo_id", "repository", "repository_id", "repository_owner", "repository_owner_id",
	"namespace", "service_account", "organization", "organisation", "org", "project", "project_path", "workspace",
	"pipeline", "space", "stack", "module", "user", "account", "team", "group", "client", "name", "deployment", "vcs-origin",
}

func isIdentity(name string) bool { return slices.Contains(identity, name) }

// subject is a token's subject in parts.
type subject struct {
	kind   string
	prefix string // what stands before the first part
	parts  []claims.Part
	pair   string // between a part's name and its value, "" if parts have no names
	sep    string // between two parts
	steps  *int   // what is left of the work of comparing
	room   *glob  // memory for shapes, of which one is needed at a time
}

// maxParts is how many parts a subject of a known format has at most. One with more has another.
const maxParts = 32

func splitSubject(issuer, sub string) (subject, bool) {
	kind, parts, ok := claims.SplitSubject(issuer, sub)
	s := subject{kind: kind, parts: parts, pair: ":", sep: ":"}
	switch kind {
	case "eks", "kubernetes":
		s.prefix, s.pair = "system:serviceaccount:", ""
	case "bitbucket":
		s.pair = ""
	case "circleci":
		s.pair, s.sep = "/", "/"
	case "github_immutable":
		// "repo:OWNER@ID/NAME@ID", taken for one part, as the form without ids is
		name := parts[0].Value + "@" + parts[1].Value + "/" + parts[2].Value + "@" + parts[3].Value
		s.parts = append([]claims.Part{{Name: "repo", Value: name}}, parts[4:]...)
	}
	return s, ok
}

func (s subject) text() string {
	var b strings.Builder
	b.WriteString(s.prefix)
	for i, p := range s.parts {
		if i > 0 {
			b.WriteString(s.sep)
		}
		b.WriteString(s.partText(p))
	}
	return b.String()
}

func (s subject) partText(p claims.Part) string {
	if s.pair == "" {
		return p.Value
	}
	if p.Value == "" && p.Name == "pull_request" {
		return p.Name
	}
	return p.Name + s.pair + p.Value
}

// lead counts the parts at the beginning that say who it is.
func (s subject) lead() int {
	n := 0
	for n < len(s.parts) && (n == 0 || isIdentity(s.parts[n].Name)) {
		n++
	}
	return n
}

// leading is the subject without its context.
func (s subject) leading() subject {
	s.parts = s.parts[:s.lead()]
	return s
}

func partsText(parts []claims.Part) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.Name
		if p.Value != "" {
			list[i] += " " + p.Value
		}
	}
	return strings.Join(list, ", ")
}

func partNames(parts []claims.Part) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = p.Name
	}
	return fmt.Sprintf("%s, in this order", strings.Join(list, ", "))
}

// shape is the subject's first n parts, of which some values are free; with open the text may go
// on. It is good until the next is made.
func (s subject) shape(n int, free func(part int) bool, open bool) glob {
	g := (*s.room)[:0].literally(s.prefix)
	for i, p := range s.parts[:n] {
		if i > 0 {
			g = g.literally(s.sep)
		}
		if !free(i) {
			g = g.literally(s.partText(p))
			continue
		}
		if s.pair != "" {
			g = g.literally(p.Name).literally(s.pair)
		}
		excluded := rune(s.sep[0])
		if strings.HasPrefix(p.Name, "vcs-") {
			excluded = 0 // CircleCI's origins and refs hold its separator
		}
		g = append(g, globToken{globRun, excluded})
	}
	if open {
		g = append(g, globToken{globRun, 0})
	}
	*s.room = g
	return g
}
