package claims

// headerMeanings explains the header's members (RFC 7515 §4.1).
var headerMeanings = map[string]string{
	"alg":  "how the token is signed",
	"kid":  "which of the issuer's keys signed it",
	"typ":  "what kind of document it says it is",
	"crit": "extensions its reader must understand",
	"x5t":  "SHA-1 thumbprint of the signing certificate",
	"jku":  "where its bearer says the keys are; never followed",
	"jwk":  "the key its bearer says signed it; never used",
	"x5c":  "the certificates its bearer says signed it; never used",
	"x5u":  "where its bearer says the certificates are; never followed",
	"cty":  "what kind of document the payload is",
}

// registered explains the claims of RFC 7519 §4.1 and OpenID Connect Core §2, and those that
// STS gives a meaning of its own.
var registered = map[string]string{
	"iss":               "who issued the token: the URL of the identity provider",
	"sub":               "whom it speaks for",
	"aud":               "whom it is meant for: one of the provider's client ids",
	"azp":               "the party it was issued to; AWS compares it instead of aud",
	"iat":               "when it was issued",
	"nbf":               "before when it must not be used",
	"exp":               "from when on it must not be used",
	"jti":               "the token's own id",
	"amr":               "how the subject authenticated",
	"email":             "the subject's e-mail address",
	"email_verified":    "whether the issuer checked the e-mail address",
	"nonce":             "ties the token to one sign-in",
	"auth_time":         "when the subject signed in",
	ClaimTags:           "session tags that the role session gets",
	ClaimSourceIdentity: "the source identity that the role session gets, for good",
	ClaimRoles:          "the only roles that may be assumed with this token",
	flatTransitive:      "session tags that stay through role chaining",
}

// forgecroft explains the claims that Forgecroft documents.
var forgecroft = map[string]string{
	"org_id":         "the Forgecroft organization: the tenant a trust policy must name",
	"org_slug":       "the organization's short name; it may change, org_id does not",
	"workspace_id":   "the workspace that runs",
	"workspace_name": "the workspace's name; it may change, workspace_id does not",
	"run_id":         "the one run it was issued for",
	"phase":          "plan or apply: which of the two roles it is for",
	"repo":           "the repository the run takes its configuration from",
	"branch":         "the branch the run takes its configuration from",
	"actor":          "who started the run",
}

// github explains the claims of GitHub Actions that policies use, and those mistaken for keys.
var github = map[string]string{
	"actor":                 "who started the workflow",
	"actor_id":              "the number of who started it, which survives a rename",
	"environment":           "the deployment environment of the job",
	"event_name":            "what started the workflow",
	"job_workflow_ref":      "the workflow file of the job, a reused one if the job calls one",
	"ref":                   "the branch or tag of the run",
	"repository":            "owner and name of the repository",
	"repository_id":         "the repository's number, which survives a rename",
	"repository_owner":      "the organization or user that owns the repository",
	"repository_owner_id":   "the owner's number, which survives a rename",
	"repository_visibility": "public, private or internal",
	"runner_environment":    "github-hosted or self-hosted",
	"workflow":              "the workflow's name",
	"workflow_ref":          "the workflow file of the run",
}

func meaning(t *Token, p Provider, claim string) string {
	if text, ok := registered[claim]; ok {
		return text
	}
	host, path := hostOf(t.Issuer())
	switch {
	case isFlatTag(claim):
		return "a session tag that the role session gets"
	case isForgecroft(t, p):
		return forgecroft[claim]
	case isGitHub(host, path):
		return github[claim]
	}
	return ""
}
