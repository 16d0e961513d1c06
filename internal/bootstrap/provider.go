package bootstrap

import (
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// providerChoice says where the roles' OIDC provider comes from.
type providerChoice struct {
	create bool
	note   string
	block  *block // set if neither is right
}

// value is the parameter CreateProvider.
func (c providerChoice) value() string {
	if c.create {
		return "true"
	}
	return "false"
}

// chooseProvider decides over CreateProvider. Two rules stand above all others: never
// create a second provider for an issuer (AWS refuses it, and the rollback has been
// reported to delete the first), and never take the provider from the stack that owns it.
func (d *decider) chooseProvider(fresh bool, audience string) providerChoice {
	given, wasGiven := d.r.Given[template.ParamCreateProvider]
	wantsNone := wasGiven && given == "false"
	wantsOne := wasGiven && given == "true"
	p := d.o.Provider

	if !fresh && d.o.Stack.ownsProvider() && !d.issuerChanges() {
		if wantsNone {
			return providerChoice{block: &block{
				code:   "provider_owned",
				reason: fmt.Sprintf("the stack owns the provider for %s, and CreateProvider=false would take it away from it", d.r.Template.Issuer),
				fix:    "leave CreateProvider out: the stack keeps its provider",
			}}
		}
		choice := providerChoice{create: true}
		if p == nil {
			choice.note = fmt.Sprintf("The stack's provider for %s is gone from the account: somebody deleted it. ", d.r.Template.Issuer)
			if d.o.live == nil {
				choice.note += "An ordinary update does not bring it back; fcoidc bootstrap --revert-drift does."
			} else {
				choice.note += "It is made again."
			}
		}
		return choice
	}

	switch {
	case p == nil && wantsNone:
		return providerChoice{block: &block{
			code:   "provider_missing",
			reason: fmt.Sprintf("CreateProvider=false was asked for, but the account has no provider for %s", d.r.Template.Issuer),
			fix:    "leave CreateProvider out: the stack creates the provider",
		}}
	case p == nil:
		return providerChoice{create: true}
	case wantsOne:
		return providerChoice{block: &block{
			code:   "provider_exists",
			reason: fmt.Sprintf("CreateProvider=true was asked for, but the account has a provider for %s already and can hold only one", d.r.Template.Issuer),
			fix:    "leave CreateProvider out and add --existing-provider reuse",
		}}
	}
	return d.reuseProvider(fresh, wantsNone, audience)
}

// reuseProvider decides whether the provider that is there may be trusted by the stack.
func (d *decider) reuseProvider(fresh, asked bool, audience string) providerChoice {
	p := d.o.Provider
	fresh = fresh || d.issuerChanges() // the stack does not trust this provider yet
	agreed := asked || p.ours() || d.r.ExistingProvider == ExistingProviderReuse
	if fresh && !agreed {
		return providerChoice{block: &block{
			code: "provider_exists",
			reason: fmt.Sprintf("the account has an OIDC provider for %s already, which fcoidc did not make, and can hold only one",
				d.r.Template.Issuer),
			fix: "add --existing-provider reuse to let the roles trust it, after a look at it: " +
				awsCommand(d.o.Target, "iam get-open-id-connect-provider --open-id-connect-provider-arn "+p.ARN),
		}}
	}
	if p.Known && !slices.Contains(p.ClientIDs, audience) {
		return providerChoice{block: &block{
			code:   "provider_audience",
			reason: fmt.Sprintf("the provider for %s does not list the audience %s among its client ids, so that AWS would refuse every token", d.r.Template.Issuer, audience),
			fix: awsCommand(d.o.Target, "iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "+
				p.ARN+" --client-id "+escape.Shell(audience)),
		}}
	}
	choice := providerChoice{}
	switch {
	case !fresh: // nothing new about it
	case p.ours():
		choice.note = fmt.Sprintf("The provider for %s that an earlier stack of fcoidc left in the account is used again.", d.r.Template.Issuer)
	default:
		choice.note = fmt.Sprintf("The provider for %s that is in the account already is used; fcoidc neither changes nor deletes it.", d.r.Template.Issuer)
	}
	return choice
}

// issuerChanges reports whether the stack's roles trust another issuer than the one asked for.
func (d *decider) issuerChanges() bool {
	if d.o.Stack == nil {
		return false
	}
	trusted := d.o.Stack.providerARN()
	return trusted != "" && trusted != d.providerARN()
}

func (d *decider) providerARN() string { return d.r.providerARN(&d.o.Target) }

// providerARN is that of t's provider for the issuer that is asked for.
func (r *Request) providerARN(t *fleet.Target) string {
	return template.ProviderARN(t.Partition, t.Account, r.Template.Issuer)
}

// trustedProvider is the ARN of the provider that the stack's roles were deployed to trust.
func trustedProvider(r *Request, o *Observation) string {
	if trusted := o.Stack.providerARN(); trusted != "" {
		return trusted
	}
	return r.providerARN(&o.Target)
}
