package report

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// spoken is a finding as people are told it: what is said of both roles in the same words is said
// once.
type spoken struct {
	doctor.Finding           // of the first
	Subjects, Fixes []string // of all, each once
	Accounts        []string // that share it; nil where one account is looked at
	FixVaries       bool
}

// tellOnce puts findings together that differ in subject and fix alone, and are shared by the same
// accounts. The order is that of the first of each.
func tellOnce(list []spoken) []spoken {
	var once []spoken
	for _, f := range list {
		at := slices.IndexFunc(once, func(have spoken) bool { return have.says(&f) })
		if at < 0 {
			at, once = len(once), append(once, spoken{Finding: f.Finding, Accounts: f.Accounts})
		}
		t := &once[at]
		t.FixVaries = t.FixVaries || f.FixVaries
		if f.Subject != "" && !slices.Contains(t.Subjects, f.Subject) {
			t.Subjects = append(t.Subjects, f.Subject)
		}
		if f.Fix != "" && !slices.Contains(t.Fixes, f.Fix) {
			t.Fixes = append(t.Fixes, f.Fix)
		}
	}
	return once
}

func (t *spoken) says(f *spoken) bool {
	return t.Code == f.Code && t.Severity == f.Severity && t.Summary == f.Summary && t.Expected == f.Expected && t.Found == f.Found &&
		slices.Equal(t.Accounts, f.Accounts)
}

// ofOne are the findings of one account.
func ofOne(list []doctor.Finding) []spoken {
	all := make([]spoken, len(list))
	for i := range list {
		all[i] = spoken{Finding: list[i]}
	}
	return tellOnce(all)
}

// ofMany are the findings that accounts share. One that a single account has names it, so that its
// fix can be pasted.
func ofMany(groups []doctor.Common) []spoken {
	all := make([]spoken, len(groups))
	for i := range groups {
		g := &groups[i]
		all[i] = spoken{Finding: g.Finding, Accounts: g.Accounts, FixVaries: g.FixVaries}
		if len(g.Accounts) == 1 {
			f := &all[i].Finding
			for _, s := range []*string{&f.Subject, &f.Summary, &f.Expected, &f.Found, &f.Fix} {
				*s = strings.ReplaceAll(*s, anyAccount, g.Accounts[0])
			}
		}
	}
	return tellOnce(all)
}

// inShort are the findings that accounts share, without their evidence.
func inShort(groups []doctor.Common) []spoken {
	all := ofMany(groups)
	for i := range all {
		all[i].Expected, all[i].Found = "", ""
	}
	return tellOnce(all)
}
