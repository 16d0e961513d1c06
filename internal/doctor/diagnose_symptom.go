package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// class is what kind of refusal a symptom tells of.
type class int

const (
	classNone   class = iota // no symptom, or one that tells nothing
	classSTS                 // an answer of STS
	classCaller              // a failure on the caller's side, before STS or beside it
)

// symptom is what the error that a caller saw can come from, the likeliest first.
type symptom struct {
	class  class
	causes []string
	beside string // a cause that the message tells of besides; "" if there is none
	signer string // who signed the call that was refused, "" if nothing tells: no exchange is signed
}

// denied are the causes behind AccessDenied: AWS gives no detail.
var denied = []string{
	"sub_context_mismatch", "sub_name_mismatch", "sub_case_mismatch", "sub_format_changed", "wildcard_without_like",
	"aud_condition_mismatch", "condition_key_unsupported", "condition_key_prefix", "condition_key_wrong_claim",
	"phase_mismatch", "org_id_mismatch", "org_id_case_mismatch", "workspace_mismatch", "claim_value_mismatch",
	"principal_wrong", "action_wrong", "tag_session_missing", "source_identity_not_allowed", "explicit_deny",
	"org_policy_deny", "role_missing", "iam_propagation", "provider_id_given", "condition_keys_collapsed",
	"condition_operator_wrong", valuePlaceholder, valueSpelling,
}

// badToken are the causes behind InvalidIdentityToken without a text that says more.
var badToken = []string{
	"aud_not_in_provider", "provider_missing", "issuer_url_mismatch", "jwks_key_missing", "discovery_unreachable",
	"thumbprint_mismatch", "wrong_token", "token_claim_missing", "token_not_yet_valid", "token_alg_unsupported",
	"signature_invalid", "jwks_fetch_transient", "audience_multiple", "roles_claim_excludes_role", "session_tags_malformed",
	"token_claim_malformed",
}

// texts are parts of error texts, in lower case, with the causes that they come from. The first
// that a message holds counts. They are AWS's own (sts-errors of the IAM and STS documentation
// and reports), then those of the clients that people call STS with.
var texts = []textOfError{
	{"no openidconnect provider found", classSTS, []string{"provider_missing", "issuer_url_mismatch"}},
	{"incorrect token audience", classSTS, []string{"aud_not_in_provider", "wrong_token"}},
	{"more than one audience", classSTS, []string{"audience_multiple", "aud_not_in_provider"}},
	{"could not be validated. see the assumerolewithwebidentity", classSTS, []string{"aud_not_in_provider", "provider_missing", "issuer_url_mismatch", "wrong_token", "jwks_key_missing", "signature_invalid"}},
	{"retrieve verification key", classSTS, []string{"discovery_unreachable", "jwks_key_missing", "jwks_fetch_transient", "token_alg_unsupported"}},
	{"match configured thumbprint", classSTS, []string{"thumbprint_mismatch"}},
	{"missing a required claim", classSTS, []string{"token_claim_missing", "wrong_token"}},
	{"not allowed to be empty", classSTS, []string{"token_claim_missing"}},
	{"not a valid jwt", classSTS, []string{"wrong_token"}},
	{"login with amazon token", classSTS, []string{"provider_id_given"}},
	{"unrecognized oauth provider", classSTS, []string{"provider_id_given"}},
	{"token too old", classSTS, []string{"token_too_old"}},
	{"token expired", classSTS, []string{"token_expired"}},
	{"token has expired", classSTS, []string{"token_expired"}},
	{"token is expired", classSTS, []string{"token_expired"}},
	{"issued in the future", classSTS, []string{"token_not_yet_valid"}},
	{"not yet valid", classSTS, []string{"token_not_yet_valid"}},
	{"used before issued", classSTS, []string{"token_not_yet_valid"}},
	{"invalid timestamp", classSTS, []string{"token_claim_malformed"}},
	{"principal_tags", classSTS, []string{"session_tags_malformed"}},
	{"session tags passed in claim", classSTS, []string{"session_tags_malformed"}},
	{"roles claim", classSTS, []string{"roles_claim_excludes_role"}},
	{"key is of invalid type", classSTS, []string{"jwks_key_missing"}}, // this and the next are MinIO's and Ceph's
	{"kid not found", classSTS, []string{"jwks_key_missing"}},
	{"unable to find the key", classSTS, []string{"jwks_key_missing"}},
	{"signing method", classSTS, []string{"token_alg_unsupported"}},
	{"dummy-internal", classSTS, []string{"client_config"}}, // MinIO's name for the role of a call without RoleArn
	{"rolesessionname", classSTS, []string{"session_name_invalid"}},
	{"maxsessionduration", classSTS, []string{"duration_exceeds_max"}},
	{"durationseconds", classSTS, []string{"duration_exceeds_max"}},
	{"request arn is invalid", classSTS, []string{"role_arn_invalid"}},
	{"'rolearn'", classSTS, []string{"role_arn_invalid"}},
	{"webidentitytoken' failed", classSTS, []string{"wrong_token", "token_not_obtained"}},
	{"duplicate condition", classSTS, []string{"condition_keys_collapsed"}},
	{"explicit deny in a service control policy", classSTS, []string{"org_policy_deny"}},
	{"explicit deny in a resource control policy", classSTS, []string{"org_policy_deny"}},
	{"sts is not activated in this region", classCaller, []string{"sts_endpoint"}},
	{"security token included in the request is invalid", classCaller, []string{"other_credentials_used", "iam_propagation", "sts_endpoint"}},
	{"not authorized to perform sts:assumerolewithwebidentity", classSTS, denied},
	{"not authorized to perform: sts:assumerolewithwebidentity", classSTS, denied},
	{"`id-token` permission", classCaller, []string{"token_not_obtained"}},
	{"id-token: write", classCaller, []string{"token_not_obtained"}},
	{"actions_id_token_request", classCaller, []string{"token_not_obtained"}},
	{"get id token", classCaller, []string{"token_not_obtained"}},
	{"fetch id token", classCaller, []string{"token_not_obtained"}},
	{"oidc token", classCaller, []string{"token_not_obtained"}},
	{"id_token", classCaller, []string{"token_not_obtained"}},
	{"oidc_token", classCaller, []string{"token_not_obtained"}},
	{"webidentitytoken, value: 0", classCaller, []string{"token_not_obtained", "wrong_token"}}, // the SDK's word for an empty one
	{"id token is", classCaller, []string{"token_not_obtained"}},
	{"no id token", classCaller, []string{"token_not_obtained"}},
	{"permission denied", classCaller, []string{"client_config", "token_not_obtained"}}, // the token's file, which another user owns
	{"no such file or directory", classCaller, []string{"token_not_obtained", "client_config"}},
	{"unable to read file", classCaller, []string{"client_config", "token_not_obtained"}},
	{"context deadline exceeded", classCaller, []string{"sts_endpoint"}},
	{"getaddrinfo", classCaller, []string{"sts_endpoint"}},
	{"resolve host", classCaller, []string{"sts_endpoint"}},
	{"name resolution", classCaller, []string{"sts_endpoint"}},
	{"unable to execute http request", classCaller, []string{"sts_endpoint"}},
	{"tls handshake", classCaller, []string{"sts_endpoint"}},
	{"proxyconnect", classCaller, []string{"sts_endpoint"}},
	{"socket hang up", classCaller, []string{"sts_endpoint"}},
	{"network is unreachable", classCaller, []string{"sts_endpoint"}},
	{"etimedout", classCaller, []string{"sts_endpoint"}},
	{"econnrefused", classCaller, []string{"sts_endpoint"}},
	{"enotfound", classCaller, []string{"sts_endpoint"}},
	{"timed out", classCaller, []string{"sts_endpoint"}},
	{"timeout", classCaller, []string{"sts_endpoint"}},
	{"connection failure", classCaller, []string{"sts_endpoint"}},
	{"connection refused", classCaller, []string{"sts_endpoint"}},
	{"connection reset", classCaller, []string{"sts_endpoint"}},
	{"no such host", classCaller, []string{"sts_endpoint"}},
	{"could not connect to the endpoint", classCaller, []string{"sts_endpoint"}},
	{"dial tcp", classCaller, []string{"sts_endpoint"}},
	{"how to assume credentials", classCaller, []string{"client_config", "token_not_obtained"}},
	{"input required and not supplied", classCaller, []string{"client_config"}},
	{"region is not valid", classCaller, []string{"client_config"}},
	{"source account id is needed", classCaller, []string{"client_config"}},
	{"partial credentials", classCaller, []string{"client_config", "other_credentials_used"}},
	{"parameter validation failed", classCaller, []string{"client_config"}},
	{"env variable", classCaller, []string{"client_config"}},
	{"environment variable", classCaller, []string{"client_config"}},
	{"must be set", classCaller, []string{"client_config"}},
	{"missing required", classCaller, []string{"client_config"}},
	{"missing region", classCaller, []string{"client_config"}},
	{"specify a region", classCaller, []string{"client_config"}},
	{"config profile", classCaller, []string{"client_config"}},
	{"unable to locate credentials", classCaller, []string{"client_config", "token_not_obtained"}},
	{"is not set", classCaller, []string{"client_config"}},
	{"not specified", classCaller, []string{"client_config"}},
	{"could not load credentials", classCaller, []string{"token_not_obtained", "client_config"}},
	{"credentials could not be loaded", classCaller, []string{"token_not_obtained", "client_config"}},
}

type textOfError struct {
	part   string
	class  class
	causes []string
}

// codes are the error codes, with what they come from where no text says more.
var codes = map[string]symptom{
	"accessdenied":                              {class: classSTS, causes: denied},
	"accessdeniedexception":                     {class: classSTS, causes: denied},
	"invalididentitypoolconfigurationexception": {class: classSTS, causes: denied}, // Cognito's word for a role that it cannot assume
	"notauthorizedexception":                    {class: classSTS, causes: denied},
	"invalididentitytoken":                      {class: classSTS, causes: badToken},
	"invalididentitytokenexception":             {class: classSTS, causes: badToken},
	"expiredtoken":                              {class: classSTS, causes: []string{"token_expired", "token_too_old"}},
	"expiredtokenexception":                     {class: classSTS, causes: []string{"token_expired", "token_too_old"}},
	"idpcommunicationerror":                     {class: classSTS, causes: []string{"jwks_fetch_transient", "discovery_unreachable"}}, // "often transient", says AWS
	"idprejectedclaim":                          {class: classSTS, causes: []string{"token_expired", "wrong_token", "provider_id_given"}},
	"malformedpolicydocument":                   {class: classSTS, causes: []string{"condition_keys_collapsed", "policy_unreadable", "policy_not_storable", "action_wrong", "principal_wrong"}},
	"validationerror":                           {class: classSTS, causes: []string{"session_name_invalid", "role_arn_invalid", "duration_exceeds_max", "wrong_token"}},
	"invalidparametervalue":                     {class: classSTS, causes: append([]string{"token_expired"}, badToken...)}, // MinIO's code for everything
	"internalfailure":                           {class: classSTS, causes: []string{"token_claim_missing"}},
	"regiondisabledexception":                   {class: classCaller, causes: []string{"sts_endpoint"}},
	"invalidclienttokenid":                      {class: classCaller, causes: []string{"other_credentials_used", "iam_propagation", "sts_endpoint"}},
	"unrecognizedclientexception":               {class: classCaller, causes: []string{"other_credentials_used", "iam_propagation", "sts_endpoint"}},
	"signaturedoesnotmatch":                     {class: classCaller, causes: []string{"other_credentials_used", "sts_endpoint"}},
	"connectionerror":                           {class: classCaller, causes: []string{"sts_endpoint"}},
	"endpointconnectionerror":                   {class: classCaller, causes: []string{"sts_endpoint"}},
	"connecttimeouterror":                       {class: classCaller, causes: []string{"sts_endpoint"}},
	"readtimeouterror":                          {class: classCaller, causes: []string{"sts_endpoint"}},
	"networkingerror":                           {class: classCaller, causes: []string{"sts_endpoint"}},
	"unknownendpoint":                           {class: classCaller, causes: []string{"sts_endpoint"}},
	"requesttimeout":                            {class: classCaller, causes: []string{"sts_endpoint"}},
	"noregionerror":                             {class: classCaller, causes: []string{"client_config"}},
	"profilenotfound":                           {class: classCaller, causes: []string{"client_config"}},
	"paramvalidationerror":                      {class: classCaller, causes: []string{"client_config"}},
	"invalidconfigerror":                        {class: classCaller, causes: []string{"client_config"}},
	"partialcredentialserror":                   {class: classCaller, causes: []string{"client_config", "other_credentials_used"}},
	"credentialsprovidererror":                  {class: classCaller, causes: []string{"client_config", "token_not_obtained"}},
	"nocredentialserror":                        {class: classCaller, causes: []string{"client_config", "token_not_obtained"}},
}

// classify says what the symptom of a case can come from, once its words are read.
func classify(c *exchange.Case, words func(exchange.Symptom) symptom) symptom {
	if !c.Symptom.Known() {
		return symptom{}
	}
	s := words(c.Symptom)
	if name := roleName(c); s.signer != "" && name != "" && s.signer == "assumed-role/"+strings.ToLower(name) {
		return symptom{} // the exchange worked: it is the role that lacks a permission
	}
	return s
}

// readSymptom says what the words of a symptom tell of.
func readSymptom(told exchange.Symptom) symptom {
	code, message := strings.ToLower(told.Code), strings.ToLower(told.Message)
	s := classifyText(code, message)
	if s.class == classSTS && slices.ContainsFunc(network, func(part string) bool { return strings.Contains(message, part) }) {
		s.beside = "sts_endpoint"
	}
	return s
}

func roleName(c *exchange.Case) string {
	if _, _, name, ok := exchange.SplitRoleARN(c.RoleARN()); ok {
		return name
	}
	return c.Role.Name
}

// network are parts of messages about connections that fail.
var network = []string{"etimedout", "econnrefused", "enotfound", "connection refused", "connection reset", "timed out"}

// signer is AWS's word for who signed a call that it refuses. An exchange is not signed.
var signer = lazyregexp.New(`user: arn:[a-z-]+:(iam|sts)::[^:]*:([a-z-]+)/([^/\s]+)\S* is not authorized to perform: (\S+)`)

// signedCall recognises the refusal of a call that other credentials signed.
func signedCall(message string) (symptom, bool) {
	if !strings.Contains(message, " is not authorized to perform: ") {
		return symptom{}, false
	}
	m := signer.FindStringSubmatch(message)
	if m == nil || m[2] == "oidc-provider" || strings.HasPrefix(m[4], "sts:assumerolewithwebidentity") || strings.Contains(message, "control policy") {
		return symptom{}, false
	}
	return symptom{class: classCaller, causes: []string{"other_credentials_used", "token_not_obtained", "action_wrong"}, signer: m[2] + "/" + m[3]}, true
}

func classifyText(code, message string) symptom {
	if strings.Contains(message, "security token included in the request is expired") {
		// A signed call: what has expired are credentials, not the token that is exchanged.
		return symptom{class: classCaller, causes: []string{"other_credentials_used", "token_expired"}}
	}
	if s, ok := signedCall(message); ok {
		return s
	}
	if strings.HasPrefix(code, "expiredtoken") && !strings.Contains(message, "too old") {
		// The code tells: the text is often about the attempts before.
		return symptom{class: classSTS, causes: []string{"token_expired", "token_too_old"}}
	}
	if i := firstText(message); i < len(texts) {
		return symptom{class: texts[i].class, causes: texts[i].causes}
	}
	if s, known := codes[code]; known {
		return s
	}
	for _, name := range []string{"invalididentitytoken", "expiredtoken", "accessdenied", "malformedpolicydocument"} {
		if strings.Contains(message, name) {
			return codes[name]
		}
	}
	return symptom{}
}
