package cli

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/jsonwalk"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// offlineCase makes a case of a trust policy and a token's claims.
func (o *doctorOptions) offlineCase() (*exchange.Case, error) {
	given, err := readInput(o.IO, o.TrustPolicy, "--trust-policy", exchange.MaxSize)
	if err != nil {
		return nil, err
	}
	text, err := readInput(o.IO, o.Claims, "--claims", claims.MaxInputSize)
	if err != nil {
		return nil, err
	}
	policy, role := unwrapped(given)
	if isPolicy(text) && !isPolicy(policy) {
		return nil, usagef("give the policy to --trust-policy and the claims to --claims", "%s holds a policy and %s none: are the two files swapped?", named(o.Claims), named(o.TrustPolicy))
	}
	c := &exchange.Case{Platform: exchange.AWS, Policy: policy, Role: role, ProviderARN: o.ProviderARN}
	if header, payload, ok := claimsIn(text); ok {
		if c.Token, err = claims.FromJSON(header, payload); err != nil {
			return nil, usagef("give the claims as one JSON object, or the token itself", "%s: %w", named(o.Claims), err)
		}
		c.HasHeader = header != nil
		return c, nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && !json.Valid(text) {
		offset, what, _ := jsonwalk.Fault(string(text))
		line, column := place(text[:offset])
		return nil, usagef("give the claims as one JSON object, or the token itself", "%s: no JSON: line %d, column %d: %s", named(o.Claims), line, column, what)
	}
	raw, err := claims.Find(text)
	if err != nil {
		return nil, malformed(named(o.Claims), err, exitUsage)
	}
	if c.Token, err = claims.Parse(raw); err != nil {
		return nil, malformed(named(o.Claims), err, exitUsage)
	}
	c.HasHeader = true
	return c, nil
}

// place is the line and the column of what follows a text, from 1.
func place(before []byte) (line, column int) {
	last := before[bytes.LastIndexByte(before, '\n')+1:]
	return bytes.Count(before, []byte("\n")) + 1, len(bytes.Runes(last)) + 1
}

// claimsIn takes a token's claims out of JSON: they may stand alone, or beside the header as
// fcoidc decode -o json and pages that decode tokens show them. ok is false for what holds none.
func claimsIn(text []byte) (header, payload []byte, ok bool) {
	var whole map[string]json.RawMessage
	if json.Unmarshal(text, &whole) != nil || whole == nil {
		return nil, nil, false
	}
	for _, name := range []string{"iss", "sub", "aud"} {
		if whole[name] != nil {
			return nil, text, true
		}
	}
	for _, name := range []string{"claims", "payload"} {
		if inner := whole[name]; bytes.HasPrefix(inner, []byte("{")) {
			if bytes.HasPrefix(whole["header"], []byte("{")) {
				header = whole["header"]
			}
			return header, inner, true
		}
	}
	if _, err := claims.Find(text); err == nil {
		return nil, nil, false // a token stands in it
	}
	return nil, text, true
}

// isPolicy reports whether a text has the form of a policy document.
func isPolicy(text []byte) bool {
	var doc struct{ Statement json.RawMessage }
	return json.Unmarshal(text, &doc) == nil && doc.Statement != nil
}

func isProviderARN(arn string) bool {
	_, account, _, ok := trust.SplitProviderARN(arn)
	return ok && accountPattern.MatchString(account)
}

// unwrapped takes the trust policy out of what the AWS CLI or IAM's API gives for a role, with what
// that says of the role.
func unwrapped(src []byte) (document []byte, role exchange.Role) {
	type wire struct {
		Arn, RoleName            string
		AssumeRolePolicyDocument json.RawMessage
	}
	var whole struct {
		Role *wire
		wire
	}
	if json.Unmarshal(src, &whole) != nil {
		return decoded(src), exchange.Role{}
	}
	w := &whole.wire
	if whole.Role != nil {
		w = whole.Role
	}
	if w.AssumeRolePolicyDocument == nil {
		return src, exchange.Role{}
	}
	document = w.AssumeRolePolicyDocument
	if text, ok := jsonwalk.Text(string(document)); ok {
		document = decoded([]byte(text))
	}
	if _, _, _, ok := exchange.SplitRoleARN(w.Arn); ok {
		role = exchange.Role{ARN: w.Arn, Name: w.RoleName}
	}
	return document, role
}

// decoded is a document as it is before IAM's API URL-encodes it. What is not encoded stays.
func decoded(src []byte) []byte {
	text := strings.TrimSpace(string(src))
	if len(text) < 3 || !strings.EqualFold(text[:3], "%7B") {
		return src
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return src
	}
	return []byte(plain)
}
