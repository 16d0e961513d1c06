package fleet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// columns says in which field of a line a value stands; -1 is nowhere.
type columns struct{ account, name, role int }

// readCSV reads account[,name][,role] lines, after an optional heading that may order the
// columns otherwise and have further ones (such as the export of the Organizations console),
// which are not looked at. Blank lines and those that begin with # are skipped.
func (l *accountList) readCSV(body []byte) {
	r := csv.NewReader(bytes.NewReader(body))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	order := columns{0, 1, 2}
	heading := false
	for first := true; ; {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			l.problem(parse.StartLine, "%v", parse.Err)
			continue
		}
		if err != nil {
			l.bad.add("%s: %v", l.file, err)
			return
		}
		line, _ := r.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if strings.HasPrefix(fields[0], "#") || !slices.ContainsFunc(fields, func(f string) bool { return f != "" }) {
			continue
		}
		if first {
			first = false
			if order, heading = readHeading(fields); heading {
				continue
			}
		}
		l.readFields(line, fields, order, heading)
	}
}

// readHeading says how the columns are ordered, and whether a first line is a heading at all:
// it is if a field is called account or account id.
func readHeading(fields []string) (order columns, heading bool) {
	find := func(names ...string) int {
		return slices.IndexFunc(fields, func(f string) bool {
			f = strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(f))
			return slices.Contains(names, f)
		})
	}
	account := find("account", "accountid", "accountnumber", "id")
	if account < 0 {
		return columns{0, 1, 2}, false
	}
	return columns{account, find("name", "accountname"), find("role", "rolename")}, true
}

func (l *accountList) readFields(line int, fields []string, order columns, heading bool) {
	if len(fields) == 1 && strings.ContainsAny(fields[0], ";\t") {
		l.problem(line, "the fields are to be separated by commas: account,name,role")
		return
	}
	if !heading && len(fields) > 3 {
		l.problem(line, "%d fields, at most three are known: account,name,role; for other columns add a heading line", len(fields))
		return
	}
	field := func(i int) string {
		if i < 0 || i >= len(fields) {
			return ""
		}
		return fields[i]
	}
	l.add(line, wanted{account: field(order.account), name: field(order.name), role: field(order.role)})
}
