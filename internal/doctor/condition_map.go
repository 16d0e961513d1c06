package doctor

import "strings"

// conditionMap are a statement's conditions by operator and key.
type conditionMap map[string]map[string]any

func conditionsOf(members map[string]any) (conditionMap, bool) {
	conditions := conditionMap{}
	all, ok := members["Condition"].(map[string]any)
	if !ok {
		return conditions, members["Condition"] == nil
	}
	for operator, keys := range all {
		if conditions[operator], ok = keys.(map[string]any); !ok {
			return nil, false
		}
	}
	return conditions, true
}

func (m conditionMap) put(operator, key string, value any) {
	if m[operator] == nil {
		m[operator] = map[string]any{}
	}
	m[operator][key] = value
}

// has reports whether a key is tested under an operator, whatever for.
func (m conditionMap) has(w rightCondition) bool {
	for key := range m[w.operator] {
		if strings.EqualFold(key, w.key) {
			return true
		}
	}
	return false
}

func (m conditionMap) into(members map[string]any) {
	all := map[string]any{}
	for operator, keys := range m {
		if len(keys) > 0 {
			all[operator] = keys
		}
	}
	delete(members, "Condition")
	if len(all) > 0 {
		members["Condition"] = all
	}
}

func oneOrList(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return anyList(values)
}
