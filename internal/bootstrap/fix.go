package bootstrap

import "github.com/forgecroft/fcoidc/internal/fleet"

// awsCommand is a line for the AWS CLI that acts in t's Region, with credentials of t's
// account. IAM has no Region, but the CLI wants one for its partition.
func awsCommand(t fleet.Target, rest string) string {
	return "aws " + rest + " --region " + t.Region
}
