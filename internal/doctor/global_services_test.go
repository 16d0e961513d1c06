package doctor

import (
	"slices"
	"testing"
)

func TestARegionThatIsNeitherEnabledNorAllowedIsBoth(t *testing.T) {
	t.Parallel()
	o := known(t)
	o.Regions = []string{"af-south-1", "eu-west-1"}
	r := Diagnosed(healthy(), o)
	if got := codesOf(r, Failure); !slices.Equal(got, []string{"region_not_enabled", "region_not_allowed"}) {
		t.Errorf("%s", describeFindings(r))
	}
}

const (
	powerUser = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}`
	denyIAM   = `{"Version":"2012-10-17","Statement":[{"Sid":"NoIAM","Effect":"Deny","Action":"iam:*","Resource":"*"}]}`
	inWest    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}`
)

func TestGlobalServicesAreJudgedEachAndByWhatWithholdsThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change                         func(*Snapshot)
		code, summary, expected, found string
		services                       []string
	}{
		"another Region's matter": {
			func(s *Snapshot) { applyWith(s, inWest) }, "global_region_missing",
			"apply cannot manage IAM, Route 53, CloudFront and other global services, in no Region: they count as us-east-1",
			"us-east-1 allowed, as which they count", "eu-west-1",
			[]string{"IAM, Route 53, CloudFront no"},
		},
		"a policy of all but IAM": {
			func(s *Snapshot) { applyWith(s, powerUser) }, "service_not_allowed",
			"apply cannot manage IAM in any Region: the role's own policies withhold it",
			"iam:CreateRole allowed", "a, statement 1: all but iam:*, organizations:*, account:*",
			[]string{"IAM no", "Route 53, CloudFront yes"},
		},
		"a Deny in the role's own policies": {
			func(s *Snapshot) { applyWith(s, inRegions, denyIAM) }, "service_not_allowed",
			"apply cannot manage IAM in any Region: the role's own policies withhold it",
			"iam:CreateRole allowed", `b, statement "NoIAM"`,
			[]string{"IAM no", "Route 53, CloudFront yes"},
		},
		"the organisation keeps IAM to itself": {
			func(s *Snapshot) {
				s.Organization = &Organization{ServiceControl: []Level{{Target: "r", Policies: []Policy{{Name: "all", Document: allowAll}, {Name: "guard", Document: denyIAM}}}}}
			}, "scp_denies", "apply cannot manage IAM in any Region: a service control policy keeps it from that",
			"iam:CreateRole allowed", `guard, statement "NoIAM"`,
			[]string{"IAM no", "Route 53, CloudFront yes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			c.change(s)
			o := known(t)
			o.Regions = []string{"eu-west-1"}
			r := Diagnosed(s, o)
			got := r.result("global_services").Findings
			if len(got) != 1 || got[0].Code != c.code || got[0].Summary != c.summary || got[0].Expected != c.expected || got[0].Found != c.found || got[0].Fix == "" {
				t.Errorf("%+v", got)
			}
			var services []string
			for _, s := range r.Matrix.Services {
				if len(s.actions) > 0 {
					services = append(services, s.Name+" "+string(s.Answer))
				}
			}
			if !slices.Equal(services, c.services) {
				t.Errorf("%q", services)
			}
		})
	}
}

func TestTheSimulatorTellsWhetherARegionIsAtFault(t *testing.T) {
	t.Parallel()
	for allowed, want := range map[bool]string{
		true:  "apply cannot manage IAM, in no Region: it counts as us-east-1",
		false: "apply cannot manage IAM in any Region: a service control policy keeps it from that",
	} {
		s := healthy()
		s.Simulated = []Simulated{{Region: "us-east-1", Action: probeGlobal}, {Region: "eu-west-1", Action: probeGlobal, Allowed: allowed}}
		got := Diagnosed(s, known(t)).result("global_services").Findings
		if len(got) != 1 || got[0].Code != "scp_denies" || got[0].Summary != want {
			t.Errorf("%+v", got)
		}
	}
}
