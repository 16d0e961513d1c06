package bootstrap

import (
	"cmp"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// awsCommand is a line for the AWS CLI that acts in t's account and Region. IAM has no
// Region, but the CLI wants one for its partition.
func awsCommand(t fleet.Target, rest string) string {
	return cmp.Or(t.AWS, "aws") + " " + rest + " --region " + t.Region
}
