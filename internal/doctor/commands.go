package doctor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
)

// What the reader fills in. A shell takes it for a word, and bootstrap and doctor refuse it.
const (
	placeholderOrg     = "YOUR-ORG-ID"
	placeholderRegions = "YOUR-REGIONS"
)

// bootstrap is the command that deploys the stack anew with some parameters changed. Those that
// it has are kept by bootstrap; the required ones are said all the same, so that the line is whole.
func (t *target) bootstrap(changes map[string]string, flags ...string) string {
	org, allowed := placeholderOrg, placeholderRegions
	if len(t.o.Regions) > 0 {
		allowed = strings.Join(t.o.Regions, ",")
	}
	words := []string{"fcoidc", "bootstrap"}
	if t.s.Reach.Target != "" {
		words = append(words, t.s.Reach.Target)
	}
	if s := t.s.Stack(); s != nil {
		org, allowed = cmp.Or(s.Parameters[template.ParamOrgID], org), cmp.Or(s.Parameters[template.ParamAllowedRegions], allowed)
		if s.Name != template.DefaultStackName {
			words = append(words, "--stack-name", escape.Shell(s.Name))
		}
	}
	if t.source >= orgOfToken {
		org = t.org
	}
	org, allowed = cmp.Or(changes[template.ParamOrgID], org), cmp.Or(changes[template.ParamAllowedRegions], allowed)
	words = append(words, "--region", t.stackRegion(), "--org-id", escape.Shell(org), "--allowed-regions", escape.Shell(strings.Join(template.SplitRegions(allowed), ",")))
	return strings.Join(append(words, flags...), " ")
}

// aim gives the commands of a fix the account that they are for: pasted as it stands a fix must
// not change another one.
func (s *Snapshot) aim(fix string) string {
	calls := strings.Split(fix, commandsInTurn)
	for i, call := range calls {
		if rest, ok := strings.CutPrefix(call, "aws "); ok && ofAccount(rest) {
			calls[i] = cmp.Or(s.Reach.AWS, "aws") + " " + rest
			continue
		}
		if s.Reach.Target == "" || strings.Contains(call, s.Reach.Target) {
			continue
		}
		for _, command := range []string{"bootstrap", "doctor"} {
			call := "fcoidc " + command
			if !strings.Contains(calls[i], call+" --explain") {
				calls[i] = strings.ReplaceAll(calls[i], call+" --", call+" "+s.Reach.Target+" --")
			}
		}
	}
	return strings.Join(calls, commandsInTurn)
}

// ofAccount reports whether a command of the AWS CLI works on the account whose credentials it has.
// Others are about credentials themselves.
func ofAccount(command string) bool {
	service, _, _ := strings.Cut(command, " ")
	return slices.Contains([]string{"iam", "cloudformation", "account"}, service)
}

// commandsInTurn stands between commands of a fix of which each needs the one before.
const commandsInTurn = " && "

// fixByDoctor is the command that puts what the stack made back as it was.
func (t *target) fixByDoctor() string {
	words := []string{"fcoidc", "doctor", "--fix"}
	if t.s.Reach.Target != "" {
		words = append(words, t.s.Reach.Target)
	}
	return strings.Join(append(words, "--region", t.stackRegion()), " ")
}

// fixDrift puts a resource back as the stack made it.
func (t *target) fixDrift(list []Drift) string {
	var commands []string
	if slices.ContainsFunc(list, Drift.revertible) {
		commands = append(commands, t.fixByDoctor())
	}
	for _, d := range list {
		if !d.revertible() {
			commands = append(commands, deleteBoundary(d.Name))
		}
	}
	return strings.Join(commands, commandsInTurn)
}

func deleteBoundary(role string) string {
	return "aws iam delete-role-permissions-boundary --role-name " + escape.Shell(role)
}

func (t *target) stackRegion() string {
	if s := t.s.Stack(); s != nil {
		return s.region(t.s.Region)
	}
	return t.s.Region
}
