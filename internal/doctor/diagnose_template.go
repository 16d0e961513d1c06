package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// templateNames are the claims that GitHub puts into a subject only where a repository or an
// organisation has customised it (REST API, "subject claim"). Its own subject goes on with ref,
// environment or pull_request.
var templateNames = []string{
	"actor", "actor_id", "base_ref", "context", "enterprise", "event_name", "head_ref", "job_workflow_ref", "job_workflow_sha",
	"ref_type", "repository", "repository_id", "repository_owner", "repository_owner_id", "repository_visibility",
	"runner_environment", "workflow", "workflow_ref", "workflow_sha",
}

var repositoryID = lazyregexp.New(`@([0-9]+|\*)`)

// compareIDs compares GitHub's two forms of a subject, with ids behind the names and without.
// changed is false if both are of one form.
func (s subject) compareIDs(expected string, wild bool) (l likeness, changed bool) {
	immutable, wanted := s.kind == "github_immutable", strings.Contains(expected, "@") && repositoryID.MatchString(expected)
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
