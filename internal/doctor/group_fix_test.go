package doctor

import "testing"

func TestFindingsThatDifferInTheirFixAloneAreOne(t *testing.T) {
	t.Parallel()
	report := func(account, fix string) *TargetReport {
		return &TargetReport{Snapshot: &Snapshot{Account: account}, Findings: []Finding{{Code: "stack_drifted", Severity: Warning, Summary: "of " + account, Fix: fix}}}
	}
	groups := Group([]*TargetReport{report("010000000001", "fcoidc doctor --fix --profile a"), report("010000000002", "fcoidc doctor --fix --profile b")})
	if len(groups) != 1 || len(groups[0].Accounts) != 2 || !groups[0].FixVaries {
		t.Errorf("got %+v", groups)
	}
	groups = Group([]*TargetReport{report("010000000001", "same"), report("010000000002", "same")})
	if len(groups) != 1 || groups[0].FixVaries {
		t.Errorf("got %+v", groups)
	}
}

func TestASharedFixIsTheFirstAccountsThroughout(t *testing.T) {
	t.Parallel()
	report := func(account, guid string) *TargetReport {
		return &TargetReport{Snapshot: &Snapshot{Account: account}, Findings: []Finding{{
			Code: "provider_missing", Severity: Failure, Summary: "none in " + account, Fix: "aws iam tag --account " + account + " Value=arn:aws:cloudformation:eu-west-1:" + account + ":stack/s/" + guid,
		}}}
	}
	reports := []*TargetReport{report("010000000001", "aaaa"), report("010000000002", "bbbb")}
	groups := Group(reports)
	if len(groups) != 1 || !groups[0].FixVaries || groups[0].Fix != reports[0].Findings[0].Fix {
		t.Errorf("got %+v", groups)
	}
	groups = Group([]*TargetReport{report("010000000001", "aaaa"), report("010000000002", "aaaa")})
	if len(groups) != 1 || groups[0].FixVaries {
		t.Errorf("got %+v", groups)
	}
}
