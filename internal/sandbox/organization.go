package sandbox

import (
	"fmt"
	"strings"
)

// Account is one account of the sandbox's organisation.
type Account struct {
	ID         string // 12 digits, with a leading zero as many real ones have
	Name       string // such as "prod-web"
	Email      string
	Management bool   // the organisation's management account
	Unit       string // id of the organisational unit (or root) that holds it
}

const (
	organizationID = "o-fcoidcsandbox"
	rootID         = "r-fcsb"
)

// unit is an organisational unit.
type unit struct {
	ID, Name, Parent string
}

// units are the organisation's, parents first.
var units = []unit{
	{ID: "ou-fcsb-security", Name: "Security", Parent: rootID},
	{ID: "ou-fcsb-platform", Name: "Infrastructure", Parent: rootID},
	{ID: "ou-fcsb-workload", Name: "Workloads", Parent: rootID},
	{ID: "ou-fcsb-workprod", Name: "Production", Parent: "ou-fcsb-workload"},
	{ID: "ou-fcsb-workdevl", Name: "Development", Parent: "ou-fcsb-workload"},
}

// firstAccounts are the accounts that most organisations have, in the order they appear here.
var firstAccounts = []struct{ name, unit string }{
	{"management", rootID},
	{"security", "ou-fcsb-security"},
	{"network", "ou-fcsb-platform"},
	{"prod-web", "ou-fcsb-workprod"},
	{"dev-web", "ou-fcsb-workdevl"},
	{"log-archive", "ou-fcsb-security"},
	{"shared-services", "ou-fcsb-platform"},
}

// products name the workload accounts that follow, one for production and one for development each.
var products = []string{
	"payments", "search", "orders", "identity", "catalog", "billing", "shipping", "support", "media",
	"analytics", "ledger", "pricing", "inbox", "reports", "partners", "mobile", "stock", "returns",
}

// accountAt is the i-th account of every sandbox.
func accountAt(i int) Account {
	a := Account{ID: fmt.Sprintf("01%010d", i+1), Management: i == 0}
	if i < len(firstAccounts) {
		a.Name, a.Unit = firstAccounts[i].name, firstAccounts[i].unit
	} else {
		i -= len(firstAccounts)
		stage, unit := "prod-", "ou-fcsb-workprod"
		if i%2 == 1 {
			stage, unit = "dev-", "ou-fcsb-workdevl"
		}
		a.Name, a.Unit = stage+products[i/2%len(products)], unit
		if round := i / 2 / len(products); round > 0 {
			a.Name += fmt.Sprintf("-%d", round+1)
		}
	}
	a.Email = "aws+" + a.Name + "@example.com"
	return a
}

// accountIndex is the inverse of [accountAt] for an id; ok is false for an id no sandbox has.
func accountIndex(id string) (i int, ok bool) {
	if len(id) != 12 || !strings.HasPrefix(id, "01") {
		return 0, false
	}
	n := 0
	for _, r := range id[2:] {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n - 1, n > 0
}
