package bootstrap

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/template"
)

func TestAChangeOfRegionsIsToldAsOne(t *testing.T) {
	t.Parallel()
	for regions, want := range map[string]string{
		"eu-west-1,us-east-1,us-west-2,ca-west-1": "ApplyRole may do * on * also where aws:RequestedRegion is ca-west-1 or us-west-2",
		"us-east-1":           "ApplyRole may do * on * no longer where aws:RequestedRegion is eu-west-1",
		"us-east-1,us-west-2": "ApplyRole may do * on * also where aws:RequestedRegion is us-west-2, and no longer where aws:RequestedRegion is eu-west-1",
	} {
		r := testRequest(t)
		stack := liveStack(r)
		r.Given[template.ParamAllowedRegions] = regions
		p := decideFor(t, r, Observation{Stack: stack})
		var got []string
		for _, c := range Told(p.Changes) {
			if c.Kind == ChangeStatement {
				got = append(got, c.Summary)
				if c.From == "" || c.To == "" {
					t.Errorf("%s: from %q to %q", regions, c.From, c.To)
				}
			}
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: got\n%s\nwant\n%s", regions, strings.Join(got, "\n"), want)
		}
		if len(p.Changes) != len(Told(p.Changes))+1 {
			t.Errorf("%s: the plan itself has %d changes", regions, len(p.Changes))
		}
	}
}

func TestWhatIsAnotherStatementIsToldApart(t *testing.T) {
	t.Parallel()
	statement := func(rest string) string { return `{"Action":"*","Effect":"Allow","Resource":"*"` + rest + `}` }
	where := func(op, values string) string {
		return statement(`,"Condition":{"` + op + `":{"aws:RequestedRegion":` + values + `}}`)
	}
	for name, tt := range map[string]struct{ from, to string }{
		"no value stays":        {where("StringEquals", `"a"`), where("StringEquals", `"b"`)},
		"a negation":            {where("StringNotEquals", `["a","b"]`), where("StringNotEquals", `"a"`)},
		"another operator":      {where("StringEquals", `"a"`), where("StringLike", `["a","b"]`)},
		"a condition goes":      {where("StringEquals", `"a"`), statement("")},
		"another effect":        {where("StringEquals", `"a"`), strings.Replace(where("StringEquals", `["a","b"]`), "Allow", "Deny", 1)},
		"a second condition":    {where("StringEquals", `"a"`), statement(`,"Condition":{"StringEquals":{"aws:RequestedRegion":["a","b"],"x":"y"}}`)},
		"who may assume a role": {strings.Replace(where("StringEquals", `"a"`), `"Resource"`, `"Principal"`, 1), strings.Replace(where("StringEquals", `["a","b"]`), `"Resource"`, `"Principal"`, 1)},
		"no JSON":               {"x", "y"},
	} {
		changes := []Change{
			{Kind: ChangeStatement, Name: "R", From: tt.from, Summary: "goes"}, {Kind: ChangeStatement, Name: "R", To: tt.to, Summary: "comes"},
		}
		if got := Told(changes); len(got) != 2 || got[0].Summary != "goes" || got[1].Summary != "comes" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	grown := []Change{{Kind: ChangeStatement, Name: "R", From: where("StringEquals", `"a"`)}, {Kind: ChangeStatement, Name: "Q", To: where("StringEquals", `["a","b"]`)}}
	if got := Told(grown); len(got) != 2 {
		t.Errorf("of two roles: %+v", got)
	}
}
