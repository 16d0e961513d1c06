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
	byCause := map[string][]bar{}
	var order []string
	for i := range m.Rows {
		for _, b := range bars(&m.Rows[i]) {
			if byCause[b.cause] == nil {
				order = append(order, b.cause)
			}
			byCause[b.cause] = append(byCause[b.cause], b)
		}
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

// bar is what keeps apply from acting in a Region.
type bar struct {
	row   *Row
	cause string
	why   string
}

// bars are all that stand in the way in a Region: its state, and what the policies say, which would
// still be so if it were enabled. That the role is not let act where nobody asked is as it should be.
func bars(row *Row) (list []bar) {
	for _, c := range []*Cell{&row.Regional, &row.policies} {
		cause := c.Cause
		if cause == "global_region_missing" {
			cause = "region_not_allowed" // what is missed here is the Region's own services
		}
		if c.Answer == No && (row.Asked || cause != "region_not_allowed") {
			list = append(list, bar{row, cause, c.Why})
		}
	}
	return list
}

func (t *target) regionFinding(cause string, found []bar) Finding {
	ids := make([]string, len(found))
	asked := false
	for i, b := range found {
		ids[i], asked = b.row.Region, asked || b.row.Asked
	}
	where := strings.Join(ids, ", ")
	f := Finding{Code: cause, Severity: Failure, Subject: t.matrix.Role, Found: found[0].why}
	switch cause {
	case "region_not_allowed":
		f.Summary = "Forgecroft uses " + where + ", where apply may not act: plans succeed and applies fail"
		f.Expected, f.Found = where+" in AllowedRegions", orElse(strings.Join(AllowedRegions(t.s), ", "), found[0].why)
		f.Fix = t.letInto(ids, sortedUnion(t.o.Regions, AllowedRegions(t.s)))
	case "region_not_enabled":
		f.Summary = "the account has not enabled " + where + ": every call there fails"
		f.Expected, f.Found = "a Region that is enabled in the account", found[0].row.Status
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
	byCause := map[string][]*Service{}
	var order []string
	unknown := true
	for i := range m.Services {
		s := &m.Services[i]
		if len(s.actions) == 0 {
			continue
		}
		unknown = unknown && s.Answer == Unknown
		if s.Answer != No {
			continue
		}
		if byCause[s.Cause] == nil {
			order = append(order, s.Cause)
		}
		byCause[s.Cause] = append(byCause[s.Cause], s)
	}
	if unknown {
		return answerOf{skip: policiesUnread}
	}
	var list []Finding
	for _, cause := range order {
		list = append(list, t.globalFinding(cause, byCause[cause]))
	}
	return found("they count as "+m.Services[0].Endpoint+", which is allowed", list...)
}

// globalFinding words why apply may not use some of the global services: since they count as a
// Region where it may not act, or since they are withheld from it wherever it works.
func (t *target) globalFinding(cause string, services []*Service) Finding {
	first := services[0]
	var list, actions, why []string
	for _, s := range services {
		list, actions = append(list, s.Name), append(actions, s.actions...)
		if !slices.Contains(why, s.Why) {
			why = append(why, s.Why)
		}
	}
	what, they := strings.Join(list, ", "), "it counts"
	if len(actions) > 1 {
		they = "they count"
	}
	if len(actions) == len(globalProbes) {
		what += " and other global services"
	}
	f := Finding{
		Code: cause, Severity: Warning, Subject: t.matrix.Role, Expected: first.Endpoint + " allowed, as which " + they, Found: strings.Join(why, "; "),
		Summary: "apply cannot manage " + what + ", in no Region: " + they + " as " + first.Endpoint,
	}
	if !first.byRegion {
		f.Summary, f.Expected = "apply cannot manage "+what+" in any Region: ", strings.Join(actions, ", ")+" allowed"
	}
	switch cause {
	case "boundary_denies":
		f.Fix = t.boundaryFix(t.s.Role(Apply))
		if !first.byRegion {
			f.Summary += "the permissions boundary keeps it from that"
		}
	case "scp_denies":
		f.Fix = scpFix
		if !first.byRegion {
			f.Fix = scpExempt
			f.Summary += "a service control policy keeps it from that"
		}
	case "service_not_allowed":
		f.Summary += "the role's own policies withhold it"
	default:
		allowed := AllowedRegions(t.s)
		if !slices.Contains(allowed, first.Endpoint) {
			f.Found = orElse(strings.Join(allowed, ", "), f.Found)
		}
		f.Fix = t.letInto([]string{first.Endpoint}, sortedUnion(allowed, []string{first.Endpoint}))
	}
	return f
}
