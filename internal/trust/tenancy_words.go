package trust

import (
	"fmt"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

func (j *judgement) culpritText(c *policy.Condition, w weakness) string {
	key, everybody := quote(c.Key.Text), "every tenant of "+escape.Text(j.issuer.KeyPrefix)
	if !j.issuer.Shared {
		everybody = "every identity of " + escape.Text(j.issuer.KeyPrefix)
	}
	switch w {
	case ifExists:
		return fmt.Sprintf("IfExists is true of a token without %s, so the condition lets in %s", key, everybody)
	case forAll:
		return fmt.Sprintf("ForAllValues is true of a token without %s, so the condition lets in %s", key, everybody)
	case negated:
		return fmt.Sprintf("%s is true of a token without %s and of all values but those listed, so the condition lets in %s", escape.Text(c.OperatorName.Text), key, everybody)
	case matchesAll:
		return fmt.Sprintf("the pattern matches every value of %s, so the condition lets in %s", key, everybody)
	default:
		return fmt.Sprintf("the wildcard reaches out of the part of %s that names the tenant, so the condition lets in others, too", key)
	}
}

func (j *judgement) missingText() string {
	if j.issuer.Shared {
		return fmt.Sprintf("%s signs for many tenants, and no condition holds the others off", escape.Text(j.issuer.KeyPrefix))
	}
	return fmt.Sprintf("no condition says which of the identities of %s may come in", escape.Text(j.issuer.KeyPrefix))
}
