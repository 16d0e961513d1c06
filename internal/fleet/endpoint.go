package fleet

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// The SDK makes the STS client of a profile with role_arn before it has resolved AWS_ENDPOINT_URL
// and the profile's endpoint_url (config v1.33.15, resolve_credentials.go), so that a profile for
// an emulator would assume its role at the real STS. The AWS CLI honours both. The two types
// below do as well; an endpoint set for STS alone still wins.

// stsAt sends AssumeRole to the endpoint unless the client has one of its own.
type stsAt struct {
	stscreds.AssumeRoleAPIClient
	endpoint **string
}

func (c stsAt) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return c.AssumeRoleAPIClient.AssumeRole(ctx, in, append(options, defaultEndpoint(*c.endpoint))...)
}

// webIdentityAt does the same for AssumeRoleWithWebIdentity.
type webIdentityAt struct {
	stscreds.AssumeRoleWithWebIdentityAPIClient
	endpoint **string
}

func (c webIdentityAt) AssumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput, options ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	return c.AssumeRoleWithWebIdentityAPIClient.AssumeRoleWithWebIdentity(ctx, in, append(options, defaultEndpoint(*c.endpoint))...)
}

func defaultEndpoint(url *string) func(*sts.Options) {
	return func(o *sts.Options) {
		if o.BaseEndpoint == nil {
			o.BaseEndpoint = url
		}
	}
}
