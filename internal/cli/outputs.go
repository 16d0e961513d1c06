package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

type outputsOptions struct {
	IO        *IO
	Globals   *globals
	Targets   targetFlags
	Config    configFlag
	StackName string
	Output    format
}

func newOutputs(sys *IO, g *globals, run func(context.Context, outputsOptions) error) *cobra.Command {
	o := outputsOptions{IO: sys, Globals: g, Output: formatText}
	cmd := &cobra.Command{
		Use:     "outputs",
		GroupID: groupTrust,
		Short:   "Print the role ARNs of every account",
		Long: `Print the outputs of the stack in every account: the ARNs to paste into Forgecroft.
Formats: text, json, csv (for a spreadsheet), env (for a shell: eval "$(fcoidc outputs -o env)").`,
		Example: `  fcoidc outputs --profile 'prod-*' -o csv > roles.csv`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Config.apply(cmd, sys); err != nil {
				return err
			}
			o.Targets.Spared = o.Config.Spared
			if err := o.Targets.check(); err != nil {
				return err
			}
			return o.Config.placed(run(cmd.Context(), o))
		},
	}
	cmd.Flags().StringVar(&o.StackName, "stack-name", template.DefaultStackName, "`name` of the stack")
	addOutput(cmd, &o.Output, formatText, formatJSON, formatCSV, formatEnv)
	o.Targets.add(cmd)
	o.Config.add(cmd)
	return cmd
}

func runOutputs(ctx context.Context, o outputsOptions) error {
	w, err := o.Targets.open(ctx, o.IO)
	if err != nil {
		return err
	}
	engine := bootstrap.New(bootstrap.Request{StackName: o.StackName, Concurrency: o.Targets.Concurrency}, nil)
	stacks, err := engine.View(ctx, w.targets)
	if err != nil {
		return err
	}
	if err := writeOutputs(o, stacks); err != nil {
		return err
	}
	failed := 0
	for i := range stacks {
		if stacks[i].Failure != nil || stacks[i].Outputs[template.OutputPlanRoleARN] == "" {
			failed++
		}
	}
	return exit(shareCode(failed, len(stacks)))
}

func writeOutputs(o outputsOptions, stacks []bootstrap.StackView) error {
	switch o.Output {
	case formatJSON:
		return report.WriteOutputsJSON(o.IO.Out, stacks)
	case formatCSV:
		return report.WriteOutputsCSV(o.IO.Out, stacks)
	case formatEnv:
		for i := range stacks {
			if f := stacks[i].Failure; f != nil {
				fmt.Fprintf(o.IO.Err, "fcoidc: %s: %s\n", stacks[i].Target.Account, escape.Text(f.Message))
			}
		}
		return report.WriteOutputsEnv(o.IO.Out, stacks)
	default:
		return report.WriteOutputsText(o.IO.Out, o.IO.theme(o.Globals.Color, o.IO.OutTerminal), stacks)
	}
}
