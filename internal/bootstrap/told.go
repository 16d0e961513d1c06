package bootstrap

import (
	"encoding/json"
	"maps"
	"reflect"
)

// Told is changes as people are told of them: a permission that goes and one that comes, and
// that differ in some values of their only condition, are one change with both From and To.
func Told(changes []Change) []Change {
	told := make([]Change, 0, len(changes))
	joined := map[int]bool{}
	for i, c := range changes {
		if joined[i] {
			continue
		}
		for k := i + 1; k < len(changes) && c.To == ""; k++ {
			if one, ok := joinedChange(c, changes[k]); ok && !joined[k] {
				c, joined[k] = one, true
			}
		}
		told = append(told, c)
	}
	return told
}

// joinedChange is the change from what goes to what comes. ok is false if they have nothing to
// do with each other, or are better told apart.
func joinedChange(goes, comes Change) (one Change, ok bool) {
	if goes.Kind != ChangeStatement || comes.Kind != ChangeStatement || goes.Name != comes.Name || comes.From != "" {
		return Change{}, false
	}
	was, is := decodedStatement(goes.From), decodedStatement(comes.To)
	before, op, key := onlyCondition(was)
	after, nextOp, nextKey := onlyCondition(is)
	if key == "" || op != nextOp || key != nextKey || !reflect.DeepEqual(unconditional(was), unconditional(is)) {
		return Change{}, false
	}
	added, removed := without(after, before), without(before, after)
	if len(added) == len(after) || len(added)+len(removed) == 0 {
		return Change{}, false // nothing stays: it is another statement
	}
	words := permissionSummary(goes.Name, unconditional(is), false)
	if len(added) > 0 {
		words += " also where " + key + " " + operatorWords(op) + " " + valueWords(added)
	}
	if len(added) > 0 && len(removed) > 0 {
		words += ", and"
	}
	if len(removed) > 0 {
		words += " no longer where " + key + " " + operatorWords(op) + " " + valueWords(removed)
	}
	return Change{Kind: ChangeStatement, Name: goes.Name, From: goes.From, To: comes.To, Summary: words}, true
}

func decodedStatement(text string) map[string]any {
	var statement map[string]any
	if json.Unmarshal([]byte(text), &statement) != nil {
		return nil // no statement that fcoidc wrote
	}
	return statement
}

// onlyCondition is the condition of a permission that has a single one, in which each value lets
// more in. Without such a one key is empty.
func onlyCondition(statement map[string]any) (values []string, op, key string) {
	operators, _ := statement["Condition"].(map[string]any)
	if _, isTrust := statement["Principal"]; isTrust || len(operators) != 1 {
		return nil, "", ""
	}
	for op, keys := range operators {
		keys, _ := keys.(map[string]any)
		if len(keys) != 1 || op != "StringEquals" && op != "StringLike" {
			return nil, "", ""
		}
		for key, v := range keys {
			for _, value := range asList(v) {
				text, isText := value.(string)
				if !isText {
					return nil, "", ""
				}
				values = append(values, text)
			}
			return values, op, key
		}
	}
	return nil, "", ""
}

// unconditional is a statement without its Condition.
func unconditional(statement map[string]any) map[string]any {
	rest := maps.Clone(statement)
	delete(rest, "Condition")
	return rest
}
