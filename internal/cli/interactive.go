package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/tui"
)

// screenFlags say whether a run may use the whole terminal.
type screenFlags struct {
	NoTUI      bool
	NoInput    bool
	Accessible bool
}

func (f *screenFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.NoTUI, "no-tui", false, "plain lines instead of screens, and no questions")
	fl.BoolVar(&f.NoInput, "no-input", false, "ask nothing; what is missing is an error")
	fl.BoolVar(&f.Accessible, "accessible", false, "ask in plain lines, for screen readers")
}

// screens reports whether a person is there to look and answer, and wants to.
func (f *screenFlags) screens(sys *IO, yes bool, output format) bool {
	return sys.InTerminal && sys.live() &&
		!yes && !f.NoInput && !f.NoTUI && output != formatNDJSON
}

// runScreens goes through the form, the review, the live board and the summary.
func runScreens(ctx context.Context, o bootstrapOptions) error {
	if err := o.checkFlags(); err != nil { // which no answer of the form can mend
		return err
	}
	answers, err := o.answers()
	if err != nil {
		return err
	}
	page, err := createPage(o.Report)
	if err != nil {
		return err
	}
	defer page.drop()
	job := &bootstrapJob{options: o, engineJob: engineJob{io: o.IO, globals: o.Globals, output: o.Output, timeline: report.NewTimeline()}}
	outcome, err := showScreens(ctx, o.IO, o.Globals, tui.Options{
		Answers: answers, Fixed: o.fixed(), Accounts: o.accountChoices(), Job: job, Accessible: o.Screens.Accessible,
	})
	if err != nil {
		return err
	}
	done := job.finish(outcome, report.WriteSummary, bootstrapCode)
	if outcome.Results == nil {
		return done
	}
	run := report.Run{ID: job.request.RunID, TemplateSHA256: job.request.Template.SHA256, Notes: job.notes}
	return o.IO.besides(done, o.finishPage(page, run, outcome.Results, job.timeline, job.look))
}

// showScreens runs the screens. A signal winds a deployment down, a second one leaves it.
func showScreens(ctx context.Context, sys *IO, g *globals, options tui.Options) (tui.Outcome, error) {
	run, drain, stop := stages(ctx, sys)
	defer stop()
	options.In, options.Out, options.Environ = sys.In, sys.Err, sys.Environ
	if columns, lines := sys.ErrSize(); columns > 0 && (columns < tui.MinWidth || lines < tui.MinHeight) && !options.Accessible {
		said := fmt.Sprintf("The screens need %d columns and %d lines, and the terminal has %d and %d: going on in plain lines.",
			tui.MinWidth, tui.MinHeight, columns, lines)
		fmt.Fprintln(sys.Err, strings.Join(report.Fold(said, columns), "\n"))
		options.Accessible = true
	}
	options.Theme = sys.theme(g.Color, sys.ErrTerminal)
	options.Interrupted = drain
	outcome, err := tui.Run(run, options)
	broken, ok := errors.AsType[*tui.BrokenError](err)
	if !ok {
		return outcome, err
	}
	err = &exitError{code: exitFailed, err: broken, hint: keepStack(broken.Stack)}
	if outcome.Results == nil {
		return outcome, err
	}
	printError(sys, err) // what was deployed ended all the same, and decides over the exit code
	return outcome, nil
}

// keepStack writes where a mistake of the screens is to a file, and says to which.
func keepStack(stack string) string {
	if stack == "" {
		return ""
	}
	f, err := os.CreateTemp("", "fcoidc-*.txt")
	if err != nil {
		return ""
	}
	_, err = f.WriteString(stack)
	if err = errors.Join(err, f.Close()); err != nil {
		return ""
	}
	return "whoever mends fcoidc needs what is in " + f.Name()
}

// answers are those that flags and file gave, and in the sandbox examples for the
// others, to go on with or to change.
func (o *bootstrapOptions) answers() (tui.Answers, error) {
	a := tui.Answers{
		OrgID: o.Trust.OrgID, Regions: o.Trust.AllowedRegions, TrustMode: string(o.Trust.TrustMode),
		PlanSubject: o.Trust.PlanSubject, ApplySubject: o.Trust.ApplySubject, WorkspaceID: o.Trust.WorkspaceID,
		ReuseProvider:    o.ExistingProvider == bootstrap.ExistingProviderReuse,
		AllowTrustChange: o.AllowTrustChange,
	}
	if !o.Targets.Sandbox.Enabled {
		return a, nil
	}
	if a.OrgID == "" {
		a.OrgID = sandboxOrgID
	}
	if len(a.Regions) == 0 {
		a.Regions = sandboxRegions()
	}
	if len(o.Targets.Accounts) == 0 && o.Targets.AccountsFile == "" {
		choices, err := o.sandboxChoices()
		if err != nil {
			return a, err
		}
		for _, c := range choices {
			a.Accounts = append(a.Accounts, c.Key)
		}
	}
	return a, nil
}

// fixed are the questions that need no asking, and what answered them.
func (o *bootstrapOptions) fixed() map[tui.Question]string {
	sources := o.sources()
	fixed := map[tui.Question]string{}
	for question, keys := range map[tui.Question][]string{
		tui.QuestionOrgID:         {"org_id"},
		tui.QuestionRegions:       {"allowed_regions"},
		tui.QuestionTrustMode:     {"trust_mode"},
		tui.QuestionPlanSubject:   {"plan_subject"},
		tui.QuestionApplySubject:  {"apply_subject"},
		tui.QuestionWorkspaceID:   {"workspace_id"},
		tui.QuestionAccounts:      {"accounts", "profiles"},
		tui.QuestionReuseProvider: {"existing_provider"},
	} {
		for _, key := range keys {
			if from, ok := sources[key]; ok {
				fixed[question] = from
			}
		}
	}
	if o.AllowTrustChange {
		fixed[tui.QuestionAllowTrustChange] = "--allow-trust-change"
	}
	return fixed
}

// accountChoices lists what the form offers: the accounts of the sandbox or of the
// accounts file, or else the profiles of the shared configuration. Nil offers nothing,
// and the current credentials are used.
func (o *bootstrapOptions) accountChoices() func(context.Context) ([]tui.AccountChoice, error) {
	switch {
	case len(o.Targets.Accounts) > 0 || len(o.Targets.Profiles) > 0:
		return nil
	case o.Targets.AccountsFile != "":
		return func(context.Context) ([]tui.AccountChoice, error) { return fileChoices(o.Targets.AccountsFile) }
	case o.Targets.Sandbox.Enabled:
		return func(context.Context) ([]tui.AccountChoice, error) { return o.sandboxChoices() }
	}
	names, err := fleet.ProfileNames()
	if err == nil && len(names) == 0 {
		return nil
	}
	return func(context.Context) ([]tui.AccountChoice, error) {
		choices := []tui.AccountChoice{{Key: currentCredentials, Name: "current credentials", Detail: "what the environment says"}}
		for _, name := range names {
			choices = append(choices, tui.AccountChoice{Key: name, Name: name, Detail: "profile"})
		}
		return choices, err
	}
}

// currentCredentials is the key of the choice that is no profile; no profile has an
// empty name.
const currentCredentials = ""

func fileChoices(path string) ([]tui.AccountChoice, error) {
	listed, err := fleet.AccountsIn(path)
	if err != nil {
		return nil, err
	}
	choices := make([]tui.AccountChoice, len(listed))
	for i, l := range listed {
		choices[i] = tui.AccountChoice{Key: l.Account, ID: l.Account, Name: l.Name, Detail: l.Source}
	}
	return choices, nil
}

func (o *bootstrapOptions) sandboxChoices() ([]tui.AccountChoice, error) {
	box, err := o.Targets.Sandbox.open(o.IO)
	if err != nil {
		return nil, err
	}
	var choices []tui.AccountChoice
	for _, a := range box.Accounts() {
		choices = append(choices, tui.AccountChoice{Key: a.ID, ID: a.ID, Name: a.Name, Detail: "sandbox"})
	}
	return choices, nil
}

// with is o with the answers of the form in the place of flags.
func (o bootstrapOptions) with(a tui.Answers) (bootstrapOptions, error) {
	o.Trust.OrgID, o.Trust.AllowedRegions, o.Trust.TrustMode = a.OrgID, a.Regions, trustMode(a.TrustMode)
	o.Trust.PlanSubject, o.Trust.ApplySubject, o.Trust.WorkspaceID = a.PlanSubject, a.ApplySubject, a.WorkspaceID
	o.AllowTrustChange = a.AllowTrustChange
	if a.ReuseProvider {
		o.ExistingProvider = bootstrap.ExistingProviderReuse
	}
	switch {
	case len(a.Accounts) == 0:
	case o.Targets.AccountsFile != "":
		return o.withoutOthers(a.Accounts)
	case o.Targets.Sandbox.Enabled:
		o.Targets.Accounts = a.Accounts
	case slices.Contains(a.Accounts, currentCredentials):
		if len(a.Accounts) > 1 {
			return o, errors.New("choose the current credentials or profiles, not both")
		}
	default:
		o.Targets.Profiles = literalProfiles(a.Accounts)
	}
	return o, nil
}

// withoutOthers keeps the accounts file, with the names and roles it gives, and leaves
// out what was not chosen.
func (o bootstrapOptions) withoutOthers(chosen []string) (bootstrapOptions, error) {
	listed, err := fleet.AccountsIn(o.Targets.AccountsFile)
	if err != nil {
		return o, err
	}
	o.Targets.Exclude = slices.Clone(o.Targets.Exclude)
	for _, l := range listed {
		if !slices.Contains(chosen, l.Account) && !slices.Contains(o.Targets.Exclude, l.Account) {
			o.Targets.Exclude = append(o.Targets.Exclude, l.Account)
		}
	}
	return o, nil
}

// literalProfiles keeps profiles whose names look like globs from matching others.
func literalProfiles(names []string) []string {
	quote := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)
	literal := make([]string, len(names))
	for i, name := range names {
		literal[i] = quote.Replace(name)
	}
	return literal
}
