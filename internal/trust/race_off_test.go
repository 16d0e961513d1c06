//go:build !race

package trust

// How many generated policies the property tests judge.
const (
	separations = 4000
	audits      = 3000
)
