package exchange_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// A case of an issuer that AWS does not list, in order as it stands.
const (
	provider = "arn:aws:iam::111122223333:oidc-provider/idp.example.com"
	someone  = `{"iss":"https://idp.example.com","aud":"a","sub":"s"}`
	admitted = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"idp.example.com:sub":"s"}}}}`
)

func TestTheFirstStageThatFailsAnswers(t *testing.T) {
	t.Parallel()
	const role = `"role":{"arn":"arn:aws:iam::111122223333:role/r","max_session_duration":3600}`
	for name, tt := range map[string]struct {
		members       string
		stage         exchange.Stage
		code, message string
	}{
		"all in order": {`"claims":` + someone + `,"trust_policy":` + admitted, exchange.StageGranted, "", ""},
		"a session name of one character": {
			`"request":{"RoleSessionName":"x"},"claims":` + someone, exchange.StageRequest, "ValidationError",
			"1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
		},
		"a session name with a slash": {
			`"request":{"RoleSessionName":"a/b"},"claims":` + someone, exchange.StageRequest, "ValidationError",
			`1 validation error detected: Value 'a/b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
		},
		"a role ARN without account": {
			`"request":{"RoleArn":"arn:aws:iam::role/plan-of-nobody"},"claims":` + someone, exchange.StageRequest, "ValidationError", "Request ARN is invalid",
		},
		"a session shorter than STS takes": {
			`"request":{"DurationSeconds":60},"claims":` + someone, exchange.StageRequest, "ValidationError",
			"1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
		},
		"no token at all": {`"request":{"WebIdentityToken":"some words"}`, exchange.StageToken, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"an algorithm that AWS does not take": {
			`"header":{"alg":"EdDSA"},"claims":` + someone, exchange.StageToken, "InvalidIdentityToken", "",
		},
		"no audience": {`"claims":{"iss":"https://idp.example.com","sub":"s"}`, exchange.StageClaims, "InvalidIdentityToken", "Missing a required claim: aud"},
		"no provider, by today's text": {
			`"provider":{"exists":false},"claims":` + someone, exchange.StageProvider, "InvalidIdentityToken",
			"The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.",
		},
		"no provider, by the text of 2025": {
			`"as_of":"2025","provider":{"exists":false},"claims":` + someone, exchange.StageProvider, "InvalidIdentityToken",
			"No OpenIDConnect provider found in your account for https://idp.example.com",
		},
		"an audience that is not registered, by the text of 2025": {
			`"as_of":"2025-05","provider":{"client_ids":["b"]},"claims":` + someone, exchange.StageAudience, "InvalidIdentityToken", "Incorrect token audience",
		},
		"a thumbprint, before AWS had its own list": {
			`"as_of":"2022-01","provider":{"thumbprints":["aa"]},"discovery":{"chain_thumbprint":"bb"},"claims":` + someone, exchange.StageKeys, "InvalidIdentityToken",
			"OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
		},
		"a thumbprint, since": {
			`"provider":{"thumbprints":["aa"]},"discovery":{"chain_thumbprint":"bb"},"claims":` + someone, exchange.StageGranted, "", "",
		},
		"a discovery document of another issuer": {
			`"discovery":{"issuer":"https://other.example.com","jwks_uri":"https://x","response_types_supported":[],"subject_types_supported":[],"id_token_signing_alg_values_supported":[]},"claims":` + someone,
			exchange.StageKeys, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
		},
		"a trust policy for another subject": {
			`"claims":{"iss":"https://idp.example.com","aud":"a","sub":"other"},"trust_policy":` + admitted, exchange.StageTrustPolicy, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity",
		},
		"session tags that the policy does not allow": {
			`"claims":{"iss":"https://idp.example.com","aud":"a","sub":"s","https://aws.amazon.com/tags":{"principal_tags":{"k":["v"]}}},"trust_policy":` + admitted,
			exchange.StageTrustPolicy, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity",
		},
		"a role that is not there": {`"role":{"exists":false},"claims":` + someone, exchange.StageTrustPolicy, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"a resource control policy": {
			`"organization":{"rcp":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Resource":"*"}]},"claims":` + someone + `,"trust_policy":` + admitted,
			exchange.StageOrganization, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity",
		},
		"a session longer than the role allows": {
			role + `,"request":{"DurationSeconds":7200},"claims":` + someone + `,"trust_policy":` + admitted, exchange.StageDuration, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newJudge(t, trust.KeysIssuer).Verdict(read(t, []byte("{"+tt.members+"}")))
			want := exchange.Deny
			if tt.stage == exchange.StageGranted {
				want = exchange.Allow
			}
			if v.Decision != want || v.Stage != tt.stage || v.Code != tt.code || v.Message != tt.message {
				t.Errorf("%s at %s: %s: %s\n%+v", v.Decision, v.Stage, v.Code, v.Message, v.Problems)
			}
		})
	}
}

func TestADecisionSaysWhoseWordItRestsOn(t *testing.T) {
	t.Parallel()
	policy := func(condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition + `}}`
	}
	const token = `{"iss":"https://api.forgecroft.com","aud":"sts.amazonaws.com","sub":"s","phase":"plan","amr":["x","y"],"shoe":"44"}`
	for name, tt := range map[string]struct {
		condition            string
		keys                 trust.Keys
		decision, documented exchange.Decision
		basis                exchange.Basis
	}{
		"sub is AWS's":                        {`{"StringEquals":{"api.forgecroft.com:sub":"s"}}`, trust.KeysIssuer, exchange.Allow, exchange.Allow, exchange.Documented},
		"phase is Forgecroft's":               {`{"StringEquals":{"api.forgecroft.com:phase":"plan"}}`, trust.KeysIssuer, exchange.Allow, exchange.Deny, exchange.ByIssuer},
		"another phase is denied by both":     {`{"StringEquals":{"api.forgecroft.com:phase":"apply"}}`, trust.KeysIssuer, exchange.Deny, exchange.Deny, exchange.Documented},
		"phase does not count by AWS's table": {`{"StringEquals":{"api.forgecroft.com:phase":"plan"}}`, trust.KeysDocumented, exchange.Deny, exchange.Deny, exchange.Documented},
		"a claim that nobody promises":        {`{"StringEquals":{"api.forgecroft.com:shoe":"44"}}`, trust.KeysIssuer, exchange.Deny, exchange.Deny, exchange.Documented},
		"the same where every claim counts":   {`{"StringEquals":{"api.forgecroft.com:shoe":"44"}}`, trust.KeysAll, exchange.Allow, exchange.Deny, exchange.Open},
		"several values without a set operator are open": {
			`{"StringNotEquals":{"api.forgecroft.com:amr":"z"}}`, trust.KeysIssuer, exchange.Deny, exchange.Deny, exchange.Open,
		},
		"the caller's address is not known": {`{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`, trust.KeysIssuer, exchange.Unknown, exchange.Unknown, exchange.Open},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := read(t, []byte(`{"claims":`+token+`,"trust_policy":`+policy(tt.condition)+`}`))
			v := newJudge(t, tt.keys).Verdict(c)
			if v.Decision != tt.decision || v.DecisionDocumented != tt.documented || v.Basis != tt.basis {
				t.Errorf("%s, documented %s, basis %s; want %s, %s, %s", v.Decision, v.DecisionDocumented, v.Basis, tt.decision, tt.documented, tt.basis)
			}
		})
	}
}

func TestAResourceControlPolicyDeniesAsFarAsItIsKnown(t *testing.T) {
	t.Parallel()
	const policy = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"],"Condition":{"StringEquals":{"api.forgecroft.com:sub":"s"}}}}`
	deny := func(action, condition string) string {
		return `{"Effect":"Deny","Principal":"*","Action":"` + action + `","Resource":"*","Condition":` + condition + `}`
	}
	call := func(condition string) string { return deny("sts:AssumeRoleWithWebIdentity", condition) }
	whole := `{"Version":"2012-10-17","Statement":[` + call(`{}`) + `]}`
	for name, tt := range map[string]struct {
		rcp                  string
		decision, documented exchange.Decision
		basis                exchange.Basis
	}{
		"a Deny":                                   {call(`{}`), exchange.Deny, exchange.Deny, exchange.Documented},
		"the text of a policy":                     {strconv.Quote(whole), exchange.Deny, exchange.Deny, exchange.Documented},
		"the texts of policies":                    {`[` + strconv.Quote(`{"Statement":[]}`) + `,` + strconv.Quote(whole) + `]`, exchange.Deny, exchange.Deny, exchange.Documented},
		"one that cannot be read":                  {`{"Statement":[{"Effect":"deny"}]}`, exchange.Unknown, exchange.Unknown, exchange.Open},
		"a claim of Forgecroft's":                  {call(`{"StringEquals":{"api.forgecroft.com:phase":"plan"}}`), exchange.Deny, exchange.Allow, exchange.ByIssuer},
		"another one":                              {call(`{"StringEquals":{"api.forgecroft.com:phase":"apply"}}`), exchange.Allow, exchange.Allow, exchange.Documented},
		"the caller's address":                     {call(`{"NotIpAddressIfExists":{"aws:SourceIp":"192.0.2.0/24"}}`), exchange.Unknown, exchange.Unknown, exchange.Open},
		"the role's own account":                   {call(`{"StringNotEquals":{"aws:ResourceAccount":"111122223333"}}`), exchange.Allow, exchange.Allow, exchange.Documented},
		"another account":                          {call(`{"StringNotEquals":{"aws:ResourceAccount":"999999999999"}}`), exchange.Deny, exchange.Deny, exchange.Documented},
		"the role's tags":                          {call(`{"StringEquals":{"aws:ResourceTag/team":"a"}}`), exchange.Unknown, exchange.Unknown, exchange.Open},
		"a service":                                {call(`{"Bool":{"aws:PrincipalIsAWSService":"false"}}`), exchange.Deny, exchange.Deny, exchange.Documented},
		"session tags, which the token sets":       {deny("sts:TagSession", `{}`), exchange.Deny, exchange.Deny, exchange.Documented},
		"a source identity, which it does not set": {deny("sts:SetSourceIdentity", `{}`), exchange.Allow, exchange.Allow, exchange.Documented},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := read(t, []byte(`{"role":{"arn":"arn:aws:iam::111122223333:role/r"},"claims":{"iss":"https://api.forgecroft.com","aud":"sts.amazonaws.com","sub":"s","phase":"plan","https://aws.amazon.com/tags":{"principal_tags":{"k":["v"]}}},"trust_policy":`+policy+`,"organization":{"rcp":`+tt.rcp+`}}`))
			v := newJudge(t, trust.KeysIssuer).Verdict(c)
			if v.Decision != tt.decision || v.DecisionDocumented != tt.documented || v.Basis != tt.basis {
				t.Errorf("%s, documented %s, basis %s; want %s, %s, %s", v.Decision, v.DecisionDocumented, v.Basis, tt.decision, tt.documented, tt.basis)
			}
		})
	}
	if _, err := exchange.Read([]byte(`{"organization":{"rcp":7}}`)); err == nil {
		t.Error("a number is read as policies")
	}
}

func TestWhatOnlyTheCallCouldTellIsNamed(t *testing.T) {
	t.Parallel()
	statement := func(effect, condition string) string {
		return `{"Effect":"` + effect + `","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition + `}`
	}
	c := func(request, statements string) string {
		return `{"claims":` + someone + `,"request":{` + request + `},"trust_policy":{"Version":"2012-10-17","Statement":[` + statements + `]}}`
	}
	allow := statement("Allow", `{"StringEquals":{"idp.example.com:sub":"s"}}`)
	deny := statement("Deny", `{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
	for src, want := range map[string]exchange.Decision{
		c("", allow+","+deny):                              exchange.Unknown,
		c(`"aws:SourceIp":"192.0.2.7"`, allow+","+deny):    exchange.Allow,
		c(`"aws:SourceIp":"198.51.100.7"`, allow+","+deny): exchange.Deny,
		c("", statement("Allow", `{"StringEquals":{"sts:RoleSessionName":"x","idp.example.com:sub":"t"}}`)): exchange.Deny,
	} {
		v := newJudge(t, trust.KeysIssuer).Verdict(read(t, []byte(src)))
		if v.Decision != want {
			t.Errorf("%s, want %s: %s", v.Decision, want, src)
		}
		if (v.Decision == exchange.Unknown) != (strings.Join(v.Unknown, ",") == "aws:SourceIp") {
			t.Errorf("%s hangs on %v", v.Decision, v.Unknown)
		}
	}
}

func TestProblemsOfLaterStagesAreReportedToo(t *testing.T) {
	t.Parallel()
	c := read(t, []byte(`{"provider":{"client_ids":["b"]},"claims":{"iss":"https://idp.example.com","aud":"a","sub":"t","iat":1000,"exp":2000},"now":9000,"trust_policy":`+admitted+`}`))
	v := newJudge(t, trust.KeysIssuer).Verdict(c)
	for _, kind := range []exchange.Kind{exchange.TokenExpired, exchange.AudNotInProvider, exchange.NotTrusted} {
		if !v.Has(kind) {
			t.Errorf("%s is not reported: %+v", kind, v.Problems)
		}
	}
	if v.Code != "ExpiredTokenException" {
		t.Errorf("the answer is %s, STS looks at times before audiences and trust", v.Code)
	}
}

func FuzzACaseIsReadOrRefused(f *testing.F) {
	for _, src := range lines(f, "testdata/aws-live.ndjson")[:6] {
		f.Add(src)
	}
	f.Add([]byte(`{"trust_policy":` + admitted + `,"claims":` + someone + `,"request":{"aws:SourceIp":["::1"]},"organization":{"scp":{"Statement":[]},"rcp":[1]}}`))
	f.Add([]byte(`{"claims":{"iss":1},"provider":{"client_ids":"x"},"jwks":{"keys":[{"kty":"RSA"}]},"header":{}}`))
	judge := newJudge(f, trust.KeysIssuer)
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := exchange.Read(src)
		if err != nil {
			return
		}
		v := judge.Verdict(c)
		if (v.Decision == exchange.Deny) != (len(v.Problems) > 0) {
			t.Errorf("%s with %d problems", v.Decision, len(v.Problems))
		}
		if v.Decision == exchange.Deny && v.Code == "" {
			t.Errorf("denied at %s without a code", v.Stage)
		}
	})
}
