package sandbox

const providerType = "AWS::IAM::OIDCProvider"

// providerHandler is AWS::IAM::OIDCProvider.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html
func providerHandler() handler {
	return handler{
		properties: []string{"ClientIdList", "Tags", "ThumbprintList", "Url"},
		replaces:   []string{"Url"},
		attributes: []string{"Arn"},
		identifier: "Arn",
		tagged:     true,
		create:     createProviderResource,
		update:     updateProviderResource,
		remove:     removeProviderResource,
		adopt:      adoptProviderResource,
		read:       readProviderResource,
	}
}

func createProviderResource(h *handling) error {
	key, err := providerKey(h.text("Url"))
	if err != nil {
		return err
	}
	arn := h.acct.providerARN(key)
	if err := h.may("iam:CreateOpenIDConnectProvider", arn); err != nil {
		return err
	}
	if len(h.tags()) > 0 {
		if err := h.may("iam:TagOpenIDConnectProvider", arn); err != nil {
			return err
		}
	}
	made, err := h.acct.createProvider(providerInput{
		URL: h.text("Url"), ClientIDs: h.texts("ClientIdList"), Thumbprints: h.texts("ThumbprintList"), Tags: h.tags(),
	})
	if err != nil {
		return err
	}
	h.adoptProvider(made)
	return nil
}

func adoptProviderResource(h *handling, arn string) error {
	if _, err := h.acct.provider(arn); err != nil {
		return err
	}
	h.adoptProvider(arn)
	return nil
}

// adoptProvider makes the provider the resource.
func (h *handling) adoptProvider(arn string) {
	h.res.PhysicalID = arn
	h.res.Attributes = map[string]string{"Arn": arn}
	h.res.Owns = owned{Tags: tagKeys(h.tags())}
}

func updateProviderResource(h *handling) error {
	arn := h.res.PhysicalID
	p, err := h.acct.provider(arn)
	if err != nil {
		return err
	}
	wanted := h.texts("ClientIdList")
	if err := h.each(missingFrom(p.ClientIDs, wanted), "iam:AddClientIDToOpenIDConnectProvider", arn, func(id string) error {
		return h.acct.addClientID(arn, id)
	}); err != nil {
		return err
	}
	if err := h.each(missingFrom(wanted, p.ClientIDs), "iam:RemoveClientIDFromOpenIDConnectProvider", arn, func(id string) error {
		return h.acct.removeClientID(arn, id)
	}); err != nil {
		return err
	}
	if prints := h.texts("ThumbprintList"); len(prints) > 0 {
		if err := h.may("iam:UpdateOpenIDConnectProviderThumbprint", arn); err != nil {
			return err
		}
		if err := h.acct.setThumbprints(arn, prints); err != nil {
			return err
		}
	}
	tags, err := retag(p.Tags, h.res.Owns.Tags, h.tags())
	if err != nil {
		return err
	}
	if !sameTags(tags, p.Tags) {
		if err := h.may("iam:TagOpenIDConnectProvider", arn); err != nil {
			return err
		}
		if err := h.acct.setProviderTags(arn, tags); err != nil {
			return err
		}
	}
	h.res.Owns.Tags = tagKeys(h.tags())
	return nil
}

func removeProviderResource(h *handling) error {
	if err := h.may("iam:DeleteOpenIDConnectProvider", h.res.PhysicalID); err != nil {
		return err
	}
	return h.acct.deleteProvider(h.res.PhysicalID)
}

func readProviderResource(a *account, r *stackResource) map[string]any {
	p, err := a.provider(r.PhysicalID)
	if err != nil {
		return nil
	}
	return map[string]any{
		"Url": "https://" + p.URL, "ClientIdList": texts(p.ClientIDs), "ThumbprintList": texts(p.Thumbprints), "Tags": tagValues(p.Tags),
	}
}
