package permissions

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MaxPolicySize is the longest managed policy that IAM stores, in characters, blanks not counted
// (IAM User Guide, "IAM and AWS STS quotas").
const MaxPolicySize = 6144

// document is an IAM policy document in the order in which people write one.
type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string
	Effect    string
	Action    oneOrMore
	Resource  oneOrMore
	Condition Condition `json:",omitempty"`
}

// oneOrMore is text where there is one, and a list otherwise.
type oneOrMore []string

// MarshalJSON implements [json.Marshaler].
func (o oneOrMore) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]string(o))
}

// Policy returns the permissions that a command needs as one IAM policy document, indented JSON
// that ends with a line end. It fails only if names so long were given that IAM would not store it.
func Policy(c Command, s Scope) ([]byte, error) {
	doc := document{Version: "2012-10-17"}
	for _, g := range Groups(c, s) {
		doc.Statement = append(doc.Statement, statement{
			Sid: g.Sid, Effect: "Allow", Action: g.Actions, Resource: g.Resources, Condition: g.Condition,
		})
	}
	compact, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the policy for %s: %w", c, err)
	}
	if len(compact) > MaxPolicySize {
		return nil, fmt.Errorf("the policy for %s has %d characters and IAM stores %d; ask for fewer member roles or for one command", c, len(compact), MaxPolicySize)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("write the policy for %s: %w", c, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
