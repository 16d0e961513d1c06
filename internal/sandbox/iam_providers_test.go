package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

// makeProvider creates a provider with the default audience and returns its ARN.
func makeProvider(t *testing.T, client *iam.Client, url string) string {
	t.Helper()
	out, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: &url, ClientIDList: []string{"sts.amazonaws.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.OpenIDConnectProviderArn)
}

func TestAProviderIsKnownByItsURLToTheLetter(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	arn := makeProvider(t, client, "https://api.forgecroft.com:443")
	if want := "arn:aws:iam::010000000001:oidc-provider/api.forgecroft.com"; arn != want {
		t.Errorf("port 443 stays in %s, want %s", arn, want)
	}
	_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://api.forgecroft.com")})
	wantCode(t, err, "EntityAlreadyExists", "Provider with url https://api.forgecroft.com already exists.")

	if slash := makeProvider(t, client, "https://api.forgecroft.com/"); !strings.HasSuffix(slash, ".com/") {
		t.Errorf("a trailing slash makes another provider, got %s", slash)
	}
	for _, bad := range []string{"http://api.forgecroft.com", "https://api.forgecroft.com?x=1", "api.forgecroft.com", "https://u:p@api.forgecroft.com"} {
		_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &bad})
		wantCode(t, err, "ValidationError")
	}
}

func TestAProviderKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	arn := makeProvider(t, client, "https://api.forgecroft.com")
	steps := []func() error{
		func() error {
			_, err := client.AddClientIDToOpenIDConnectProvider(t.Context(), &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: aws.String("other")})
			return err
		},
		func() error {
			_, err := client.RemoveClientIDFromOpenIDConnectProvider(t.Context(), &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, ClientID: aws.String("sts.amazonaws.com")})
			return err
		},
		func() error {
			_, err := client.UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &arn, ThumbprintList: []string{strings.Repeat("ab", 20)}})
			return err
		},
		func() error {
			_, err := client.TagOpenIDConnectProvider(t.Context(), &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, Tags: []types.Tag{
				{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("<&>")},
			}})
			return err
		},
		func() error {
			_, err := client.UntagOpenIDConnectProvider(t.Context(), &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn, TagKeys: []string{"a"}})
			return err
		},
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	got, err := client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	type summary struct{ URL, ClientIDs, Thumbprints, Tags string }
	found := summary{aws.ToString(got.Url), strings.Join(got.ClientIDList, " "), strings.Join(got.ThumbprintList, " "), ""}
	for _, tag := range got.Tags {
		found.Tags += *tag.Key + "=" + *tag.Value
	}
	want := summary{"api.forgecroft.com", "other", strings.Repeat("ab", 20), "b=<&>"}
	if d := cmp.Diff(want, found); d != "" {
		t.Error(d)
	}
}

func TestDeletingAProviderThatIsNotThereIsNoError(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	arn := makeProvider(t, client, "https://api.forgecroft.com")
	for range 2 {
		if _, err := client.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	wantCode(t, err, "NoSuchEntity", "OpenIDConnect Provider not found for arn "+arn)
}

func TestAProviderHasAWSsLimits(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	tooMany := make([]string, maxClientIDs+1)
	for i := range tooMany {
		tooMany[i] = fmt.Sprint("client-", i)
	}
	_, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example"), ClientIDList: tooMany})
	wantCode(t, err, "LimitExceeded")
	_, err = client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example"), ThumbprintList: []string{"short"}})
	wantCode(t, err, "ValidationError", "thumbprintList")
	for i := range quotaProviders {
		makeProvider(t, client, fmt.Sprintf("https://%d.example", i))
	}
	_, err = client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://one.more")})
	wantCode(t, err, "LimitExceeded", "OpenIdConnectProvidersPerAccount")
}
