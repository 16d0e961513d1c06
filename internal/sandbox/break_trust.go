package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// statement is the statement of a trust policy that admits tokens, while it is being changed.
type statement struct {
	members map[string]any
	prefix  string // of the condition keys: api.forgecroft.com
}

// trustDocument is a trust policy as JSON.
type trustDocument struct {
	Version   string
	Statement []map[string]any
}

// trustedProvider is the ARN of the provider that a trust policy of the template names, or "".
func trustedProvider(trust string) string {
	var doc trustDocument
	if json.Unmarshal([]byte(trust), &doc) != nil {
		return ""
	}
	for _, s := range doc.Statement {
		if p, ok := s["Principal"].(map[string]any); ok {
			if arn, ok := p["Federated"].(string); ok {
				return arn
			}
		}
	}
	return ""
}

// editTrust changes the statement of a role's trust policy that admits tokens. The trust policy is written
// past IAM's checks, so change must leave what IAM would store.
func editTrust(r *role, change func(s *statement) error) error {
	var doc trustDocument
	if err := json.Unmarshal([]byte(r.Trust), &doc); err != nil {
		return fmt.Errorf("the trust policy of %s is not as the template writes it; undo earlier faults or deploy anew: %w", r.Name, err)
	}
	_, key, ok := strings.Cut(trustedProvider(r.Trust), ":oidc-provider/")
	if !ok {
		return fmt.Errorf("the trust policy of %s names no provider; undo earlier faults: fcoidc sandbox break --undo", r.Name)
	}
	for _, members := range doc.Statement {
		if p, ok := members["Principal"].(map[string]any); !ok || p["Federated"] == nil {
			continue
		}
		if err := change(&statement{members, key}); err != nil {
			return fmt.Errorf("the trust policy of %s: %w", r.Name, err)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	r.Trust = string(text)
	return nil
}

// onTrust makes a fault of a change of both roles' trust policies.
func onTrust(change func(s *statement) error) func(*broken) error {
	return func(b *broken) error {
		roles, err := b.roles()
		if err != nil {
			return err
		}
		for _, r := range roles {
			if err := editTrust(r, change); err != nil {
				return err
			}
		}
		return nil
	}
}

// onApplyTrust makes a fault of a change of the apply role's trust policy.
func onApplyTrust(change func(s *statement) error) func(*broken) error {
	return func(b *broken) error {
		if _, err := b.roles(); err != nil {
			return err
		}
		return editTrust(b.apply, change)
	}
}

// onPlanTrust makes a fault of a change of the plan role's trust policy.
func onPlanTrust(change func(s *statement) error) func(*broken) error {
	return func(b *broken) error {
		if _, err := b.roles(); err != nil {
			return err
		}
		return editTrust(b.plan, change)
	}
}

// conditions are the statement's conditions by operator and key.
func (s *statement) conditions() map[string]any {
	all, ok := s.members["Condition"].(map[string]any)
	if !ok {
		all = map[string]any{}
		s.members["Condition"] = all
	}
	return all
}

// key is the condition key of a claim.
func (s *statement) key(claim string) string { return s.prefix + ":" + claim }

// take removes the condition on a claim and returns what it was.
func (s *statement) take(claim string) (operator string, value any, err error) {
	for operator, keys := range s.conditions() {
		keys, ok := keys.(map[string]any)
		if !ok {
			continue
		}
		value, ok := keys[s.key(claim)]
		if !ok {
			continue
		}
		delete(keys, s.key(claim))
		if len(keys) == 0 {
			delete(s.conditions(), operator)
		}
		return operator, value, nil
	}
	return "", nil, fmt.Errorf("it does not test %s; undo earlier faults (fcoidc sandbox break --undo) or deploy with --trust-mode claims", s.key(claim))
}

// put adds a condition.
func (s *statement) put(operator, key string, value any) {
	keys, ok := s.conditions()[operator].(map[string]any)
	if !ok {
		keys = map[string]any{}
		s.conditions()[operator] = keys
	}
	keys[key] = value
}

// revalue gives the condition on a claim another value.
func revalue(claim string, value func(was string) string) func(*statement) error {
	return func(s *statement) error {
		operator, was, err := s.take(claim)
		if err != nil {
			return err
		}
		text, ok := was.(string)
		if !ok {
			return fmt.Errorf("it tests %s for several values; undo earlier faults: fcoidc sandbox break --undo", s.key(claim))
		}
		s.put(operator, s.key(claim), value(text))
		return nil
	}
}

// always is for [revalue].
func always(value string) func(string) string { return func(string) string { return value } }

// rekeyOrg puts the condition on the organization under another key.
func rekeyOrg(key func(s *statement) string) func(*statement) error {
	return func(s *statement) error {
		operator, was, err := s.take("org_id")
		if err == nil {
			s.put(operator, key(s), was)
		}
		return err
	}
}

// reoperateOrg puts the condition on the organization under another operator.
func reoperateOrg(operator string) func(*statement) error {
	return func(s *statement) error {
		_, was, err := s.take("org_id")
		if err == nil {
			s.put(operator, s.key("org_id"), was)
		}
		return err
	}
}

// drop removes the condition on a claim.
func drop(claim string) func(*statement) error {
	return func(s *statement) error {
		_, _, err := s.take(claim)
		return err
	}
}

// demand adds a condition on a claim.
func demand(claim, value string) func(*statement) error {
	return func(s *statement) error {
		s.put("StringEquals", s.key(claim), value)
		return nil
	}
}

// swapValues exchanges the values of the conditions on phase and org_id.
func swapValues(s *statement) error {
	op1, phase, err := s.take("phase")
	if err != nil {
		return err
	}
	op2, org, err := s.take("org_id")
	if err != nil {
		return err
	}
	s.put(op1, s.key("phase"), org)
	s.put(op2, s.key("org_id"), phase)
	return nil
}

// negateOrg replaces the condition on the organization by one that excludes another one.
func negateOrg(s *statement) error {
	if err := drop("org_id")(s); err != nil {
		return err
	}
	s.put("StringNotEquals", s.key("org_id"), strangerOrgID)
	return nil
}

// openOrg replaces the condition on the organization by a pattern that every one matches.
func openOrg(s *statement) error {
	if err := drop("org_id")(s); err != nil {
		return err
	}
	s.put("StringLike", s.key("org_id"), "*")
	return nil
}

// retrust names another principal.
func retrust(arn func(was string) string) func(*statement) error {
	return func(s *statement) error {
		p, ok := s.members["Principal"].(map[string]any)
		was, isText := p["Federated"].(string)
		if !ok || !isText {
			return errors.New("it names several providers; undo earlier faults: fcoidc sandbox break --undo")
		}
		p["Federated"] = arn(was)
		return nil
	}
}

// setAction replaces the action.
func setAction(action string) func(*statement) error {
	return func(s *statement) error {
		s.members["Action"] = action
		return nil
	}
}

// denyTokens adds a statement that denies every token of the provider, as one shuts a role in an emergency.
func denyTokens(r *role) error {
	var doc trustDocument
	if err := json.Unmarshal([]byte(r.Trust), &doc); err != nil {
		return err
	}
	doc.Statement = append(doc.Statement, map[string]any{
		"Sid": "ShutForNow", "Effect": "Deny", "Action": "sts:AssumeRoleWithWebIdentity",
		"Principal": map[string]any{"Federated": trustedProvider(r.Trust)},
	})
	text, err := json.Marshal(doc)
	r.Trust = string(text)
	return err
}
