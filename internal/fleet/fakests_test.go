package fleet

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fakeSTS answers the two STS calls of this package in the query protocol. It knows callers by
// their access key id.
type fakeSTS struct {
	callers map[string]string       // access key id -> ARN
	roles   map[string]bool         // role ARNs that let everybody in
	errors  map[string]string       // role ARN or access key id -> error code
	answers map[string]string       // role ARN -> ARN that its credentials turn out to be
	latency time.Duration           // of every call
	onCall  func(values url.Values) // sees every request

	mu     sync.Mutex
	calls  []string // "AssumeRole <role ARN>", "GetCallerIdentity <key id>"
	busy   int
	busier int // the most requests at once
}

var keyID = regexp.MustCompile(`Credential=([^/]+)/`)

func (f *fakeSTS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	values, _ := url.ParseQuery(string(body))
	status, answer := f.answer(r, values)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprint(w, answer)
}

// RoundTrip makes the fake a transport, so that it works in a synctest bubble.
func (f *fakeSTS) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	f.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func (f *fakeSTS) answer(r *http.Request, values url.Values) (int, string) {
	f.mu.Lock()
	f.busy++
	f.busier = max(f.busier, f.busy)
	f.mu.Unlock()
	time.Sleep(f.latency) // in a bubble: the tests that set it use synctest
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	if f.onCall != nil {
		f.onCall(values)
	}
	var key string
	if m := keyID.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		key = m[1]
	}
	switch action := values.Get("Action"); action {
	case "GetCallerIdentity":
		f.calls = append(f.calls, action+" "+key)
		return f.identity(key)
	case "AssumeRole":
		f.calls = append(f.calls, action+" "+values.Get("RoleArn"))
		return f.assume(values.Get("RoleArn"), values.Get("RoleSessionName"), key)
	default:
		return failure("InvalidAction", action)
	}
}

func (f *fakeSTS) identity(key string) (int, string) {
	if code := f.errors[key]; code != "" {
		return failure(code, "refused")
	}
	arn, ok := f.callers[key]
	if !ok {
		return failure("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return http.StatusOK, fmt.Sprintf(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>%s</Arn><UserId>AIDA</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, arn, strings.Split(arn, ":")[4])
}

func (f *fakeSTS) assume(role, session, key string) (int, string) {
	if code := f.errors[role]; code != "" {
		return failure(code, "refused")
	}
	if !f.roles[role] {
		return failure("AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", f.callers[key], role))
	}
	parts := strings.Split(role, ":")
	assumed := fmt.Sprintf("arn:%s:sts::%s:assumed-%s/%s", parts[1], parts[4], parts[5], session)
	if other := f.answers[role]; other != "" {
		assumed = other
	}
	issued := "ASIA" + parts[4]
	f.callers[issued] = assumed
	return http.StatusOK, fmt.Sprintf(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%s</Expiration></Credentials><AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
		issued, time.Now().Add(time.Hour).UTC().Format(time.RFC3339), assumed)
}

func failure(code, message string) (int, string) {
	return http.StatusForbidden, fmt.Sprintf(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, message)
}

// counted returns how many calls begin with the prefix.
func (f *fakeSTS) counted(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(f.calls), func(c string) bool { return !strings.HasPrefix(c, prefix) }))
}

const (
	management = "111111111111"
	boss       = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin/ann@example.com"
	bossKey    = "AKIABOSS"
)

func role(account, name string) string { return "arn:aws:iam::" + account + ":role/" + name }

// newFake has a management account whose OrganizationAccountAccessRole is in the given accounts.
func newFake(accounts ...string) *fakeSTS {
	f := &fakeSTS{callers: map[string]string{bossKey: boss}, roles: map[string]bool{}, errors: map[string]string{}, answers: map[string]string{}}
	for _, a := range accounts {
		f.roles[role(a, "OrganizationAccountAccessRole")] = true
	}
	return f
}

// config is what the boss's SDK would load.
func (f *fakeSTS) config(region string) aws.Config {
	return aws.Config{
		Region: region, HTTPClient: &http.Client{Transport: f},
		Credentials: credentials.NewStaticCredentialsProvider(bossKey, "secret", ""),
	}
}

// sharedConfig points the SDK at shared config files with the given contents and at nothing else.
func sharedConfig(t *testing.T, config, creds string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // to have it back afterwards
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("AWS_CONFIG_FILE", write(t, "config", config))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", write(t, "credentials", creds))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("HOME", t.TempDir())
}

// write makes a file and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
