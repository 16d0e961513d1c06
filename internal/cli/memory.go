package cli

import "runtime/debug"

// What a run may use before the garbage collector works harder: some for the program and
// some for each target that is under way. A run over a thousand accounts lives on about
// 90 MiB, and would grow to twice that before the collector looks, as its default is.
// doctor keeps what it saw of each target, and at the former's goal spent two fifths of its
// time collecting.
const (
	memoryBase      = 24 << 20
	memoryPerTarget = 88 << 10
	memoryPerLook   = 140 << 10
)

// limitMemory sets the collector's goal for a run over n targets. It is a goal, not a
// bound: nothing fails beyond it. Whoever has set GOMEMLIMIT decides.
func limitMemory(sys *IO, n, perTarget int) {
	if sys.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(memoryBase + n*perTarget))
	}
}
