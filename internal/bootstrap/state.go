package bootstrap

import (
	"strings"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// move is what a stack's state allows.
type move int

const (
	moveBlocked  move = iota // nothing, until somebody has acted
	moveCreate               // a CREATE change set
	moveUpdate               // an UPDATE change set
	moveRecreate             // delete and create: nothing of the stack is live
	moveReplace              // the same, only if asked for: it may hold live roles
	moveWait                 // an operation runs
)

// moves says what may be done with a stack in each state.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
var moves = map[cfntypes.StackStatus]move{
	"":                                                          moveCreate,
	cfntypes.StackStatusDeleteComplete:                          moveCreate,
	cfntypes.StackStatusReviewInProgress:                        moveCreate, // the shell of a change set that nobody has executed
	cfntypes.StackStatusCreateComplete:                          moveUpdate,
	cfntypes.StackStatusUpdateComplete:                          moveUpdate,
	cfntypes.StackStatusUpdateRollbackComplete:                  moveUpdate,
	cfntypes.StackStatusImportComplete:                          moveUpdate,
	cfntypes.StackStatusImportRollbackComplete:                  moveUpdate,
	cfntypes.StackStatusUpdateFailed:                            moveUpdate,
	cfntypes.StackStatusRollbackComplete:                        moveRecreate,
	cfntypes.StackStatusCreateFailed:                            moveReplace,
	cfntypes.StackStatusDeleteFailed:                            moveReplace,
	cfntypes.StackStatusRollbackFailed:                          moveReplace,
	cfntypes.StackStatusUpdateRollbackFailed:                    moveBlocked,
	cfntypes.StackStatusImportRollbackFailed:                    moveBlocked,
	cfntypes.StackStatusCreateInProgress:                        moveWait,
	cfntypes.StackStatusRollbackInProgress:                      moveWait,
	cfntypes.StackStatusDeleteInProgress:                        moveWait,
	cfntypes.StackStatusUpdateInProgress:                        moveWait,
	cfntypes.StackStatusUpdateRollbackInProgress:                moveWait,
	cfntypes.StackStatusImportInProgress:                        moveWait,
	cfntypes.StackStatusImportRollbackInProgress:                moveWait,
	cfntypes.StackStatusUpdateCompleteCleanupInProgress:         moveWait,
	cfntypes.StackStatusUpdateRollbackCompleteCleanupInProgress: moveWait,
}

// moveOf is what may be done with a stack in state s. A state that is not known is
// waited for if its name says that something runs, and blocks otherwise.
func moveOf(s cfntypes.StackStatus) move {
	if m, ok := moves[s]; ok {
		return m
	}
	if running(s) {
		return moveWait
	}
	return moveBlocked
}

// running reports whether CloudFormation works on a stack in state s. The shell of a
// change set is named like an operation and is none.
func running(s cfntypes.StackStatus) bool {
	return strings.HasSuffix(string(s), "_IN_PROGRESS") && s != cfntypes.StackStatusReviewInProgress
}

// healthy reports whether s is where a successful create or update ends.
func healthy(s cfntypes.StackStatus) bool {
	return s == cfntypes.StackStatusCreateComplete || s == cfntypes.StackStatusUpdateComplete
}
