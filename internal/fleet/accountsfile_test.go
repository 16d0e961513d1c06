package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAccountsFilesAreReadInAllTheirForms(t *testing.T) {
	t.Parallel()
	both := []string{"012345678901 dev Deployer", "123456789012 prod ", "222222222222  "}
	for name, tc := range map[string]struct {
		file, body string
		want       []string // account name role
	}{
		"CSV without a heading": {
			"a.csv", "012345678901,dev,Deployer\n123456789012,prod\n222222222222\n", both,
		},
		"CSV with a heading in another order": {
			"a.csv", "Name,Role Name,Account ID\ndev,Deployer,012345678901\nprod,,123456789012\n,,222222222222\n", both,
		},
		"CSV with further columns": {
			"a.csv", "Account ID,ARN,Email,Account name,Status,Role\n012345678901,arn,a@example.com,dev,ACTIVE,Deployer\n123456789012,arn,b@example.com,prod,ACTIVE,\n222222222222,,,,,\n", both,
		},
		"CSV from Excel: mark, CRLF, quotes, empty cells": {
			"a.CSV", "\ufeff\"012345678901\",\"dev\",\"Deployer\"\r\n\r\n\"123456789012\",\"prod\",\r\n,,\r\n222222222222,,\r\n", both,
		},
		"CSV with comments, blank lines and blanks": {
			"a.txt", "# all of them\n\n 012345678901 , dev , Deployer \n   # the next is prod\n123456789012,prod\n\n222222222222", both,
		},
		"YAML list of ids": {
			"a.yaml", "# ids\n- \"012345678901\"\n- 123456789012\n- '222222222222'\n", []string{"012345678901  ", "123456789012  ", "222222222222  "},
		},
		"YAML list of mappings and ids": {
			"a.yml", "- {account: '012345678901', name: dev, role: Deployer}\n- account: \"123456789012\"\n  name: prod\n  role:\n- 222222222222\n", both,
		},
		"YAML with anchors": {
			"a.yml", "- {account: '012345678901', name: dev, role: &r Deployer}\n- {account: '123456789012', role: *r}\n", []string{"012345678901 dev Deployer", "123456789012  Deployer"},
		},
		"YAML with the names of the columns of CSV": {
			"a.yaml", "- {id: '012345678901', name: dev, role: Deployer}\n- {id: 123456789012, name: prod}\n- {account: '222222222222'}\n", both,
		},
		"JSON": {
			"a.json", `[{"account":"012345678901","name":"dev","role":"Deployer"},{"account":"123456789012","name":"prod"},"222222222222"]`, both,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accounts, err := readAccountsFile(write(t, tc.file, tc.body))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range accounts {
				got = append(got, fmt.Sprintf("%s %s %s", w.account, w.name, w.role))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestBadLinesOfAccountsFilesAreToldTogetherByLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file, body string
		want       []string // after the file's name
	}{
		"CSV, several lines": {
			"a.csv", "account,name\n12345678901,x\n000000000001,a\n\nabc\n# c\n000000000001,b\n000000000002,x,ignored\n",
			[]string{
				` line 2: "12345678901" has 11 digits, an account id has 12: if a spreadsheet or YAML cut leading zeros, write 012345678901`,
				` line 5: "abc" is no account id: 12 digits and nothing else`,
				" line 7: account 000000000001 is in line 3 already",
			},
		},
		"CSV, bad role": {
			"a.csv", "000000000001,a,My Role",
			[]string{` line 1: role "My Role" is no role name: letters, digits and +=,.@_-, at most 64; a path goes before it, as in team/Deployer`},
		},
		"CSV, semicolons": {
			"a.csv", "000000000001;a;R\n",
			[]string{" line 1: the fields are to be separated by commas: account,name,role"},
		},
		"CSV, too many fields": {
			"a.csv", "000000000001,a,R,x\n",
			[]string{" line 1: 4 fields, at most three are known: account,name,role; for other columns add a heading line"},
		},
		"CSV, a quote left open": {
			"a.csv", "000000000001,a\n000000000002,\"b\n",
			[]string{` line 2: extraneous or missing " in quoted-field`},
		},
		"CSV, an account missing": {
			"a.csv", "account,name\n,dev\n",
			[]string{` line 2: "": an account id is 12 digits`},
		},
		"CSV, no account at all": {
			"a.csv", "# nobody\n", []string{" names no account"},
		},
		"YAML, a lost zero": {
			"a.yaml", "- 12345678901\n- {account: 000000000002}\n- {name: x}\n",
			[]string{
				" line 1: account 12345678901 is a number to YAML, and not one of 12 digits: write all 12 digits in quotes, leading zeros too",
				` line 2: account 000000000002 needs quotes: "000000000002" (YAML takes digits after a leading zero for an octal number)`,
				" line 3: account is missing",
			},
		},
		"YAML, a leading zero with a nine": {
			"a.yaml", "- 012345678901\n",
			[]string{` line 1: account 012345678901 needs quotes: "012345678901" (YAML takes digits after a leading zero for an octal number)`},
		},
		"YAML, a float": {
			"a.yaml", "- 1.23457e+11\n",
			[]string{" line 1: account 1.23457e+11 is a number to YAML, and not one of 12 digits: write all 12 digits in quotes, leading zeros too"},
		},
		"YAML, an unknown key": {
			"a.yaml", "- account: '000000000001'\n  roel: R\n",
			[]string{` line 2: "roel" is not known here: account (or id), name and role are`},
		},
		"YAML, all that is wrong with an account and with the next": {
			"a.yaml", "- roel: R\n  name: [x]\n  id: '1'\n- {idd: '000000000002'}\n",
			[]string{
				` line 1: "roel" is not known here: account (or id), name and role are`, ` line 2: name is to be one value`,
				` line 1: "1" has 1 digits, an account id has 12`, ` line 4: "idd" is not known here: account (or id), name and role are`,
			},
		},
		"YAML, an account by both names": {
			"a.yaml", "- account: '000000000001'\n  id: '000000000002'\n",
			[]string{" line 2: account is given twice"},
		},
		"YAML, a key twice": {
			"a.yaml", "- account: '000000000001'\n  account: '000000000002'\n",
			[]string{" line 2: account is given twice"},
		},
		"YAML, a mapping at the top": {
			"a.yaml", "dev: '000000000001'\n",
			[]string{` line 1: a list is wanted: - "123456789012", or - {account: "123456789012", name: dev}`},
		},
		"YAML, a list in the list": {
			"a.yaml", "- '000000000001'\n- ['000000000002']\n",
			[]string{` line 2: an account is wanted: "123456789012", or {account: "123456789012", name: dev}`},
		},
		"YAML, twice": {
			"a.yaml", "- '000000000001'\n- {account: '000000000001'}\n",
			[]string{" line 2: account 000000000001 is in line 1 already"},
		},
		"YAML, not YAML": {
			"a.yaml", "- a\n- b: [\n  - {\n",
			nil, // the text is the library's; its line is checked below
		},
		"YAML, a letter that begins nothing, in line 1": {
			"a.yaml", "@home\n",
			[]string{" line 1: found character that cannot start any token"},
		},
		"YAML, a control character": {
			"a.yaml", "- '000000000001'\n- \x01\n",
			[]string{" line 2: control characters are not allowed"},
		},
		"YAML, an item out of line": {
			"a.yaml", "- '000000000001'\n- '000000000002'\n - bad\n",
			[]string{" line 3: did not find expected '-' indicator"},
		},
		"YAML, a brace that is not closed": {
			"a.yaml", "- '000000000001'\n- {account: '000000000002'\n- '000000000003'\n",
			[]string{" line 2: did not find expected ',' or '}'"},
		},
		"YAML, a list in braces that goes wrong in its first line": {
			"a.yaml", "[a b: c d: e\n",
			[]string{" line 1: did not find expected ',' or ']'"},
		},
		"YAML, a quote that is not closed": {
			"a.yaml", "- '000000000001'\n- '000000000002\n",
			[]string{" line 2: found unexpected end of stream"},
		},
		"YAML, empty": {
			"a.yaml", "", []string{" names no account"},
		},
		"YAML, two documents": {
			"a.yaml", "- '000000000001'\n---\n- '000000000002'\n",
			[]string{" line 2: a second YAML document begins; only one is read"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, tc.file, tc.body)
			accounts, err := readAccountsFile(path)
			if err == nil || accounts != nil {
				t.Fatalf("read as %v", accounts)
			}
			if tc.want == nil {
				if !strings.HasPrefix(err.Error(), path+" line ") {
					t.Errorf("no line in %q", err)
				}
				return
			}
			var want []string
			for _, w := range tc.want {
				want = append(want, path+w)
			}
			if !slices.Equal(err.Problems, want) {
				t.Errorf("got:\n%s\nwant:\n%s", err, strings.Join(want, "\n"))
			}
		})
	}
}

func TestFilesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ path, want string }{
		"missing":       {"testdata/none.csv", "testdata/none.csv"},
		"a folder":      {"testdata", "testdata"},
		"UTF-16":        {write(t, "a.csv", "\xff\xfe1\x002\x00"), "is UTF-16: save it as UTF-8"},
		"a spreadsheet": {write(t, "a.xlsx", "PK\x03\x04\x00\x00"), "is no text: save a spreadsheet as CSV (UTF-8)"},
		"too large":     {write(t, "a.csv", strings.Repeat("# nothing\n", maxAccountsFile/10+1)), "is larger than 16 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readAccountsFile(tc.path)
			if err == nil || !strings.HasPrefix(err.Error(), "accounts file: ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzEveryAccountReadHasTwelveDigits(f *testing.F) {
	f.Add("a.csv", "account,name\n012345678901,x\n")
	f.Add("a.yaml", "- {account: '012345678901'}\n- &a 123456789012\n- *a\n")
	f.Add("a.yaml", "- 0o17\n- ! x\n- - -\n--- 1")
	f.Fuzz(func(t *testing.T, name, body string) {
		list := accountList{file: name, line: map[string]int{}}
		if strings.HasSuffix(name, ".yaml") {
			list.readYAML([]byte(body))
		} else {
			list.readCSV([]byte(body))
		}
		for _, w := range list.accounts {
			if !isAccount(w.account) || w.source == "" {
				t.Errorf("took %+v", w)
			}
		}
	})
}
