package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/forgecroft/fcoidc/internal/report"
)

// The groups in which help lists a command's flags, in this order. A flag without a group
// stands first.
const (
	flagsProof    = "With a token, and over time"
	flagsLook     = "What is looked at, and told"
	flagsRepair   = "Keep and repair"
	flagsOffline  = "Without looking at an account"
	flagsVerify   = "Verifying"
	flagsTrust    = "Who may assume the roles"
	flagsAccounts = "Which accounts"
	flagsSandbox  = "The sandbox"
)

func flagGroups() []string {
	return []string{"", flagsProof, flagsLook, flagsRepair, flagsOffline, flagsVerify, flagsTrust, flagsAccounts, flagsSandbox}
}

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
	if !cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	} else { // such a command does nothing by itself but print this
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

// helpWidth is how wide help is, in columns: that of the narrowest terminal that is common.
const helpWidth = 80

// widestFlag is how wide the column of flags may get; what a wider one is for stands below it.
const widestFlag = 33

// flagUsages lists flags, a column with what they are for beside them.
func flagUsages(flags *pflag.FlagSet) string {
	var b strings.Builder
	column := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if w := len(flagHead(f)); w <= widestFlag {
			column = max(column, w)
		}
	})
	indent := strings.Repeat(" ", column+2)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		head := flagHead(f)
		if len(head) > column {
			b.WriteString(head + "\n" + indent)
		} else {
			fmt.Fprintf(&b, "%-*s  ", column, head)
		}
		b.WriteString(strings.Join(report.Fold(flagMeaning(f), helpWidth-column-2), "\n"+indent) + "\n")
	})
	return b.String()
}

// flagHead is how a flag is written: "  -o, --output text|json".
func flagHead(f *pflag.Flag) string {
	head := "      --" + f.Name
	if f.Shorthand != "" {
		head = "  -" + f.Shorthand + ", --" + f.Name
	}
	if name, _ := pflag.UnquoteUsage(f); name != "" {
		head += " " + name
	}
	if f.NoOptDefVal != "" && f.Value.Type() != "bool" {
		head += "[=" + f.NoOptDefVal + "]"
	}
	return head
}

// flagMeaning is what a flag is for, and what it is without being given.
func flagMeaning(f *pflag.Flag) string {
	_, text := pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
		return text
	}
	if strings.Contains(text, "default") {
		return text
	}
	return text + " (default " + f.DefValue + ")"
}

// foldHelp breaks the prose of every command's help at [helpWidth]; lines that begin with a
// blank are examples and tables, which stay.
func foldHelp(cmd *cobra.Command) {
	var out []string
	for paragraph := range strings.SplitSeq(cmd.Long, "\n\n") {
		if !strings.HasPrefix(paragraph, " ") && !strings.Contains(paragraph, "\n\t") && !strings.HasPrefix(paragraph, "\t") {
			paragraph = strings.Join(report.Fold(strings.ReplaceAll(paragraph, "\n", " "), helpWidth), "\n")
		}
		out = append(out, paragraph)
	}
	cmd.Long = strings.Join(out, "\n\n")
	for _, sub := range cmd.Commands() {
		foldHelp(sub)
	}
}
