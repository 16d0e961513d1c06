package doctor

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Everything that others wrote where a look comes by, and the credentials that it looks with.
func TestASnapshotOfAnAccountFullOfSecretsHoldsNone(t *testing.T) {
	t.Parallel()
	const secret = "S3CR3T-that-nobody-may-save"
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, nil)
	target := targets[0]
	client := iam.NewFromConfig(target.Config)
	role := aws.String("forgecroft-runner-plan")
	if _, err := client.TagRole(t.Context(), &iam.TagRoleInput{RoleName: role, Tags: []iamtypes.Tag{{Key: aws.String("password"), Value: aws.String(secret)}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateRole(t.Context(), &iam.UpdateRoleInput{RoleName: role, Description: aws.String(secret), MaxSessionDuration: aws.Int32(3600)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.TagOpenIDConnectProvider(t.Context(), &iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: aws.String(template.ProviderARN("aws", target.Account, template.DefaultIssuer)),
		Tags:                     []iamtypes.Tag{{Key: aws.String("password"), Value: aws.String(secret)}},
	}); err != nil {
		t.Fatal(err)
	}
	raw, err := box.Mint(sandbox.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	token, err := claims.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := collected(t, target, Options{Token: NewToken(token), Seen: lookedAt(t, box, token), Shared: NewShared(NewOrganizationClient(box.Config(testRegion)))})
	text, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := target.Config.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signature := raw[len(token.SigningInput)+1:]
	for what, never := range map[string]string{
		"what others wrote": secret, "the token's signature": signature, "the token": raw, "the secret key": keys.SecretAccessKey,
	} {
		if bytes.Contains(text, []byte(never)) {
			t.Errorf("the snapshot holds %s", what)
		}
	}
	if !bytes.Contains(text, []byte(`"org_id"`)) {
		t.Error("the token's claims are not saved")
	}
}
