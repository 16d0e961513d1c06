package trust

import "strings"

// Action is what a trust policy must allow for a web identity.
const Action = "sts:AssumeRoleWithWebIdentity"

// The further actions.
const (
	TagSession        = "sts:TagSession"
	SetSourceIdentity = "sts:SetSourceIdentity"
)

// Keys says which claims of a token count as condition keys.
type Keys string

// The readings.
const (
	KeysIssuer     Keys = "issuer"
	KeysDocumented Keys = "documented"
	KeysAll        Keys = "all"
)

// SplitProviderARN takes partition, account and the issuer's URL without its scheme from the
// ARN of an IAM OIDC provider.
func SplitProviderARN(arn string) (partition, account, path string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || parts[3] != "" {
		return "", "", "", false
	}
	path, ok = strings.CutPrefix(parts[5], "oidc-provider/")
	return parts[1], parts[4], path, ok && path != ""
}
