package trust

import (
	"strings"
	"testing"
)

const otherOrg = "22222222-2222-4222-8222-222222222222"

func TestAnotherOrganizationBesideOursIsAHole(t *testing.T) {
	t.Parallel()
	org := func(operator, values string) string {
		return allowing(fcARN, `{"`+operator+`": {"P:aud": "sts.amazonaws.com", "P:phase": "plan", "P:org_id": `+values+`}}`)
	}
	ours := org("StringEquals", `"`+orgID+`"`)
	for name, c := range map[string]struct {
		statements []string
		tenant     string
		want       string // what is said of the other organization, "" if it is no hole
		fixed      bool   // whether a statement is left that can be pasted
	}{
		"in a list":            {[]string{org("StringEquals", `["`+orgID+`", "`+otherOrg+`"]`)}, orgID, `"` + otherOrg + `", and yours is "` + orgID + `"`, true},
		"two in a list":        {[]string{org("StringLike", `["`+otherOrg+`", "`+orgID+`", "x"]`)}, orgID, `"` + otherOrg + `" or "x", and yours is`, true},
		"by a statement":       {[]string{ours, org("StringEquals", `"`+otherOrg+`"`)}, orgID, `"` + otherOrg + `", and yours`, false},
		"by a subject":         {[]string{ours, allowing(fcARN, `{"StringLike": {"P:aud": "a", "P:sub": "org:`+otherOrg+`:*"}}`)}, orgID, `"org:` + otherOrg + `:*", and yours`, false},
		"by a session tag":     {[]string{ours, allowing(fcARN, `{"StringEquals": {"P:aud": "a", "aws:RequestTag/org_id": "`+otherOrg+`"}}`)}, orgID, `aws:RequestTag/org_id may be "` + otherOrg, false},
		"with its workspace":   {[]string{ours, allowing(fcARN, `{"StringEquals": {"P:aud": "a", "P:org_id": "`+otherOrg+`", "P:workspace_id": "w"}}`)}, orgID, `"` + otherOrg, false},
		"that a Deny spares":   {[]string{allowing(fcARN, `{"StringEquals": {"P:aud": "a"}}`), statementOf("Deny", fcARN, `{"StringNotEquals": {"P:org_id": ["`+orgID+`", "`+otherOrg+`"]}}`)}, orgID, `"` + otherOrg, true},
		"that a Deny refuses":  {[]string{org("StringEquals", `["`+orgID+`", "`+otherOrg+`"]`), statementOf("Deny", fcARN, `{"StringEquals": {"P:org_id": "`+otherOrg+`"}}`)}, orgID, "", false},
		"ours in capitals":     {[]string{org("StringEquals", `["`+orgID+`", "`+strings.ToUpper(orgID)+`"]`)}, orgID, "", false},
		"beside our subject":   {[]string{allowing(fcARN, `{"StringEquals": {"P:aud": "a", "P:org_id": "`+orgID+`", "P:sub": "acme"}}`)}, orgID, "", false},
		"alone":                {[]string{org("StringEquals", `"`+otherOrg+`"`)}, orgID, "", false},
		"ours not being known": {[]string{org("StringEquals", `["`+orgID+`", "`+otherOrg+`"]`)}, "", "", false},
	} {
		doc := mustParse(t, document(c.statements...))
		o := Options{Table: table(t), ProviderARN: fcARN, Tenant: c.tenant}
		var hole *Hole
		for _, h := range Audit(doc, o).Holes {
			if h.Code == OtherOrganizationAdmitted {
				hole = &h
			}
		}
		if hole == nil || c.want == "" {
			if hole != nil || c.want != "" {
				t.Errorf("%s: %+v", name, hole)
			}
			continue
		}
		if hole.Severity != Critical || !strings.Contains(hole.Summary, c.want) || hole.Token == nil || (hole.Fix != nil) != c.fixed {
			t.Errorf("%s: %+v", name, hole)
		}
		if admitted, sure := admittedFor(doc, hole.Token.Context); !admitted || !sure {
			t.Errorf("%s: %+v does not get in", name, hole.Token)
		}
		if hole.Fix == nil {
			continue
		}
		if fix := string(hole.Fix.Statement); strings.Contains(fix, otherOrg) || !strings.Contains(fix, orgID) {
			t.Errorf("%s: %s", name, fix)
		}
		span := doc.Statements[hole.Statement].Span
		mended := mustParse(t, string(doc.Source[:span.Start.Offset])+string(hole.Fix.Statement)+string(doc.Source[span.End.Offset:]))
		for _, h := range Audit(mended, o).Holes {
			if h.Severity == Critical {
				t.Errorf("%s: %+v is still there in %s", name, h, mended.Source)
			}
		}
	}
}
