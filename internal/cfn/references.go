package cfn

import "slices"

// References returns what the value of a property is made from: the parameters, those that
// decide its conditions included, and the resources. Both are sorted; a property that is not
// set has neither.
func (b *Bound) References(logicalID, property string) (parameters, resources []string) {
	t := b.template
	r, _ := t.Resource(logicalID)
	i := slices.Index(r.properties.keys, property)
	if i < 0 {
		return nil, nil
	}
	seen := map[string]bool{} // conditions
	var visit func(expr)
	visit = func(e expr) {
		name := ""
		switch e := e.(type) {
		case ref:
			if _, ok := t.parameters[e.name]; ok {
				parameters = append(parameters, e.name)
			} else if _, ok := t.resources[e.name]; ok {
				resources = append(resources, e.name)
			}
		case getAtt:
			resources = append(resources, e.resource)
		case ifElse:
			name = e.condition
		case condition:
			name = e.name
		}
		if name != "" && !seen[name] {
			seen[name] = true
			walk(t.conditions[name], nil, visit)
		}
	}
	walk(r.properties.values[i], &scope{b: b}, visit)
	slices.Sort(parameters)
	slices.Sort(resources)
	return slices.Compact(parameters), slices.Compact(resources)
}
