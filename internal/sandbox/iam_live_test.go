package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// observed is what AWS answered to a call.
type observed struct {
	Outcome, Code, Message string

	Response struct{ OpenIDConnectProviderArn string }
	Stored   *struct {
		ClientIDList, ThumbprintList []string
	}
}

// compare holds an answer of the sandbox to AWS's.
func (o observed) compare(t *testing.T, err error) {
	t.Helper()
	refusal, refused := errors.AsType[smithy.APIError](err)
	switch {
	case o.Outcome == "ok" && err != nil:
		t.Errorf("AWS does it, the sandbox says %v", err)
	case o.Outcome == "error" && !refused:
		t.Errorf("AWS says %s, the sandbox %v", o.Message, err)
	case o.Outcome == "error" && (refusal.ErrorCode() != o.Code && refusal.ErrorCode() != o.Code+"Exception" || refusal.ErrorMessage() != o.Message):
		t.Errorf("%s: %s\nwant %s: %s", refusal.ErrorCode(), refusal.ErrorMessage(), o.Code, o.Message)
	}
}

// recordsOf reads a file of records, one a line.
func recordsOf[T any](t *testing.T, file string, want int) (records []T) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(src) {
		var r T
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	if len(records) != want {
		t.Fatalf("%d records, want %d", len(records), want)
	}
	return records
}

func TestTrustPoliciesAreStoredAndRefusedAsIAMWasSeenTo(t *testing.T) {
	t.Parallel()
	type record struct {
		ID, Operation string
		Policy        json.RawMessage `json:"trust_policy"`
		Expect        observed
	}
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	const plain = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}`
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("there"), AssumeRolePolicyDocument: aws.String(plain)}); err != nil {
		t.Fatal(err)
	}
	for _, r := range recordsOf[record](t, "../trust/testdata/aws-live-iam.ndjson", 165) {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			var err error
			if document := aws.String(string(r.Policy)); r.Operation == "CreateRole" {
				_, err = client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(r.ID[:min(len(r.ID), 64)]), AssumeRolePolicyDocument: document})
			} else {
				_, err = client.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("there"), PolicyDocument: document})
			}
			r.Expect.compare(t, err)
		})
	}
}

func TestProvidersAnswerAsIAMWasSeenTo(t *testing.T) {
	t.Parallel()
	type record struct {
		ID    string
		Facts struct {
			Operation string
			Request   struct {
				URL            string `json:"Url"`
				ARN            string `json:"OpenIDConnectProviderArn"`
				ClientID       string
				ThumbprintList []string
			}
			Existing []struct {
				URL                          string `json:"Url"`
				ClientIDList, ThumbprintList []string
			} `json:"existing_providers"`
		}
		Expect observed
	}
	for _, r := range recordsOf[record](t, "testdata/aws-live-provider.ndjson", 7) {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
			for _, p := range r.Facts.Existing {
				in := &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://" + p.URL), ClientIDList: p.ClientIDList, ThumbprintList: p.ThumbprintList}
				if _, err := client.CreateOpenIDConnectProvider(t.Context(), in); err != nil {
					t.Fatal(err)
				}
			}
			own := func(arn string) string { return strings.Replace(arn, "111122223333", "010000000001", 1) }
			r.Expect.Message = own(r.Expect.Message)
			q, arn := r.Facts.Request, own(r.Facts.Request.ARN)
			var err error
			switch r.Facts.Operation {
			case "CreateOpenIDConnectProvider":
				var out *iam.CreateOpenIDConnectProviderOutput
				if out, err = client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &q.URL, ThumbprintList: q.ThumbprintList}); err == nil {
					if arn = aws.ToString(out.OpenIDConnectProviderArn); arn != own(r.Expect.Response.OpenIDConnectProviderArn) {
						t.Errorf("made %s, want %s", arn, r.Expect.Response.OpenIDConnectProviderArn)
					}
				}
			case "GetOpenIDConnectProvider":
				_, err = client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
			case "RemoveClientIDFromOpenIDConnectProvider":
				_, err = client.RemoveClientIDFromOpenIDConnectProvider(t.Context(), &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: &q.ClientID})
			case "UpdateOpenIDConnectProviderThumbprint":
				_, err = client.UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &arn, ThumbprintList: q.ThumbprintList})
			default:
				t.Fatalf("operation %s", r.Facts.Operation)
			}
			r.Expect.compare(t, err)
			if r.Expect.Stored == nil {
				return
			}
			got, err := client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r.Expect.Stored.ClientIDList, got.ClientIDList); r.Expect.Stored.ClientIDList != nil && diff != "" {
				t.Error(diff)
			}
			if want := r.Expect.Stored.ThumbprintList; want != nil && !slices.Equal(want, got.ThumbprintList) {
				t.Errorf("thumbprints %v, want %v", got.ThumbprintList, want)
			}
		})
	}
}
