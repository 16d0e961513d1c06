package sandbox

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// signedAs is an Authorization header of the management account for a service.
func signedAs(service string) string {
	return "AWS4-HMAC-SHA256 Credential=" + AdminCredentials(management).AccessKeyID + "/20260101/eu-west-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

// post sends a request past every SDK.
func post(t *testing.T, s *Sandbox, header map[string]string, body string) (status int, answer string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestRequestsThatMakeNoSenseAreAnswered(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	for _, test := range []struct {
		name   string
		header map[string]string
		body   string
		status int
		part   string
	}{
		{"nothing at all", nil, "", 501, "the sandbox does not imitate"},
		{"no action", map[string]string{"Authorization": signedAs("iam")}, "", 400, "MissingAction"},
		{"a broken form", map[string]string{"Authorization": signedAs("iam")}, "Action=%zz", 400, "MalformedQueryString"},
		{"a service of AWS", map[string]string{"Authorization": signedAs("dynamodb"), "X-Amz-Target": "DynamoDB_20120810.ListTables"}, "{}", 501, "dynamodb:ListTables"},
		{"broken JSON", map[string]string{"Authorization": signedAs("organizations"), "X-Amz-Target": "AWSOrganizationsV20161128.ListChildren"}, "{", 400, "SerializationException"},
		{"unsigned", nil, "Action=GetCallerIdentity&Version=2011-06-15", 403, "MissingAuthenticationToken"},
		{"unsigned and not imitated", nil, "Action=AssumeRoleWithSAML&Version=2011-06-15", 501, "sts:AssumeRoleWithSAML"},
		{"a scope of four parts", map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/d"}, "Action=ListRoles&Version=2010-05-08", 403, "MissingAuthenticationToken"},
		{"too large", map[string]string{"Authorization": signedAs("iam")}, strings.Repeat("x", maxBody+1), 413, "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, answer := post(t, s, test.header, test.body)
			if status != test.status || !strings.Contains(answer, test.part) {
				t.Errorf("got %d %s, want %d with %q", status, answer, test.status, test.part)
			}
		})
	}
}

func TestAPresignedURLIsUnderstood(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	url := "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=" +
		AdminCredentials(member).AccessKeyID + "%2F20260101%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Signature=0"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // reading decides
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), "<Account>"+member+"</Account>") {
		t.Errorf("got %s, %v", body, err)
	}
}

func TestAHostTellsItsServiceAndRegion(t *testing.T) {
	t.Parallel()
	for host, want := range map[string][2]string{
		"sts.eu-west-1.amazonaws.com":                 {"sts", "eu-west-1"},
		"sts.amazonaws.com":                           {"sts", ""},
		"cloudformation.cn-north-1.amazonaws.com.cn":  {"cloudformation", "cn-north-1"},
		"sts.amazonaws.com.evil.example":              {"", ""},
		"127.0.0.1:4566":                              {"", ""},
		"sts.eu-west-1.amazonaws.com:443":             {"sts", "eu-west-1"},
		"organizations.us-gov-west-1.amazonaws.com":   {"organizations", "us-gov-west-1"},
		"cloudformation.eusc-de-east-1.amazonaws.eu":  {"cloudformation", "eusc-de-east-1"},
		"sts-fips.us-east-1.amazonaws.com":            {"sts", "us-east-1"},
		"cloudformation-fips.us-east-1.amazonaws.com": {"cloudformation", "us-east-1"},
	} {
		service, region := hostService(host)
		if got := [2]string{service, region}; got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

// Every request gets an answer that a client can parse, whatever its bytes.
func FuzzRequest(f *testing.F) {
	f.Add("iam", "", "Action=CreateRole&RoleName=x&AssumeRolePolicyDocument=%7B%7D")
	f.Add("iam", "", "Action=CreateOpenIDConnectProvider&Url=https://x&Tags.member.1.Key=a")
	f.Add("sts", "", "Action=AssumeRole&RoleArn=arn:aws:iam::010000000002:role/x&RoleSessionName=yy")
	f.Add("organizations", "AWSOrganizationsV20161128.ListAccounts", `{"NextToken":"20"}`)
	f.Add("", "", "Action=GetRole&Version=2010-05-08")
	s, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, service, target, body string) {
		header := map[string]string{"X-Amz-Target": target}
		if service != "" {
			header["Authorization"] = signedAs(service)
		}
		_, answer := post(t, s, header, body)
		if json.Valid([]byte(answer)) {
			return
		}
		d := xml.NewDecoder(strings.NewReader(answer))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("%q is neither JSON nor XML: %v", answer, err)
			}
		}
	})
}
