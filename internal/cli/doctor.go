package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/trust"
)

type doctorOptions struct {
	IO      *IO
	Globals *globals
	Output  format

	Case, Batch string // files; "-" is standard input
	Offline     bool
	TrustPolicy string // file
	Claims      string // file
	ProviderARN string
	Keys        trust.Keys
	FailOn      doctor.Severity

	Explain    string // a code
	ListChecks bool

	Live liveFlags
}

const formatShort format = "short"

func newDoctor(sys *IO, g *globals, run func(context.Context, doctorOptions) error) *cobra.Command {
	o := doctorOptions{IO: sys, Globals: g, Output: formatText, Keys: trust.KeysIssuer, FailOn: doctor.Failure}
	cmd := &cobra.Command{
		Use:     "doctor",
		GroupID: groupTrust,
		Short:   "Say why an exchange is refused, and what to do",
		Long: `Look at the issuer, the identity provider, both roles and what binds them, in one
account or in many, and say what is wrong between them, why, and what to do. It only
reads; --fix shows what it would repair and asks first.

Whether a run's token gets in is judged with --token-file, and proved with --try. What a
colleague sends, a trust policy and a token's claims, is judged with --offline. More:
docs/doctor.md.`,
		Example: `  fcoidc doctor --org-id <uuid>
  fcoidc doctor --profile 'prod-*' --org-id <uuid> --regions us-east-1,eu-west-1
  fcoidc doctor --token-file plan.jwt --try
  fcoidc doctor --org-id <uuid> --fix
  fcoidc doctor --offline --trust-policy role.json --claims claims.json
  fcoidc doctor --save seen.json && fcoidc doctor --case seen.json
  fcoidc doctor --batch cases.ndjson -o ndjson
  fcoidc doctor --explain condition_key_unsupported`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.Live.Config.apply(cmd, sys); err != nil {
				return err
			}
			o.Live.Targets.Spared = o.Live.Config.Spared
			if o.Batch != "" && !cmd.Flags().Changed("output") {
				o.Output = formatNDJSON
			}
			if err := o.check(); err != nil {
				return err
			}
			return o.Live.Config.placed(run(cmd.Context(), o))
		},
	}
	o.Live.bind(cmd)
	grouped(cmd, flagsOffline, func() { o.bindOffline(cmd) })
	grouped(cmd, flagsLook, func() { addKeys(cmd, &o.Keys) })
	cmd.Flags().Var(newEnum(&o.FailOn, doctor.Critical, doctor.Failure, doctor.Warning, doctor.Info), "fail-on", "exit with 3 for findings of this severity or worse")
	addOutput(cmd, &o.Output, formatText, formatJSON, formatNDJSON, formatShort)
	o.Live.Targets.add(cmd)
	o.Live.Config.add(cmd)
	return cmd
}

// bindOffline binds what is answered without looking at an account.
func (o *doctorOptions) bindOffline(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&o.Offline, "offline", false, "would the trust policy of --trust-policy admit the token of --claims?")
	fl.StringVar(&o.TrustPolicy, "trust-policy", "", "`file` with the role's trust policy, or what aws iam get-role prints")
	fl.StringVar(&o.Claims, "claims", "", "`file` with the token's claims as JSON, or with the token")
	fl.StringVar(&o.ProviderARN, "provider-arn", "", "with --offline: `ARN` of the identity provider that vouches for the token")
	fl.StringVar(&o.Case, "case", "", "judge what --save wrote to this `file`, or a case (- is standard input)")
	fl.StringVar(&o.Batch, "batch", "", "judge every line of this `file`, a case each (- is standard input)")
	fl.StringVar(&o.Explain, "explain", "", "explain a cause or a finding by its `code`")
	fl.BoolVar(&o.ListChecks, "list-checks", false, "list the checks, and every code that doctor knows")
}

// addKeys binds --keys to value.
func addKeys(cmd *cobra.Command, value *trust.Keys) {
	cmd.Flags().Var(newEnum(value, trust.KeysIssuer, trust.KeysDocumented, trust.KeysAll), "keys",
		"which claims are condition keys: AWS's and those that the issuer documents, AWS's alone, or all")
}

// check refuses what does not go together, before anything is read.
func (o *doctorOptions) check() error {
	modes := 0
	for _, asked := range []bool{o.Case != "", o.Batch != "", o.Offline, o.Explain != "", o.ListChecks} {
		if asked {
			modes++
		}
	}
	switch {
	case modes > 1:
		return usagef("leave all but one of them out", "--case, --batch, --offline, --explain and --list-checks do not go together")
	case o.Offline && (o.TrustPolicy == "" || o.Claims == ""):
		return usagef("fcoidc doctor --offline --trust-policy role.json --claims claims.json", "--offline needs --trust-policy and --claims")
	case !o.Offline && (o.TrustPolicy != "" || o.Claims != "" || o.ProviderARN != ""):
		return usagef("add --offline", "--trust-policy, --claims and --provider-arn go with --offline")
	case o.ProviderARN != "" && !isProviderARN(o.ProviderARN):
		return usagef("it looks like arn:aws:iam::<12-digit account>:oidc-provider/api.forgecroft.com", "--provider-arn %s is no ARN of an OIDC provider", o.ProviderARN)
	case o.Offline && o.TrustPolicy == standardInput && o.Claims == standardInput:
		return usagef("give one of them as a file", "trust policy and claims are both to come from standard input")
	case o.Batch != "" && o.Output != formatNDJSON:
		return usagef("fcoidc doctor --batch "+o.Batch+" -o ndjson", "--batch answers in NDJSON only")
	case o.Batch == "" && o.Output == formatNDJSON:
		return usagef("use -o json", "-o ndjson goes with --batch")
	case modes > 0:
		if err := o.Live.unused(o.Case != ""); err != nil {
			return err
		}
		return o.Live.checkQuestions()
	}
	return o.Live.check()
}
