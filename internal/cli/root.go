package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// globals are the flags that every command has.
type globals struct {
	Color colorMode
}

const rootLong = `fcoidc sets up, checks and explains the trust between Forgecroft and AWS accounts.

Forgecroft signs a short-lived token for each run and phase; AWS exchanges it for
credentials of a read-only plan role or a writing apply role. No access keys.

Try it on a local, pretended AWS first: nothing leaves the machine, no credentials are read.

  fcoidc bootstrap --sandbox`

func newRoot(sys *IO) *cobra.Command {
	g := &globals{Color: colorAuto}
	root := &cobra.Command{
		Use:           "fcoidc",
		Short:         "The trust between Forgecroft and AWS accounts: set it up, check it, explain it",
		Long:          rootLong,
		SilenceErrors: true, // Main prints them, once
		SilenceUsage:  true,

		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().Var(newEnum(&g.Color, colorAuto, colorAlways, colorNever), "color", "when to colour")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef(flagHint(cmd, err), "%w", err)
	})
	root.AddGroup(
		&cobra.Group{ID: groupTrust, Title: "The trust:"},
		&cobra.Group{ID: groupLearn, Title: "Try and learn:"},
	)
	root.AddCommand(
		newBootstrap(sys, g, runBootstrap),
		newDoctor(sys, g, runDoctor),
		newDecode(sys, g, runDecode),
		newOutputs(sys, g, runOutputs),
		newTeardown(sys, g, runTeardown),
		newTemplate(sys, runTemplate),
		newPrintPolicy(sys, runPrintPolicy),
		newSandbox(sys),
		newVersion(sys),
		newExitCodes(),
	)
	root.InitDefaultCompletionCmd()
	refuseWrongArguments(root)
	completeEnums(root)
	foldHelp(root)
	root.SetUsageFunc(usage)
	return root
}

// flagHint is the flag that somebody who mistyped one most likely meant, else the help.
func flagHint(cmd *cobra.Command, err error) string {
	const mostTypos = 2
	near, least := "", mostTypos+1
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if d := levenshtein.Distance(f.Name, unknown.GetSpecifiedName(), nil); d < least {
				near, least = f.Name, d
			}
		})
	}
	if near == "" {
		return cmd.CommandPath() + " --help"
	}
	return "did you mean --" + near + "? " + cmd.CommandPath() + " --help lists the flags"
}

const (
	groupTrust = "trust"
	groupLearn = "learn"
)

// completeEnums lets shells complete the values of flags that know theirs.
func completeEnums(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if v, ok := f.Value.(interface{ names() []string }); ok {
			// The only error is that the flag has one already or does not exist.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(v.names(), cobra.ShellCompDirectiveNoFileComp))
		}
	})
	for _, sub := range cmd.Commands() {
		completeEnums(sub)
	}
}

// newExitCodes is a help topic: a command that cannot be run.
func newExitCodes() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitCodesHelp}
}

// refuseWrongArguments makes a wrong number of arguments, or an unknown command, a
// usage error as a wrong flag is.
func refuseWrongArguments(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	cmd.SuggestionsMinimumDistance = 2
	check := cmd.Args
	if check == nil && cmd.Runnable() {
		check = cobra.NoArgs
	}
	if check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			if err := refuseTokensAsFlags(c); err != nil {
				return err
			}
			err := check(c, args)
			if err == nil {
				return nil
			}
			hint := c.CommandPath() + " --help"
			if !c.HasParent() && len(args) > 0 && looksLikeToken(args[0]) {
				return usagef("fcoidc decode -", "a token stands where a command is wanted")
			}
			if len(args) > 0 {
				if near := c.SuggestionsFor(args[0]); len(near) > 0 {
					hint = "did you mean: " + c.CommandPath() + " " + strings.Join(near, ", ")
				}
			}
			if c.HasParent() && !c.HasSubCommands() && strings.HasPrefix(err.Error(), "unknown command") { // which is what cobra calls an argument
				return usagef(hint, "%s takes no arguments, and got %q", c.CommandPath(), args[0])
			}
			return usagef(hint, "%w", err)
		}
	}
	for _, sub := range cmd.Commands() {
		refuseWrongArguments(sub)
	}
}

// refuseTokensAsFlags refuses a token in the place of a flag's value, before anything repeats it: no
// flag takes one.
func refuseTokensAsFlags(cmd *cobra.Command) (refused error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		for value := range strings.SplitSeq(strings.Trim(f.Value.String(), "[]"), ",") {
			if strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2 {
				wanted, _ := pflag.UnquoteUsage(f)
				refused = usagef("give a token by --token-file or standard input", "a token stands where --%s wants: %s", f.Name, wanted)
			}
		}
	})
	return refused
}

// enum is a flag whose values are known; a wrong one is refused with the list.
type enum[T ~string] struct {
	value   *T
	allowed []T
}

func newEnum[T ~string](value *T, allowed ...T) *enum[T] { return &enum[T]{value, allowed} }

func (e *enum[T]) String() string {
	if e.value == nil {
		return ""
	}
	return string(*e.value)
}

func (e *enum[T]) Set(s string) error {
	if !slices.Contains(e.allowed, T(s)) {
		return fmt.Errorf("%q is not one of %s", s, e.Type())
	}
	*e.value = T(s)
	return nil
}

// Type is shown in the help after the flag's name.
func (e *enum[T]) Type() string { return strings.Join(e.names(), "|") }

func (e *enum[T]) names() []string {
	names := make([]string, len(e.allowed))
	for i, a := range e.allowed {
		names[i] = string(a)
	}
	return names
}
