package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// tokenPhase is the value of --phase. Any other phase is --claim phase=…
type tokenPhase string

const (
	phasePlan  tokenPhase = "plan"
	phaseApply tokenPhase = "apply"
)

type sandboxTokenOptions struct {
	IO         *IO
	Phase      tokenPhase
	OrgID      string
	Issuer     string
	Audience   []string
	Claims     []string // NAME=TEXT or NAME:=JSON
	Without    []string
	Expired    bool
	Lifetime   time.Duration
	Alg        tokenAlg
	KeyID      string
	NoKeyID    bool
	RotateKeys bool
	Output     format
}

type tokenAlg string

func tokenAlgs() []tokenAlg {
	var algs []tokenAlg
	for _, name := range sandbox.TokenAlgorithms() {
		algs = append(algs, tokenAlg(name))
	}
	return algs
}

func newSandboxToken(sys *IO, run func(sandboxTokenOptions) error) *cobra.Command {
	o := sandboxTokenOptions{IO: sys, Phase: phasePlan, Alg: "RS256", Output: formatText}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Mint a token of the sandbox's issuer, right or wrong",
		Long: `Mint a token as Forgecroft would issue it for a run, signed by the sandbox's issuer. It is of
no use on AWS. Anything about it can be made wrong, to see what becomes of it.`,
		Example: `  fcoidc sandbox token --phase plan --org-id 11111111-1111-1111-1111-111111111111
  fcoidc sandbox token --phase apply --claim branch=main --claim 'runs:=[1, 2]' --without-claim actor
  fcoidc sandbox token --expired --audience https://example.com > token.jwt
  fcoidc sandbox token --claim 'https://aws.amazon.com/tags:={"principal_tags": {"phase": ["plan"]}}'`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return run(o) },
	}
	fl := cmd.Flags()
	fl.Var(newEnum(&o.Phase, phasePlan, phaseApply), "phase", "the phase that the token is for")
	fl.StringVar(&o.OrgID, "org-id", "", "`UUID` of the organization (default "+sandboxOrgID+", an example)")
	fl.StringVar(&o.Issuer, "issuer", template.DefaultIssuer, "`URL` of the issuer, the claim iss")
	fl.StringArrayVar(&o.Audience, "audience", nil, "the `aud` (default "+template.DefaultAudience+"; repeated, it becomes a list)")
	fl.StringArrayVar(&o.Claims, "claim", nil, "set a claim: `NAME=TEXT`, or NAME:=JSON for what is not text (repeatable)")
	fl.StringArrayVar(&o.Without, "without-claim", nil, "leave the claim `NAME` out (repeatable)")
	fl.DurationVar(&o.Lifetime, "lifetime", sandbox.DefaultTokenLifetime, "how long the token is valid")
	fl.BoolVar(&o.Expired, "expired", false, "a token that has expired, longer ago than AWS forgives")
	fl.Var(newEnum(&o.Alg, tokenAlgs()...), "alg", "how it is signed; AWS takes RS and ES")
	fl.StringVar(&o.KeyID, "kid", "", "name this key `id` in the header instead of the one that signs; empty: none")
	fl.BoolVar(&o.RotateKeys, "rotate-keys", false, "give the issuer new keys first: what was signed before no longer verifies")
	addOutput(cmd, &o.Output, formatText, formatJSON)
	cmd.PreRun = func(cmd *cobra.Command, _ []string) { o.NoKeyID = cmd.Flags().Changed("kid") && o.KeyID == "" }
	return cmd
}

func runSandboxToken(o sandboxTokenOptions) error {
	wanted, err := o.token()
	if err != nil {
		return err
	}
	box, err := new(sandboxFlags).open(o.IO)
	if err != nil {
		return err
	}
	if o.RotateKeys {
		if err := box.RotateKeys(); err != nil {
			return err
		}
	}
	token, err := box.Mint(wanted)
	if err != nil {
		return err
	}
	if o.Output == formatJSON {
		return report.WriteJSON(o.IO.Out, struct {
			Version int    `json:"version"`
			Token   string `json:"token"`
		}{1, token})
	}
	_, err = fmt.Fprintln(o.IO.Out, token)
	return err
}

// token checks the flags. The issuer may be any text: a wrong one is worth trying too.
func (o *sandboxTokenOptions) token() (sandbox.TokenOptions, error) {
	if o.Lifetime <= 0 {
		return sandbox.TokenOptions{}, usagef("for a token that has expired: --expired", "--lifetime %s: longer than nothing", o.Lifetime)
	}
	claims := map[string]any{}
	for _, text := range o.Claims {
		name, value, err := parseClaim(text)
		if err != nil {
			return sandbox.TokenOptions{}, usagef("", "--claim %w", err)
		}
		claims[name] = value
	}
	return sandbox.TokenOptions{
		Issuer: o.Issuer, Phase: string(o.Phase), OrgID: o.OrgID, Audience: o.Audience,
		Lifetime: o.Lifetime, Expired: o.Expired, Alg: string(o.Alg), KeyID: o.KeyID, NoKeyID: o.NoKeyID,
		Claims: claims, Without: o.Without,
	}, nil
}

// parseClaim reads NAME=TEXT or NAME:=JSON. Times are numbers in either form, as RFC 7519
// wants them.
func parseClaim(text string) (name string, value any, err error) {
	name, rest, ok := strings.Cut(text, "=")
	name, isJSON := strings.CutSuffix(name, ":")
	if !ok || name == "" {
		return "", nil, fmt.Errorf("%q: not of the form NAME=TEXT or NAME:=JSON", text)
	}
	if raw := json.RawMessage(rest); isJSON {
		if !json.Valid(raw) {
			return "", nil, fmt.Errorf("%s: %q is not JSON; text is given by %s=TEXT", name, rest, name)
		}
		return name, raw, nil
	}
	switch name {
	case "exp", "nbf", "iat":
		var n json.Number
		if json.Unmarshal([]byte(rest), &n) == nil {
			return name, n, nil
		}
	}
	return name, rest, nil
}
