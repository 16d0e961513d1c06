package doctor

import "testing"

func TestAFixIsForTheAccountThatItWasFoundIn(t *testing.T) {
	t.Parallel()
	s := Snapshot{Reach: Reach{Target: "--profile prod", AWS: "aws --profile prod"}}
	for fix, want := range map[string]string{
		"aws iam update-role --role-name r":       "aws --profile prod iam update-role --role-name r",
		"aws account a && aws account b":          "aws --profile prod account a && aws --profile prod account b",
		"fcoidc doctor --fix && aws iam c":        "fcoidc doctor --profile prod --fix && aws --profile prod iam c",
		"if it is yours: fcoidc bootstrap --x":    "if it is yours: fcoidc bootstrap --profile prod --x",
		"fcoidc bootstrap --profile prod --x":     "fcoidc bootstrap --profile prod --x",
		"fcoidc doctor --explain discovery_field": "fcoidc doctor --explain discovery_field",
		"aws sso login --profile other":           "aws sso login --profile other",
		"aws configure list-profiles":             "aws configure list-profiles",
		"serve it to everybody":                   "serve it to everybody",
	} {
		if got := s.aim(fix); got != want {
			t.Errorf("%s\n got %s\nwant %s", fix, got, want)
		}
	}
	if got := (&Snapshot{}).aim("aws iam c"); got != "aws iam c" {
		t.Error(got)
	}
}
