package fleet

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/yamlerr"
)

// readYAML reads a list of ids or of {account, name, role}. It walks the nodes, not decoded
// values: decoding would turn 012345678901 into another number, silently.
func (l *accountList) readYAML(body []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return // nothing but comments
	case err != nil:
		l.yamlError(body, err)
		return
	}
	list := follow(document.Content[0])
	if list.Kind != yaml.SequenceNode {
		l.problem(list.Line, "a list is wanted: - \"123456789012\", or - {account: \"123456789012\", name: dev}")
		return
	}
	for _, item := range list.Content {
		l.readItem(item)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		l.problem(second.Line, "a second YAML document begins; only one is read")
	} else if !errors.Is(err, io.EOF) {
		l.yamlError(body, err)
	}
}

func (l *accountList) yamlError(src []byte, err error) {
	if line, text := yamlerr.Describe(src, err); line > 0 {
		l.problem(line, "%s", text)
	} else {
		l.bad.add("%s: %s", l.file, text)
	}
}

func (l *accountList) readItem(node *yaml.Node) {
	line := node.Line
	node = follow(node)
	switch node.Kind {
	case yaml.ScalarNode:
		l.addScalar(line, node, wanted{})
	case yaml.MappingNode:
		l.readMapping(line, node)
	default:
		l.problem(line, "an account is wanted: \"123456789012\", or {account: \"123456789012\", name: dev}")
	}
}

// readMapping reads one account. The account is called id too, as in CSV. All that is wrong
// with it is told.
func (l *accountList) readMapping(line int, node *yaml.Node) {
	var w wanted
	var account *yaml.Node
	seen, before := map[string]bool{}, len(l.bad)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], follow(node.Content[i+1])
		name := key.Value
		if name == "id" {
			name = "account"
		}
		switch {
		case seen[name]:
			l.problem(key.Line, "%s is given twice", name)
			continue
		case value.Kind != yaml.ScalarNode:
			l.problem(key.Line, "%s is to be one value", key.Value)
		}
		seen[name] = true
		switch name {
		case "account":
			account = value
		case "name":
			w.name = text(value)
		case "role":
			w.role = text(value)
		default:
			l.problem(key.Line, "%q is not known here: account (or id), name and role are", key.Value)
		}
	}
	switch {
	case account == nil && len(l.bad) == before: // else it may only be spelled otherwise
		l.problem(line, "account is missing")
	case account != nil && account.Kind == yaml.ScalarNode:
		l.addScalar(line, account, w)
	}
}

// addScalar adds the account a node holds, unless YAML reads another number there than the
// digits that are written.
func (l *accountList) addScalar(line int, node *yaml.Node, w wanted) {
	w.account = text(node)
	number := node.Tag == "!!int" || node.Tag == "!!float"
	quoted := node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch {
	case !quoted && isAccount(w.account) && w.account[0] == '0':
		l.problem(line, "account %s needs quotes: \"%s\" (YAML takes digits after a leading zero for an octal number)", w.account, w.account)
	case number && !isAccount(w.account):
		l.problem(line, "account %s is a number to YAML, and not one of 12 digits: write all 12 digits in quotes, leading zeros too", w.account)
	default:
		l.add(line, w)
	}
}

// text is a scalar as written, "" for null.
func text(node *yaml.Node) string {
	if node.Tag == "!!null" {
		return ""
	}
	return strings.TrimSpace(node.Value)
}

// follow gives what an alias stands for.
func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
