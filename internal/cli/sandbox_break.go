package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/sandbox"
)

type sandboxBreakOptions struct {
	IO      *IO
	Fault   string
	Account string
	List    bool
	Undo    bool
	Output  format
}

func newSandboxBreak(sys *IO, run func(sandboxBreakOptions) error) *cobra.Command {
	o := sandboxBreakOptions{IO: sys, Output: formatText}
	cmd := &cobra.Command{
		Use:   "break {<fault> | --list | --undo}",
		Short: "Make a fault in the sandbox, to learn how doctor finds it",
		Long: `Make a fault in an account of the sandbox that bootstrap has deployed, or in the sandbox's issuer,
to see what comes of it and how doctor finds it. Faults stay until they are mended or undone.
Without --account the fault goes to the first deployed account that is not the management
account, which no policy of the organisation binds.`,
		Example: `  fcoidc bootstrap --sandbox
  fcoidc sandbox break --list
  fcoidc sandbox break trust-no-org
  fcoidc sandbox break --undo`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return faultNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Fault = args[0]
			}
			if err := o.check(); err != nil {
				return err
			}
			return run(o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.List, "list", false, "show the faults there are")
	fl.BoolVar(&o.Undo, "undo", false, "take back the faults of every account, or of --account, and those of the issuer")
	fl.StringVar(&o.Account, "account", "", "`ID` of the account")
	addOutput(cmd, &o.Output, formatText, formatJSON)
	return cmd
}

const breakHelp = "fcoidc sandbox break --list"

// check wants one thing to do, and a fault that there is.
func (o *sandboxBreakOptions) check() error {
	switch {
	case o.List && o.Undo, o.Fault != "" && (o.List || o.Undo):
		return usagef("", "a fault, --list and --undo do not go together")
	case o.List && o.Account != "":
		return usagef("", "--list and --account do not go together: every account has the same faults")
	case o.List, o.Undo:
		return nil
	case o.Fault == "":
		return usagef(breakHelp, "no fault is named")
	}
	names := faultNames()
	near := ""
	for _, name := range names {
		if name == o.Fault {
			return nil
		}
		if d := levenshtein.Distance(name, o.Fault, nil); d <= 3 && (near == "" || d < levenshtein.Distance(near, o.Fault, nil)) {
			near = name
		}
	}
	if near != "" {
		return usagef("fcoidc sandbox break "+near, "no fault is called %q", o.Fault)
	}
	return usagef(breakHelp, "no fault is called %q", o.Fault)
}

func faultNames() []string {
	var names []string
	for _, b := range sandbox.Breakages() {
		names = append(names, b.Name)
	}
	return names
}

func runSandboxBreak(o sandboxBreakOptions) error {
	if o.List {
		return listFaults(o)
	}
	box, err := new(sandboxFlags).open(o.IO)
	if err != nil {
		return err
	}
	if o.Undo {
		return undoFaults(o, box)
	}
	done, err := box.Break(o.Fault, o.Account)
	if err != nil {
		return err
	}
	if o.Output == formatJSON {
		return report.WriteJSON(o.IO.Out, struct {
			Version int `json:"version"`
			faultJSON
			Account string `json:"account,omitempty"`
			Region  string `json:"region,omitempty"`
			OrgID   string `json:"org_id,omitempty"`
		}{1, newFaultJSON(done.Breakage), done.Account.ID, done.Region, done.OrgID})
	}
	where := "the issuer"
	if done.Account.ID != "" {
		where = done.Account.ID + " " + done.Account.Name
	}
	summary := done.Summary
	if done.Region != "" {
		summary += " (" + done.Region + ")"
	}
	if _, err := fmt.Fprintf(o.IO.Out, "%s: %s\n", where, summary); err != nil {
		return err
	}
	writeHowToSee(o.IO.Err, done)
	return nil
}

// writeHowToSee says what shows a fault, and what takes it back.
func writeHowToSee(w io.Writer, b sandbox.Broken) {
	org, account := "", ""
	if b.OrgID != "" {
		org = " --org-id " + b.OrgID
	}
	if b.Account.ID != "" {
		account = " --account " + b.Account.ID
	}
	doctor := "fcoidc doctor --sandbox" + account
	switch b.Needs {
	case sandbox.NeedsNothing:
		fmt.Fprintf(w, "see it:  %s\n", doctor)
	case sandbox.NeedsToken:
		fmt.Fprintf(w, "see it:  fcoidc sandbox token --phase apply%s | %s --token-file -\n", org, doctor)
	case sandbox.NeedsOrgID:
		fmt.Fprintf(w, "see it:  %s%s\n", doctor, org)
	case sandbox.NeedsRegions:
		fmt.Fprintf(w, "see it:  %s --regions us-east-1,%s\n", doctor, b.Region)
	case sandbox.NeedsTry:
		fmt.Fprintf(w, "see it:  fcoidc sandbox token --phase apply%s | %s --region %s --token-file - --try\n", org, doctor, b.Region)
	}
	fmt.Fprintf(w, "undo it: fcoidc sandbox break --undo%s\n", account)
}

// faultJSON is a fault for machines.
type faultJSON struct {
	Name    string `json:"name"`
	Cause   string `json:"cause"`
	Summary string `json:"summary"`
	Needs   string `json:"needs,omitempty"`
}

func newFaultJSON(b sandbox.Breakage) faultJSON {
	return faultJSON{b.Name, b.Cause, b.Summary, string(b.Needs)}
}

func listFaults(o sandboxBreakOptions) error {
	all := sandbox.Breakages()
	if o.Output == formatJSON {
		list := make([]faultJSON, 0, len(all))
		for _, b := range all {
			list = append(list, newFaultJSON(b))
		}
		return report.WriteJSON(o.IO.Out, struct {
			Version int         `json:"version"`
			Faults  []faultJSON `json:"faults"`
		}{1, list})
	}
	width := 0
	for _, name := range faultNames() {
		width = max(width, len(name))
	}
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%-*s  %s\n", width, f.Name, f.Summary)
	}
	_, err := io.WriteString(o.IO.Out, b.String())
	return err
}

func undoFaults(o sandboxBreakOptions, box *sandbox.Sandbox) error {
	accounts, issuer, err := box.Unbreak(o.Account)
	if err != nil {
		return err
	}
	type undone struct {
		Account string   `json:"account"`
		Faults  []string `json:"faults"`
		Left    bool     `json:"left,omitempty"` // deployed since, and left as it is
	}
	if o.Output == formatJSON {
		list := make([]undone, 0, len(accounts))
		for _, u := range accounts {
			list = append(list, undone{u.Account.ID, u.Faults, u.Left})
		}
		return report.WriteJSON(o.IO.Out, struct {
			Version int      `json:"version"`
			Undone  []undone `json:"undone"`
			Issuer  bool     `json:"issuer"`
		}{1, list, issuer})
	}
	for _, u := range accounts {
		line := u.Account.ID + " " + u.Account.Name + ": "
		if u.Left {
			line += "deployed since its faults were made, left as it is: " + strings.Join(u.Faults, ", ")
		} else {
			line += "as before " + strings.Join(u.Faults, ", ")
		}
		fmt.Fprintln(o.IO.Out, line)
	}
	if issuer {
		fmt.Fprintln(o.IO.Out, "the issuer: as before its faults")
	}
	if len(accounts) == 0 && !issuer {
		fmt.Fprintln(o.IO.Err, "there is no fault to undo")
	}
	return nil
}
