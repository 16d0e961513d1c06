//go:build race

package trust

// Fewer under the race detector, which slows them ten times.
const (
	separations = 400
	audits      = 600
)
