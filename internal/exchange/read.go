package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jsonwalk"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// MaxSize is the longest case that [Read] reads, in bytes.
const MaxSize = 4 << 20

// ErrNotCase is in the chain of every error of [Read].
var ErrNotCase = errors.New("not a case")

// Read reads a case from its JSON. Members that it does not know are left aside. The error says
// what is wrong and where; it quotes no claim.
func Read(src []byte) (*Case, error) { return ReadText(string(src)) }

// ReadText is [Read] of a text, of which all that is read is a part.
func ReadText(text string) (*Case, error) { return new(Reader).Read(text) }

// Reader reads cases, each into the memory of the one before.
type Reader struct {
	c      Case
	token  claims.Token
	policy []byte
}

// Read is [ReadText]. The case is good until the next is read.
func (in *Reader) Read(text string) (*Case, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%w: it is longer than the %d bytes that are read", ErrNotCase, MaxSize)
	}
	var few [24]jsonwalk.Member
	members, isObject, ok := jsonwalk.AppendObject(few[:0], text)
	switch {
	case !ok:
		return nil, notJSON(text)
	case !isObject:
		return nil, fmt.Errorf("%w: it is JSON but no object", ErrNotCase)
	}
	in.c = Case{Platform: AWS}
	r := reader{in: in, c: &in.c}
	for _, m := range members {
		if r.member(m.Name, m.Value); r.err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotCase, r.err)
		}
	}
	if err := r.token(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotCase, err)
	}
	return &in.c, nil
}

// ID takes the member "id" from a line, whatever else is wrong with it. It is nil where there is
// none.
func ID(text string) (id json.RawMessage) {
	if !jsonwalk.Valid(text) {
		return nil
	}
	for name, value := range jsonwalk.Members(text) {
		if name == "id" {
			id = givenBack(value)
		}
	}
	return id
}

// givenBack is an id as it was written: a number stays a number. What is no UTF-8 in it would spoil
// the whole answer.
func givenBack(v string) json.RawMessage { return json.RawMessage(strings.ToValidUTF8(v, "\uFFFD")) }

func notJSON(text string) error {
	offset, what, _ := jsonwalk.Fault(text)
	return fmt.Errorf("%w: it is no JSON from byte %d on: %s", ErrNotCase, offset+1, what)
}

// reader fills a case member by member. Its first error stays.
type reader struct {
	in             *Reader
	c              *Case
	header, claims string
	asText         bool // the trust policy was given as text
	err            error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// policy is a copy of a text, never nil.
func (r *reader) policy(text string) []byte {
	if r.in.policy == nil {
		r.in.policy = make([]byte, 0, len(text))
	}
	r.in.policy = append(r.in.policy[:0], text...)
	return r.in.policy
}

func (r *reader) member(name string, v string) {
	if v == "null" {
		return
	}
	c := r.c
	switch name {
	case "id":
		c.ID = givenBack(v)
	case "as_of":
		c.AsOf = r.date(v)
	case "platform":
		c.Platform = Platform(r.text(name, v))
	case "symptom":
		r.object(name, v, func(n string, v string) {
			switch n {
			case "error_code":
				c.Symptom.Code = r.text("symptom.error_code", v)
			case "message":
				c.Symptom.Message = r.text("symptom.message", v)
			}
		})
	case "trust_policy":
		if !r.asText {
			c.Policy = r.policy(v)
		}
	case "trust_policy_text": // says more than the object, and counts before or behind it
		c.Policy, r.asText = r.policy(r.text(name, v)), true
	case "claims":
		r.claims = v
	case "header":
		r.header = v
	case "provider_arn":
		c.ProviderARN = r.text(name, v)
	case "provider":
		c.Provider = &Provider{}
		r.object(name, v, r.provider)
	case "role":
		r.object(name, v, r.role)
	case "request":
		r.object(name, v, r.request)
	case "discovery":
		c.Discovery = &Discovery{Missing: []string{"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"}}
		r.object(name, v, r.discovery)
		if !c.Discovery.HasDocument {
			c.Discovery.Missing = nil
		}
	case "jwks":
		r.object(name, v, r.jwks)
	case "organization":
		r.object(name, v, r.organization)
	case "now":
		c.Now = r.instant(name, v)
	}
}

// token joins header and claims.
func (r *reader) token() error {
	if r.claims == "" && r.header == "" {
		return nil
	}
	payload := r.claims
	if payload == "" {
		payload = "{}"
	}
	t := &r.in.token
	if err := t.SetValidJSON(r.header, payload); err != nil {
		if e, ok := errors.AsType[*claims.FormatError](err); ok {
			part := map[string]string{"payload": "claims"}[e.Part]
			if part == "" {
				part = e.Part
			}
			return fmt.Errorf("%s %s", part, e.Reason)
		}
		return err
	}
	r.c.HasHeader = r.header != ""
	r.c.Token = t
	if r.claims == "" {
		t.Claims = nil
	}
	return nil
}

func (r *reader) provider(name string, v string) {
	p := r.c.Provider
	switch name {
	case "exists":
		p.Missing = v == "false"
	case "arn":
		p.ARN = r.text("provider.arn", v)
	case "url":
		p.URL = r.text("provider.url", v)
	case "client_ids":
		p.ClientIDs = r.texts("provider.client_ids", v)
	case "thumbprints":
		p.Thumbprints = r.texts("provider.thumbprints", v)
	case "created", "changed", "updated":
		p.Created = scalar(v)
	}
}

func (r *reader) role(name string, v string) {
	role := &r.c.Role
	switch name {
	case "exists":
		role.Missing = v == "false"
	case "arn":
		role.ARN = r.text("role.arn", v)
	case "name":
		role.Name = r.text("role.name", v)
	case "max_session_duration":
		role.MaxSessionDuration = r.seconds("role.max_session_duration", v)
	case "created", "changed", "updated", "trust_policy_changed", "trust_policy_updated":
		role.Created = scalar(v)
	}
}

func (r *reader) jwks(name string, v string) {
	if name != "keys" {
		return
	}
	r.c.Keys = []jwks.Entry{}
	for element := range jsonwalk.Elements(v) {
		if len(r.c.Keys) == jwks.MaxKeys {
			r.fail("jwks.keys has more than %d keys", jwks.MaxKeys)
			return
		}
		r.c.Keys = append(r.c.Keys, r.key(element))
	}
}

func (r *reader) key(v string) (e jwks.Entry) {
	certificate := false
	for name, value := range jsonwalk.Members(v) {
		switch name {
		case "kid":
			e.Kid = scalar(value)
		case "kty":
			e.Kty = scalar(value)
		case "alg":
			e.Alg = scalar(value)
		case "use":
			e.Use = scalar(value)
		case "crv":
			e.Crv = scalar(value)
		case "key_ops":
			e.HasKeyOps, e.KeyOps = true, r.texts("jwks.keys[].key_ops", value)
		case "verifies":
			e.Verifies = value == "true"
		case "x5c":
			certificate = true
		case "certificate_differs":
			e.CertificateDiffers = value == "true"
		}
	}
	// A described key with a certificate that verifies nothing: its numbers and its certificate
	// are not known to be one key, and AWS finds none where they differ.
	e.CertificateDiffers = e.CertificateDiffers || certificate && !e.Verifies
	return e
}

// organization takes policies as documents, as their texts, which is how AWS gives them, as bare
// statements, or as a list of any of these.
func (r *reader) organization(name string, v string) {
	switch name {
	case "scp", "service_control_policies":
		r.c.Organization.ServiceControl = r.policies(name, v)
	case "rcp", "resource_control_policies":
		r.c.Organization.ResourceControl = r.policies(name, v)
	}
}

func (r *reader) policies(name, v string) (list []OrgPolicy) {
	add := func(v string) {
		if text, ok := jsonwalk.Text(v); ok {
			list = append(list, OrgPolicy{Document: []byte(text)})
			return
		}
		if v[0] != '{' {
			r.fail("%s must hold policies or statements", name)
			return
		}
		for name := range jsonwalk.Members(v) {
			if name == "Statement" {
				list = append(list, OrgPolicy{Document: []byte(v)})
				return
			}
		}
		list = append(list, OrgPolicy{Document: []byte(`{"Version":"2012-10-17","Statement":[` + v + `]}`)})
	}
	if v[0] != '[' {
		add(v)
		return list
	}
	for element := range jsonwalk.Elements(v) {
		add(element)
	}
	return list
}

func (r *reader) object(name string, v string, each func(name string, value string)) {
	if v[0] != '{' {
		r.fail("%s must be an object", name)
		return
	}
	for n, value := range jsonwalk.Members(v) {
		if value != "null" {
			each(n, value)
		}
	}
}

func (r *reader) text(name string, v string) string {
	s, ok := jsonwalk.Text(v)
	if !ok {
		r.fail("%s must be a string", name)
	}
	return s
}

// texts reads a list of strings, or one string. It is never nil.
func (r *reader) texts(name string, v string) []string {
	if s, ok := jsonwalk.Text(v); ok {
		return []string{s}
	}
	list := []string{}
	if v[0] != '[' {
		r.fail("%s must be a list of strings", name)
	}
	for element := range jsonwalk.Elements(v) {
		list = append(list, r.text(name+"[]", element))
	}
	return list
}

func (r *reader) seconds(name string, v string) int {
	n, err := strconv.Atoi(scalar(v))
	if err != nil {
		r.fail("%s must be a whole number of seconds", name)
	}
	return n
}

// instant reads seconds since 1970. Fractions of them, as clocks of programs tell, are dropped.
func (r *reader) instant(name string, v string) time.Time {
	whole, fraction, ok := strings.Cut(scalar(v), ".")
	if ok && (fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		whole = ""
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > 253402300799 { // the year 9999
		r.fail("%s must be seconds since 1970", name)
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func (r *reader) date(v string) string {
	s := scalar(v)
	for _, layout := range []string{"2006", "2006-01", "2006-01-02"} {
		if len(s) != len(layout) {
			continue
		}
		if _, err := time.Parse(layout, s); err == nil {
			return s
		}
	}
	r.fail("as_of must be a date like 2026, 2026-03 or 2026-03-14")
	return ""
}

// scalar returns what a string says, and of anything else its JSON.
func scalar(v string) string {
	if s, ok := jsonwalk.Text(v); ok {
		return s
	}
	return v
}
