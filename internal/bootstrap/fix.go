package bootstrap

import (
	"cmp"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// awsCommand is a line for the AWS CLI that acts in t's account and Region. IAM has no
// Region, but the CLI wants one for its partition.
func awsCommand(t fleet.Target, rest string) string {
	return cmp.Or(t.AWS, "aws") + " " + rest + " --region " + t.Region
}

// bootstrapCommand is a line that deploys the stack to t.
func bootstrapCommand(t fleet.Target, stackName string) string {
	words := []string{"fcoidc", "bootstrap"}
	if t.Again != "" {
		words = append(words, t.Again)
	}
	if stackName != template.DefaultStackName {
		words = append(words, "--stack-name", escape.Shell(stackName))
	}
	return strings.Join(append(words, "--region", t.Region), " ")
}
