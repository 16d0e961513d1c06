package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// identity are the parts of a subject that say who it is; the others say in which context: which
// branch, environment or phase.
var identity = []string{
	"repo", "owner", "owner_id", "repo_id", "repository", "repository_id", "repository_owner", "repository_owner_id",
	"namespace", "service_account", "organization", "organisation", "org", "project", "project_path", "workspace",
	"pipeline", "space", "stack", "module", "user", "account", "team", "group", "client", "name", "deployment", "vcs-origin",
}

func isIdentity(name string) bool { return slices.Contains(identity, name) }

// templateNames are the claims that GitHub puts into a subject only where a repository or an
// organisation has customised it (REST API, "subject claim"). Its own subject goes on with ref,
// environment or pull_request.
var templateNames = []string{
	"actor", "actor_id", "base_ref", "context", "enterprise", "event_name", "head_ref", "job_workflow_ref", "job_workflow_sha",
	"ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id", "repository_visibility",
	"runner_environment", "workflow", "workflow_ref", "workflow_sha",
}

// compareSubjects says how the subject of a policy differs from the token's. wild is true if the
// policy's holds * or ? that are meant as wildcards, whatever its operator makes of them.
func (d *diagnoser) compareSubjects(expected, found string, wild bool) likeness {
	s, ok := splitSubject(d.c.Token.Issuer(), found)
	if !ok || len(s.parts) > maxParts || d.steps <= 0 {
		return compareUnknown(expected, found)
	}
	s.steps = &d.steps
	if l, changed := s.compareIDs(expected, wild); changed {
		return l
	}
	return s.compare(expected, wild)
}

// subject is a token's subject in parts.
type subject struct {
	kind   string
	prefix string // what stands before the first part
	parts  []claims.Part
	pair   string // between a part's name and its value, "" if parts have no names
	sep    string // between two parts
	steps  *int   // what is left of the work of comparing
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

var repositoryID = lazyregexp.New(`@([0-9]+|\*)`)

// compareIDs compares GitHub's two forms of a subject, with ids behind the names and without.
// changed is false if both are of one form.
func (s subject) compareIDs(expected string, wild bool) (l likeness, changed bool) {
	immutable, wanted := s.kind == "github_immutable", repositoryID.MatchString(expected)
	if immutable == wanted || s.kind != "github" && !immutable {
		return likeness{}, false
	}
	l = likeness{cause: "sub_format_changed", far: 1, words: "the issuer writes the subject with ids behind the names, the policy expects it without"}
	if wanted {
		l.words = "the policy expects ids behind the names in the subject, the issuer writes it without"
		expected = repositoryID.ReplaceAllString(expected, "")
	}
	plain := s
	plain.parts = slices.Clone(s.parts)
	plain.parts[0].Value = repositoryID.ReplaceAllString(s.parts[0].Value, "")
	if text := plain.text(); text == expected || wild && policy.Like(expected, text) {
		return l, true
	}
	if strings.EqualFold(plain.text(), expected) {
		l.also, l.alsoWords = "sub_case_mismatch", "the names differ in letter case as well"
		return l, true
	}
	rest := plain.compare(expected, wild)
	switch rest.cause {
	case "sub_format_changed":
	case "sub_name_mismatch":
		l.far = rest.far
		fallthrough
	default:
		l.also, l.alsoWords = rest.cause, "beside the ids, "+rest.words
	}
	return l, true
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

// compare asks which parts of the subject must become others for the policy's value to match it.
// A wildcard before the end is first taken to stand for a value, as it is meant, and only then for
// several parts, as it works.
func (s subject) compare(expected string, wild bool) likeness {
	whole := globOf(expected, wild)
	if l, changed := s.compareTemplate(expected, whole); changed {
		return l
	}
	for _, want := range []glob{whole.within(rune(s.sep[0])), whole} {
		if l, ok := s.comparePattern(expected, want); ok {
			return l
		}
	}
	return s.shapeDiffers(expected)
}

func (s subject) comparePattern(expected string, want glob) (likeness, bool) {
	lead := s.lead()
	who := func(i int) bool { return i < lead || isIdentity(s.parts[i].Name) }
	fits := func(free func(part int) bool) bool {
		return want.meets(s.shape(len(s.parts), free, false), s.steps) || want.meets(s.shape(lead, free, true), s.steps)
	}
	if fits(func(i int) bool { return !who(i) }) {
		return s.contextDiffers(expected), true
	}
	if !fits(func(int) bool { return true }) {
		return likeness{}, false
	}
	var names []string
	for i, p := range s.parts {
		if who(i) && !fits(func(j int) bool { return j != i }) {
			names = append(names, s.nameDiffers(expected, p))
		}
	}
	difference := strings.Join(names, "; ")
	if difference == "" {
		difference = nearMiss(expected, s.text())
	}
	return likeness{
		cause: "sub_name_mismatch", far: 5 + min(len(names), 2) + s.stranger(expected),
		words: "the subject names another one than the policy: " + difference,
	}, true
}

// compareTemplate looks for a subject whose parts the issuer chooses otherwise than the policy
// expects: parts that are appended or cut off, or GitHub's customised ones.
func (s subject) compareTemplate(expected string, want glob) (likeness, bool) {
	text, who := s.text(), s.leading().text()
	if rest, ok := strings.CutPrefix(text, expected+s.sep); ok && strings.HasPrefix(expected, who+s.sep) { // the policy has a context already
		return likeness{cause: "sub_format_changed", far: 2, words: "the issuer appends " + rest + " to the subject that the policy expects"}, true
	}
	if rest, ok := strings.CutPrefix(expected, text+s.sep); ok && rest != "*" {
		return likeness{cause: "sub_format_changed", far: 2, words: "the policy expects " + rest + " at the end of the subject, with which the issuer does not go on"}, true
	}
	all := func(int) bool { return true }
	if s.kind == "circleci" && len(s.parts) == 3 && !want.meets(s.shape(3, all, false), s.steps) && want.meets(s.shape(3, all, true), s.steps) {
		return likeness{cause: "sub_format_changed", far: 2, words: "the token's subject ends where the policy's goes on: the policy is made for the newer form, with vcs-origin and vcs-ref"}, true
	}
	if s.kind != "github" && s.kind != "github_immutable" {
		return likeness{}, false
	}
	own := slices.ContainsFunc(s.parts, func(p claims.Part) bool { return slices.Contains(templateNames, p.Name) })
	wanted := slices.ContainsFunc(strings.Split(expected, ":"), func(f string) bool { return slices.Contains(templateNames, f) })
	if own == wanted {
		return likeness{}, false
	}
	l := likeness{cause: "sub_format_changed", far: 2, words: "the issuer writes a customised subject (" + partsText(s.parts[min(1, len(s.parts)-1):]) + "), the policy expects GitHub's own"}
	if wanted {
		l.words = "the policy expects a customised subject, the issuer writes GitHub's own"
	}
	if s.parts[0].Name == "repo" && strings.HasPrefix(expected, "repo:") && !want.meets(s.shape(1, func(int) bool { return false }, true), s.steps) {
		l.far, l.also, l.alsoWords = 6, "sub_name_mismatch", "the names differ as well: "+s.nameDiffers(expected, s.parts[0])
	}
	return l, true
}

func (s subject) contextDiffers(expected string) likeness {
	context := s.parts[s.lead():]
	who := s.leading().text()
	rest, cut := strings.CutPrefix(expected, who+s.sep)
	switch {
	case expected == who:
		return likeness{cause: "sub_context_mismatch", far: 2, words: "the policy leaves out the context with which the token's subject goes on: " + partsText(context)}
	case !cut:
		rest = expected
	}
	return likeness{cause: "sub_context_mismatch", far: 3, words: "who it is agrees, the context does not: the token's is " + partsText(context) + ", the policy's " + rest}
}

// nameDiffers words one part, with what the policy has in its place where that can be told.
func (s subject) nameDiffers(expected string, p claims.Part) string {
	own := p.Name + " is " + p.Value
	if s.pair == "" {
		fields := strings.Split(strings.TrimPrefix(expected, s.prefix), s.sep)
		if i := slices.Index(s.parts, p); i < len(fields) {
			return own + ", the policy names " + fields[i]
		}
		return own
	}
	if _, after, ok := strings.Cut(s.sep+expected, s.sep+p.Name+s.pair); ok {
		named, _, _ := strings.Cut(after, s.sep)
		return own + ", the policy names " + named
	}
	return own
}

// stranger is 1 if not even the owner, the group or the namespace is the policy's.
func (s subject) stranger(expected string) int {
	first := s.parts[0]
	owner, _, _ := strings.Cut(first.Value, "/")
	if owner == "" || strings.Contains(expected, owner) {
		return 0
	}
	return 1
}

func (s subject) shapeDiffers(expected string) likeness {
	if s.pair != "" && !strings.HasPrefix(expected, s.parts[0].Name+s.pair) {
		return likeness{cause: "sub_format_changed", far: 8, words: "the issuer writes the subject in another format than the policy expects: it begins with " + s.parts[0].Name}
	}
	if s.pair == "" && !strings.HasPrefix(expected, s.prefix) {
		return likeness{cause: "sub_format_changed", far: 8, words: "the issuer writes the subject in another format than the policy expects"}
	}
	if s.pair == "" {
		return likeness{cause: "sub_name_mismatch", far: 7, words: "the token's subject is another than the one that the policy names: " + nearMiss(expected, s.text())}
	}
	return likeness{cause: "sub_format_changed", far: 4, words: "the issuer writes the subject with other parts than the policy expects: " + partNames(s.parts)}
}

// compareUnknown compares subjects of no known format.
func compareUnknown(expected, found string) likeness {
	switch {
	case strings.HasPrefix(found, expected+":"):
		return likeness{cause: "sub_context_mismatch", far: 2, words: "the policy's subject ends where the token's goes on"}
	case strings.HasPrefix(expected, found+":"):
		return likeness{cause: "sub_format_changed", far: 2, words: "the token's subject ends where the policy's goes on"}
	case firstName(expected) != firstName(found):
		return likeness{cause: "sub_format_changed", far: 6, words: "the issuer writes the subject in another format than the policy expects"}
	}
	return likeness{cause: "sub_name_mismatch", far: 6, words: "the token's subject is another than the one that the policy names: " + nearMiss(expected, found)}
}

// firstName is what stands before the first colon of a subject, "" if there is none.
func firstName(sub string) string {
	name, _, ok := strings.Cut(sub, ":")
	if !ok {
		return ""
	}
	return name
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
