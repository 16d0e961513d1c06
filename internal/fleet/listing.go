package fleet

// Listed is an account of an accounts file.
type Listed struct {
	Account string // 12 digits
	Name    string // empty if the file gives none
	Source  string // "accounts.csv line 7"
}

// AccountsIn lists the accounts of an accounts file, in its order, to choose from. The
// error is an [InputError], as it is of [Resolve].
func AccountsIn(path string) ([]Listed, error) {
	accounts, bad := readAccountsFile(path)
	if bad != nil {
		return nil, bad
	}
	listed := make([]Listed, len(accounts))
	for i, w := range accounts {
		listed[i] = Listed{Account: w.account, Name: w.name, Source: w.source}
	}
	return listed, nil
}

// ProfileNames lists the profiles of the shared config and credentials files, sorted.
// Without such files there are none. Nothing is read but names.
func ProfileNames() ([]string, error) { return profileNames() }
