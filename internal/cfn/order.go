package cfn

import (
	"slices"
	"strings"
)

// order sorts resources so that each comes after those it needs, and else as written. Needs
// outside the list do not count. A nil scope looks into both branches of every Fn::If.
func (t *Template) order(resources []Resource, s *scope) ([]Resource, error) {
	ids := make([]string, len(resources))
	for i, r := range resources {
		ids[i] = r.LogicalID
	}
	sorted, circle := sortByNeed(ids, func(id string) []string {
		return t.needs(t.Resources[t.resources[id]], s)
	})
	if circle != nil {
		if s == nil {
			return resources, nil // a branch not taken may break the circle: Bind decides
		}
		return nil, templateErrorf("Circular dependency between resources: [%s]", strings.Join(circle, ", "))
	}
	inOrder := make([]Resource, len(sorted))
	for i, id := range sorted {
		inOrder[i] = t.Resources[t.resources[id]]
	}
	return inOrder, nil
}

// needs returns the logical ids that r names in DependsOn, Ref, Fn::GetAtt and Fn::Sub, sorted.
func (t *Template) needs(r Resource, s *scope) []string {
	needs := slices.Clone(r.DependsOn)
	walk(r.properties, s, func(e expr) {
		switch e := e.(type) {
		case ref:
			if _, ok := t.resources[e.name]; ok {
				needs = append(needs, e.name)
			}
		case getAtt:
			needs = append(needs, e.resource)
		}
	})
	slices.Sort(needs)
	return slices.Compact(needs)
}

// sortByNeed sorts names so that each comes after those that needs gives for it. If that
// cannot be done it returns the names of a circle instead.
func sortByNeed(names []string, needs func(string) []string) (sorted, circle []string) {
	const (
		unseen = iota
		open
		done
	)
	state := make(map[string]int, len(names))
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	var path []string
	var visit func(string) bool
	visit = func(name string) bool {
		switch state[name] {
		case done:
			return true
		case open:
			circle = slices.Clone(path[slices.Index(path, name):])
			slices.Sort(circle)
			return false
		}
		state[name] = open
		path = append(path, name)
		for _, need := range needs(name) {
			if known[need] && !visit(need) {
				return false
			}
		}
		path = path[:len(path)-1]
		state[name] = done
		sorted = append(sorted, name)
		return true
	}
	for _, name := range names {
		if !visit(name) {
			return nil, circle
		}
	}
	return sorted, nil
}
