// Package assets holds the files that fcoidc carries inside its binary.
package assets

import _ "embed"

// Template is forgecroft-runner-oidc.yaml, the CloudFormation template that a user may also
// deploy by hand. Callers must not change it.
//
//go:embed forgecroft-runner-oidc.yaml
var Template []byte
