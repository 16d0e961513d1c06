package config

import "go.yaml.in/yaml/v3"

// field is one key of the file.
type field struct {
	key     string
	comment string // for who reads the file
	value   value
}

// value is what a key takes, bound to where it is kept.
type value interface {
	// read takes the value over from a node, which is no alias. What is wrong with it is
	// noted in r, without quoting it.
	read(r *reader, key string, n *yaml.Node)

	// node is the value as YAML, nil if it is not given.
	node() *yaml.Node
}

// The keys that the file's readers and its errors name.
const (
	keyVersion    = "version"
	keyTargets    = "targets"
	keyParameters = "parameters"
)

// fields are all keys, in the order in which they are written.
func (c *Config) fields() []field {
	return []field{
		{keyVersion, "", version{}},
		{"org_id", "Forgecroft → Settings → Organization", text{&c.OrgID}},
		{"allowed_regions", "the Regions in which apply may act", textList{&c.AllowedRegions}},
		{"trust_mode", "what the trust policies test: claims, subject or session-tags", choice{&c.TrustMode, trustModes()}},
		{"plan_subject", "the sub of plan tokens (trust mode subject)", text{&c.PlanSubject}},
		{"apply_subject", "the sub of apply tokens (trust mode subject)", text{&c.ApplySubject}},
		{"workspace_id", "the only workspace that may apply, or none", text{&c.WorkspaceID}},
		{"issuer", "who signs the tokens", text{&c.Issuer}},
		{"audience", "the aud of the tokens", text{&c.Audience}},
		{"stack_name", "", text{&c.StackName}},
		{"existing_provider", "where an account has a provider for the issuer already: reuse or fail", choice{&c.ExistingProvider, existingProviders()}},
		{keyParameters, "further parameters of the template", parameters{&c.Parameters}},
		{"max_failures", "no further account is started after so many failed, or such a share", asWritten{&c.MaxFailures}},
		{keyTargets, "which accounts, and how they are entered", section{c.Targets.fields()}},
	}
}

func (t *Targets) fields() []field {
	return []field{
		{"profiles", "of the shared AWS configuration; globs are allowed", textList{&t.Profiles}},
		{"accounts", "in quotes: YAML would cut leading zeros", accountList{&t.Accounts}},
		{"accounts_file", "CSV or YAML, beside this file", text{&t.AccountsFile}},
		{"exclude_accounts", "left out, whatever asks for them", accountList{&t.ExcludeAccounts}},
		{"role_names", "assumed in each account, tried in order", textList{&t.RoleNames}},
		{"external_id", "", text{&t.ExternalID}},
		{"region", "where the stacks live", text{&t.Region}},
		{"concurrency", "accounts at once", count{&t.Concurrency}},
	}
}

func trustModes() []string        { return []string{"claims", "subject", "session-tags"} }
func existingProviders() []string { return []string{"reuse", "fail"} }
