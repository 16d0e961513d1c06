package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// newSandbox makes a sandbox or fails the test.
func newSandbox(t *testing.T, o Options) *Sandbox {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAClientReachesItsAccountThroughTheTransport(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	cfg := s.Config("eu-west-1")
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := aws.ToString(who.Arn), "arn:aws:iam::010000000001:user/sandbox-admin"; got != want {
		t.Errorf("caller %s, want %s", got, want)
	}
	client := iam.NewFromConfig(cfg)
	made, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://api.forgecroft.com"), ClientIDList: []string{"sts.amazonaws.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(got.Url) != "api.forgecroft.com" || len(got.ClientIDList) != 1 {
		t.Errorf("got %+v", got)
	}
}
