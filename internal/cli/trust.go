package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/template"
)

type trustMode string

const (
	modeClaims      trustMode = "claims"
	modeSubject     trustMode = "subject"
	modeSessionTags trustMode = "session-tags"
)

// trustFlags are the answers that become parameters of the template.
type trustFlags struct {
	OrgID          string
	AllowedRegions []string
	TrustMode      trustMode
	PlanSubject    string
	ApplySubject   string
	WorkspaceID    string
	Issuer         string
	Audience       string
	Parameters     []string // Name=Value
}

func (f *trustFlags) add(cmd *cobra.Command) { grouped(cmd, flagsTrust, func() { f.bind(cmd) }) }

func (f *trustFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.OrgID, "org-id", "", "`UUID` of your Forgecroft organization (Forgecroft → Settings → Organization)")
	fl.StringSliceVar(&f.AllowedRegions, "allowed-regions", nil, "`Regions` in which apply may act, such as us-east-1,us-west-2")
	fl.Var(newEnum(&f.TrustMode, modeClaims, modeSubject, modeSessionTags), "trust-mode", "what the trust policies test (default claims)")
	fl.StringVar(&f.PlanSubject, "plan-subject", "", "the `sub` of plan tokens (trust mode subject)")
	fl.StringVar(&f.ApplySubject, "apply-subject", "", "the `sub` of apply tokens (trust mode subject)")
	fl.StringVar(&f.WorkspaceID, "workspace-id", "", "let only this workspace's `UUID` apply")
	fl.StringVar(&f.Issuer, "issuer", template.DefaultIssuer, "`URL` of the token issuer")
	fl.StringVar(&f.Audience, "audience", "", "the `aud` of the tokens (default "+template.DefaultAudience+")")
	fl.StringArrayVar(&f.Parameters, "parameter", nil, "any further template parameter as `Name=Value` (repeatable; see docs/template.md)")
}

// template is the template for the issuer asked for.
func (f *trustFlags) template() (*template.Template, error) {
	issuer, err := template.ParseIssuer(f.Issuer)
	if err != nil {
		return nil, usagef("", "--issuer: %w", err)
	}
	t, err := template.Render(issuer)
	if err != nil {
		return nil, fmt.Errorf("render the template for %s: %w", issuer, err)
	}
	return t, nil
}

var trustModeParameter = map[trustMode]string{
	modeClaims:      template.TrustModeClaims,
	modeSubject:     template.TrustModeSubject,
	modeSessionTags: template.TrustModeSessionTags,
}

// parameters are the template parameters that the flags set, checked; see [trustFlags.given].
func (f *trustFlags) parameters() (map[string]string, error) {
	given, err := f.given()
	if err != nil {
		return nil, err
	}
	if err := template.ValidateGiven(given, f.Issuer); err != nil {
		return nil, usagef("", "%w", inFlags(err))
	}
	return given, nil
}

// given are the template parameters that the flags set, and no others: what is not given
// keeps its value in a stack that exists.
func (f *trustFlags) given() (map[string]string, error) {
	given := map[string]string{}
	for _, p := range []struct{ name, value string }{
		{template.ParamOrgID, f.OrgID},
		{template.ParamAllowedRegions, strings.Join(f.AllowedRegions, ",")},
		{template.ParamTrustMode, trustModeParameter[f.TrustMode]},
		{template.ParamPlanSubject, f.PlanSubject},
		{template.ParamApplySubject, f.ApplySubject},
		{template.ParamWorkspaceID, f.WorkspaceID},
		{template.ParamAudience, f.Audience},
	} {
		if p.value != "" {
			given[p.name] = p.value
		}
	}
	for _, p := range f.Parameters {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return nil, usagef("", "--parameter %q: not of the form Name=Value", p)
		}
		if earlier, taken := given[name]; taken && earlier != value {
			return nil, usagef("give it once", "--parameter %s: %s was given twice, with different values", name, name)
		}
		given[name] = value
	}
	return given, nil
}

// flagOf is the flag that sets a parameter; the others are set by --parameter.
var flagOf = map[string]string{
	template.ParamOrgID:          "--org-id",
	template.ParamAllowedRegions: "--allowed-regions",
	template.ParamTrustMode:      "--trust-mode",
	template.ParamPlanSubject:    "--plan-subject",
	template.ParamApplySubject:   "--apply-subject",
	template.ParamWorkspaceID:    "--workspace-id",
	template.ParamAudience:       "--audience",
}

// inFlags puts the names that a person typed before what is wrong with parameters.
func inFlags(err error) error {
	problems, ok := errors.AsType[template.ParameterErrors](err)
	if !ok {
		return fmt.Errorf("--issuer: %w", err)
	}
	told := make([]error, len(problems))
	for i, p := range problems {
		flag := flagOf[p.Parameter]
		if flag == "" {
			flag = "--parameter " + p.Parameter
		}
		told[i] = fmt.Errorf("%s: %w", flag, p)
	}
	return errors.Join(told...)
}
