//go:build !race

package trust

// How many generated policies the property tests judge.
const (
	separations = 2500
	audits      = 1500
)
