//go:build !race

package policy

const defaultEvaluations = 100_000
