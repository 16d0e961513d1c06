package cli

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
)

// again are the flags that choose a target once more.
func (f *targetFlags) again(t *fleet.Target) string {
	switch {
	case f.Sandbox.Enabled:
		return "--sandbox --account " + t.Account
	case f.entered():
		words := []string{"--account " + t.Account}
		for _, w := range f.Profiles {
			words = append(words, "--profile "+escape.Shell(w))
		}
		for _, w := range f.RoleNames {
			words = append(words, "--role-name "+escape.Shell(w))
		}
		if f.ExternalID != "" {
			words = append(words, "--external-id <the external id>") // which is half a secret
		}
		return strings.Join(words, " ")
	}
	if profile, ok := strings.CutPrefix(t.Source, "--profile "); ok {
		return "--profile " + escape.Shell(profile)
	}
	return ""
}

// againAll are the flags that choose all targets of the run once more.
func (l *lookout) againAll() string {
	f := &l.Live.Targets
	if len(l.world.targets) == 1 {
		return l.world.targets[0].Again
	}
	var words []string
	if f.Sandbox.Enabled {
		words = append(words, "--sandbox")
	}
	for _, list := range []struct {
		flag   string
		values []string
	}{
		{"--profile", f.Profiles},
		{"--account", f.Accounts},
		{"--accounts-file", []string{f.AccountsFile}},
		{"--exclude-account", f.Exclude},
		{"--role-name", f.RoleNames},
	} {
		for _, value := range list.values {
			if value != "" {
				words = append(words, list.flag+" "+escape.Shell(value))
			}
		}
	}
	return strings.Join(words, " ")
}

// awsCLI is how the AWS CLI is called so that it works on a target, which the current credentials
// need not be those of: pasted without that, a fix would change the same role of another account.
func (f *targetFlags) awsCLI(t *fleet.Target) string {
	if f.Sandbox.Enabled {
		return "fcoidc sandbox exec --account " + t.Account + " -- aws"
	}
	if f.entered() {
		return "aws --profile <a profile of " + t.Account + ">"
	}
	if profile := f.again(t); profile != "" {
		return "aws " + profile
	}
	return ""
}

// entered reports whether the targets are accounts that are entered by a role.
func (f *targetFlags) entered() bool { return len(f.Accounts) > 0 || f.AccountsFile != "" }
