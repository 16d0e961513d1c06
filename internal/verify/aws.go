package verify

// What STS was observed to answer (2026-09-11), code and text. The double blank is AWS's.
const (
	awsNotValid = "InvalidIdentityToken: The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements."
	awsNoKey    = "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	// What it says of a wrong signature or algorithm is not recorded; the code is documented.
	awsRefused = "InvalidIdentityToken"
)
