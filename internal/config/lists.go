package config

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/template"
)

// items calls read for each item of a list and collects what it accepts, each once.
func (r *reader) items(key string, n *yaml.Node, read func(key string, n *yaml.Node) (string, bool)) []string {
	if n.Kind != yaml.SequenceNode {
		r.fail(place(n), "%s is to be a list: a line \"- …\" for each, or [… , …]", key)
		return nil
	}
	var all []string
	lines := map[string]int{}
	for _, item := range n.Content {
		s, ok := read(key, follow(item))
		first, twice := lines[s]
		switch {
		case !ok:
		case s == "":
			r.fail(place(item), "%s has an empty item", key)
		case twice:
			r.fail(place(item), "%s has the same item twice, first in line %d", key, first)
		default:
			lines[s] = item.Line
			all = append(all, s)
		}
	}
	return all
}

// textList is a list of texts, each once.
type textList struct{ to *[]string }

func (l textList) read(r *reader, key string, n *yaml.Node) { *l.to = r.items(key, n, r.text) }

func (l textList) node() *yaml.Node { return sequence(*l.to, 0) }

// accountList is a list of account ids, each once.
type accountList struct{ to *[]string }

func (l accountList) read(r *reader, key string, n *yaml.Node) { *l.to = r.items(key, n, r.account) }

func (l accountList) node() *yaml.Node { return sequence(*l.to, yaml.DoubleQuotedStyle) }

// account is the account id that a node holds. Without quotes, digits after a leading zero are an
// octal number to some readers of YAML and a decimal one to others; both lose the zero.
func (r *reader) account(key string, n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.fail(place(n), "%s takes account ids, such as \"123456789012\"; names and roles of accounts go into an accounts_file", key)
		return "", false
	}
	number := n.ShortTag() == "!!int" || n.ShortTag() == "!!float"
	digits := len(n.Value) == 12 && strings.Trim(n.Value, "0123456789") == ""
	switch {
	case number && digits && n.Value[0] != '0', n.ShortTag() == "!!str" && digits && quoted(n):
		return n.Value, true
	case digits:
		r.fail(place(n), "%s: an account id with a leading zero needs quotes: YAML takes it for a number and the zero is lost", key)
	case number:
		r.fail(place(n), "%s: a number that is not of 12 digits: write the account id in quotes, with all 12 digits, leading zeros too", key)
	default:
		r.fail(place(n), "%s: an account id is 12 digits in quotes and nothing else", key)
	}
	return "", false
}

func quoted(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.TaggedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// parameters are template parameters by name.
type parameters struct{ to *map[string]string }

// ownKey are the parameters that have a key of their own.
var ownKey = map[string]string{
	template.ParamOrgID:          "org_id",
	template.ParamAllowedRegions: "allowed_regions",
	template.ParamTrustMode:      "trust_mode",
	template.ParamPlanSubject:    "plan_subject",
	template.ParamApplySubject:   "apply_subject",
	template.ParamWorkspaceID:    "workspace_id",
	template.ParamAudience:       "audience",
}

func (p parameters) read(r *reader, key string, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.fail(place(n), "%s is to be a mapping, such as %s: 3600", key, template.ParamMaxSessionDuration)
		return
	}
	names := parameterNames()
	read := map[string]string{}
	for _, e := range r.entries(n) {
		path := key + "." + e.key
		switch {
		case ownKey[e.key] != "":
			r.fail(e.at, "%s has a key of its own: %s, at the top of the file", e.key, ownKey[e.key])
		case slices.Contains(names, e.key):
			if !r.given(path, e) {
				continue
			}
			if s, ok := r.written(path, e.node); ok {
				read[e.key] = s
			}
		case namesSecret(e.key):
			r.fail(e.at, "%s", unknownKey(key, e.key, nil))
		case nearest(e.key, names) != "":
			r.fail(e.at, "the template has no parameter %s: did you mean %s?", show(e.key), nearest(e.key, names))
		default:
			r.fail(e.at, "the template has no parameter %s; see docs/template.md", show(e.key))
		}
	}
	*p.to = read
}

func parameterNames() []string {
	var names []string
	for _, p := range template.Parameters() {
		names = append(names, p.Name)
	}
	return names
}

func (p parameters) node() *yaml.Node {
	if len(*p.to) == 0 {
		return nil
	}
	m := mapping()
	for _, name := range slices.Sorted(maps.Keys(*p.to)) {
		m.Content = append(m.Content, str(name), str((*p.to)[name]))
	}
	return m
}
