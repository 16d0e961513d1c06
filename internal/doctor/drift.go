package doctor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/template"
)

// driftOf compares the provider and the roles with what the stack's template makes of its
// parameters. As CloudFormation does, it looks only at what the template sets; unlike it, it
// needs no calls. What could not be read is not compared.
func driftOf(s *Snapshot, stack *Stack, tpl *cfn.Template) ([]Drift, error) {
	partition, _ := regions.PartitionByID(s.Partition)
	bound, err := tpl.BindDeployed(cfn.Pseudo{
		Account: s.Account, Region: stack.region(s.Region), Partition: s.Partition, URLSuffix: partition.DNSSuffix, StackName: stack.Name, StackID: stack.ID,
	}, stack.Parameters)
	if err != nil {
		return nil, fmt.Errorf("its template cannot be evaluated: %w", err)
	}
	made := physical{}
	var list []Drift
	for _, r := range bound.Resources() {
		switch r.Type {
		case "AWS::IAM::OIDCProvider":
			properties, err := bound.Properties(r.LogicalID, made)
			if err != nil {
				return nil, fmt.Errorf("its template cannot be evaluated: %w", err)
			}
			made[r.LogicalID] = template.ProviderARN(s.Partition, s.Account, textOf(properties["Url"]))
			list = append(list, providerDrift(s, r.LogicalID, made[r.LogicalID], properties)...)
		case "AWS::IAM::Role":
			properties, err := bound.Properties(r.LogicalID, made)
			if err != nil {
				return nil, fmt.Errorf("its template cannot be evaluated: %w", err)
			}
			list = append(list, roleDrift(s, r.LogicalID, properties)...)
		}
	}
	return list, nil
}

// revertible reports whether a drift-aware update puts the resource back. What the template does
// not set, such as a boundary where it has none, CloudFormation leaves as it is.
func (d Drift) revertible() bool {
	return d.Property != "PermissionsBoundary" || d.Expected != orNothing("")
}

// physical knows the ARNs of the providers that a stack made.
type physical map[string]string

func (p physical) Ref(logicalID string) (string, bool) {
	arn, ok := p[logicalID]
	return arn, ok
}

func (p physical) Att(logicalID, name string) (any, bool) {
	arn, ok := p[logicalID]
	return arn, ok && name == "Arn"
}

func providerDrift(s *Snapshot, id, arn string, want map[string]any) []Drift {
	p := s.Provider
	if p == nil || p.ARN != arn {
		if len(s.Unseen(FactProvider)) > 0 || slices.Contains(s.Providers, arn) {
			return nil
		}
		return []Drift{{Resource: id, Name: arn, Expected: "the provider", Found: "nothing"}}
	}
	d := drifts{id: id, name: arn}
	d.set("ClientIdList", want["ClientIdList"], p.ClientIDs)
	d.set("ThumbprintList", lower(want["ThumbprintList"]), lower(anyList(p.Thumbprints)))
	d.tags(want["Tags"], p.ManagedBy, p.StackID)
	return d.list
}

func roleDrift(s *Snapshot, id string, want map[string]any) []Drift {
	name := textOf(want["RoleName"])
	at := slices.IndexFunc(s.Roles, func(r Role) bool { return strings.EqualFold(r.Name, name) })
	if at < 0 || !s.Roles[at].Read {
		return nil
	}
	r := &s.Roles[at]
	if r.Gone {
		return []Drift{{Resource: id, Name: r.Name, Expected: "the role", Found: "nothing"}}
	}
	d := drifts{id: id, name: r.Name}
	d.document("AssumeRolePolicyDocument", want["AssumeRolePolicyDocument"], r.Trust)
	d.set("MaxSessionDuration", want["MaxSessionDuration"], fmt.Sprint(r.MaxSession))
	d.set("Path", want["Path"], r.Path)
	if text := textOf(want["Description"]); text != "" && text != r.description {
		// What somebody wrote there is nobody else's business.
		d.compare("Description", text, "another text")
	}
	d.tags(want["Tags"], r.ManagedBy, r.StackID)
	if !r.PoliciesRead {
		return d.list
	}
	if boundary := want["PermissionsBoundary"]; boundary != nil || r.Boundary != nil {
		found := ""
		if r.Boundary != nil {
			found = r.Boundary.ARN
		}
		d.compare("PermissionsBoundary", textOf(boundary), found)
	}
	var attached []string
	for _, p := range r.Attached {
		attached = append(attached, p.ARN)
	}
	d.set("ManagedPolicyArns", want["ManagedPolicyArns"], attached)
	d.inline(want["Policies"], r.Inline)
	return d.list
}

// drifts collects those of one resource.
type drifts struct {
	id, name string
	list     []Drift
}

func (d *drifts) compare(property, want, found string) {
	if want != found {
		d.list = append(d.list, Drift{d.id, d.name, property, orNothing(want), orNothing(found)})
	}
}

// set compares a property that the template sets; the order of lists does not count.
func (d *drifts) set(property string, want, found any) {
	if want != nil {
		d.compare(property, canonical(want), canonical(found))
	}
}

// document compares a policy in a form in which equal means the same to IAM. What is expected is
// told in the template's own form: CloudFormation takes another one for a change.
func (d *drifts) document(property string, want any, found string) {
	if want == nil || canonicalDocument(want) == canonicalDocument(found) {
		return
	}
	text, err := json.Marshal(want)
	if err != nil {
		text = []byte(canonicalDocument(want))
	}
	d.list = append(d.list, Drift{d.id, d.name, property, string(text), orNothing(canonicalDocument(found))})
}

func (d *drifts) inline(want any, found []Policy) {
	policies, _ := want.([]any)
	if policies == nil {
		return
	}
	have := map[string]string{}
	for _, p := range found {
		have[p.Name] = p.Document
	}
	for _, p := range policies {
		m, _ := p.(map[string]any)
		name := textOf(m["PolicyName"])
		d.document("Policies/"+name, m["PolicyDocument"], have[name])
		delete(have, name)
	}
	for _, p := range found {
		if _, ok := have[p.Name]; ok {
			d.compare("Policies/"+p.Name, "", canonicalDocument(p.Document))
		}
	}
}

// tags compares our two tags.
func (d *drifts) tags(want any, managedBy, stackID string) {
	list, _ := want.([]any)
	for _, t := range list {
		m, _ := t.(map[string]any)
		switch textOf(m["Key"]) {
		case template.TagManagedBy:
			d.compare("Tags/"+template.TagManagedBy, textOf(m["Value"]), managedBy)
		case template.TagStackID:
			d.compare("Tags/"+template.TagStackID, textOf(m["Value"]), stackID)
		}
	}
}

func orNothing(text string) string {
	if text == "" || text == "null" {
		return "nothing"
	}
	return text
}

func canonicalDocument(v any) string {
	if text, ok := v.(string); ok {
		var document any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber() // so that no number is spelled anew
		if decoder.Decode(&document) != nil {
			return text
		}
		v = document
	}
	return canonical(v)
}

// canonical is a value as JSON in which a list of one is its element, the order of a list does
// not count, and numbers and booleans are text, as IAM takes them.
func canonical(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(plain(v)) != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(text.String())
}

func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for name, value := range v {
			m[name] = plain(value)
		}
		return m
	case []string:
		return plain(anyList(v))
	case []any:
		if len(v) == 1 {
			return plain(v[0])
		}
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(canonical(a), canonical(b)) })
		return list
	case nil, string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func anyList(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

func lower(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = strings.ToLower(textOf(s))
	}
	return all
}

func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
