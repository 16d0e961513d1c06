package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/template"
)

// strangerOrgID is an organization that is nobody's.
const strangerOrgID = "99999999-8888-4777-8666-555555555555"

// redeployCapitals has the stack deployed with the OrgId in capitals, from a template that did not mind.
func redeployCapitals(b *broken) error {
	if err := b.takeAnyOrg(); err != nil {
		return err
	}
	return redeployOrg(upper)(b)
}

// takeAnyOrg takes from the deployed template the pattern that OrgId has to match, as earlier templates
// had none.
func (b *broken) takeAnyOrg() error {
	text, err := b.account.sandbox.blobs.get(b.stack.Now.Template)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(text, "\n  OrgId:")
	own, further, bounded := strings.Cut(rest, "\n\n")
	if !ok || !bounded {
		return nil // a template of somebody else's, which minds nothing
	}
	lines := slices.DeleteFunc(strings.Split(own, "\n"), func(line string) bool {
		return strings.HasPrefix(strings.TrimSpace(line), "AllowedPattern:")
	})
	b.stack.Now.Template, err = b.account.sandbox.blobs.put(head + "\n  OrgId:" + strings.Join(lines, "\n") + "\n\n" + further)
	return err
}

// redeployOrg has the stack deployed with another OrgId: parameter and trust policies say the same.
func redeployOrg(org func(was string) (string, error)) func(*broken) error {
	return func(b *broken) error {
		next, err := org(b.stack.Now.Parameters[template.ParamOrgID])
		if err != nil {
			return err
		}
		b.stack.Now.Parameters[template.ParamOrgID] = next
		return onTrust(revalue("org_id", always(next)))(b)
	}
}

// upper is the organization id in capitals, as some page or sheet may show it.
func upper(was string) (string, error) {
	next := strings.ToUpper(was)
	if next == was {
		return "", fmt.Errorf("the OrgId %s has no letters whose case could differ; deploy with one that has: fcoidc bootstrap --sandbox --org-id 1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff --allow-trust-change", was)
	}
	return next, nil
}

// redeployRegions has the stack deployed with other AllowedRegions.
func redeployRegions(change func(b *broken, was []string) ([]string, error)) func(*broken) error {
	return func(b *broken) error {
		if _, err := b.roles(); err != nil {
			return err
		}
		next, err := change(b, b.regions())
		if err != nil {
			return err
		}
		for name, text := range b.apply.Inline {
			if b.apply.Inline[name], err = withRegions(text, next); err != nil {
				return fmt.Errorf("the apply role's policy %s: %w", name, err)
			}
		}
		b.stack.Now.Parameters[template.ParamAllowedRegions] = strings.Join(next, ",")
		return nil
	}
}

// withRegions is a policy with other Regions in its conditions.
func withRegions(text string, list []string) (string, error) {
	var doc struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		return "", err
	}
	for _, s := range doc.Statement {
		conditions, _ := s["Condition"].(map[string]any)
		for _, keys := range conditions {
			if keys, ok := keys.(map[string]any); ok && keys["aws:RequestedRegion"] != nil {
				keys["aws:RequestedRegion"] = list
			}
		}
	}
	out, err := json.Marshal(doc)
	return string(out), err
}

// regions are the stack's AllowedRegions.
func (b *broken) regions() []string {
	return template.SplitRegions(b.stack.Now.Parameters[template.ParamAllowedRegions])
}

// lastRegion is the last allowed Region, of several, that is not the one in which IAM counts.
func (b *broken) lastRegion() (string, error) {
	list, global := b.regions(), globalRegion(b.account.partition)
	for _, region := range slices.Backward(list) {
		if region != global && len(list) > 1 {
			return region, nil
		}
	}
	return "", fmt.Errorf("AllowedRegions is %s; the fault takes a second one: fcoidc bootstrap --sandbox --allowed-regions us-east-1,us-west-2", strings.Join(list, ","))
}

// withoutLast leaves out the last Region that is not the one in which IAM counts.
func withoutLast(b *broken, was []string) ([]string, error) {
	last, err := b.lastRegion()
	b.about = last
	return slices.DeleteFunc(slices.Clone(was), func(r string) bool { return r == last }), err
}

// withoutGlobal leaves out the Region in which IAM counts.
func withoutGlobal(b *broken, was []string) ([]string, error) {
	global := globalRegion(b.account.partition)
	b.about = global
	next := slices.DeleteFunc(slices.Clone(was), func(r string) bool { return r == global })
	if len(next) == len(was) {
		return nil, fmt.Errorf("AllowedRegions %s lacks %s already", strings.Join(was, ","), global)
	}
	if len(next) == 0 {
		return nil, fmt.Errorf("AllowedRegions is %s alone; deploy with a second one: fcoidc bootstrap --sandbox --allowed-regions us-east-1,us-west-2", global)
	}
	return next, nil
}

// optIn is a Region that nobody has enabled. There is none in other partitions than the commercial one.
const optIn = "af-south-1"

func withDisabled(b *broken, was []string) ([]string, error) {
	if b.account.partition != "aws" {
		return nil, fmt.Errorf("the partition %s has no Region that must be enabled first", b.account.partition)
	}
	b.about = optIn
	b.account.state.EnabledRegions = slices.DeleteFunc(b.account.state.EnabledRegions, func(r string) bool { return r == optIn })
	return append(slices.DeleteFunc(slices.Clone(was), func(r string) bool { return r == optIn }), optIn), nil
}

// deactivateSTS switches STS off in an allowed Region, as an administrator can in the Console.
func deactivateSTS(b *broken) error {
	region, err := b.lastRegion()
	if err != nil {
		return err
	}
	b.about = region
	if off := &b.account.state.STSOff; !slices.Contains(*off, region) {
		*off = append(*off, region)
	}
	return nil
}

// deleteProvider removes the provider that the roles trust.
func deleteProvider(b *broken) error {
	p, err := b.provider()
	if err != nil {
		return err
	}
	delete(b.account.state.Providers, p.URL)
	return nil
}

// moveProvider gives the provider another URL: the one with a slash at its end, or without.
func moveProvider(b *broken) error {
	p, err := b.provider()
	if err != nil {
		return err
	}
	delete(b.account.state.Providers, p.URL)
	moved := *p
	moved.URL = otherSlash(p.URL)
	b.account.state.Providers[moved.URL] = &moved
	return nil
}

// onProvider makes a fault of a change of the provider.
func onProvider(change func(*provider)) func(*broken) error {
	return func(b *broken) error {
		p, err := b.provider()
		if err == nil {
			change(p)
		}
		return err
	}
}

// forgetAudience lets tokens in that were made for another application.
func forgetAudience(b *broken) error {
	p, err := b.provider()
	if err != nil {
		return err
	}
	p.ClientIDs = append(slices.Clone(p.ClientIDs), "another-application")
	return onTrust(drop("aud"))(b)
}

// attach attaches a policy of AWS to a role.
func attach(which func(*broken) *role, name string) func(*broken) error {
	return func(b *broken) error {
		if _, err := b.roles(); err != nil {
			return err
		}
		r, arn := which(b), b.awsPolicy(name)
		if !slices.Contains(r.Attached, arn) {
			r.Attached = append(r.Attached, arn)
		}
		return nil
	}
}

func planRole(b *broken) *role  { return b.plan }
func applyRole(b *broken) *role { return b.apply }

// awsPolicy is the ARN of a policy of AWS in the account's partition.
func (b *broken) awsPolicy(name string) string {
	return "arn:" + b.account.partition + awsPolicyMark + name
}

// blindPlan takes every policy from the plan role.
func blindPlan(b *broken) error {
	if _, err := b.roles(); err != nil {
		return err
	}
	b.plan.Attached, b.plan.Inline = nil, nil
	return nil
}

// boundRoles puts a boundary on the roles that leaves apply nothing but to read.
func boundRoles(b *broken) error {
	roles, err := b.roles()
	if err != nil {
		return err
	}
	arn := b.awsPolicy("ReadOnlyAccess")
	for _, r := range roles {
		r.Boundary = arn
	}
	return nil
}

// shortenSessions gives the roles a shorter longest session than the stack asks for.
func shortenSessions(b *broken) error {
	roles, err := b.roles()
	if err != nil {
		return err
	}
	b.stack.Now.Parameters[template.ParamMaxSessionDuration] = strconv.Itoa(4 * defaultMaxSession)
	for _, r := range roles {
		r.MaxSession = defaultMaxSession
	}
	return nil
}

// describeOtherwise changes what does no harm, past the stack.
func describeOtherwise(b *broken) error {
	roles, err := b.roles()
	if err != nil {
		return err
	}
	for _, r := range roles {
		r.Description = "Changed by hand."
	}
	return nil
}

// removeApplyRole deletes the apply role past the stack.
func removeApplyRole(b *broken) error {
	if _, err := b.roles(); err != nil {
		return err
	}
	delete(b.account.state.Roles, nameKey(b.apply.Name))
	return nil
}

const stackBusy = "an operation of its stack goes on; wait for its end"

// stackState brings the stack into a state.
func stackState(status string) func(*broken) error {
	return func(b *broken) error {
		if b.stack.Running != nil {
			return errors.New(stackBusy)
		}
		return b.account.setUpStack(StackSetup{Account: b.account.ID, Region: b.region, Name: b.stack.Name, Status: status})
	}
}

// removeStack deletes stack and roles as somebody who tidies up; the provider is retained.
func removeStack(b *broken) error {
	if b.stack.Running != nil {
		return errors.New(stackBusy)
	}
	for _, r := range []*role{b.plan, b.apply} {
		if r != nil {
			delete(b.account.state.Roles, nameKey(r.Name))
		}
	}
	b.stack.Status, b.stack.StatusReason, b.stack.Deleted = deleteComplete, "User Initiated", b.account.now.UTC()
	return nil
}
