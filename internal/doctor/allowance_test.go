package doctor

import (
	"slices"
	"testing"
)

const (
	allowAll     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	allowBucket  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::state/*"}]}`
	denyWest     = `{"Version":"2012-10-17","Statement":[{"Sid":"NoWest","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-west-2"}}}]}`
	guardRegions = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1"]},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/exempt"}}}]}`
	denyVPC      = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}]}`
	unlessTagged = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"ec2:ResourceTag/keep":"yes"}}}]}`
)

// applyWith is the apply role of a healthy snapshot with these policies instead of its own.
func applyWith(s *Snapshot, documents ...string) *Role {
	r := s.Role(Apply)
	r.Inline = nil
	for i, d := range documents {
		r.Inline = append(r.Inline, Policy{Name: string(rune('a' + i)), Document: d})
	}
	return r
}

func TestPermissionsAreWhatIdentityBoundaryAndOrganizationAllowTogether(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		identity       []string
		boundary       string
		levels         [][]string
		action, region string
		want           allowance
		source         string
	}{
		"in its Region":                        {identity: []string{inRegions}, action: "ec2:RunInstances", region: "eu-west-1", want: granted},
		"in another":                           {identity: []string{inRegions}, action: "ec2:RunInstances", region: "us-west-2", want: refused, source: "identity"},
		"policies add up":                      {identity: []string{inRegions, allowAll}, action: "ec2:RunInstances", region: "us-west-2", want: granted},
		"a Deny beats any Allow":               {identity: []string{allowAll, denyWest}, action: "ec2:RunInstances", region: "us-west-2", want: refused, source: "identity"},
		"one bucket":                           {identity: []string{allowBucket}, action: "s3:PutObject", region: "us-west-2", want: perhaps},
		"no policy":                            {action: "s3:PutObject", region: "us-west-2", want: refused, source: "identity"},
		"a boundary bounds":                    {identity: []string{allowAll}, boundary: readOnly, action: "ec2:RunInstances", region: "eu-west-1", want: refused, source: "boundary"},
		"a boundary grants nothing":            {identity: []string{readOnly}, boundary: allowAll, action: "ec2:RunInstances", region: "eu-west-1", want: refused, source: "identity"},
		"every level must allow":               {identity: []string{allowAll}, levels: [][]string{{allowAll}, {readOnly}}, action: "ec2:RunInstances", region: "eu-west-1", want: refused, source: "scp"},
		"a level's policies add up":            {identity: []string{allowAll}, levels: [][]string{{readOnly, allowAll}}, action: "ec2:RunInstances", region: "eu-west-1", want: granted},
		"a Region guard":                       {identity: []string{allowAll}, levels: [][]string{{allowAll, guardRegions}}, action: "ec2:RunInstances", region: "us-west-2", want: refused, source: "scp"},
		"a Region guard's exceptions":          {identity: []string{allowAll}, levels: [][]string{{allowAll, guardRegions}}, action: "iam:CreateRole", region: "us-east-1", want: granted},
		"a Deny that depends on the caller":    {identity: []string{allowAll, denyVPC}, action: "ec2:RunInstances", region: "eu-west-1", want: perhaps},
		"a Deny that depends on the thing":     {identity: []string{allowAll, unlessTagged}, action: "ec2:RunInstances", region: "eu-west-1", want: perhaps},
		"what cannot be read may say anything": {identity: []string{`{`}, action: "ec2:RunInstances", region: "eu-west-1", want: perhaps},
		"what can be read beside it counts":    {identity: []string{allowAll}, levels: [][]string{{`{`, allowAll}}, action: "ec2:RunInstances", region: "eu-west-1", want: granted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			r := applyWith(s, c.identity...)
			if c.boundary != "" {
				r.Boundary = &Policy{Name: "boundary", Document: c.boundary}
			}
			s.Organization = &Organization{}
			for _, level := range c.levels {
				l := Level{Target: "r-1"}
				for _, d := range level {
					l.Policies = append(l.Policies, Policy{Name: "scp", Document: d})
				}
				s.Organization.ServiceControl = append(s.Organization.ServiceControl, l)
			}
			got := permissionsOf(s, r, testExaminer(t).judge).may(c.action, c.region)
			if got.allowance != c.want || c.want == refused && got.source != c.source {
				t.Errorf("%+v, want %v by %s", got, c.want, c.source)
			}
		})
	}
}

func TestTheManagementAccountIsNotBoundByPoliciesOfTheOrganization(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Organization = &Organization{Management: true, ServiceControl: []Level{{Policies: []Policy{{Document: denyWest}}}}}
	if got := permissionsOf(s, applyWith(s, allowAll), testExaminer(t).judge).may("ec2:RunInstances", "us-west-2"); got.allowance != granted {
		t.Errorf("%+v", got)
	}
}

func TestTheMatrixSaysForEachRegionWhatApplyMayDo(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Role(Apply).Inline[0].Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1","af-south-1"]}}}]}`
	m := Rehearse(s, []string{"us-west-2", "eu-west-1"}, testExaminer(t))
	type row struct {
		region                string
		asked, allowed        bool
		regional, global, sts Answer
		cause                 string
	}
	var got []row
	for _, r := range m.Rows {
		got = append(got, row{r.Region, r.Asked, r.Allowed, r.Regional.Answer, r.Global.Answer, r.STS.Answer, r.Regional.Cause})
		if r.Global.Endpoint != "us-east-1" || r.Global.Cause != "global_region_missing" || r.Global.Notice == "" {
			t.Errorf("%s: %+v", r.Region, r.Global)
		}
	}
	want := []row{
		{"af-south-1", false, true, No, No, No, "region_not_enabled"},
		{"eu-west-1", true, true, Yes, No, Yes, ""},
		{"us-west-2", true, false, No, No, No, "region_not_allowed"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if m.Anywhere || len(m.Services) != 3 || m.Services[1].Name != "Global Accelerator" || m.Services[1].Endpoint != "us-west-2" || m.Services[1].Answer != No {
		t.Errorf("%+v", m)
	}
}

func TestPatternsOfRegionsAreReplacedByTheRegionsTheyTakeIn(t *testing.T) {
	t.Parallel()
	s := healthy()
	applyWith(s, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:RequestedRegion":"us-west-*"}}}]}`)
	if got := rowNames(Rehearse(s, nil, testExaminer(t)).Rows); got != "us-west-1, us-west-2" {
		t.Error(got)
	}
}

func TestOtherPartitionsHaveTheirOwnGlobalRegion(t *testing.T) {
	t.Parallel()
	for partition, want := range map[string]string{"aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1", "aws": "us-east-1"} {
		s := healthy()
		s.Partition = partition
		if m := Rehearse(s, nil, testExaminer(t)); m.Services[0].Endpoint != want || (len(m.Services) == 3) != (partition == "aws") {
			t.Errorf("%s: %+v", partition, m.Services)
		}
	}
}

func TestTheMatrixSaysUnknownOfPoliciesThatWereNotRead(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Role(Apply).PoliciesRead = false
	if c := Rehearse(s, []string{"eu-west-1"}, testExaminer(t)).Rows[0].Regional; c.Answer != Unknown {
		t.Errorf("%+v", c)
	}
	s.Role(Apply).Gone = true
	if m := Rehearse(s, []string{"eu-west-1"}, testExaminer(t)); m != nil {
		t.Errorf("%+v", m)
	}
}

func TestTheSimulatorIsBelievedWhereThePoliciesOfTheOrganizationCouldNotBeRead(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Simulated = []Simulated{
		{Region: "eu-west-1", Action: probeRegional, Allowed: false, ByOrganization: false},
		{Region: "us-east-1", Action: probeRegional, Allowed: true, ByOrganization: true},
	}
	m := Rehearse(s, nil, testExaminer(t))
	if m.Rows[0].Regional.Cause != "scp_denies" || m.Rows[1].Regional.Answer != Yes {
		t.Errorf("%+v", m.Rows)
	}
}
