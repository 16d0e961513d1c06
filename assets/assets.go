// Package assets holds the files that fcoidc carries inside its binary.
package assets

import _ "embed"

// Template is forgecroft-runner-oidc.yaml, the CloudFormation template that a user may also
// deploy by hand. Callers must not change it.
//
//go:embed forgecroft-runner-oidc.yaml
var Template []byte

// ConditionKeys is condition-keys.json: which claims of which issuer AWS makes condition keys
// of, transcribed from AWS's condition key reference and Service Authorization Reference as of
// the date in its as_of field; each entry cites its pages. Callers must not change it.
//
//go:embed condition-keys.json
var ConditionKeys []byte
