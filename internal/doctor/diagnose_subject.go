package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// identity are the parts of a subject that say who it is; the others say in which context: which
// branch, environment or phase.
var identity = []string{
	"repo", "owner", "owner_id", "repo_id", "repository", "repository_id", "repository_owner", "repository_owner_id",
	"namespace", "service_account", "organization", "organisation", "org", "project", "project_path", "workspace",
	"pipeline", "space", "stack", "module", "user", "step", "account", "team", "group", "client", "name", "deployment",
}

// compareSubjects says how the subject of a policy differs from the token's.
func (d *diagnoser) compareSubjects(expected, found string, pattern bool) likeness {
	iss := d.c.Token.Issuer()
	wantKind, want, ok1 := claims.SplitSubject(iss, expected)
	haveKind, have, ok2 := claims.SplitSubject(iss, found)
	switch {
	case ok2 && wantKind != haveKind && ok1 && sameKind(wantKind, haveKind):
		return d.compareImmutable(want, have, wantKind, expected, found)
	case !ok2 || !ok1 || wantKind != haveKind:
		return compareUnknown(expected, found, ok1 != ok2)
	}
	return compareParts(want, have, pattern)
}

// compareImmutable compares a subject with ids behind each name to one without.
func (d *diagnoser) compareImmutable(want, have []claims.Part, wantKind, expected, found string) likeness {
	l := likeness{"sub_format_changed", 1, "the issuer writes the subject with ids behind the names, the policy expects it without"}
	if strings.HasSuffix(wantKind, "_immutable") {
		l.words = "the policy expects ids behind the names in the subject, the issuer writes it without"
		want, have = have, want
	}
	// want has the form without ids: "repo" is "owner/name"
	repo := value(want, "repo")
	if !policy.Like(repo, value(have, "owner")+"/"+value(have, "repo")) {
		l.far = 3
		l.words += fmt.Sprintf("; the names differ as well (%s, %s)", expected, found)
	}
	return l
}

func value(parts []claims.Part, name string) string {
	for _, p := range parts {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// compareUnknown compares subjects of no known format, or of two formats.
func compareUnknown(expected, found string, oneKnown bool) likeness {
	switch {
	case strings.HasPrefix(found, expected+":"):
		return likeness{"sub_context_mismatch", 2, "the policy's subject ends where the token's goes on"}
	case strings.HasPrefix(expected, found+":"):
		return likeness{"sub_context_mismatch", 2, "the token's subject ends where the policy's goes on"}
	case oneKnown, firstName(expected) != firstName(found):
		return likeness{"sub_format_changed", 4, "the issuer writes the subject in another format than the policy expects"}
	}
	return likeness{"sub_name_mismatch", 6, "the token's subject is another than the one that the policy names: " + nearMiss(expected, found)}
}

// firstName is what stands before the first colon of a subject, "" if there is none.
func firstName(sub string) string {
	name, _, ok := strings.Cut(sub, ":")
	if !ok {
		return ""
	}
	return name
}

// compareParts compares two subjects of one format, part by part.
func compareParts(want, have []claims.Part, pattern bool) likeness {
	equal := func(a, b string) bool { return a == b || pattern && policy.Like(a, b) }
	for i := range want {
		if i < len(have) && want[i].Name != have[i].Name && (i == 0 || isIdentity(want[i].Name) && isIdentity(have[i].Name)) {
			return likeness{"sub_format_changed", 3, fmt.Sprintf("the issuer writes the subject with %s where the policy expects %s", have[i].Name, want[i].Name)}
		}
	}
	var names, contexts []string
	for i, w := range want {
		if i >= len(have) {
			contexts = append(contexts, "the policy goes on with "+partText(w)+", the token's subject ends")
			continue
		}
		h := have[i]
		switch {
		case w.Name == h.Name && (equal(w.Value, h.Value) || i == len(want)-1 && pattern && strings.HasSuffix(w.Value, "*") && policy.Like(w.Value, h.Value)):
		case w.Name == h.Name && isIdentity(w.Name):
			names = append(names, fmt.Sprintf("%s is %s, the policy names %s", h.Name, h.Value, w.Value))
		default:
			contexts = append(contexts, "the token's is "+partText(h)+", the policy's "+partText(w))
		}
	}
	switch {
	case len(names) > 0:
		return likeness{"sub_name_mismatch", 5 + min(len(names)+len(contexts), 3), "the subject names another one than the policy: " + strings.Join(names, "; ")}
	case len(contexts) > 0:
		return likeness{"sub_context_mismatch", 2 + min(len(contexts), 3), "who it is agrees, the context does not: " + strings.Join(contexts, "; ")}
	case len(have) > len(want) && slices.ContainsFunc(want, func(p claims.Part) bool { return !isIdentity(p.Name) }):
		return likeness{"sub_format_changed", 2, "the issuer appends " + partsText(have[len(want):]) + " to the subject that the policy expects"}
	case len(have) > len(want):
		return likeness{"sub_context_mismatch", 2, "the policy leaves out the context with which the token's subject goes on: " + partsText(have[len(want):])}
	}
	return likeness{"sub_name_mismatch", 6, "the token's subject is another than the one that the policy names"}
}

func isIdentity(name string) bool { return slices.Contains(identity, name) }

func partText(p claims.Part) string {
	if p.Value == "" {
		return p.Name
	}
	return p.Name + " " + p.Value
}

func partsText(parts []claims.Part) string {
	list := make([]string, len(parts))
	for i, p := range parts {
		list[i] = partText(p)
	}
	return strings.Join(list, ", ")
}
