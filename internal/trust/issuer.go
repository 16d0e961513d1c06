package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
)

// issuer is one provider that a policy may trust, with what its tokens fill.
type issuer struct {
	claims.Provider
	arn       string // or the bare name
	account   string // "" if not known
	keys      Keys
	audiences []string
}

// issuerOf returns the provider that a Federated principal names.
func issuerOf(principal string, o Options) issuer {
	i := issuer{arn: principal, keys: o.Keys}
	if i.keys == "" {
		i.keys = KeysIssuer
	}
	path := issuerPath(principal)
	_, i.account, _, _ = SplitProviderARN(principal)
	i.Provider = o.Table.For("https://" + path)
	if principal == o.ProviderARN {
		i.audiences = o.Audiences
		if o.Provider != nil {
			i.Provider = *o.Provider
		}
	}
	return i
}

func (i issuer) isForgecroft() bool { return i.ID == "forgecroft" }

// tenantClaims are claims whose value belongs to one tenant of an issuer, or to a part of one.
var tenantClaims = []string{
	"org_slug", "workspace_id", "run_id", // Forgecroft
	"repository", "repository_id", "repository_owner_id", "enterprise_id", // GitHub
	"namespace_id", "project_id", // GitLab
	"organization_id", "organization_slug", "pipeline_id", "cluster_id", // Buildkite
	"google/organization_number", "oidc.circleci.com/project-id", "rpst_id", "app_id", "email",
}

// tenancy returns the condition keys that tell the issuer's tenants apart: those that have to
// be tested, and further ones that do it, too. Keys are in lower case.
func (i issuer) tenancy() (primary, further []string) {
	names := []string{"sub"}
	switch {
	case i.isForgecroft():
		names = append(names, "org_id")
		primary = append(primary, requestTag+"org_id")
		further = append(further, requestTag+"org_slug", requestTag+"workspace_id")
	default:
		for _, name := range i.RequiredAnyOf {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		primary = append(primary, strings.ToLower(i.key(name)))
	}
	for _, name := range tenantClaims {
		further = append(further, strings.ToLower(i.key(name)))
	}
	return primary, further
}

// key returns the provider's condition key of that name.
func (i issuer) key(name string) string { return i.KeyPrefix + ":" + name }
