//go:build !race

package policy

const defaultPolicies = 12_000
