package exchange

import (
	"slices"
	"strings"
)

// discovery reads what a look at the issuer showed: members of its document beside findings.
func (r *reader) discovery(name string, v string) {
	d := r.c.Discovery
	switch name {
	case "reachable_from_aws":
		d.Unreachable = v == "false"
	case "status":
		d.Status = r.seconds("discovery.status", v)
	case "intermittent":
		d.Intermittent = v == "true"
	case "during_outage":
		d.Outage = v == "true"
	case "jwks_kids_known":
		d.KnownKids, d.HasKnownKids = r.texts("discovery.jwks_kids_known", v), true
	case "chain_thumbprint":
		d.ChainThumbprint = scalar(v)
	case "certificate_error":
		d.CertificateError = scalar(v)
	case "issuer":
		d.Issuer, d.HasDocument = scalar(v), true
	case "jwks_uri":
		d.HasDocument = true
	case "jwks_status":
		d.KeysStatus = r.seconds("discovery.jwks_status", v)
	case "publicly_trusted":
		d.untrusted(v == "false")
	case "self_signed", "private_ca":
		d.untrusted(v == "true")
	default:
		d.Unreachable = d.Unreachable || v == "false" && containsAny(name, "reachable", "public", "accessible", "resolves")
		d.Missing = slices.DeleteFunc(d.Missing, func(wanted string) bool { return wanted == name })
	}
}

func (d *Discovery) untrusted(is bool) {
	if is && d.CertificateError == "" {
		d.CertificateError = "no public authority signed it"
	}
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}
