package claims

import (
	"net/url"
	"strings"
)

// Part is one named piece of a subject.
type Part struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// SplitSubject splits a subject by the format that its issuer documents. kind names the format
// ("github", "github_immutable", "gitlab", "buildkite", "circleci", "hcp_terraform", "eks",
// "bitbucket", "vercel", "spacelift", "forgecroft"; "kubernetes" and "pairs" are recognised by
// their form alone). ok is false if the subject has no known format.
func SplitSubject(issuer, sub string) (kind string, parts []Part, ok bool) {
	host, path := hostOf(issuer)
	switch {
	case strings.HasPrefix(sub, "system:serviceaccount:"):
		return serviceAccount(host, sub)
	case host == "oidc.circleci.com" && strings.HasPrefix(path, "/org/"):
		parts, ok = splitPath(sub)
		return "circleci", parts, ok
	case host == "api.bitbucket.org":
		parts, ok = splitBitbucket(sub)
		return "bitbucket", parts, ok
	}
	parts, ok = splitPairs(sub)
	if !ok {
		return "", nil, false
	}
	kind = pairKind(host, path, parts[0].Name)
	if kind == "pairs" && len(parts) < 2 {
		return "", nil, false // a URL or "name:value" has this form too
	}
	if kind == "github" {
		if immutable, yes := splitImmutable(parts); yes {
			return "github_immutable", immutable, true
		}
	}
	return kind, parts, true
}

func hostOf(issuer string) (host, path string) {
	if rest, ok := strings.CutPrefix(issuer, "https://"); ok && !strings.ContainsFunc(rest, beyondPlain) {
		host, _, _ = strings.Cut(rest, "/") // a plain URL needs no parser, which the comparison of subjects would ask time and again
		return host, rest[len(host):]
	}
	u, err := url.Parse(issuer)
	if err != nil {
		return "", ""
	}
	return u.Host, u.Path
}

// beyondPlain reports whether a character makes more of a URL than host and path of what stands
// for itself.
func beyondPlain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_' && r != '/'
}

// isGitHub reports whether a host issues tokens for GitHub Actions, in the cloud or, by its
// path, on an Enterprise Server.
func isGitHub(host, path string) bool {
	return host == "token.actions.githubusercontent.com" ||
		strings.HasPrefix(host, "token.actions.") && strings.HasSuffix(host, ".ghe.com") ||
		host == "github.com" && strings.HasPrefix(path, "/enterprises/") ||
		path == "/_services/token"
}

// pairKind names the format of a subject of name:value pairs. GitLab runs on hosts of its
// users, so its subjects are known by their first name.
func pairKind(host, path, first string) string {
	switch {
	case host == "api.forgecroft.com":
		return "forgecroft"
	case isGitHub(host, path):
		return "github"
	case host == "gitlab.com", first == "project_path":
		return "gitlab"
	case host == "agent.buildkite.com",
		strings.HasPrefix(host, "agent.") && (strings.HasSuffix(host, ".buildkite.dev") || strings.HasSuffix(host, ".buildkite.site")):
		return "buildkite"
	case host == "app.terraform.io":
		return "hcp_terraform"
	case host == "oidc.vercel.com":
		return "vercel"
	case strings.HasSuffix(host, ".app.spacelift.io"):
		return "spacelift"
	}
	return "pairs"
}

// splitPairs reads "name:value:name:value". A value may be empty. GitHub's "pull_request"
// stands without a value at the end.
func splitPairs(sub string) ([]Part, bool) {
	parts := make([]Part, 0, strings.Count(sub, ":")/2+1)
	for more := true; more; {
		var p Part
		p.Name, sub, more = strings.Cut(sub, ":")
		if !isName(p.Name) || !more && (len(parts) == 0 || p.Name != "pull_request") {
			return nil, false
		}
		p.Value, sub, more = strings.Cut(sub, ":")
		parts = append(parts, p)
	}
	return parts, true
}

func isName(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// splitImmutable reads GitHub's form "repo:OWNER@ID/NAME@ID:…", which repositories have whose
// subject survives a rename.
func splitImmutable(parts []Part) ([]Part, bool) {
	if parts[0].Name != "repo" {
		return nil, false
	}
	owner, repo, ok := strings.Cut(parts[0].Value, "/")
	ownerName, ownerID, ok1 := strings.Cut(owner, "@")
	repoName, repoID, ok2 := strings.Cut(repo, "@")
	if !ok || !ok1 || !ok2 || !isDigits(ownerID) || !isDigits(repoID) {
		return nil, false
	}
	return append([]Part{
		{"owner", ownerName},
		{"owner_id", ownerID},
		{"repo", repoName},
		{"repo_id", repoID},
	}, parts[1:]...), true
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// serviceAccount reads "system:serviceaccount:NAMESPACE:NAME" of any Kubernetes cluster.
func serviceAccount(host, sub string) (string, []Part, bool) {
	fields := strings.Split(sub, ":")
	if len(fields) != 4 || fields[2] == "" || fields[3] == "" {
		return "", nil, false
	}
	kind := "kubernetes"
	if strings.HasPrefix(host, "oidc.eks.") || strings.HasPrefix(host, "oidc-eks.") {
		kind = "eks"
	}
	return kind, []Part{{"namespace", fields[2]}, {"service_account", fields[3]}}, true
}

// splitPath reads CircleCI's "org/ID/project/ID/user/ID", of which the newer form goes on
// with "/vcs-origin/HOST/OWNER/REPO/vcs-ref/REF".
func splitPath(sub string) ([]Part, bool) {
	names := []string{"org", "project", "user", "vcs-origin", "vcs-ref"}
	var parts []Part
	rest := sub
	for i, name := range names {
		if rest == "" && i >= 3 {
			break
		}
		value, ok := strings.CutPrefix(rest, name+"/")
		if !ok {
			return nil, false
		}
		rest = ""
		if i+1 < len(names) {
			if before, _, found := strings.Cut(value, "/"+names[i+1]+"/"); found {
				value, rest = before, value[len(before)+1:]
			}
		}
		if value == "" || i < 3 && strings.Contains(value, "/") {
			return nil, false
		}
		parts = append(parts, Part{name, value})
	}
	return parts, rest == ""
}

// splitBitbucket reads "{REPOSITORY}[:{ENVIRONMENT}]:{STEP}", each a UUID in braces.
func splitBitbucket(sub string) ([]Part, bool) {
	fields := strings.Split(sub, ":")
	for _, f := range fields {
		if len(f) < 3 || f[0] != '{' || f[len(f)-1] != '}' {
			return nil, false
		}
	}
	switch len(fields) {
	case 2:
		return []Part{{"repository", fields[0]}, {"step", fields[1]}}, true
	case 3:
		return []Part{{"repository", fields[0]}, {"environment", fields[1]}, {"step", fields[2]}}, true
	}
	return nil, false
}
