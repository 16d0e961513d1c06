package trust

import "github.com/forgecroft/fcoidc/internal/policy"

// Audit says who can assume a role by its trust policy, and where strangers get in.
func Audit(doc *policy.Document, o Options) Report { return Report{} }
