//go:build race

package policy

// defaultPolicies is less under the race detector, which slows them ten times.
const defaultPolicies = 2_000
