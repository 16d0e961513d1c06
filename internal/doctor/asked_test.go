package doctor

import (
	"slices"
	"testing"
)

func TestASavedSnapshotIsAskedWhatTheLookWas(t *testing.T) {
	t.Parallel()
	const other = "99999999-8888-4777-8666-555555555555"
	s := healthy()
	s.Asked = Asked{OrgID: other, Regions: []string{"us-west-2"}}
	text, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadSnapshot(text)
	if err != nil {
		t.Fatal(err)
	}
	o := CheckOptions{Examiner: testExaminer(t)}
	if got := codesOf(Diagnosed(back, o), Failure); !slices.Contains(got, "org_id_mismatch") && !slices.Contains(got, "trust_redirected") || !slices.Contains(got, "region_not_allowed") {
		t.Errorf("%v", got)
	}
	if got := codesOf(Diagnosed(back, known(t)), Failure); len(got) > 0 {
		t.Errorf("flags do not win: %v", got)
	}
}

func TestRegionsOfAnotherPartitionAreOtherAccountsMatter(t *testing.T) {
	t.Parallel()
	o := known(t)
	o.Regions = append(o.Regions, "cn-north-1")
	r := Diagnosed(healthy(), o)
	if got := rowNames(r.Matrix.Rows); got != "eu-west-1, us-east-1" {
		t.Errorf("%s\n%s", got, describeFindings(r))
	}
}
