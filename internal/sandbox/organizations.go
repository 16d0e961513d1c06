package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// organizationsService is the part of Organizations that tells which accounts there are.
func organizationsService() *service {
	// ofManagement is an operation that only the management account may call.
	ofManagement := func(run func(*call) (any, error)) operation {
		return operation{unlocked: true, run: func(c *call) (any, error) {
			if c.caller.Account != c.sandbox.accounts[0].ID {
				return nil, refuse(http.StatusBadRequest, "AccessDeniedException", "You don't have permissions to access this resource.")
			}
			return run(c)
		}}
	}
	s := &service{
		name:     "organizations",
		protocol: jsonProtocol,
		version:  "2016-11-28",
		target:   "AWSOrganizationsV20161128",
		global:   true,
		throttle: "TooManyRequestsException",
		operations: map[string]operation{
			"DescribeOrganization":             {unlocked: true, run: describeOrganization},
			"ListRoots":                        ofManagement(listRoots),
			"ListAccounts":                     ofManagement(listAccounts),
			"ListAccountsForParent":            ofManagement(listAccountsForParent),
			"ListOrganizationalUnitsForParent": ofManagement(listUnits),
			"ListParents":                      ofManagement(listParents),
			"ListChildren":                     ofManagement(listChildren),
			"DescribeAccount":                  ofManagement(describeAccount),
			"DescribeOrganizationalUnit":       ofManagement(describeUnit),
			// Terraform's data source asks for both; no service has access to a sandbox, and nobody is delegated.
			"ListAWSServiceAccessForOrganization": ofManagement(func(*call) (any, error) {
				return struct{ EnabledServicePrincipals []struct{} }{[]struct{}{}}, nil
			}),
			"ListDelegatedAdministrators": ofManagement(func(*call) (any, error) {
				return struct{ DelegatedAdministrators []struct{} }{[]struct{}{}}, nil
			}),
		},
	}
	for name, run := range policyOperations() {
		s.operations[name] = ofManagement(run)
	}
	return s
}

// organizationsARN is the ARN of something in the organisation; all belong to the management account.
func (c *call) organizationsARN(resource string) string {
	return "arn:" + c.partition() + ":organizations::" + c.sandbox.accounts[0].ID + ":" + resource
}

func (c *call) organizationARN() string { return c.organizationsARN("organization/" + organizationID) }

// organizationsPage asks for a part of a list.
type organizationsPage struct {
	NextToken  string
	MaxResults int
}

// largestPage is how many items Organizations answers at most.
const largestPage = 20

// cut returns the part of a list that p asks for and the token of the next one. After the first of several pages
// comes an empty one: AWS warns that a page may be empty while more follow
// (Organizations API Reference, ListAccounts), and a client must not stop there.
func cut[T any](p organizationsPage, items []T) (part []T, next *string, err error) {
	size := p.MaxResults
	if size == 0 {
		size = largestPage
	}
	if size < 1 || size > largestPage {
		return nil, nil, invalidOrganizationsInput("MaxResults is %d; it must be from 1 to %d", size, largestPage)
	}
	const pause = "empty-"
	offset, paused := strings.CutPrefix(p.NextToken, pause)
	if offset == "" {
		offset = "0"
	}
	start, perr := strconv.Atoi(offset)
	if perr != nil || start < 0 || start > len(items) {
		return nil, nil, invalidOrganizationsInput("You provided an invalid NextToken: %s", p.NextToken)
	}
	if paused {
		return []T{}, &offset, nil
	}
	end := min(start+size, len(items))
	if end < len(items) {
		token := strconv.Itoa(end)
		if start == 0 {
			token = pause + token
		}
		next = &token
	}
	return append([]T{}, items[start:end]...), next, nil
}

func invalidOrganizationsInput(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "InvalidInputException", format, args...)
}

// epoch is how the JSON protocol writes a time: seconds.
func epoch(t time.Time) int64 { return t.Unix() }

// accountJSON is an account in an answer. AWS retires Status in favour of State; both are given.
type accountJSON struct {
	Id              string //nolint:revive // AWS spells the member so
	Arn             string
	Email           string
	Name            string
	Status          string
	State           string
	JoinedMethod    string
	JoinedTimestamp int64
	Paths           []string
}

func (c *call) showAccount(a Account) accountJSON {
	joined := "CREATED"
	if a.Management {
		joined = "INVITED" // what AWS shows for the account that founded the organisation
	}
	return accountJSON{
		Id: a.ID, Arn: c.organizationsARN("account/" + organizationID + "/" + a.ID), Email: a.Email, Name: a.Name,
		Status: "ACTIVE", State: "ACTIVE", JoinedMethod: joined, JoinedTimestamp: epoch(standInDate),
		Paths: []string{organizationID + "/" + unitPath(a.Unit) + a.ID + "/"},
	}
}

// unitPath is the path from the root to a unit, with a slash at its end.
func unitPath(id string) string {
	if u, ok := findUnit(id); ok {
		return unitPath(u.Parent) + id + "/"
	}
	return id + "/"
}

func findUnit(id string) (unit, bool) {
	for _, u := range units {
		if u.ID == id {
			return u, true
		}
	}
	return unit{}, false
}

type unitJSON struct {
	Id, Arn, Name, Path string //nolint:revive // AWS spells the members so
}

func (c *call) showUnit(u unit) unitJSON {
	return unitJSON{u.ID, c.organizationsARN("ou/" + organizationID + "/" + u.ID), u.Name, organizationID + "/" + unitPath(u.ID)}
}

func describeOrganization(c *call) (any, error) {
	m := c.sandbox.accounts[0]
	type organization struct {
		Id, Arn, FeatureSet, MasterAccountArn, MasterAccountEmail, MasterAccountId string //nolint:revive // AWS spells the members so
		AvailablePolicyTypes                                                       []policyTypeJSON
	}
	return struct{ Organization organization }{organization{
		organizationID, c.organizationARN(), "ALL",
		c.organizationsARN("account/" + organizationID + "/" + m.ID), m.Email, m.ID,
		[]policyTypeJSON{{serviceControl, "ENABLED"}}, // AWS means the organisation here, not its root, and calls the member deprecated
	}}, nil
}

func listRoots(c *call) (any, error) {
	o, err := c.sandbox.organisation()
	if err != nil {
		return nil, err
	}
	return struct{ Roots []rootJSON }{[]rootJSON{c.showRoot(o)}}, nil
}

func listAccounts(c *call) (any, error) {
	return c.pageOfAccounts(func(Account) bool { return true })
}

func listAccountsForParent(c *call) (any, error) {
	parent, err := c.parent()
	if err != nil {
		return nil, err
	}
	return c.pageOfAccounts(func(a Account) bool { return a.Unit == parent })
}

// parent reads the id of the root or unit that a request asks about.
func (c *call) parent() (string, error) {
	var in struct{ ParentId string } //nolint:revive // AWS spells the member so
	if err := c.decode(&in); err != nil {
		return "", err
	}
	if _, ok := findUnit(in.ParentId); !ok && in.ParentId != rootID {
		return "", refuse(http.StatusBadRequest, "ParentNotFoundException", "You provided a parent ID that doesn't exist: %s", in.ParentId)
	}
	return in.ParentId, nil
}

// pageOfAccounts answers with the wanted accounts, in pages.
func (c *call) pageOfAccounts(wanted func(Account) bool) (any, error) {
	var p organizationsPage
	if err := c.decode(&p); err != nil {
		return nil, err
	}
	var all []accountJSON
	for _, a := range c.sandbox.accounts {
		if wanted(a) {
			all = append(all, c.showAccount(a))
		}
	}
	part, next, err := cut(p, all)
	return struct {
		Accounts  []accountJSON
		NextToken *string `json:",omitempty"`
	}{part, next}, err
}

func listUnits(c *call) (any, error) {
	parent, err := c.parent()
	if err != nil {
		return nil, err
	}
	var p organizationsPage
	if err := c.decode(&p); err != nil {
		return nil, err
	}
	var all []unitJSON
	for _, u := range units {
		if u.Parent == parent {
			all = append(all, c.showUnit(u))
		}
	}
	part, next, err := cut(p, all)
	return struct {
		OrganizationalUnits []unitJSON
		NextToken           *string `json:",omitempty"`
	}{part, next}, err
}

// relative is a parent or child in an answer.
type relative struct {
	Id, Type string //nolint:revive // AWS spells the members so
}

func listParents(c *call) (any, error) {
	var in struct{ ChildId string } //nolint:revive // AWS spells the member so
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	parent := ""
	if u, ok := findUnit(in.ChildId); ok {
		parent = u.Parent
	} else if a, ok := c.sandbox.account(in.ChildId); ok {
		parent = a.Unit
	} else {
		return nil, refuse(http.StatusBadRequest, "ChildNotFoundException", "You provided a child ID that doesn't exist: %s", in.ChildId)
	}
	kind := "ORGANIZATIONAL_UNIT"
	if parent == rootID {
		kind = "ROOT"
	}
	return struct{ Parents []relative }{[]relative{{parent, kind}}}, nil
}

func listChildren(c *call) (any, error) {
	parent, err := c.parent()
	if err != nil {
		return nil, err
	}
	var in struct {
		organizationsPage
		ChildType string
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	var all []relative
	switch in.ChildType {
	case "ACCOUNT":
		for _, a := range c.sandbox.accounts {
			if a.Unit == parent {
				all = append(all, relative{a.ID, in.ChildType})
			}
		}
	case "ORGANIZATIONAL_UNIT":
		for _, u := range units {
			if u.Parent == parent {
				all = append(all, relative{u.ID, in.ChildType})
			}
		}
	default:
		return nil, invalidOrganizationsInput("ChildType is %q; it must be ACCOUNT or ORGANIZATIONAL_UNIT", in.ChildType)
	}
	part, next, err := cut(in.organizationsPage, all)
	return struct {
		Children  []relative
		NextToken *string `json:",omitempty"`
	}{part, next}, err
}

func describeAccount(c *call) (any, error) {
	var in struct{ AccountId string } //nolint:revive // AWS spells the member so
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	a, ok := c.sandbox.account(in.AccountId)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "AccountNotFoundException", "You specified an account that doesn't exist: %s", in.AccountId)
	}
	return struct{ Account accountJSON }{c.showAccount(a)}, nil
}

func describeUnit(c *call) (any, error) {
	var in struct{ OrganizationalUnitId string } //nolint:revive // AWS spells the member so
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	u, ok := findUnit(in.OrganizationalUnitId)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist: %s", in.OrganizationalUnitId)
	}
	return struct{ OrganizationalUnit unitJSON }{c.showUnit(u)}, nil
}
