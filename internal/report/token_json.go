package report

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/verify"
)

type tokenDocument struct {
	Version      int               `json:"version"`
	Verified     bool              `json:"verified"`
	Issuer       issuerWire        `json:"issuer"`
	Subject      subjectWire       `json:"subject"`
	Header       object            `json:"header"`
	Claims       object            `json:"claims"`
	Times        timesWire         `json:"times"`
	Details      []detailWire      `json:"details"`
	Warnings     []warningWire     `json:"warnings"`
	Verification *verificationWire `json:"verification"`
	Answer       json.RawMessage   `json:"trust_policy,omitempty"`
}

type issuerWire struct {
	URL       string `json:"url"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	KeyPrefix string `json:"key_prefix"`
	Shared    bool   `json:"shared"`
}

type subjectWire struct {
	Kind  string        `json:"kind"`
	Parts []claims.Part `json:"parts"`
}

type timesWire struct {
	State           string `json:"state"`
	IssuedAt        string `json:"issued_at,omitempty"`
	NotBefore       string `json:"not_before,omitempty"`
	ExpiresAt       string `json:"expires_at,omitempty"`
	ExpiresIn       *int64 `json:"expires_in_seconds"`
	Lifetime        *int64 `json:"lifetime_seconds"`
	AWSAccepts      bool   `json:"aws_accepts"`
	AWSAcceptsUntil string `json:"aws_accepts_until,omitempty"`
}

type detailWire struct {
	Group   string                `json:"group"`
	Claim   string                `json:"claim"`
	Meaning string                `json:"meaning,omitempty"`
	Keys    []claims.ConditionKey `json:"condition_keys"`
	Basis   claims.Basis          `json:"basis"`
	Note    string                `json:"note,omitempty"`
}

type warningWire struct {
	Code  string `json:"code"`
	Claim string `json:"claim,omitempty"`
	Text  string `json:"text"`
	AWS   string `json:"aws,omitempty"`
}

type verificationWire struct {
	Verified bool          `json:"verified"`
	Keys     string        `json:"keys,omitempty"`
	KeyID    string        `json:"kid,omitempty"`
	Checks   []checkWire   `json:"checks"`
	Issuer   []problemWire `json:"issuer_problems"`
}

type checkWire struct {
	Name    string         `json:"name"`
	Outcome verify.Outcome `json:"outcome"`
	Summary string         `json:"summary"`
	AWS     string         `json:"aws,omitempty"`
	Careful string         `json:"careful,omitempty"`
	Fix     string         `json:"fix,omitempty"`
}

type problemWire struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Fix      string `json:"fix,omitempty"`
}

// object writes members in the token's order, which a map would lose.
type object claims.Members

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.Value.Raw())
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// WriteTokenJSON writes t as one document. Header and claims are the token's own values; what
// would act on a terminal is written as \u escapes.
func WriteTokenJSON(w io.Writer, t *Token) error {
	d := &t.Described
	doc := tokenDocument{
		Version: FormatVersion, Verified: t.verified(),
		Issuer:  issuerWire{d.Provider.Issuer, d.Provider.ID, d.Provider.Name, d.Provider.KeyPrefix, d.Provider.Shared},
		Subject: subjectWire{d.SubjectKind, append([]claims.Part{}, d.SubjectParts...)},
		Header:  object(t.Token.Header.Members), Claims: object(t.Token.Claims),
		Times:   newTimesWire(d.Times),
		Details: []detailWire{}, Warnings: []warningWire{},
		Verification: newVerificationWire(t),
	}
	if t.Answer != nil {
		doc.Answer = AppendAnswer(nil, t.Answer)
	}
	for _, g := range d.Groups {
		for _, r := range g.Rows {
			doc.Details = append(doc.Details, detailWire{
				string(g.ID), r.Name, r.Meaning, append([]claims.ConditionKey{}, r.Keys...), r.Basis(), r.Note,
			})
		}
	}
	for _, warning := range d.Warnings {
		doc.Warnings = append(doc.Warnings, warningWire(warning))
	}
	return WriteJSON(w, doc)
}

func newTimesWire(times claims.Times) timesWire {
	wire := timesWire{
		State:    string(times.State),
		IssuedAt: utcTime(times.IssuedAt.At), NotBefore: utcTime(times.NotBefore.At), ExpiresAt: utcTime(times.ExpiresAt.At),
		AWSAccepts: times.AWSAccepts, AWSAcceptsUntil: utcTime(times.AWSAcceptsUntil),
	}
	if times.HasLeft {
		wire.ExpiresIn = new(int64(times.Left / time.Second))
	}
	if times.HasLifetime {
		wire.Lifetime = new(int64(times.Lifetime / time.Second))
	}
	return wire
}

// utcTime is an instant in UTC, "" for none.
func utcTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func newVerificationWire(t *Token) *verificationWire {
	if t.Verification == nil {
		return nil
	}
	wire := &verificationWire{
		Verified: t.verified(), Keys: t.Keys, KeyID: t.Verification.KeyID,
		Checks: []checkWire{}, Issuer: []problemWire{},
	}
	for _, c := range t.Verification.Checks {
		wire.Checks = append(wire.Checks, checkWire(c))
	}
	for _, p := range t.Issuer {
		wire.Issuer = append(wire.Issuer, problemWire{p.Code, string(p.Severity), p.Summary, p.Expected, p.Found, p.Fix})
	}
	return wire
}
