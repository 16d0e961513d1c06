package cli

import (
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/config"
)

// answer is what a file says to the question that a flag asks.
type answer struct {
	key    string   // of the file: "org_id", "targets.region"
	flag   string   // without hyphens before it
	values []string // one but for lists; none if the file does not say
}

// question is the key without its section, as the form calls it.
func (a answer) question() string { return strings.TrimPrefix(a.key, "targets.") }

// The flags of which more is to be known here than their names.
const (
	flagAccount      = "account"
	flagAccountsFile = "accounts-file"
	flagParameter    = "parameter"
	flagProfile      = "profile"
)

// answersOf is the one list of which key stands for which flag.
func answersOf(c *config.Config) []answer {
	concurrency := ""
	if c.Targets.Concurrency > 0 {
		concurrency = strconv.Itoa(c.Targets.Concurrency)
	}
	return []answer{
		{"org_id", "org-id", one(c.OrgID)},
		{"allowed_regions", "allowed-regions", c.AllowedRegions},
		{"trust_mode", "trust-mode", one(c.TrustMode)},
		{"plan_subject", "plan-subject", one(c.PlanSubject)},
		{"apply_subject", "apply-subject", one(c.ApplySubject)},
		{"workspace_id", "workspace-id", workspace(c.WorkspaceID)},
		{"issuer", "issuer", one(c.Issuer)},
		{"audience", "audience", one(c.Audience)},
		{"stack_name", "stack-name", one(c.StackName)},
		{"existing_provider", "existing-provider", one(c.ExistingProvider)},
		{"max_failures", "max-failures", one(c.MaxFailures)},
		{"targets.profiles", flagProfile, c.Targets.Profiles},
		{"targets.accounts", flagAccount, c.Targets.Accounts},
		{"targets.accounts_file", flagAccountsFile, one(c.Targets.AccountsFile)},
		{"targets.role_names", "role-name", c.Targets.RoleNames},
		{"targets.external_id", "external-id", one(c.Targets.ExternalID)},
		{"targets.region", "region", one(c.Targets.Region)},
		{"targets.concurrency", "concurrency", one(concurrency)},
	}
}

// workspace is an empty flag where the file says that there is none.
func workspace(id string) []string {
	if id == config.NoWorkspace {
		return []string{""}
	}
	return one(id)
}

func one(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
