package sandbox

const providerARNParameter = "OpenIDConnectProviderArn"

func providerOperations() map[string]operation {
	// onProvider is an operation on the provider that the request names.
	onProvider := func(run func(c *call, arn string) (any, error)) operation {
		return operation{
			run:      func(c *call) (any, error) { return run(c, c.get(providerARNParameter)) },
			resource: func(c *call) string { return c.get(providerARNParameter) },
		}
	}
	return map[string]operation{
		"CreateOpenIDConnectProvider": {run: createProviderCall, resource: func(c *call) string {
			key, _ := providerKey(c.get("Url")) // an invalid URL is refused by the operation itself
			return "arn:" + c.partition() + ":iam::" + c.caller.Account + ":oidc-provider/" + key
		}},
		"ListOpenIDConnectProviders": {run: listProviders},
		"GetOpenIDConnectProvider":   onProvider(getProvider),
		"DeleteOpenIDConnectProvider": onProvider(func(c *call, arn string) (any, error) {
			return nil, c.acct.deleteProvider(arn)
		}),
		"UpdateOpenIDConnectProviderThumbprint": onProvider(func(c *call, arn string) (any, error) {
			prints := c.list("ThumbprintList")
			if prints == nil {
				return nil, missing("thumbprintList")
			}
			return nil, c.acct.setThumbprints(arn, prints)
		}),
		"AddClientIDToOpenIDConnectProvider": onProvider(func(c *call, arn string) (any, error) {
			id, err := c.need("ClientID")
			if err != nil {
				return nil, err
			}
			return nil, c.acct.addClientID(arn, id)
		}),
		"RemoveClientIDFromOpenIDConnectProvider": onProvider(func(c *call, arn string) (any, error) {
			return nil, c.acct.removeClientID(arn, c.get("ClientID"))
		}),
		"TagOpenIDConnectProvider":      onProvider(tagProvider),
		"UntagOpenIDConnectProvider":    onProvider(untagProvider),
		"ListOpenIDConnectProviderTags": onProvider(listProviderTags),
	}
}

func createProviderCall(c *call) (any, error) {
	tags, err := c.tags()
	if err != nil {
		return nil, err
	}
	arn, err := c.acct.createProvider(providerInput{
		URL: c.get("Url"), ClientIDs: c.list("ClientIDList"), Thumbprints: c.list("ThumbprintList"), Tags: tags,
	})
	if err != nil {
		return nil, err
	}
	return struct {
		OpenIDConnectProviderArn string
		Tags                     members[tag]
	}{arn, listOf(tags)}, nil
}

func listProviders(c *call) (any, error) {
	type entry struct{ Arn string }
	var list []entry
	for _, p := range sorted(c.acct.state.Providers) {
		list = append(list, entry{c.acct.providerARN(p.URL)})
	}
	return struct{ OpenIDConnectProviderList members[entry] }{listOf(list)}, nil
}

func getProvider(c *call, arn string) (any, error) {
	p, err := c.acct.provider(arn)
	if err != nil {
		return nil, err
	}
	return struct {
		Url            string //nolint:revive // AWS spells the element so
		ClientIDList   members[string]
		ThumbprintList members[string]
		CreateDate     string
		Tags           members[tag]
	}{p.URL, listOf(p.ClientIDs), listOf(p.Thumbprints), instant(p.Created), listOf(p.Tags)}, nil
}

func tagProvider(c *call, arn string) (any, error) {
	p, err := c.acct.provider(arn)
	if err != nil {
		return nil, err
	}
	added, err := c.tags()
	if err != nil {
		return nil, err
	}
	merged, err := mergeTags(p.Tags, added)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setProviderTags(arn, merged)
}

func untagProvider(c *call, arn string) (any, error) {
	p, err := c.acct.provider(arn)
	if err != nil {
		return nil, err
	}
	return nil, c.acct.setProviderTags(arn, withoutTags(p.Tags, c.list("TagKeys")))
}

func listProviderTags(c *call, arn string) (any, error) {
	p, err := c.acct.provider(arn)
	if err != nil {
		return nil, err
	}
	return struct {
		Tags        members[tag]
		IsTruncated bool
	}{listOf(p.Tags), false}, nil
}
