package cli

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/template"
)

// preflight looks at the issuer as AWS will when it makes the provider, before anything in an
// account is read or changed. It returns the request with the thumbprint that it saw, and what
// is worth a word. An error says what keeps AWS from using the issuer.
func (o *bootstrapOptions) preflight(ctx context.Context, w *world, req bootstrap.Request) (bootstrap.Request, []string, error) {
	if o.SkipPreflight || !w.reachable() {
		return req, nil, nil
	}
	look, stop, err := o.look(ctx, w)
	if err != nil {
		return req, nil, err
	}
	defer stop()
	seen := issuer.Look(ctx, req.Template.Issuer, look)
	if err := ctx.Err(); err != nil {
		return req, nil, err
	}
	if w.sandbox != nil {
		seen.Problems = beyondTheSandbox(seen.Problems)
	}
	warnings := seenWarnings(seen)
	if refusal := newIssuerError(seen); refusal != nil {
		if !refusal.fromHere || !w.elsewhere() {
			return req, nil, refusal
		}
		// An AWS at an endpoint of its own, such as an emulator, makes providers without asking the issuer.
		warnings = append(warnings, refusal.Error()+"\n  going on, since the configuration names an endpoint in the place of AWS's own")
	}
	return withThumbprint(req, seen.Thumbprint()), warnings, nil
}

// look says how the issuer is reached: as AWS does, or the sandbox's.
func (o *bootstrapOptions) look(ctx context.Context, w *world) (issuer.Options, func(), error) {
	if w.sandbox != nil {
		return serveIssuer(ctx, w.sandbox, o.Trust.Issuer)
	}
	return issuer.Options{Roots: o.Roots}, func() {}, nil
}

// withThumbprint gives new stacks the observed thumbprint. A stack that is there keeps its
// own: AWS asks for it only where it does not trust the issuer's CA, and a renewed
// certificate is to be no update of every account.
func withThumbprint(req bootstrap.Request, thumbprint string) bootstrap.Request {
	if thumbprint == "" {
		return req
	}
	examples := map[string]string{template.ParamThumbprint: thumbprint}
	maps.Copy(examples, req.Examples)
	req.Examples = examples
	return req
}

// reachable reports whether there is any account to work on.
func (w *world) reachable() bool {
	for i := range w.targets {
		if w.targets[i].Err == nil {
			return true
		}
	}
	return false
}

// elsewhere reports whether every account is behind an endpoint that the configuration
// names, and not at AWS's own.
func (w *world) elsewhere() bool {
	for i := range w.targets {
		if t := &w.targets[i]; t.Err == nil && t.Config.BaseEndpoint == nil {
			return false
		}
	}
	return true
}

// beyondTheSandbox leaves out what the sandbox's issuer cannot help: it is at a local address,
// with a certificate of its own CA.
func beyondTheSandbox(problems []issuer.Problem) []issuer.Problem {
	var kept []issuer.Problem
	for _, p := range problems {
		if p.Code != issuer.CodePrivate && p.Code != issuer.CodeTLSNotPublic {
			kept = append(kept, p)
		}
	}
	return kept
}

func seenWarnings(seen issuer.Result) []string {
	var warnings []string
	for _, p := range seen.Problems {
		if p.Severity == issuer.Warning {
			warnings = append(warnings, fmt.Sprintf("issuer %s: %s", seen.Issuer, problemText(p)))
		}
	}
	return warnings
}

// problemText is a problem in one line.
func problemText(p issuer.Problem) string {
	text := p.Summary
	if p.Expected != "" {
		text += "; expected " + p.Expected
	}
	if p.Found != "" {
		text += "; found " + p.Found
	}
	if p.Fix != "" {
		text += ". Way out: " + p.Fix
	}
	return text
}

// issuerError says why AWS would not work with an issuer.
type issuerError struct {
	issuer   string
	problems []issuer.Problem
	fromHere bool // it was not reached, which may be the fault of this machine's network
	deploy   bool // AWS reads what is wrong when it makes the provider, not only when it verifies a token
}

// newIssuerError makes an error of what keeps AWS from using the issuer, nil if nothing does.
func newIssuerError(seen issuer.Result) *issuerError {
	e := &issuerError{issuer: seen.Issuer, fromHere: true}
	for _, p := range seen.Problems {
		if p.Severity != issuer.Failure && p.Severity != issuer.Critical {
			continue
		}
		e.problems = append(e.problems, p)
		e.fromHere = e.fromHere && mayBeThisMachine(p.Code)
		e.deploy = e.deploy || !strings.HasPrefix(p.Code, "jwks_")
	}
	if len(e.problems) == 0 {
		return nil
	}
	return e
}

// mayBeThisMachine tells what a network in between can bring about: no way out, a proxy, one
// that puts its own certificates in the place of others, names that lead elsewhere inside.
func mayBeThisMachine(code string) bool {
	switch code {
	case issuer.CodeUnreachable, issuer.CodePrivate, issuer.CodeProxyUnreadable, issuer.CodeTLS, issuer.CodeTLSUntrusted:
		return true
	default:
		return false
	}
}

// What AWS answers. The first is the text of Forgecroft's documentation, and of CloudFormation.
const (
	awsAtDeploy   = `"Could not connect to OIDC provider" when it makes the provider`
	awsAtExchange = `"Couldn't retrieve verification key from your identity provider" to every token`
)

func (e *issuerError) Error() string {
	answer := awsAtExchange
	if e.deploy {
		answer = awsAtDeploy
	}
	var b strings.Builder
	if e.fromHere {
		fmt.Fprintf(&b, "the issuer %s cannot be reached from here; if AWS cannot either, it answers %s", e.issuer, answer)
	} else {
		fmt.Fprintf(&b, "the issuer %s is not as AWS needs it, which would answer %s", e.issuer, answer)
	}
	for _, p := range e.problems {
		if e.fromHere && p.Code != issuer.CodeTLSUntrusted {
			p.Expected, p.Fix = "", "" // what to do follows as the hint; nothing says that the issuer is at fault
		}
		fmt.Fprintf(&b, "\n  %s", problemText(p))
	}
	return b.String()
}

// Hint is how to go on all the same.
func (e *issuerError) Hint() string {
	if e.fromHere {
		return "if only this machine's network is in the way: --skip-preflight; to see for yourself: curl -fsS " +
			strings.TrimSuffix(e.issuer, "/") + issuer.WellKnown
	}
	who := "mend the issuer first"
	if e.issuer == template.DefaultIssuer {
		who = "the issuer is Forgecroft's: tell its support, and try again when it is mended"
	}
	return who + "; --skip-preflight deploys all the same"
}

var _ hinter = (*issuerError)(nil)
