package doctor

import (
	"cmp"
	"slices"
	"strings"
)

// Common is a finding that several targets share.
type Common struct {
	Finding           // as the first of the targets has it, with its account left out
	Accounts []string // sorted, each once
	// FixVaries says that the fix is the first account's, to the letter, and the others' name their own
	// profile, Regions or resources.
	FixVaries bool
}

// Group collects the findings of many targets: those that say the same of several accounts, the
// fix aside, are one, the worst first, among equals the commonest.
func Group(reports []*TargetReport) []Common {
	at := map[Finding]int{}
	var groups []Common
	var fixes []string // of each group's first account as it is, for one that the others' differ from
	for _, r := range reports {
		for _, f := range r.Findings {
			own := f.Fix
			f = f.without(r.Snapshot.Account)
			same := f
			same.Fix = ""
			if f.Code == historyRefused { // how many and when is each account's own
				same.Found = ""
			}
			n, ok := at[same]
			if !ok {
				n = len(groups)
				at[same] = n
				groups, fixes = append(groups, Common{Finding: f}), append(fixes, own)
			}
			groups[n].FixVaries = groups[n].FixVaries || groups[n].Fix != f.Fix
			groups[n].Accounts = append(groups[n].Accounts, r.Snapshot.Account)
		}
	}
	for i := range groups {
		if groups[i].FixVaries {
			groups[i].Fix = fixes[i]
		}
		slices.Sort(groups[i].Accounts)
		groups[i].Accounts = slices.Compact(groups[i].Accounts)
	}
	slices.SortStableFunc(groups, func(a, b Common) int {
		return cmp.Or(
			cmp.Compare(b.Severity.rank(), a.Severity.rank()),
			cmp.Compare(slices.Index(last, a.Code), slices.Index(last, b.Code)),
			cmp.Compare(len(b.Accounts), len(a.Accounts)),
		)
	})
	return groups
}

// anyAccount stands for the account in a finding that several share.
const anyAccount = "<account>"

func (f Finding) without(account string) Finding {
	if account == "" {
		return f
	}
	for _, text := range []*string{&f.Subject, &f.Summary, &f.Expected, &f.Found, &f.Fix} {
		*text = strings.ReplaceAll(*text, account, anyAccount)
	}
	return f
}

// Worst is the severity of the worst finding, "" if there is none.
func (r *TargetReport) Worst() Severity {
	if len(r.Findings) == 0 {
		return ""
	}
	return r.Findings[0].Severity
}

// Healthy reports whether nothing was found that somebody has to do something about.
func (r *TargetReport) Healthy() bool { return !r.Worst().AtLeast(Warning) }

// Reached reports whether the account could be looked at.
func (r *TargetReport) Reached() bool { return len(r.Snapshot.Unseen(FactIdentity)) == 0 }
