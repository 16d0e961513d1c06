package fleet

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go/logging"

	"github.com/forgecroft/fcoidc/internal/awserr"
)

const (
	// requestTimeout bounds one attempt of one call, answer included.
	requestTimeout = 30 * time.Second
	// dialTimeout is how long a host may take to accept a connection.
	dialTimeout = 5 * time.Second
	// imdsTimeout bounds one request to the instance metadata service, which is one hop away
	// or not there at all: "no credentials" must not take long to say.
	imdsTimeout = time.Second
	// idleConns is how many connections to one endpoint wait for the next call. The SDK's ten
	// would have a run over many accounts open a new one for most calls.
	idleConns = maxConcurrency
)

// LoadConfig is the SDK's default chain for a profile of the shared config, "" for none in
// particular, with region before every other source of it unless empty. It contacts nothing.
// An error is an [awserr.Error].
func LoadConfig(ctx context.Context, profile, region string) (aws.Config, error) {
	var endpoint *string // known once cfg is loaded
	options := []func(*config.LoadOptions) error{
		// Not a plain http.Client: the SDK then refuses AWS_CA_BUNDLE.
		config.WithHTTPClient(awshttp.NewBuildableClient().
			WithTimeout(requestTimeout).
			WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
			WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost, t.MaxIdleConns = idleConns, 4*idleConns })),
		config.WithLogger(logging.Nop{}), // the SDK's own writes warnings to standard error
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			if o.Client != nil { // nil in the SDK's dry run of these options
				o.Client = stsAt{AssumeRoleAPIClient: o.Client, endpoint: &endpoint}
			}
		}),
		config.WithWebIdentityRoleCredentialOptions(func(o *stscreds.WebIdentityRoleOptions) {
			if o.Client != nil {
				o.Client = webIdentityAt{AssumeRoleWithWebIdentityAPIClient: o.Client, endpoint: &endpoint}
			}
		}),
	}
	if profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, awserr.ForProfile(err, profile)
	}
	endpoint = cfg.BaseEndpoint
	boundIMDS(&cfg)
	if client, ok := cfg.HTTPClient.(interface{ Freeze() aws.HTTPClient }); ok {
		// Each client clones a buildable one, and with it the pool of connections.
		cfg.HTTPClient = client.Freeze()
	}
	cfg.Retryer = Retryer
	return cfg, nil
}

// boundIMDS makes the end of the chain fail fast where there is no instance metadata service.
func boundIMDS(cfg *aws.Config) {
	if !aws.IsCredentialsProvider(cfg.Credentials, (*ec2rolecreds.Provider)(nil)) {
		return
	}
	client := imds.NewFromConfig(*cfg, func(o *imds.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(imdsTimeout) // no proxy and no CA bundle matter here
		o.Retryer = aws.NopRetryer{}
	})
	cfg.Credentials = aws.NewCredentialsCache(ec2rolecreds.New(func(o *ec2rolecreds.Options) { o.Client = client }))
}

// profileOf names the profile whose credentials a configuration has, "" for the default chain.
func profileOf(cfg aws.Config, asked string) string {
	if asked != "" {
		return asked
	}
	for _, source := range cfg.ConfigSources {
		if env, ok := source.(config.EnvConfig); ok && !env.Credentials.HasKeys() && env.WebIdentityTokenFilePath == "" {
			return env.SharedConfigProfile
		}
	}
	return ""
}
