package doctor

import (
	"cmp"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/regions"
)

// The actions that stand for the services of a column.
const (
	probeRegional = "ec2:RunInstances"
	probeGlobal   = "iam:CreateRole"
	probeSTS      = "sts:AssumeRole"
)

// globalProbes stand for services that count as the partition's global Region wherever one works.
var globalProbes = []struct{ service, action string }{
	{"IAM", probeGlobal}, {"Route 53", "route53:CreateHostedZone"}, {"CloudFront", "cloudfront:CreateDistribution"},
}

// Answer is what a cell of the matrix says.
type Answer string

// The answers. Perhaps: it depends on the resource or on what only the call can tell.
const (
	Yes     Answer = "yes"
	Perhaps Answer = "perhaps"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// Cell says whether the apply role may act.
type Cell struct {
	Answer   Answer
	Endpoint string // the Region of the endpoint that is called, which is what policies see
	Cause    string // a finding's code where the answer is no
	Why      string // what decides: a policy's statement, or the Region's state
	Notice   string // what a Terraform user sees of it

	byRegion bool // in another Region it would be let act, where the answer is no
}

// Row is one Region of the matrix.
type Row struct {
	Region  string
	Name    string // such as "Europe (Ireland)"
	Asked   bool   // Forgecroft uses it
	Allowed bool   // the apply role's own policies name it
	Status  string // in the account, as in [RegionIn]; "" if not known

	Regional Cell // services with an endpoint in the Region
	Global   Cell // IAM, as a provider for the Region calls it
	STS      Cell // the Region's own STS

	policies Cell // Regional by the policies alone, where the Region's state stands before them
}

// Service is a service, or several of which the same is to be said, whose endpoint is the same
// wherever one works.
type Service struct {
	Name string
	Cell

	actions []string // that stand for it, where it counts as the partition's global Region
}

// Matrix says where the apply role may do what.
type Matrix struct {
	Role     string // ARN
	Rows     []Row
	Services []Service
	// Anywhere says that no Region binds the role.
	Anywhere bool
}

// Rehearse judges, for every Region asked for and every one that the apply role's policies name,
// what the role may do there, by its policies, its boundary and the organisation's policies. It is
// nil if there is no apply role to judge. Of what could not be read the cells say unknown.
func Rehearse(s *Snapshot, asked []string, e *Examiner) *Matrix {
	r := s.Role(Apply)
	if r == nil || r.Gone {
		return nil
	}
	h := rehearsal{s: s, role: r, permissions: permissionsOf(s, r, e.judge)}
	partition, _ := regions.PartitionByID(s.Partition)
	h.global = partition.GlobalRegion
	h.iam = h.globalCell(probeGlobal)
	m := &Matrix{Role: r.ARN}
	allowed := h.allowedRegions()
	m.Anywhere = r.PoliciesRead && h.anywhere(allowed)
	for _, id := range sortedUnion(asked, allowed) {
		m.Rows = append(m.Rows, h.row(id, slices.Contains(asked, id), slices.Contains(allowed, id)))
	}
	m.Services = h.services()
	return m
}

type rehearsal struct {
	s           *Snapshot
	role        *Role
	permissions *permissions
	global      string
	iam         Cell // what the role may do with IAM
}

// allowedRegions are the Regions that the role's policies name, patterns being replaced by what
// they take in.
func (h *rehearsal) allowedRegions() (list []string) {
	for _, named := range AllowedRegions(h.s) {
		if !strings.ContainsAny(named, "*?") {
			list = append(list, named)
			continue
		}
		for _, r := range regions.All() {
			if r.Partition == h.s.Partition && h.own(probeRegional, r.ID).allowance != refused {
				list = append(list, r.ID)
			}
		}
	}
	return list
}

// own asks the role's own policies alone.
func (h *rehearsal) own(action, region string) ruling {
	p := *h.permissions
	p.boundary, p.levels = nil, nil
	return p.may(action, region)
}

// anywhere reports whether the role's own policies let it act in a Region that none of them names.
func (h *rehearsal) anywhere(named []string) bool {
	for _, r := range regions.All() {
		if r.Partition == h.s.Partition && !slices.Contains(named, r.ID) {
			return h.own(probeRegional, r.ID).allowance == granted
		}
	}
	return false
}

func (h *rehearsal) row(id string, asked, allowed bool) Row {
	known, _ := regions.Lookup(id)
	row := Row{Region: id, Name: known.Name, Asked: asked, Allowed: allowed, Status: h.s.regionStatus(id)}
	row.Regional = h.cell(probeRegional, id)
	row.Global = h.iam
	row.STS = h.cell(probeSTS, id)
	if row.Status != "" && !(RegionIn{Status: row.Status}).Usable() {
		off := Cell{Answer: No, Endpoint: id, Cause: "region_not_enabled", Why: "the account has not enabled " + id + " (" + row.Status + ")"}
		row.policies, row.Regional, row.STS = row.Regional, off, off
		row.Regional.Notice = `every call there fails: "The security token included in the request is invalid"`
		row.STS.Notice = "STS there answers RegionDisabledException; the global endpoint's credentials are of no use there either"
	}
	return row
}

// services are those that count as another Region than the one worked in.
func (h *rehearsal) services() []Service {
	var list []Service
	for _, p := range globalProbes {
		c := h.globalCell(p.action)
		same := slices.IndexFunc(list, func(s Service) bool { return s.Answer == c.Answer && s.Cause == c.Cause && s.Why == c.Why })
		if same < 0 {
			list = append(list, Service{p.service, c, []string{p.action}})
			continue
		}
		list[same].Name += ", " + p.service
		list[same].actions = append(list[same].actions, p.action)
	}
	if h.s.Partition == "aws" {
		// Its one endpoint is in us-west-2 (IAM User Guide, aws:RequestedRegion).
		list = append(list, Service{Name: "Global Accelerator", Cell: h.cell("globalaccelerator:CreateAccelerator", "us-west-2")})
	}
	return append(list, Service{Name: "STS by its global endpoint", Cell: h.cell(probeSTS, h.global)})
}

// globalCell judges an action of a global service. Where no policy would let the role do it in any
// other Region either, the Region is not what it lacks.
func (h *rehearsal) globalCell(action string) Cell {
	c := h.cell(action, h.global)
	if c.Answer != No {
		return c
	}
	_, asked := h.simulated(action, h.global)
	c.byRegion = slices.ContainsFunc(regions.All(), func(r regions.Region) bool {
		if r.Partition != h.s.Partition || r.ID == h.global {
			return false
		}
		if s, ok := h.simulated(action, r.ID); ok {
			return s.Allowed
		}
		return !asked && h.permissions.may(action, r.ID).allowance != refused
	})
	if c.Cause == "global_region_missing" && !c.byRegion {
		c.Cause, c.Why = "service_not_allowed", cmp.Or(withholding(h.permissions.identity, action), c.Why)
	}
	return c
}

// cell judges an action in the Region of its endpoint.
func (h *rehearsal) cell(action, region string) Cell {
	if !h.role.PoliciesRead {
		return Cell{Answer: Unknown, Endpoint: region, Why: "the role's policies could not be read"}
	}
	r := h.permissions.may(action, region)
	c := Cell{Answer: map[allowance]Answer{granted: Yes, perhaps: Perhaps, refused: No}[r.allowance], Endpoint: region, Why: r.by}
	if c.Answer != No {
		if s, ok := h.simulated(action, region); ok && !s.Allowed {
			return h.second(s, c)
		}
		return c
	}
	c.Cause = h.cause(r.source, region)
	c.Why = cmp.Or(r.by, h.nothingAllows(r.source))
	c.Notice = notice(action, r.source)
	return c
}

// second is the cell of an action that IAM's simulator refuses although nothing that could be
// read does: the policies of the organisation could not.
func (h *rehearsal) second(s Simulated, c Cell) Cell {
	c.Answer, c.Cause, c.Why = No, "scp_denies", "IAM's simulator: a policy of the organisation does not let it"
	c.Notice = notice(s.Action, "scp")
	if s.ByOrganization {
		c.Cause, c.Why = h.cause("identity", s.Region), "IAM's simulator"
	}
	return c
}

func (h *rehearsal) simulated(action, region string) (Simulated, bool) {
	for _, s := range h.s.Simulated {
		if s.Action == action && s.Region == region {
			return s, true
		}
	}
	return Simulated{}, false
}

func (h *rehearsal) cause(source, region string) string {
	switch {
	case source == "scp":
		return "scp_denies"
	case source == "boundary":
		return "boundary_denies"
	case region == h.global:
		return "global_region_missing"
	}
	return "region_not_allowed"
}

func (h *rehearsal) nothingAllows(source string) string {
	switch source {
	case "scp":
		return "some level of the organisation has no service control policy that allows it"
	case "boundary":
		return "the permissions boundary " + h.role.Boundary.Name + " does not allow it"
	}
	return "no policy of the role allows it"
}

// notice is what Terraform shows; AWS names the kind of policy.
func notice(action, source string) string {
	because := map[string]string{
		"identity": "because no identity-based policy allows the " + action + " action",
		"boundary": "because no permissions boundary allows the " + action + " action",
		"scp":      "with an explicit deny in a service control policy",
	}[source]
	return `the plan succeeds, the apply fails: "is not authorized to perform: ` + action + " " + because + `"`
}

// regionStatus is a Region's state in the account, "" if it is not known.
func (s *Snapshot) regionStatus(id string) string {
	for _, r := range s.Regions {
		if r.ID == id {
			return r.Status
		}
	}
	return ""
}

// sortedUnion is the texts of all lists, sorted, each once.
func sortedUnion(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
