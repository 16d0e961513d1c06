package bootstrap

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/template"
)

// Request is what a run is asked for. It is the same for every target.
type Request struct {
	StackName string
	Template  template.Template

	// Given are the stack parameters that the user set. A parameter not given keeps the
	// value of the stack that is there; in a new stack it has the template's default.
	// CreateProvider need not be given: the plan sets it from what the account has.
	Given map[string]string

	// Examples are parameters for a new stack that the user did not set. A stack that is
	// there keeps what it has.
	Examples map[string]string

	ExistingProvider ExistingProvider
	AllowTrustChange bool // an update may alter who may assume the roles
	Recreate         bool // a failed stack that may hold live roles may be deleted and made again
	RevertDrift      bool // what was changed by hand becomes again what the stack says

	// Tags are put on the stack beside our own; CloudFormation passes them on to the roles.
	Tags map[string]string

	// RunID is part of the names of change sets, so that a run finds its own. Letters,
	// digits and hyphens, at most 100.
	RunID string

	// Concurrency is how many targets are worked on at once, [DefaultConcurrency] if zero.
	Concurrency int
	MaxFailures MaxFailures
}

// DefaultConcurrency is how many targets are worked on at once unless a [Request] says
// otherwise. CloudFormation throttles per account, so that the bound is ours to choose.
const DefaultConcurrency = 32

// ExistingProvider says what to do about an OIDC provider for the issuer that is in the
// account already and is not ours.
type ExistingProvider string

// The answers to an existing provider. Empty means that nobody was asked: the target is
// blocked, as with fail, and the reason names the way to answer.
const (
	ExistingProviderFail  ExistingProvider = "fail"
	ExistingProviderReuse ExistingProvider = "reuse"
)

// MaxFailures is how many failed targets stop a run from starting further ones. The
// zero value never does.
type MaxFailures struct {
	n       int
	percent bool
}

// ParseMaxFailures reads "N" or "N%", N at least 1.
func ParseMaxFailures(s string) (MaxFailures, error) {
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil:
		return MaxFailures{}, fmt.Errorf("%q is not a number of targets, such as 5, nor a share of them, such as 10%%", s)
	case n < 1:
		return MaxFailures{}, fmt.Errorf("%q: the least is 1, which stops at the first failed target", s)
	case percent && n > 100:
		return MaxFailures{}, fmt.Errorf("%q is more than all targets", s)
	}
	return MaxFailures{n: n, percent: percent}, nil
}

// String is what [ParseMaxFailures] read, empty for the zero value.
func (m MaxFailures) String() string {
	switch {
	case m.n == 0:
		return ""
	case m.percent:
		return strconv.Itoa(m.n) + "%"
	default:
		return strconv.Itoa(m.n)
	}
}

// reached reports whether failed of total targets are as many as m tolerates. A share
// is rounded up, so that one failure of three does not reach 50%.
func (m MaxFailures) reached(failed, total int) bool {
	switch {
	case m.n == 0 || failed == 0:
		return false
	case m.percent:
		return failed*100 >= m.n*total
	default:
		return failed >= m.n
	}
}
