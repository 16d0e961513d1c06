package bootstrap

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// The words of a [ChangeResource], as CloudFormation's change sets use them.
const (
	resourceAdd     = "Add"
	resourceModify  = "Modify"
	resourceRemove  = "Remove"
	resourceReplace = "Replace"
)

// identityProperties are those whose change makes CloudFormation replace a resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
var identityProperties = map[string][]string{
	typeRole:     {"RoleName", "Path"},
	typeProvider: {"Url"},
}

// diffResources lists what changes from one resolved template to another: resources,
// then IAM statements. touched says that every resource is modified in any case, since
// the stack's tags change and CloudFormation passes them on.
func diffResources(from, to resolved, touched bool) []Change {
	var changes []Change
	for _, id := range union(to.order, from.order) {
		before, had := from.resources[id]
		after, has := to.resources[id]
		if kind := resourceChange(before, had, after, has, touched); kind != "" {
			changes = append(changes, Change{
				Kind: ChangeResource, Name: id, To: kind, Summary: resourceSummary(id, kind, before, after),
			})
		}
	}
	for _, id := range union(to.order, from.order) {
		changes = append(changes, diffIAM(id, from.resources[id], to.resources[id])...)
	}
	return changes
}

func resourceChange(before resolvedResource, had bool, after resolvedResource, has, touched bool) string {
	switch {
	case !had:
		return resourceAdd
	case !has:
		return resourceRemove
	case before.Type != after.Type:
		return resourceReplace
	case reflect.DeepEqual(before.Properties, after.Properties):
		if touched {
			return resourceModify
		}
		return ""
	}
	for _, name := range identityProperties[after.Type] {
		if !reflect.DeepEqual(before.Properties[name], after.Properties[name]) {
			return resourceReplace
		}
	}
	return resourceModify
}

func resourceSummary(id, kind string, before, after resolvedResource) string {
	name := func(r resolvedResource) string {
		if s, ok := r.Properties["RoleName"].(string); ok {
			return " " + s
		}
		return ""
	}
	switch kind {
	case resourceAdd:
		return fmt.Sprintf("%s (%s)%s is created", id, after.Type, name(after))
	case resourceRemove:
		if before.Retained {
			return fmt.Sprintf("%s (%s) leaves the stack and stays in the account", id, before.Type)
		}
		return fmt.Sprintf("%s (%s)%s is deleted", id, before.Type, name(before))
	case resourceReplace:
		if before.Retained {
			return fmt.Sprintf("%s (%s) is made anew; the old one leaves the stack and stays in the account", id, after.Type)
		}
		return fmt.Sprintf("%s (%s)%s is replaced by a new one%s, the old one is deleted", id, after.Type, name(before), name(after))
	default:
		return fmt.Sprintf("%s (%s)%s is modified in place", id, after.Type, name(after))
	}
}

func diffIAM(id string, before, after resolvedResource) []Change {
	changes := diffStatements(id, trustStatements(before), trustStatements(after), trustSummary)
	changes = append(changes, diffStatements(id, permissionStatements(before), permissionStatements(after), permissionSummary)...)
	changes = append(changes, diffPolicies(id, managedPolicies(before), managedPolicies(after))...)
	if b, a := boundary(before), boundary(after); b != a {
		changes = append(changes, Change{
			Kind: ChangePolicy, Name: id, From: b, To: a,
			Summary: fmt.Sprintf("%s's permissions boundary: %s becomes %s", id, orNone(b), orNone(a)),
		})
	}
	return changes
}

// trustSummary says what a trust statement of a role means when it comes or goes.
func trustSummary(id string, statement map[string]any, goes bool) string {
	return id + pick(goes, " can no longer be assumed with ", " can be assumed with ") + trustWords(statement)
}

// permissionSummary says the same of a permission statement.
func permissionSummary(id string, statement map[string]any, goes bool) string {
	if statement["Effect"] == "Deny" {
		return id + pick(goes, " is no longer denied ", " is denied ") + permissionWords(statement)
	}
	return id + pick(goes, " may no longer do ", " may do ") + permissionWords(statement)
}

func pick(goes bool, lost, gained string) string {
	if goes {
		return lost
	}
	return gained
}

// diffStatements lists the statements only one of two policies has, lost ones first.
func diffStatements(id string, before, after statementSet, summary func(id string, statement map[string]any, goes bool) string) []Change {
	var changes []Change
	for _, s := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[s]; !stays {
			changes = append(changes, Change{Kind: ChangeStatement, Name: id, From: s, Summary: summary(id, before[s], true)})
		}
	}
	for _, s := range slices.Sorted(maps.Keys(after)) {
		if _, was := before[s]; !was {
			changes = append(changes, Change{Kind: ChangeStatement, Name: id, To: s, Summary: summary(id, after[s], false)})
		}
	}
	return changes
}

func diffPolicies(id string, before, after []string) []Change {
	var changes []Change
	for _, arn := range before {
		if !slices.Contains(after, arn) {
			changes = append(changes, Change{Kind: ChangePolicy, Name: id, From: arn, Summary: fmt.Sprintf("%s loses the policy %s", id, arn)})
		}
	}
	for _, arn := range after {
		if !slices.Contains(before, arn) {
			changes = append(changes, Change{Kind: ChangePolicy, Name: id, To: arn, Summary: fmt.Sprintf("%s gets the policy %s", id, arn)})
		}
	}
	return changes
}

// trustDiffers reports whether two resolved templates let different callers in. A role
// that only one of them has lets others in, or fewer.
func trustDiffers(from, to resolved) bool {
	for _, id := range union(to.order, from.order) {
		before, had := from.resources[id]
		after, has := to.resources[id]
		if before.Type != typeRole && after.Type != typeRole {
			continue
		}
		if had != has || !maps.EqualFunc(trustStatements(before), trustStatements(after), sameStatement) {
			return true
		}
	}
	return false
}

func sameStatement(a, b map[string]any) bool { return reflect.DeepEqual(a, b) }

// diffParameters lists the parameters whose value changes, in the order of names.
func diffParameters(before, after map[string]string, isList func(string) bool) []Change {
	var changes []Change
	for _, name := range slices.Sorted(maps.Keys(after)) {
		was, had := before[name]
		if had && sameValue(was, after[name], isList(name)) {
			continue
		}
		changes = append(changes, Change{
			Kind: ChangeParameter, Name: name, From: was, To: after[name],
			Summary: parameterSummary(name, was, after[name], isList(name)),
		})
	}
	return changes
}

func parameterSummary(name, was, now string, list bool) string {
	if list && was != "" && now != "" {
		before, after := split(was), split(now)
		var words []string
		if added := without(after, before); len(added) > 0 {
			words = append(words, "adds "+strings.Join(added, ", "))
		}
		if removed := without(before, after); len(removed) > 0 {
			words = append(words, "removes "+strings.Join(removed, ", "))
		}
		return name + ": " + strings.Join(words, "; ")
	}
	return fmt.Sprintf("%s: %s becomes %s", name, orNone(was), orNone(now))
}

// sameValue compares two values of a parameter; the order of a list means nothing here.
func sameValue(a, b string, list bool) bool {
	if a == b || !list {
		return a == b
	}
	x, y := split(a), split(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(slices.Compact(x), slices.Compact(y))
}

func split(list string) []string {
	parts := strings.Split(list, ",")
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return parts
}

// without returns the members of a that b does not have.
func without(a, b []string) []string {
	var rest []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
