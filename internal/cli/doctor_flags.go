package cli

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/docs/causes"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/template"
)

// liveFlags say what doctor looks at.
type liveFlags struct {
	Targets targetFlags
	Config  configFlag

	Issuer, StackName   string
	PlanRole, ApplyRole string // ARNs
	OrgID               string
	Regions             []string

	Token    tokenSource
	Try      bool
	Endpoint string // of STS

	Since, Wait time.Duration
	Checks      []string
	Suppress    []string

	Save, Report string // files
	Fix, Yes     bool

	AllowTrustChange bool
}

func (f *liveFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.OrgID, "org-id", "", "your Forgecroft organization's `UUID`, to compare the trust policies with")
	fl.StringSliceVar(&f.Regions, "regions", nil, "`Regions` that Forgecroft uses: may the apply role act there?")
	grouped(cmd, flagsProof, func() { f.bindToken(cmd) })
	grouped(cmd, flagsLook, func() { f.bindLook(cmd) })
	grouped(cmd, flagsRepair, func() { f.bindRepair(cmd) })
}

func (f *liveFlags) bindToken(cmd *cobra.Command) {
	fl := cmd.Flags()
	f.Token.add(cmd)
	fl.BoolVar(&f.Try, "try", false, "make the real exchange with the token; its credentials are dropped at once")
	fl.StringVar(&f.Endpoint, "sts-endpoint", "", "with --try: send the token to this `URL`, not to AWS's regional STS")
	fl.Var((*span)(&f.Since), "since", "show the calls that were refused in this `time` before now, such as 24h or 7d, as CloudTrail has them")
	fl.DurationVar(&f.Wait, "wait", 0, "where a change that is not yet everywhere in IAM can explain it, look again for this `time`, such as 2m")
}

func (f *liveFlags) bindLook(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.PlanRole, "plan-role", "", "`ARN` of the plan role (default: that of the stack, or one that trusts the issuer)")
	fl.StringVar(&f.ApplyRole, "apply-role", "", "`ARN` of the apply role (default: likewise)")
	fl.StringVar(&f.StackName, "stack-name", template.DefaultStackName, "`name` of the stack")
	fl.StringVar(&f.Issuer, "issuer", template.DefaultIssuer, "`URL` of the token issuer")
	fl.StringSliceVar(&f.Checks, "checks", nil, "make these `checks` only, by name or category: see --list-checks")
	fl.StringSliceVar(&f.Suppress, "suppress", nil, "leave out findings of this `CODE`; CODE=ACCOUNT in one account")
}

func (f *liveFlags) bindRepair(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.Save, "save", "", "write what was seen to this `file`, for --case; no signature, no secret")
	fl.StringVar(&f.Report, "report", "", "write a page for a browser to this `file`")
	fl.BoolVar(&f.Fix, "fix", false, "show the repairs that are a redeploy of our own stack, and make them once you agree")
	fl.BoolVar(&f.AllowTrustChange, "allow-trust-change", false, "with --fix: a repair may change who may assume the roles")
	fl.BoolVarP(&f.Yes, "yes", "y", false, "with --fix: repair without asking")
}

// check refuses what can be refused before anything is looked at.
func (f *liveFlags) check() error {
	if err := f.Targets.check(); err != nil {
		return err
	}
	if _, err := template.ParseIssuer(f.Issuer); err != nil {
		return usagef("", "--issuer: %w", err)
	}
	if err := f.checkQuestions(); err != nil {
		return err
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"--since", f.Since}, {"--wait", f.Wait}} {
		if d.value < 0 {
			return usagef("", "%s %s: not negative", d.name, d.value)
		}
	}
	switch {
	case f.Since > maxHistory:
		return usagef("--since 90d", "--since %s: CloudTrail keeps 90 days", f.Since)
	case f.Endpoint != "" && !f.Try:
		return usagef("add --try, or leave it out", "--sts-endpoint goes with --try")
	case f.AllowTrustChange && !f.Fix:
		return usagef("add --fix, or leave it out", "--allow-trust-change goes with --fix")
	case f.Yes && !f.Fix:
		return usagef("add --fix, or leave it out", "--yes goes with --fix")
	}
	if err := checkEndpoint(f.Endpoint); err != nil {
		return err
	}
	return f.Token.check()
}

// checkQuestions refuses what cannot be asked of any account, looked at or saved.
func (f *liveFlags) checkQuestions() error {
	if f.OrgID != "" {
		if err := template.ValidateGiven(map[string]string{template.ParamOrgID: f.OrgID}, template.DefaultIssuer); err != nil {
			return usagef("", "%w", inFlags(err))
		}
	}
	for i, r := range f.Regions {
		id := strings.TrimSpace(r)
		if id == "" {
			return usagef("leave out the comma too many", "--regions: an entry of the list is empty")
		}
		if _, ok := regions.Lookup(id); !ok {
			hint := ""
			if near := regions.Nearest(id); near != "" {
				hint = "did you mean " + near + "?"
			}
			return usagef(hint, "--regions: there is no Region %q", r)
		}
		f.Regions[i] = id
	}
	return f.checkNames()
}

// checkPartitions refuses Regions of a partition in which none of the accounts lives. What is not
// known of an account is "".
func (f *liveFlags) checkPartitions(known []string) error {
	slices.Sort(known)
	known = slices.DeleteFunc(slices.Compact(known), func(p string) bool { return p == "" })
	for _, r := range f.Regions {
		if p, ok := regions.PartitionOf(r); ok && len(known) > 0 && !slices.Contains(known, p.ID) {
			return usagef("name Regions of "+strings.Join(known, " or "), "--regions: %s is of the partition %s, and no account that is looked at lives there", r, p.ID)
		}
	}
	return nil
}

// checkEndpoint refuses an STS endpoint to which a token must not go: a token is a credential.
func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return usagef("--sts-endpoint https://vpce-0123.sts.eu-west-1.vpce.amazonaws.com", "--sts-endpoint %s: it is no URL of a server", escape.Text(endpoint))
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("give it as https://"+u.Host, "--sts-endpoint %s: the token would cross the network in the clear", escape.Text(endpoint))
	}
	return nil
}

// checkNames refuses names of checks and codes that do not exist.
func (f *liveFlags) checkNames() error {
	known := map[string]bool{}
	for _, c := range doctor.Checks() {
		known[c.Name], known[string(c.Category)] = true, true
	}
	for _, name := range f.Checks {
		if !known[name] {
			return usagef("fcoidc doctor --list-checks", "--checks: there is no check and no category %q", name)
		}
	}
	for _, s := range f.Suppress {
		code, account, bound := strings.Cut(s, "=")
		if _, ok := causes.Text(code); !ok {
			return usagef("fcoidc doctor --list-checks", "--suppress: there is no code %q", code)
		}
		if wrong := fleet.CheckAccount(account); bound && wrong != "" {
			return usagef("", "--suppress %s: %s", s, wrong)
		}
	}
	return nil
}

// maxHistory is how far back CloudTrail's event history goes.
const maxHistory = 90 * 24 * time.Hour

// unused refuses flags of a live look where nothing is looked up. What was saved can be shown as a page.
func (f *liveFlags) unused(saved bool) error {
	for _, used := range []struct {
		set  bool
		name string
	}{
		{f.Try, "--try"},
		{f.Fix, "--fix"},
		{f.Save != "", "--save"},
		{f.Since != 0, "--since"},
		{f.Wait != 0, "--wait"},
		{f.Report != "" && !saved, "--report"},
		{f.Token.File != "", "--token-file"},
		{f.Targets.Sandbox.Enabled, "--sandbox"},
	} {
		if used.set {
			return usagef("leave it out", "%s looks at accounts; --case, --batch, --offline, --explain and --list-checks do not", used.name)
		}
	}
	return nil
}
