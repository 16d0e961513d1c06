package exchange

import (
	"strings"
	"sync"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// Judge says what AWS would answer. It keeps what it read of policies and issuers, since many
// cases share them. It may be used by several goroutines.
type Judge struct {
	keys  trust.Keys
	table *claims.KeyTable

	mu        sync.RWMutex
	providers map[[2]string]claims.Provider // by issuer and date
	policies  map[string]*Policy
	size      int // of the policies' sources, in bytes
}

// What a judge keeps of each kind; beyond it, it starts anew. A policy takes some ten times the
// memory of its source.
const (
	maxKept     = 1024
	maxKeptSize = 1 << 20
)

// Shared reports whether a policy of this many bytes is kept, so that equal ones are one. IAM
// stores no trust policy of more than 4,096 characters, blanks not counted.
func Shared(size int) bool { return size <= maxKeptSize/32 }

// Policy is a trust policy that was read.
type Policy struct {
	Source   string
	Document *policy.Document   // nil if it cannot be read
	Err      *policy.ParseError // why it cannot

	asked map[string]bool // the condition keys that it names, in lower case
	// anyKey says that it may ask for further keys: by policy variables, in which a $ stands, or
	// an escape that may be one.
	anyKey bool
	// callKeys says that some condition asks for a key of the call or of the caller, or may.
	callKeys bool
}

// readPolicy parses a policy.
func readPolicy(source string) *Policy {
	doc, err := policy.Parse([]byte(source))
	if err != nil {
		return &Policy{Source: source, Err: err.(*policy.ParseError)} //nolint:errorlint,forcetypeassert // because Parse documents that it returns no other
	}
	p := &Policy{Source: source, Document: doc, asked: map[string]bool{}, anyKey: strings.ContainsAny(source, `$\`)}
	p.callKeys = p.anyKey
	for i := range doc.Statements {
		for j := range doc.Statements[i].Conditions {
			key := strings.ToLower(doc.Statements[i].Conditions[j].Key.Text)
			p.asked[key] = true
			p.callKeys = p.callKeys || strings.HasPrefix(key, "aws:") || strings.HasPrefix(key, "sts:")
		}
	}
	return p
}

// asksFor reports whether the outcome may depend on a key of the request context.
func (p *Policy) asksFor(key string) bool { return p.anyKey || p.asked[strings.ToLower(key)] }

// NewJudge returns a judge to whom these claims count as condition keys.
func NewJudge(table *claims.KeyTable, keys trust.Keys) *Judge {
	return &Judge{keys: keys, table: table, providers: map[[2]string]claims.Provider{}, policies: map[string]*Policy{}}
}

// Keys says which claims count as condition keys.
func (j *Judge) Keys() trust.Keys { return j.keys }

// Issuer returns what is known of an issuer at a date.
func (j *Judge) Issuer(issuer, asOf string) claims.Provider {
	key := [2]string{issuer, asOf}
	j.mu.RLock()
	p, ok := j.providers[key]
	j.mu.RUnlock()
	if ok {
		return p
	}
	issuer, asOf = strings.Clone(issuer), strings.Clone(asOf) // parts of a case, which need not be kept for them
	key, p = [2]string{issuer, asOf}, j.table.For(issuer).AsOf(asOf)
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.providers) >= maxKept {
		clear(j.providers)
	}
	j.providers[key] = p
	return p
}

// ReadPolicy reads a trust policy, without the signatures of tokens that may stand in it. Equal
// texts are read once.
func (j *Judge) ReadPolicy(text []byte) *Policy {
	j.mu.RLock()
	p := j.policies[string(text)]
	j.mu.RUnlock()
	if p != nil {
		return p
	}
	source := string(text) // a copy: the caller may use its buffer again
	p = readPolicy(claims.WithoutSignatures(source))
	if !Shared(len(text)) {
		return p
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.size += len(text); len(j.policies) >= maxKept || j.size > maxKeptSize {
		clear(j.policies)
		j.size = len(text)
	}
	j.policies[source] = p
	return p
}

// exchange is a verdict in the making.
type exchange struct {
	*Judge
	c         *Case
	v         *Verdict
	presented []string // the token's audience, as STS compares it
}

// Verdict judges a case. Every check is made, whatever the others say, so that a diagnosis sees
// all that stands in the way; the answer is that of the first that fails.
func (j *Judge) Verdict(c *Case) *Verdict {
	v := new(Verdict)
	j.VerdictInto(v, c)
	return v
}

// VerdictInto is [Judge.Verdict] into the memory of a verdict that is no longer needed.
func (j *Judge) VerdictInto(v *Verdict, c *Case) {
	*v = Verdict{
		Decision: Allow, DecisionDocumented: Allow, Basis: Documented, Stage: StageGranted,
		Problems: v.Problems[:0], contexts: v.contexts, Trace: v.Trace.Emptied(),
	}
	x := exchange{Judge: j, c: c, v: v}
	x.request()
	if c.Token != nil {
		x.v.Provider = j.Issuer(c.Token.Issuer(), c.AsOf)
		x.presented = presented(c.Token)
		x.token()
		x.times()
		x.provider()
		x.signingKeys()
		x.audience()
		x.rolesClaim()
		x.sessionTags()
	} else {
		x.noToken()
	}
	early := len(x.v.Problems) > 0
	x.trustPolicy()
	x.organization()
	x.duration()
	x.conclude(early)
}

func (x *exchange) refuse(p Problem) { x.v.Problems = append(x.v.Problems, p) }

// conclude takes the first problem for the answer.
func (x *exchange) conclude(early bool) {
	v := x.v
	if len(v.Problems) > 0 {
		first := v.Problems[0]
		v.Answer, v.Stage = first.Answer, first.Stage
		if early || first.Stage != StageTrustPolicy && first.Stage != StageOrganization {
			// The policies do not come into it, or allow: no condition key decides.
			v.Decision = Deny
			v.DecisionDocumented, v.Basis = Deny, Documented
			if first.Kind == TokenTooOld {
				v.Basis = Open
			}
			return
		}
	}
	if v.Decision == Allow {
		x.grant()
	}
	switch {
	case v.Decision != v.DecisionDocumented && x.keys == trust.KeysAll:
		v.Basis = Open
	case v.Decision != v.DecisionDocumented:
		v.Basis = ByIssuer
	case v.Open != 0 || v.Decision == Unknown:
		v.Basis = Open
	}
}

// defaultSession is the length of a session for which the caller asks none, in seconds.
const defaultSession = 3600

func (x *exchange) grant() {
	c, g := x.c, &x.v.Grant
	g.SessionSeconds = c.Request.DurationSeconds
	if g.SessionSeconds == 0 {
		g.SessionSeconds = defaultSession
	}
	g.Provider = x.v.ProviderARN
	if c.Token != nil {
		g.Subject = c.Token.Subject()
		if len(x.presented) > 0 {
			g.Audience = x.presented[0]
		}
		g.SourceIdentity, _, _ = c.Token.SourceIdentity()
		g.Tags, _, _ = c.Token.SessionTags()
	}
	if partition, account, name, ok := SplitRoleARN(c.RoleARN()); ok && c.Request.SessionName != "" {
		g.AssumedRoleARN = "arn:" + partition + ":sts::" + account + ":assumed-role/" + name + "/" + c.Request.SessionName
	}
}

// unix is an instant as AWS's texts have it.
func unix(t time.Time) int64 { return t.Unix() }
