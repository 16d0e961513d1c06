package doctor

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/forgecroft/fcoidc/internal/template"
)

// providers lists the account's OIDC providers, among which a near miss may be, or that of a token
// of another issuer.
func (k *collector) providers(ctx context.Context) {
	out, err := ask(ctx, k, k.clients.Identity.ListOpenIDConnectProviders, &iam.ListOpenIDConnectProvidersInput{})
	if err != nil {
		k.miss(FactProvider, "the account's OIDC providers", "iam:ListOpenIDConnectProviders", err)
		return
	}
	list := make([]string, 0, len(out.OpenIDConnectProviderList))
	for _, p := range out.OpenIDConnectProviderList {
		list = append(list, aws.ToString(p.Arn))
	}
	slices.Sort(list)
	k.s.Providers = list
}

// provider reads the issuer's, whose ARN follows from the issuer. The others matter only where it
// is missing.
func (k *collector) provider(ctx context.Context) {
	arn := template.ProviderARN(k.s.Partition, k.s.Account, k.o.Issuer)
	out, err := ask(ctx, k, k.clients.Identity.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	switch {
	case isCode(err, "NoSuchEntity"):
		k.providers(ctx)
	case err != nil:
		k.miss(FactProvider, "provider "+arn, "iam:GetOpenIDConnectProvider", err)
		k.providers(ctx)
	default:
		tags := tagMap(out.Tags)
		k.s.Provider = &Provider{
			ARN: arn, URL: aws.ToString(out.Url), ClientIDs: append([]string{}, out.ClientIDList...), Thumbprints: append([]string{}, out.ThumbprintList...),
			ManagedBy: tags[template.TagManagedBy], StackID: tags[template.TagStackID], Created: aws.ToTime(out.CreateDate), Read: true,
		}
		if k.o.Token != nil && k.o.Token.issuer() != k.o.Issuer {
			k.providers(ctx)
		}
	}
}

func tagMap(tags []iamtypes.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
