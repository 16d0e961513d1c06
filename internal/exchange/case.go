// Package exchange knows what STS does with a web identity token: the order of its checks, its
// error codes and its texts.
//
// A [Case] is what is known of one exchange, refused or feared; [Judge.Verdict] says what AWS
// would answer to it and why. Nothing here does I/O or reads a clock. What AWS was observed to
// do (2026-09-11, published at github.com/radkawar/stackd) wins over what it documents.
package exchange

import (
	"encoding/json"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Case is what is known of one exchange. A fact that it does not hold is taken to be in order,
// but for the token's times, which are judged only where it holds an instant.
type Case struct {
	ID       json.RawMessage // as it was given, nil if there is none
	AsOf     string          // the date whose rules count: "YYYY", "YYYY-MM" or "YYYY-MM-DD"; "" is today
	Platform Platform
	Symptom  Symptom

	// Policy is the role's trust policy as text, nil if it is not known.
	Policy []byte
	// Token is what was decoded of the token, nil if nothing was. Its header is empty where
	// HasHeader is false, and it never holds a signature.
	Token     *claims.Token
	HasHeader bool

	ProviderARN  string // of the provider that vouches for the token, "" if only Provider tells
	Provider     *Provider
	Role         Role
	Request      Request
	Discovery    *Discovery
	Keys         []jwks.Entry // the issuer's key set; nil if it is not known
	Organization Organization

	Now time.Time // when STS saw the request; zero if it is not known
}

// Platform is whose STS it is.
type Platform string

// The platforms: AWS, Cognito identity pools, which call AWS's STS for their users, and MinIO,
// which has an STS of its own.
const (
	AWS     Platform = "aws"
	Cognito Platform = "cognito"
	MinIO   Platform = "minio"
)

// Symptom is the error that the caller saw.
type Symptom struct {
	Code, Message string
}

// Known reports whether there is any.
func (s Symptom) Known() bool { return s.Code != "" || s.Message != "" }

// Provider is the IAM OIDC provider in the role's account.
type Provider struct {
	Missing     bool // it was looked for and does not exist
	ARN, URL    string
	ClientIDs   []string // nil if they are not known
	Thumbprints []string // nil if they are not known
	Created     string   // when it was made or changed last, in whatever words; "" if not known
}

// Role is the role that is to be assumed.
type Role struct {
	Missing            bool // it was looked for and does not exist
	ARN, Name          string
	MaxSessionDuration int    // seconds; 0 if not known
	Created            string // when it or its trust policy was made or changed last, in whatever words; "" if not known
}

// Request is what the caller sent, and what of the caller bears on it.
type Request struct {
	RoleARN         string
	SessionName     string
	HasSessionName  bool
	DurationSeconds int // 0: not given
	ProviderID      string
	Token           string // what was sent as token where it is no token that could be decoded; "" otherwise
	HasToken        bool
	TokenSource     string // where the caller took it from
	TokenFile       string
	Region          string
	Endpoint        string // of STS
	BlockedHosts    []string
	FailingCall     string   // the call that failed, if it was another one
	Parallel        bool     // many exchanges at the same time
	Retried         bool     // the same call worked a little later
	Untrusted       string   // why the workflow's event gets no ID token, "" if it does or nothing tells
	Misspelt        []string // parameters whose names are known ones but for letter case
	Environment     map[string]string
	HasPermissions  bool           // the workflow's permissions are known
	IDToken         bool           // and let it ask for ID tokens
	Context         policy.Context // request context keys as given
}

// Discovery is what a look at the issuer showed.
type Discovery struct {
	Unreachable      bool // from where AWS is
	Status           int  // HTTP status of the discovery document, 0 if not known
	KeysStatus       int  // HTTP status of the key set, 0 if not known
	Intermittent     bool // sometimes it works
	Outage           bool // a known outage at the time
	KnownKids        []string
	HasKnownKids     bool
	ChainThumbprint  string // of the certificate chain that the issuer serves
	CertificateError string // why its certificate is not trusted; "" if it is or is not known

	HasDocument bool
	Issuer      string   // as the document names it
	Missing     []string // members that AWS wants and the document lacks
}

// Organization holds the policies of the organisation that bind the account.
type Organization struct {
	ServiceControl, ResourceControl []OrgPolicy
}

// OrgPolicy is a policy of an organisation.
type OrgPolicy struct {
	Name     string // for a person who looks for it; "" if the case does not know it
	Document []byte
}

// RoleARN is the ARN of the role, as far as the case knows it.
func (c *Case) RoleARN() string {
	if c.Role.ARN != "" {
		return c.Role.ARN
	}
	return c.Request.RoleARN
}
