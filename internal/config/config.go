// Package config reads and writes fcoidc.yaml: the answers that the form and the flags of a run
// give, kept in a repository.
//
// No secret belongs in it. Credentials come from the AWS SDK's usual places, and the file names
// at most the profiles they stand under. No error quotes a value, only names of keys.
package config

import "fmt"

// Config is what a file answers. The zero value of a field means that it does not answer that
// question.
type Config struct {
	OrgID            string
	AllowedRegions   []string
	TrustMode        string // claims, subject or session-tags
	PlanSubject      string
	ApplySubject     string
	WorkspaceID      string // or NoWorkspace
	Issuer           string
	Audience         string
	StackName        string
	ExistingProvider string            // reuse or fail
	Parameters       map[string]string // further template parameters by name; none that has a key of its own
	MaxFailures      string            // "N" or "N%"
	Targets          Targets

	at map[string]Place // of each value that was read, by key: "org_id", "targets.region"
}

// NoWorkspace as a WorkspaceID says that no workspace is named, which is an answer too: the
// form need not ask. A stack that has one keeps it, as without an answer.
const NoWorkspace = "none"

// Targets say which accounts are meant and how they are entered.
type Targets struct {
	Profiles        []string // names, or globs over the shared configuration's profiles
	Accounts        []string // 12 digits each
	AccountsFile    string   // as written; a relative path starts from the file's folder
	ExcludeAccounts []string // 12 digits each
	RoleNames       []string // tried in order in each account
	ExternalID      string
	Region          string
	Concurrency     int
}

// Place is where a value stands in a file, line and column counted from 1.
type Place struct {
	Name         string // of the file, as it was given
	Line, Column int
}

// String is the place as editors and compilers write it: "fcoidc.yaml:7:3".
func (p Place) String() string { return fmt.Sprintf("%s:%d:%d", p.Name, p.Line, p.Column) }

// Place returns where the value of a key stands; keys of a section are written "targets.region".
// ok is false if the file does not answer it.
func (c *Config) Place(key string) (p Place, ok bool) {
	p, ok = c.at[key]
	return p, ok
}
