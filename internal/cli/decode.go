package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/trust"
)

type decodeOptions struct {
	IO      *IO
	Globals *globals
	Source  tokenSource
	Output  format

	AsCondition conditionForm // empty: the token is described
	Claims      []string      // the claims that the condition tests; none: those that make sense
	Diff        string        // the file of another token
	Verify      verifyFlags
	Policy      string // file with a trust policy
	Keys        trust.Keys
}

// conditionForm is the value of --as-condition.
type conditionForm string

const (
	conditionJSON conditionForm = "json"
	conditionYAML conditionForm = "yaml"
)

func newDecode(sys *IO, g *globals, run func(context.Context, decodeOptions) error) *cobra.Command {
	o := decodeOptions{IO: sys, Globals: g, Output: formatText, Keys: trust.KeysIssuer}
	cmd := &cobra.Command{
		Use:     "decode [TOKEN | -]",
		GroupID: groupTrust,
		Short:   "Show what is in a token, and what AWS makes of it",
		Long: `Show the header and claims of a token: who issued it, when it is valid, and which
condition key of a trust policy each claim becomes. The token is read from standard
input (-), --token-file, or the file that AWS_WEB_IDENTITY_TOKEN_FILE names; it is
found in what people paste: quotes, "Bearer ", a log line, a JSON response.

Nothing is looked up and nothing verified without --verify. The signature is never
printed. More: docs/decode.md.`,
		Example: `  pbpaste | fcoidc decode -
  fcoidc decode --token-file plan.jwt --verify
  fcoidc decode --token-file plan.jwt --diff apply.jwt
  fcoidc decode --token-file plan.jwt --policy role.json
  fcoidc decode --token-file plan.jwt --as-condition --claim aud,sub
  fcoidc sandbox token --phase plan | fcoidc decode - --verify --sandbox`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.Source.Argument = args[0]
			}
			if err := o.check(); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	o.Source.add(cmd)
	fl.Var(newEnum(&o.AsCondition, conditionJSON, conditionYAML), "as-condition", "print the Condition block of a trust policy that admits such tokens")
	fl.Lookup("as-condition").NoOptDefVal = string(conditionJSON)
	fl.StringSliceVar(&o.Claims, "claim", nil, "test this `claim` in the condition (repeatable)")
	fl.StringVar(&o.Diff, "diff", "", "compare with the token in this `file`, claim by claim")
	fl.StringVar(&o.Policy, "policy", "", "say whether the trust policy in this `file` admits the token")
	addKeys(cmd, &o.Keys)
	addOutput(cmd, &o.Output, formatText, formatJSON)
	o.Verify.add(cmd)
	return cmd
}

// check refuses what does not go together, before anything is read.
func (o *decodeOptions) check() error {
	if form := o.Source.Argument; o.AsCondition != "" && (form == string(conditionJSON) || form == string(conditionYAML)) {
		return usagef("fcoidc decode - --as-condition="+form, "%q is taken for the token: write --as-condition=%s", form, form)
	}
	if err := o.Source.check(); err != nil {
		return err
	}
	switch {
	case o.AsCondition != "" && o.Diff != "":
		return usagef("leave one of them out", "--as-condition and --diff do not go together")
	case o.Verify.Enabled && o.Diff != "":
		return usagef("leave one of them out", "--verify and --diff do not go together")
	case o.Verify.Enabled && o.AsCondition != "":
		return usagef("leave one of them out", "--verify and --as-condition do not go together")
	case o.Policy != "" && (o.Diff != "" || o.AsCondition != ""):
		return usagef("leave one of them out", "--policy goes with neither --diff nor --as-condition")
	case o.Policy == standardInput && o.Source.readsStdin(o.IO):
		return usagef("give one of them as a file", "token and trust policy are both to come from standard input")
	case o.Policy == "" && o.Keys != trust.KeysIssuer:
		return usagef("add --policy", "--keys goes with --policy")
	case len(o.Claims) > 0 && o.AsCondition == "":
		return usagef("add --as-condition, or leave it out", "--claim goes with --as-condition")
	case o.Diff == standardInput && o.Source.readsStdin(o.IO):
		return usagef("give one of them as a file", "both tokens are to come from standard input")
	}
	return o.Verify.check()
}
