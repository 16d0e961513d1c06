package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/template"
)

func regionChecks() []Check {
	return []Check{
		{Name: "regions", Title: "apply may act in every Region that Forgecroft uses", Category: CategoryRegions, Needs: []Fact{FactRegions, FactOrganization}, run: regionsCovered},
		{Name: "global_services", Title: "apply may use IAM and other global services", Category: CategoryRegions, run: globalServices},
	}
}

// regionsCovered finds the Regions in which apply fails, and groups them by what stands in the way.
func regionsCovered(t *target) answerOf {
	m := t.matrix
	if m == nil {
		return answerOf{skip: "no apply role is known"}
	}
	if !t.s.Role(Apply).PoliciesRead {
		return answerOf{skip: policiesUnread}
	}
	byCause := map[string][]*Row{}
	var order []string
	for i := range m.Rows {
		row := &m.Rows[i]
		if row.Regional.Answer != No || !row.Asked && row.Regional.Cause == "region_not_allowed" {
			continue
		}
		cause := row.Regional.Cause
		if cause == "global_region_missing" {
			cause = "region_not_allowed" // what is missed here is the Region's own services
		}
		if byCause[cause] == nil {
			order = append(order, cause)
		}
		byCause[cause] = append(byCause[cause], row)
	}
	var list []Finding
	for _, cause := range order {
		list = append(list, t.regionFinding(cause, byCause[cause]))
	}
	answer := found(rowNames(m.Rows), list...)
	if len(t.o.Regions) == 0 {
		answer.unknown = true
		answer.findings = append(answer.findings, Finding{
			Code: "regions_unknown", Severity: Info, Subject: m.Role, Summary: "whether these are the Regions that Forgecroft uses could not be looked at, give --regions: " + rowNames(m.Rows),
			Expected: "the Regions of your workspaces", Found: orElse(rowNames(m.Rows), "no Region in the role's policies"), Fix: t.doctorWith("--regions YOUR-REGIONS"),
		})
	}
	return answer
}

func (t *target) regionFinding(cause string, rows []*Row) Finding {
	ids := make([]string, len(rows))
	asked := false
	for i, r := range rows {
		ids[i], asked = r.Region, asked || r.Asked
	}
	where := strings.Join(ids, ", ")
	f := Finding{Code: cause, Severity: Failure, Subject: t.matrix.Role, Found: rows[0].Regional.Why}
	switch cause {
	case "region_not_allowed":
		f.Summary = "Forgecroft uses " + where + ", where apply may not act: plans succeed and applies fail"
		f.Expected, f.Found = where+" in AllowedRegions", orElse(strings.Join(AllowedRegions(t.s), ", "), rows[0].Regional.Why)
		f.Fix = t.letInto(ids, sortedUnion(t.o.Regions, AllowedRegions(t.s)))
	case "region_not_enabled":
		f.Summary = "apply may act in " + where + ", which the account has not enabled: every call there fails"
		f.Expected, f.Found = "a Region that is enabled in the account", rows[0].Status
		f.Fix = "aws account enable-region --region-name " + strings.Join(ids, " && aws account enable-region --region-name ")
		if !asked {
			f.Severity = Warning
		}
	case "boundary_denies":
		f.Summary = "the permissions boundary keeps apply from acting in " + where
		f.Expected, f.Fix = "a boundary that allows it", t.boundaryFix(t.s.Role(Apply))
	case "scp_denies":
		f.Summary = "a service control policy keeps apply from acting in " + where
		f.Expected, f.Fix = "no Deny for the role there, and an Allow at every level of the organisation", scpFix
	}
	return f
}

// letInto lets the apply role act in further Regions. all are those that it may then act in.
func (t *target) letInto(more, all []string) string {
	if r := t.s.Role(Apply); !t.madeByStack(r) {
		return t.allowRegions(r, more)
	}
	return t.bootstrap(map[string]string{template.ParamAllowedRegions: strings.Join(all, ",")})
}

func rowNames(rows []Row) string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].Region
	}
	return strings.Join(ids, ", ")
}

// globalServices judges the services that count as the partition's global Region, wherever one
// works.
func globalServices(t *target) answerOf {
	m := t.matrix
	if m == nil {
		return answerOf{skip: "no apply role is known"}
	}
	c := m.Services[0].Cell
	if c.Answer == Unknown {
		return answerOf{skip: policiesUnread}
	}
	if c.Answer != No {
		return found("they count as " + c.Endpoint + ", which is allowed")
	}
	f := Finding{
		Code: c.Cause, Severity: Warning, Subject: m.Role, Expected: c.Endpoint + " allowed, as which they count", Found: c.Why,
		Summary: "apply cannot manage IAM, Route 53, CloudFront and other global services, in no Region: they count as " + c.Endpoint,
	}
	switch c.Cause {
	case "boundary_denies":
		f.Fix = t.boundaryFix(t.s.Role(Apply))
	case "scp_denies":
		f.Fix = scpFix
	default:
		allowed := AllowedRegions(t.s)
		f.Found = orElse(strings.Join(allowed, ", "), c.Why)
		if slices.Contains(allowed, c.Endpoint) {
			f.Found = c.Why
		}
		f.Fix = t.letInto([]string{c.Endpoint}, sortedUnion(allowed, []string{c.Endpoint}))
	}
	return found("", f)
}
