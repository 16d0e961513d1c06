package fleet

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxAccountsFile is far above any list of accounts: an organisation of 50,000 makes 5 MB.
const maxAccountsFile = 16 << 20

// readAccountsFile reads a list of accounts. A file that ends in .yaml, .yml or .json holds a list
// of ids or of {account, name, role}, where id means account too; any other is CSV with the columns account, name and role
// in that order, or in the order that a heading line gives. All bad lines are told together, in
// an [InputError] that names file and line.
func readAccountsFile(path string) ([]wanted, *InputError) {
	body, err := readBounded(path)
	if err != nil {
		return nil, &InputError{Problems: []string{"accounts file: " + err.Error()}}
	}
	list := accountList{file: path, line: map[string]int{}}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		list.readYAML(body)
	default:
		list.readCSV(body)
	}
	if len(list.accounts) == 0 && len(list.bad) == 0 {
		list.bad.add("%s names no account", path)
	}
	if len(list.bad) > 0 {
		return nil, &InputError{Problems: list.bad}
	}
	return list.accounts, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only: nothing is lost
	body, err := io.ReadAll(io.LimitReader(f, maxAccountsFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxAccountsFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", path, maxAccountsFile>>20)
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}), bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return nil, fmt.Errorf("%s is UTF-16: save it as UTF-8", path)
	case bytes.IndexByte(body, 0) >= 0:
		return nil, fmt.Errorf("%s is no text: save a spreadsheet as CSV (UTF-8)", path)
	}
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil // Excel's CSV begins with a byte order mark
}

// accountList is an accounts file while it is being read.
type accountList struct {
	file     string
	accounts []wanted
	line     map[string]int // where an account stands
	bad      problems
}

// problem notes what is wrong in a line.
func (l *accountList) problem(line int, format string, args ...any) {
	l.bad.add("%s line %d: %s", l.file, line, fmt.Sprintf(format, args...))
}

// add takes an account up, or notes what is wrong with it.
func (l *accountList) add(line int, w wanted) {
	if problem := CheckAccount(w.account); problem != "" {
		l.problem(line, "%s", problem)
		return
	}
	if first, ok := l.line[w.account]; ok {
		l.problem(line, "account %s is in line %d already", w.account, first)
		return
	}
	l.line[w.account] = line
	if w.role != "" {
		if problem := checkRole(w.role); problem != "" {
			l.problem(line, "role %s", problem)
			return
		}
	}
	w.source = fmt.Sprintf("%s line %d", l.file, line)
	l.accounts = append(l.accounts, w)
}
