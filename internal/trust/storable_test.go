package trust

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

func table(t testing.TB) *claims.KeyTable {
	t.Helper()
	keys, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func mustParse(t testing.TB, src string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return doc
}

type liveRecord struct {
	ID     string          `json:"id"`
	Policy json.RawMessage `json:"trust_policy"`
	Expect struct {
		Outcome, Code, Message string
	} `json:"expect"`
}

func liveRecords(t *testing.T) []liveRecord {
	t.Helper()
	src, err := os.ReadFile("testdata/aws-live-iam.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var records []liveRecord
	lines := bufio.NewScanner(bytes.NewReader(src))
	for lines.Scan() {
		var r liveRecord
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if len(records) != 165 {
		t.Fatalf("%d records, want 165", len(records))
	}
	return records
}

func TestStorableAnswersAsIAMWasSeenTo(t *testing.T) {
	t.Parallel()
	keys := table(t)
	for _, r := range liveRecords(t) {
		refusals := Storable(mustParse(t, string(r.Policy)), keys)
		switch {
		case r.Expect.Outcome == "ok":
			if len(refusals) > 0 {
				t.Errorf("%s: IAM takes it, Storable says %+v", r.ID, refusals)
			}
		case len(refusals) == 0:
			t.Errorf("%s: IAM says %q, Storable takes it", r.ID, r.Expect.Message)
		case refusals[0].Code != r.Expect.Code || refusals[0].Message != r.Expect.Message || !refusals[0].Observed:
			t.Errorf("%s:\n got %+v\nwant %s: %s", r.ID, refusals[0], r.Expect.Code, r.Expect.Message)
		}
	}
}

const (
	fcARN   = "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"
	fcAllow = `{"Effect": "Allow", "Principal": {"Federated": "` + fcARN + `"}, "Action": "sts:AssumeRoleWithWebIdentity"}`
)

// document wraps statements of a trust policy.
func document(statements ...string) string {
	return `{"Version": "2012-10-17", "Statement": [` + strings.Join(statements, ",\n") + `]}`
}

func TestARefusalPointsAtWhatIsAtFault(t *testing.T) {
	t.Parallel()
	keys := table(t)
	allow := func(rest string) string {
		return document(fcAllow, `{"Effect": "Allow", `+rest+`}`)
	}
	const principal, action = `"Principal": {"Federated": "` + fcARN + `"}`, `"Action": "sts:AssumeRoleWithWebIdentity"`
	for _, c := range []struct {
		name, src, message, at string
		statement              int
		observed               bool
	}{
		{"a resource", allow(principal + "," + action + `, "Resource": "*"`), "Has prohibited field Resource", `"Resource"`, 1, true},
		{"NotResource", allow(principal + "," + action + `, "NotResource": "*"`), "Has prohibited field NotResource", `"NotResource"`, 1, false},
		{"NotPrincipal", allow(`"NotPrincipal": {"AWS": "*"},` + action), "Has prohibited field NotPrincipal", `"NotPrincipal"`, 1, false},
		{"no principal", allow(action), "Missing required field Principal", `{"Effect": "Allow", ` + action + `}`, 1, false},
		{"no action", allow(principal), "Missing required field Action", `{"Effect": "Allow", ` + principal + `}`, 1, false},
		{"another action", allow(principal + `, "Action": ["sts:TagSession", "s3:GetObject"]`), "AssumeRole policy may only specify STS AssumeRole actions.", `"s3:GetObject"`, 1, true},
		{"every action", allow(principal + `, "Action": "*"`), "AssumeRole policy may only specify STS AssumeRole actions.", `"*"`, 1, true},
		{"an empty provider", allow(`"Principal": {"Federated": ""},` + action), "Federated principals must be valid domain names or SAML metadata ARNs", `""`, 1, true},
		{"a URL as provider", allow(`"Principal": {"Federated": "https://api.forgecroft.com"},` + action), "Federated principals must be valid domain names or SAML metadata ARNs", `"https://api.forgecroft.com"`, 1, true},
		{"an account of eleven digits", allow(`"Principal": {"AWS": "11112222333"},` + action), `Invalid principal in policy: "AWS":"11112222333"`, `"11112222333"`, 1, false},
		{"a version of its own", `{"Version": "2012-10-18", "Statement": ` + fcAllow + `}`, "Syntax errors in policy.", `"2012-10-18"`, -1, false},
		{"the same Sid twice", document(strings.Replace(fcAllow, "{", `{"Sid": "A", `, 1), strings.Replace(fcAllow, "{", `{"Sid": "A", `, 1)), "Statement IDs (SID) in a single policy must be unique.", `"A"`, 1, false},
		{"Sentinel's shared issuer", allow(strings.Replace(principal, "api.forgecroft.com", "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d", 1) + "," + action), "Trust policy with trusted principal sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, sts:RoleSessionName which is not scoped to all.", `"arn:aws:iam::111122223333:oidc-provider/sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d"`, 1, false},
	} {
		doc := mustParse(t, c.src)
		refusals := Storable(doc, keys)
		if len(refusals) != 1 {
			t.Errorf("%s: %d refusals, want 1: %+v", c.name, len(refusals), refusals)
			continue
		}
		r := refusals[0]
		if at := c.src[r.Span.Start.Offset:r.Span.End.Offset]; r.Message != c.message || at != c.at || r.Observed != c.observed || r.Statement != c.statement || r.Summary == "" {
			t.Errorf("%s: %+v\nat %s", c.name, r, at)
		}
	}
}

func TestAllReasonsAreGivenTheElementsBeforeTheConditions(t *testing.T) {
	t.Parallel()
	src := strings.ReplaceAll(document(fcAllow, strings.Replace(fcAllow, `"sts:AssumeRoleWithWebIdentity"`, `"sts:*"`, 1)), "api.forgecroft.com", "gitlab.com")
	refusals := Storable(mustParse(t, src), table(t))
	if len(refusals) != 3 || refusals[0].Statement != 1 || !strings.HasPrefix(refusals[0].Message, "AssumeRole policy") || refusals[1].Statement != 0 {
		t.Errorf("%+v", refusals)
	}
}

func TestTheQuotaCountsNoWhiteSpace(t *testing.T) {
	t.Parallel()
	blank := mustParse(t, document(fcAllow)+strings.Repeat(" \n", 2000))
	if refusals := Storable(blank, table(t)); len(refusals) > 0 {
		t.Errorf("white space counts: %+v", refusals)
	}
	for extra, want := range map[int]bool{0: false, 1: true} {
		empty := strings.Replace(fcAllow, "{", `{"Sid": "", `, 1)
		fill := MaxTrustPolicy - size([]byte(document(empty))) + extra
		long := mustParse(t, document(strings.Replace(empty, `"Sid": ""`, `"Sid": "`+strings.Repeat("a", fill)+`"`, 1)))
		refusals := Storable(long, table(t))
		if got := len(refusals) == 1 && refusals[0].Code == LimitExceeded && refusals[0].Message == "Cannot exceed quota for ACLSizePerRole: 2048"; got != want {
			t.Errorf("%d characters over the quota: %+v", extra, refusals)
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`{"Statement": `: "This policy contains invalid Json",
		document(strings.Replace(fcAllow, `"sts:AssumeRoleWithWebIdentity"`, `"sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {}, "StringEquals": {}}`, 1)): "Duplicate condition element: StringEquals",
		document(strings.Replace(fcAllow, `"sts:AssumeRoleWithWebIdentity"`, `"sts:AssumeRoleWithWebIdentity", "Condition": {"StringSame": {"a": "b"}}`, 1)):               "Invalid Condition type : StringSame.",
		document(strings.Replace(fcAllow, `"sts:AssumeRoleWithWebIdentity"`, `"sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"a": "b", "a": "c"}}`, 1)):   "Syntax errors in policy.",
		document(strings.Replace(fcAllow, `"Allow"`, `"allow"`, 1)): "Syntax errors in policy.",
	} {
		_, err := policy.Parse([]byte(src))
		unreadable, ok := errors.AsType[*policy.ParseError](err)
		if !ok {
			t.Errorf("%s: %v", src, err)
			continue
		}
		refusals := Unreadable([]byte(src), unreadable)
		if len(refusals) != 1 || refusals[0].Code != malformedPolicyDocument || refusals[0].Message != want {
			t.Errorf("%s: %+v, want %q", src, refusals, want)
		}
	}
}
