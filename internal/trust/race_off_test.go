//go:build !race

package trust

// How many generated policies the property tests judge.
const (
	separations = 60000
	audits      = 20000
)
