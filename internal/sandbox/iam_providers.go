package sandbox

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// provider is an IAM OIDC identity provider.
type provider struct {
	URL         string    `json:"url"` // without scheme; a trailing slash makes it another provider
	ClientIDs   []string  `json:"client_ids"`
	Thumbprints []string  `json:"thumbprints"`
	Tags        []tag     `json:"tags,omitempty"`
	Created     time.Time `json:"created"`
}

// providerInput is what a provider is made of.
type providerInput struct {
	URL         string // with scheme
	ClientIDs   []string
	Thumbprints []string
	Tags        []tag
}

const (
	maxClientIDs   = 100
	maxThumbprints = 5
)

// observedThumbprint stands for the one that IAM would fetch itself
// when none is given: the sandbox opens no connection.
const observedThumbprint = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"

func (a *account) providerARN(key string) string { return a.arn("iam", "", "oidc-provider/"+key) }

// providerKey turns a provider's URL into what identifies it: host and path. AWS drops port 443
// and nothing else.
func providerKey(raw string) (string, error) {
	if raw == "" {
		return "", missing("url")
	}
	if len(raw) > 255 {
		return "", validationError("1 validation error detected: Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", validationError("Invalid Open ID Connect Provider URL")
	}
	return strings.TrimSuffix(u.Host, ":443") + u.EscapedPath(), nil
}

func checkClientIDs(ids []string) error {
	if len(ids) > maxClientIDs {
		return limitExceeded("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %d", maxClientIDs)
	}
	for _, id := range ids {
		if id == "" || len(id) > 255 {
			return validationError("1 validation error detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]")
		}
	}
	return nil
}

func checkThumbprints(prints []string) error {
	if len(prints) > maxThumbprints {
		return invalidInput("Thumbprint list must contain fewer than %d entries.", maxThumbprints) // IAM's words, which leave out the fifth
	}
	for _, p := range prints {
		if len(p) != 40 {
			return validationError("1 validation error detected: Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]")
		}
	}
	return nil
}

// storedThumbprints are thumbprints as IAM keeps them: in lower case, each as often as it was given
// (observed on 2026-09-11, testdata/aws-live-provider.ndjson).
func storedThumbprints(prints []string) []string {
	stored := make([]string, len(prints))
	for i, p := range prints {
		stored[i] = strings.ToLower(p)
	}
	return stored
}

// createProvider makes a provider and returns its ARN.
func (a *account) createProvider(in providerInput) (arn string, err error) {
	key, err := providerKey(in.URL)
	if err != nil {
		return "", err
	}
	if err := checkClientIDs(in.ClientIDs); err != nil {
		return "", err
	}
	if err := checkThumbprints(in.Thumbprints); err != nil {
		return "", err
	}
	if err := checkTags(in.Tags); err != nil {
		return "", err
	}
	if a.state.Providers[key] != nil {
		return "", alreadyExists("Provider with url https://%s already exists.", key)
	}
	if len(a.state.Providers) >= quotaProviders {
		return "", limitExceeded("Cannot exceed quota for OpenIdConnectProvidersPerAccount: %d", quotaProviders)
	}
	prints := storedThumbprints(in.Thumbprints)
	if len(prints) == 0 {
		prints = []string{observedThumbprint}
	}
	a.state.Providers[key] = &provider{
		URL: key, ClientIDs: slices.Clone(in.ClientIDs), Thumbprints: prints, Tags: slices.Clone(in.Tags), Created: a.now.UTC(),
	}
	a.touch()
	return a.providerARN(key), nil
}

// provider finds a provider by its ARN.
func (a *account) provider(arn string) (*provider, error) {
	key, ok := strings.CutPrefix(arn, a.providerARN(""))
	if !ok {
		if arn == "" {
			return nil, missing("openIDConnectProviderArn")
		}
		if !strings.Contains(arn, ":oidc-provider/") {
			return nil, validationError("Invalid ARN:  Could not be parsed!")
		}
	}
	p := a.state.Providers[key]
	if p == nil || !ok {
		return nil, noSuchEntity("OpenIDConnect Provider not found for arn %s", arn)
	}
	return p, nil
}

// deleteProvider removes a provider. One that is not there is no error: AWS documents the call as idempotent.
func (a *account) deleteProvider(arn string) error {
	p, err := a.provider(arn)
	if err != nil {
		if refusal, ok := errors.AsType[*apiError](err); ok && refusal.Code == "NoSuchEntity" {
			return nil
		}
		return err
	}
	delete(a.state.Providers, p.URL)
	a.touch()
	return nil
}

func (a *account) setThumbprints(arn string, prints []string) error {
	p, err := a.provider(arn)
	if err != nil {
		return err
	}
	if err := checkThumbprints(prints); err != nil {
		return err
	}
	p.Thumbprints = storedThumbprints(prints)
	a.touch()
	return nil
}

func (a *account) addClientID(arn, id string) error {
	p, err := a.provider(arn)
	if err != nil {
		return err
	}
	if slices.Contains(p.ClientIDs, id) {
		return nil // documented as idempotent
	}
	ids := append(slices.Clone(p.ClientIDs), id)
	if err := checkClientIDs(ids); err != nil {
		return err
	}
	p.ClientIDs = ids
	a.touch()
	return nil
}

func (a *account) removeClientID(arn, id string) error {
	p, err := a.provider(arn)
	if err != nil {
		return err
	}
	p.ClientIDs = slices.DeleteFunc(slices.Clone(p.ClientIDs), func(c string) bool { return c == id })
	a.touch()
	return nil
}

// setProviderTags replaces a provider's tags, as CloudFormation does.
func (a *account) setProviderTags(arn string, tags []tag) error {
	p, err := a.provider(arn)
	if err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	p.Tags = slices.Clone(tags)
	a.touch()
	return nil
}
