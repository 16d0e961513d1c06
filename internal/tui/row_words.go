package tui

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// words is r's state in words short enough for a column. A plan is in the imperative:
// "create"; what is done is in the past: "created".
func (r *row) words() string {
	switch r.state {
	case stateQueued:
		return "queued"
	case statePlanned:
		return plannedWords(r.plan.Action)
	case stateFailed:
		return "failed"
	case stateLost:
		return "goes on"
	case stateBlocked:
		return "blocked"
	case stateSkipped:
		return "skipped"
	case stateDone:
		return doneWords(r.result.Action)
	default:
		return phaseWords(r.phase, r.trouble != nil)
	}
}

// stateWidth is the widest of those words.
const stateWidth = len("change set")

func phaseWords(p bootstrap.Phase, trouble bool) string {
	switch p {
	case bootstrap.PhasePlan:
		return "reading"
	case bootstrap.PhaseChangeSet:
		return "change set"
	case bootstrap.PhaseDelete:
		return "deleting"
	case bootstrap.PhaseDeploy:
		if trouble {
			return "failing"
		}
		return "deploying"
	case bootstrap.PhaseWait:
		return "waiting"
	default:
		return string(p)
	}
}

func plannedWords(a bootstrap.Action) string {
	switch a {
	case bootstrap.ActionNone:
		return "unchanged"
	case bootstrap.ActionBlocked:
		return "blocked"
	case bootstrap.ActionSkipped:
		return "skipped"
	default:
		return string(a)
	}
}

func doneWords(a bootstrap.Action) string {
	switch a {
	case bootstrap.ActionCreate:
		return "created"
	case bootstrap.ActionUpdate:
		return "updated"
	case bootstrap.ActionRecreate:
		return "recreated"
	case bootstrap.ActionDelete:
		return "deleted"
	case bootstrap.ActionNone:
		return "unchanged"
	default:
		return string(a)
	}
}

// story is the cell of what happened last: why, where a target has ended, and the newest
// event where it has not. It is not escaped.
func (r *row) story() string {
	switch {
	case r.result != nil && r.result.Failure != nil:
		return causeWords(r.result.Failure)
	case r.result != nil && r.state == stateDone && r.result.Action != bootstrap.ActionNone:
		return ""
	case r.result != nil:
		return r.result.Reason
	case r.state == statePlanned:
		return r.plan.Reason
	case r.isSlowed():
		return "slowed down by AWS"
	case r.trouble != nil:
		return resourceWords(r.trouble)
	case r.last == nil || r.state == stateQueued:
		return ""
	case r.last.resource != nil:
		return resourceWords(r.last.resource)
	default:
		return r.last.detail
	}
}

// causeWords is what failed, and why. The code comes before AWS's sentence: it tells most
// where there is room for a few words only.
func causeWords(f *bootstrap.Failure) string {
	what := strings.TrimSpace(f.Resource + " " + f.Code)
	switch {
	case what == "":
		return f.Message
	case f.Message == "":
		return what
	default:
		return what + ": " + f.Message
	}
}

// resourceWords is a stack event in few words: "PlanRole created".
func resourceWords(e *bootstrap.ResourceEvent) string {
	if failed(e) && e.Reason != "" {
		return e.LogicalID + ": " + e.Reason
	}
	return e.LogicalID + " " + statusWords(e.Status)
}

func statusWords(status string) string {
	switch status {
	case "CREATE_IN_PROGRESS":
		return "creating"
	case "CREATE_COMPLETE":
		return "created"
	case "UPDATE_IN_PROGRESS":
		return "updating"
	case "UPDATE_COMPLETE":
		return "updated"
	case "DELETE_IN_PROGRESS":
		return "deleting"
	case "DELETE_COMPLETE":
		return "deleted"
	case "DELETE_SKIPPED":
		return "kept"
	default:
		return strings.ToLower(strings.ReplaceAll(status, "_", " "))
	}
}
