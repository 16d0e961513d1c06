package bootstrap

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// clients makes the SDK's clients, one for all targets that are reached the same way:
// a thousand accounts do not need a thousand clients. Credentials are not the client's
// but go with each call.
type clients struct {
	mu     sync.Mutex
	stacks map[endpoint]*cloudformation.Client
	iam    map[endpoint]*iam.Client
}

// endpoint is what makes two configurations answer from the same place. Configurations
// that were copied from one share their sources and their base endpoint.
type endpoint struct {
	region  string
	base    *string
	sources *any
}

func endpointOf(cfg aws.Config) endpoint {
	e := endpoint{region: cfg.Region, base: cfg.BaseEndpoint}
	if len(cfg.ConfigSources) > 0 {
		e.sources = &cfg.ConfigSources[0]
	}
	return e
}

func newClients() *clients {
	return &clients{stacks: map[endpoint]*cloudformation.Client{}, iam: map[endpoint]*iam.Client{}}
}

func (c *clients) stack(t fleet.Target) StackAPI {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := endpointOf(t.Config)
	client, ok := c.stacks[key]
	if !ok {
		client = cloudformation.NewFromConfig(t.Config, func(o *cloudformation.Options) {
			o.Retryer = newRetryer()
			o.APIOptions = append(o.APIOptions, fleet.CountAttempts)
		})
		c.stacks[key] = client
	}
	return client
}

func (c *clients) identity(t fleet.Target) IdentityAPI {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := endpointOf(t.Config)
	client, ok := c.iam[key]
	if !ok {
		client = iam.NewFromConfig(t.Config, func(o *iam.Options) {
			o.Retryer = newRetryer()
			o.APIOptions = append(o.APIOptions, fleet.CountAttempts)
		})
		c.iam[key] = client
	}
	return client
}

// newRetryer is the run's usual patience, save that it leaves throttling to [call], which
// says so and waits longer.
func newRetryer() aws.Retryer { return exceptThrottling{fleet.Retryer()} }

type exceptThrottling struct{ aws.Retryer }

func (r exceptThrottling) IsErrorRetryable(err error) bool {
	return !throttled(err) && r.Retryer.IsErrorRetryable(err)
}
