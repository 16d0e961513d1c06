package bootstrap

import "github.com/forgecroft/fcoidc/internal/fleet"

// StackView is what one account's stack says of itself.
type StackView struct {
	Target     fleet.Target
	StackID    string // empty if there is no stack
	Status     string // CREATE_COMPLETE, ...
	Parameters map[string]string
	Outputs    map[string]string
	Failure    *Failure // set if the account could not be looked at
}
