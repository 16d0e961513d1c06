package bootstrap

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Looks at whether an update reverted drift, and the first of the pauses between them, which
// double. IAM may answer for some seconds from before a change.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const (
	revertLooks      = 5
	revertFirstPause = time.Second
)

// verifyReverted checks that the resources are what the plan says. An endpoint that does not
// know drift-aware change sets ignores what was asked for and reports success.
// did says what CloudFormation answered; looks is how often to look.
func (j *job) verifyReverted(ctx context.Context, did string, looks int) error {
	tpl, err := j.engine.template()
	if err != nil {
		return err
	}
	provider := j.engine.request.providerARN(&j.target)
	wanted, err := resolve(tpl, j.target, j.plan.seen.Name, j.plan.StackID, j.plan.Parameters, provider)
	if err != nil {
		return err
	}
	pause := revertFirstPause
	for n := 1; ; n++ {
		live, err := j.live(ctx, wanted, provider)
		if err != nil {
			return err
		}
		left := findDrift(wanted, live)
		if !left.any() {
			return nil
		}
		if n == looks {
			return j.notReverted(did, left)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
}

func (j *job) notReverted(did string, left drift) error {
	var words []string
	for _, id := range left.order {
		for _, property := range left.changed[id] {
			words = append(words, id+"'s "+property)
		}
	}
	for _, id := range left.gone {
		words = append(words, id+" (deleted)")
	}
	return j.fail("drift_not_reverted",
		fmt.Sprintf("%s, but not everything is as the stack says: %s", did, strings.Join(words, ", ")),
		"run again if somebody changed it in the meantime. If it stays: the endpoint does not know drift-aware change sets; put it back by hand, or fcoidc teardown and bootstrap")
}
