package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/verify"
)

// verifyFlags say whether the token is verified, and with whose keys.
type verifyFlags struct {
	Enabled      bool
	Issuer       string   // instead of the token's iss
	JWKS         string   // a file: nothing is fetched
	JWKSURL      string   // fetched instead of the jwks_uri of the discovery document
	CACert       string   // a PEM file of further roots
	Resolve      []string // HOST:PORT:ADDR
	AllowPrivate bool
	Sandbox      bool
}

func (f *verifyFlags) add(cmd *cobra.Command) { grouped(cmd, flagsVerify, func() { f.bind(cmd) }) }

func (f *verifyFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.Enabled, "verify", false, "check signature and times, with the keys that the token's issuer publishes")
	fl.StringVar(&f.Issuer, "issuer", "", "ask the issuer at this `URL` for the keys, not the token's iss")
	fl.StringVar(&f.JWKS, "jwks", "", "take the keys from this `file`; nothing is fetched")
	fl.StringVar(&f.JWKSURL, "jwks-url", "", "fetch the keys from this `URL`, whatever the issuer says")
	fl.StringVar(&f.CACert, "ca-cert", "", "trust the certificates in this PEM `file` too")
	fl.StringArrayVar(&f.Resolve, "resolve", nil, "reach a host at another address, as `HOST:PORT:ADDR` (repeatable)")
	fl.BoolVar(&f.AllowPrivate, "allow-private-issuer", false, "ask issuers at private and local addresses too")
	fl.BoolVar(&f.Sandbox, "sandbox", false, "ask the sandbox's issuer; nothing leaves the machine")
}

// check refuses a flag that has no use without another, and two sources of keys.
func (f *verifyFlags) check() error {
	if !f.Enabled {
		for _, used := range []struct {
			set  bool
			name string
		}{
			{f.Issuer != "", "--issuer"},
			{f.JWKS != "", "--jwks"},
			{f.JWKSURL != "", "--jwks-url"},
			{f.CACert != "", "--ca-cert"},
			{len(f.Resolve) > 0, "--resolve"},
			{f.AllowPrivate, "--allow-private-issuer"},
			{f.Sandbox, "--sandbox"},
		} {
			if used.set {
				return usagef("add --verify, or leave it out", "%s goes with --verify", used.name)
			}
		}
		return nil
	}
	if f.Sandbox && (f.CACert != "" || len(f.Resolve) > 0) {
		return usagef("leave them out", "--sandbox knows its address and its CA: --resolve and --ca-cert do not go with it")
	}
	var sources []string
	for _, s := range []struct {
		set  bool
		name string
	}{{f.JWKS != "", "--jwks"}, {f.JWKSURL != "", "--jwks-url"}, {f.Sandbox, "--sandbox"}} {
		if s.set {
			sources = append(sources, s.name)
		}
	}
	if f.Issuer != "" && len(sources) > 0 && !f.Sandbox {
		sources = append(sources, "--issuer")
	}
	if len(sources) > 1 {
		return usagef("leave one of them out", "%s and %s each say where the keys come from", sources[0], sources[1])
	}
	return nil
}

// judge finds the keys and verifies what is told of a token.
func (f *verifyFlags) judge(ctx context.Context, sys *IO, raw string, t *report.Token) error {
	in := verify.Input{Raw: raw, Token: t.Token, Described: t.Described, Now: t.Now}
	if f.JWKS != "" {
		keys, err := readJWKS(f.JWKS)
		if err != nil {
			return err
		}
		in.Keys, t.Keys = keys, f.JWKS
	} else {
		seen, err := f.look(ctx, sys, t.Token.Issuer())
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		in.Keys, t.Keys, t.Issuer = seen.Keys, seen.JWKSURL, seen.Problems
		if seen.Document != nil {
			in.Issuer = seen.Document.Issuer
		}
		in.KeysError, in.KeysFix = whyNoKeys(seen)
		for _, p := range seen.Problems {
			if p.Code == issuer.CodeIssuerURL && f.Issuer == "" && f.JWKSURL == "" {
				in.IssuerError = p.Summary
			}
		}
	}
	v := verify.Verify(in)
	t.Verification = &v
	return nil
}

// look asks the issuer of a token, or whom the flags name instead. What the token says
// decides where to, so the rules of package issuer for such addresses hold.
func (f *verifyFlags) look(ctx context.Context, sys *IO, iss string) (issuer.Result, error) {
	o := issuer.Options{Resolve: f.Resolve, AllowPrivate: f.AllowPrivate}
	for _, rule := range f.Resolve {
		if _, _, err := issuer.ParseResolve(rule); err != nil {
			return issuer.Result{}, usagef("", "--resolve: %w", err)
		}
	}
	roots, err := readRoots(f.CACert)
	if err != nil {
		return issuer.Result{}, err
	}
	o.Roots = roots
	if f.Issuer != "" {
		iss = f.Issuer
	}
	switch {
	case f.JWKSURL != "":
		return issuer.LookKeys(ctx, f.JWKSURL, o), nil
	case iss == "":
		return issuer.Result{Problems: []issuer.Problem{{
			Code: issuer.CodeIssuerURL, Severity: issuer.Failure,
			Summary: "the token names no issuer to ask", Fix: "say whose keys to take: --issuer, --jwks or --jwks-url",
		}}}, nil
	case f.Sandbox:
		return lookInSandbox(ctx, sys, iss)
	default:
		return issuer.Look(ctx, iss, o), nil
	}
}

// lookInSandbox serves the sandbox's issuer on this machine for as long as it is asked.
func lookInSandbox(ctx context.Context, sys *IO, iss string) (issuer.Result, error) {
	box, err := new(sandboxFlags).open(sys)
	if err != nil {
		return issuer.Result{}, err
	}
	o, stop, err := serveIssuer(ctx, box, iss)
	if err != nil {
		return issuer.Result{Issuer: iss, Problems: []issuer.Problem{{
			Code: issuer.CodeIssuerURL, Severity: issuer.Failure, Summary: "the sandbox cannot stand in for this issuer: " + err.Error(),
			Fix: "mint the token with another issuer: fcoidc sandbox token --issuer URL",
		}}}, nil
	}
	defer stop()
	seen := issuer.Look(ctx, iss, o)
	seen.Problems = slices.DeleteFunc(seen.Problems, func(p issuer.Problem) bool {
		return p.Code == issuer.CodePrivate || p.Code == issuer.CodeTLSNotPublic // so it is meant to be
	})
	return seen, nil
}

// whyNoKeys is the worst that was met, where it left no keys.
func whyNoKeys(seen issuer.Result) (why, fix string) {
	for _, p := range seen.Problems {
		if p.Severity == issuer.Failure || p.Severity == issuer.Critical {
			return p.Summary, p.Fix
		}
	}
	return "", ""
}

// readJWKS reads a key set from a file.
func readJWKS(name string) (*jwks.Set, error) {
	body, err := readBounded(name, issuer.MaxDocument)
	if err != nil {
		return nil, usagef("", "--jwks: %w", err)
	}
	keys, err := jwks.Parse(body)
	if err != nil {
		return nil, usagef("", "--jwks %s: %w", name, err)
	}
	return keys, nil
}

func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading: nothing is lost
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%s is larger than %d kB", name, limit>>10)
	}
	return body, nil
}

// verificationCode is 3 where a check failed, and 1 where none did but not all could be made.
func verificationCode(v *verify.Verification) int {
	switch {
	case v == nil || v.Verified():
		return exitOK
	case v.Count(verify.Failed) > 0:
		return exitBad
	default:
		return exitFailed
	}
}
