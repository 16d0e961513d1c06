//go:build race

package policy

// defaultEvaluations is less under the race detector, which slows them ten times.
const defaultEvaluations = 20_000
