package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups in which help lists a command's flags, in this order. A flag without a group
// stands first.
const (
	flagsVerify   = "Verifying"
	flagsTrust    = "Who may assume the roles"
	flagsAccounts = "Which accounts"
	flagsSandbox  = "The sandbox"
)

func flagGroups() []string { return []string{"", flagsVerify, flagsTrust, flagsAccounts, flagsSandbox} }

// flagGroup is the annotation that holds a flag's group.
const flagGroup = "fcoidc_group"

// grouped puts the flags that add binds into a group.
func grouped(cmd *cobra.Command, group string, add func()) {
	cmd.Flags().SortFlags = false // sorting them at each visit is a good part of a command's start
	before := map[string]bool{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { before[f.Name] = true })
	add()
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !before[f.Name] && f.Annotations[flagGroup] == nil {
			_ = cmd.Flags().SetAnnotation(f.Name, flagGroup, []string{group}) // fails only for a flag that does not exist
		}
	})
}

// usage writes how a command is called: cobra's own layout, with the flags in groups.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.Runnable() {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s <command>\n", cmd.CommandPath())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	writeCommands(&b, cmd)
	for _, group := range flagGroups() {
		writeFlags(&b, cmd, group)
	}
	if cmd.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\nEverywhere:\n%s", flagUsages(cmd.InheritedFlags()))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nMore about a command: %s <command> --help\n", cmd.CommandPath())
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), b.String())
	return err
}

func writeCommands(b *strings.Builder, cmd *cobra.Command) {
	groups := append(cmd.Groups(), &cobra.Group{Title: "Further:"})
	if len(groups) == 1 {
		groups[0].Title = "Commands:"
	}
	for _, g := range groups {
		var lines []string
		for _, sub := range cmd.Commands() {
			if sub.GroupID == g.ID && (sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand()) {
				lines = append(lines, fmt.Sprintf("  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short))
			}
		}
		if len(lines) > 0 {
			fmt.Fprintf(b, "\n%s\n%s", g.Title, strings.Join(lines, ""))
		}
	}
}

func writeFlags(b *strings.Builder, cmd *cobra.Command, group string) {
	chosen := pflag.NewFlagSet("", pflag.ContinueOnError)
	chosen.SortFlags = false // the order in which they are bound is the order of thought
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if got := f.Annotations[flagGroup]; group == "" && got == nil || got != nil && got[0] == group {
			chosen.AddFlag(f)
		}
	})
	if !chosen.HasAvailableFlags() {
		return
	}
	title := group
	if title == "" {
		title = "Flags"
	}
	fmt.Fprintf(b, "\n%s:\n%s", title, flagUsages(chosen))
}

// flagUsages leaves out that a switch may be written with =true, as nobody does; blanks
// in its place keep the columns.
func flagUsages(flags *pflag.FlagSet) string {
	const switchForm = "[=true|false]"
	return strings.ReplaceAll(flags.FlagUsages(), switchForm, strings.Repeat(" ", len(switchForm)))
}
