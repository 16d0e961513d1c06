package sandbox

import "strings"

// catalogue is every fault, in the order of an exchange: issuer, stack, provider, trust, organisation,
// permissions, Regions.
func catalogue() []fault {
	wrong := func(name, cause string, needs Needs, do func(*broken) error, summary string) fault {
		return fault{Breakage: Breakage{Name: name, Cause: cause, Needs: needs, Summary: summary}, account: do}
	}
	organised := func(name, cause string, needs Needs, p func(*broken) (*controlPolicy, error), summary string) fault {
		return fault{Breakage: Breakage{Name: name, Cause: cause, Needs: needs, Summary: summary}, organization: p}
	}
	issued := func(name, cause string, needs Needs, do func(*identity) error, summary string) fault {
		return fault{Breakage: Breakage{Name: name, Cause: cause, Needs: needs, Summary: summary}, issuer: do}
	}
	return []fault{
		issued("discovery-down", "discovery_unreachable", NeedsNothing, answering(issuerSilent), "the issuer breaks off every connection"),
		issued("discovery-404", "discovery_unreachable", NeedsNothing, answering(issuerNotFound), "the issuer answers 404 for its discovery document"),
		issued("issuer-mismatch", "issuer_document_mismatch", NeedsNothing, answering(issuerOther), "the discovery document names the issuer with a slash at its end"),
		issued("keys-rotated", "jwks_key_missing", NeedsToken, publishOtherKeys, "the issuer does not publish the key that signs its tokens"),
		issued("tag-session-missing", "tag_session_missing", NeedsToken, tagTokens, "the issuer writes session tags into its tokens, which the roles do not allow"),

		wrong("stack-missing", "stack_missing", NeedsNothing, removeStack, "stack and roles were deleted"),
		wrong("stack-failed", "stack_failed", NeedsNothing, stackState(updateFailed), "the last update of the stack failed"),
		wrong("stack-stuck", "stack_failed", NeedsNothing, stackState(updateRollbackFailed), "the last update of the stack failed, and so did its rollback"),
		wrong("stack-drifted", "stack_drifted", NeedsNothing, describeOtherwise, "the descriptions of the roles were changed by hand"),
		wrong("role-deleted", "role_missing", NeedsNothing, removeApplyRole, "the apply role was deleted by hand"),

		wrong("provider-missing", "provider_missing", NeedsNothing, deleteProvider, "the provider was deleted"),
		wrong("provider-slash", "issuer_url_mismatch", NeedsNothing, moveProvider, "the provider is for the issuer's URL with a slash at its end"),
		wrong("provider-audience-missing", "aud_not_in_provider", NeedsNothing,
			onProvider(func(p *provider) { p.ClientIDs = []string{"sts.amazon.com"} }), "the provider does not know the tokens' audience"),
		wrong("provider-foreign", "provider_not_ours", NeedsNothing,
			onProvider(func(p *provider) { p.Tags = nil }), "the provider has lost the tags that make it fcoidc's"),

		wrong("org-id-case", "org_id_case_mismatch", NeedsOrgID, redeployCapitals, "the stack was deployed with the OrgId in capitals"),
		wrong("org-id-other", "org_id_mismatch", NeedsOrgID,
			redeployOrg(func(string) (string, error) { return strangerOrgID, nil }), "the stack was deployed with the OrgId of another organization"),
		wrong("trust-redirected", "trust_redirected", NeedsNothing,
			onTrust(revalue("org_id", always(strangerOrgID))), "somebody put another organization into the trust policies"),
		wrong("phase-wrong", "phase_mismatch", NeedsNothing, onPlanTrust(revalue("phase", always("apply"))), "the plan role admits apply tokens only"),
		wrong("phase-swapped", "phase_separation_broken", NeedsNothing, onTrust(revalue("phase", func(was string) string {
			if was == "plan" {
				return "apply"
			}
			return "plan"
		})), "the phases of the two trust policies are exchanged: the apply role admits plan tokens"),
		wrong("audience-condition", "aud_condition_mismatch", NeedsNothing, onTrust(revalue("aud", always("sts.amazon.com"))), "the trust policies test for another audience"),
		wrong("principal-other-account", "principal_wrong", NeedsNothing, func(b *broken) error {
			return onTrust(retrust(func(was string) string {
				return strings.Replace(was, "::"+b.account.ID+":", "::"+b.account.sandbox.accounts[0].ID[:11]+"9:", 1)
			}))(b)
		}, "the trust policies name the provider of another account"),
		wrong("principal-typo", "principal_wrong", NeedsNothing,
			onTrust(retrust(func(was string) string { return was[:len(was)-1] })), "the last letter of the provider's ARN is missing in the trust policies"),
		wrong("action-wrong", "action_wrong", NeedsNothing, onTrust(setAction("sts:AssumeRole")), "the trust policies allow sts:AssumeRole"),
		wrong("wildcard-without-like", "wildcard_without_like", NeedsNothing,
			onTrust(revalue("org_id", func(was string) string { return was[:min(8, len(was))] + "-*" })), "the trust policies test the organization with StringEquals for a pattern"),
		wrong("condition-key-prefix", "condition_key_prefix", NeedsNothing,
			onTrust(rekeyOrg(func(s *statement) string { return "https://" + s.key("org_id") })), "the condition key of the organization begins with https://"),
		wrong("condition-key-wrong-claim", "condition_key_wrong_claim", NeedsNothing, onTrust(swapValues), "phase and organization stand under each other's condition key"),
		wrong("condition-key-unknown", "condition_key_unsupported", NeedsNothing,
			onTrust(rekeyOrg(func(s *statement) string { return s.key("organization_id") })), "the trust policies test a claim that tokens do not have"),
		wrong("subject-other", "sub_context_mismatch", NeedsToken, func(b *broken) error {
			return onTrust(demand("sub", "org:"+b.stack.Now.Parameters["OrgId"]+":phase:destroy"))(b)
		}, "the trust policies test for the subject of another phase as well"),
		wrong("workspace-other", "workspace_mismatch", NeedsToken,
			onApplyTrust(demand("workspace_id", strangerOrgID)), "the apply role admits another workspace only"),
		wrong("trust-denied", "explicit_deny", NeedsNothing, func(b *broken) error {
			if _, err := b.roles(); err != nil {
				return err
			}
			return denyTokens(b.apply)
		}, "a Deny statement shuts the apply role to every token"),

		wrong("trust-no-org", "tenancy_condition_missing", NeedsNothing, onTrust(drop("org_id")), "the trust policies do not test the organization: every customer of the issuer gets in"),
		wrong("trust-if-exists", "guard_if_exists", NeedsNothing,
			onTrust(reoperateOrg("StringEqualsIfExists")), "the organization is tested with IfExists, which a token without it passes"),
		wrong("trust-for-all-values", "guard_for_all_values", NeedsNothing,
			onTrust(reoperateOrg("ForAllValues:StringEquals")), "the organization is tested with ForAllValues, which a token without it passes"),
		wrong("trust-negated", "guard_negated", NeedsNothing, onTrust(negateOrg), "the trust policies exclude one organization and admit all others"),
		wrong("trust-wildcard", "wildcard_matches_all", NeedsNothing, onTrust(openOrg), "the organization is tested against *, which every one matches"),
		wrong("trust-no-audience", "audience_condition_missing", NeedsNothing, forgetAudience, "the provider knows a second audience, and the trust policies test none"),
		wrong("phase-open", "phase_separation_broken", NeedsNothing, onApplyTrust(drop("phase")), "the apply role does not test the phase: a plan token can assume it"),

		organised("rcp-deny", "org_policy_deny", NeedsNothing, denyFederated, "a resource control policy denies every exchange of a token"),
		organised("scp-deny-region", "scp_denies", NeedsNothing, denyRegion, "a service control policy forbids a Region that AllowedRegions has"),
		organised("scp-deny-iam", "scp_denies", NeedsNothing, denyIdentity, "a service control policy forbids to change IAM"),

		wrong("boundary-blocks", "boundary_denies", NeedsNothing, boundRoles, "a permissions boundary was put on the roles that leaves apply nothing but to read"),
		wrong("plan-can-write", "plan_role_can_write", NeedsNothing, attach(planRole, "AdministratorAccess"), "AdministratorAccess is attached to the plan role"),
		wrong("plan-cannot-read", "plan_role_cannot_read", NeedsNothing, blindPlan, "the plan role has lost its policy"),
		wrong("apply-unrestricted", "apply_role_unrestricted", NeedsNothing, attach(applyRole, "AdministratorAccess"), "AdministratorAccess is attached to the apply role: no Region binds it"),
		wrong("max-session-short", "max_session_short", NeedsNothing, shortenSessions, "the roles' longest session is an hour, the stack's four"),

		wrong("regions-missing", "region_not_allowed", NeedsRegions, redeployRegions(withoutLast), "AllowedRegions lacks a Region that Forgecroft uses"),
		wrong("global-region-missing", "global_region_missing", NeedsNothing, redeployRegions(withoutGlobal), "AllowedRegions lacks the Region in which IAM and other global services count"),
		wrong("region-not-enabled", "region_not_enabled", NeedsNothing, redeployRegions(withDisabled), "AllowedRegions has the Region "+optIn+", which the account has not enabled"),
		wrong("sts-region-disabled", "sts_region_disabled", NeedsTry, deactivateSTS, "STS is deactivated for the account in a Region that AllowedRegions has"),
	}
}
