package sandbox

import (
	"net/http"
	"slices"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// The states of a Region in an account (Account Management, "Enable or disable AWS Regions in
// your account"). Enabling and disabling is done at once, where AWS takes minutes to hours.
const (
	regionEnabled   = "ENABLED"
	regionByDefault = "ENABLED_BY_DEFAULT"
	regionDisabled  = "DISABLED"
)

// regionStatus is the state of a Region in the account; ok is false for a Region that does not exist.
func (a *account) regionStatus(id string) (status string, ok bool) {
	r, ok := regions.Lookup(id)
	switch {
	case !ok:
		return "", false
	case !r.OptIn:
		return regionByDefault, true
	case slices.Contains(a.state.EnabledRegions, id):
		return regionEnabled, true
	default:
		return regionDisabled, true
	}
}

// stsInRegion refuses, as STS does, a call to a Region that the account has not enabled or in
// which its STS is deactivated.
func (a *account) stsInRegion(region string) error {
	status, ok := a.regionStatus(region)
	if ok && status != regionDisabled && !slices.Contains(a.state.STSOff, region) {
		return nil
	}
	return refuse(http.StatusForbidden, "RegionDisabledException",
		"STS is not activated in this region for account:%s. Your account administrator can activate STS in this region using the IAM Console.", a.ID)
}

// regionOpen refuses a signed call in a Region that the caller's account has not enabled: no
// service there knows the account's credentials.
func (c *call) regionOpen() error {
	if r, ok := regions.Lookup(c.region); !ok || !r.OptIn || c.service.global {
		return nil
	}
	return c.sandbox.open(c.caller.Account, c.region, func(a *account) error {
		if status, _ := a.regionStatus(c.region); status == regionDisabled {
			return invalidToken()
		}
		return nil
	})
}
