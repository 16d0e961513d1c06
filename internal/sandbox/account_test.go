package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	accounts "github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// regionsOf lists an account's Regions of the partition of a Region, with their states.
func regionsOf(t *testing.T, s *Sandbox, region string, only ...types.RegionOptStatus) map[string]types.RegionOptStatus {
	t.Helper()
	all := map[string]types.RegionOptStatus{}
	client := accounts.NewFromConfig(s.ConfigFor(member, region))
	for p := accounts.NewListRegionsPaginator(client, &accounts.ListRegionsInput{RegionOptStatusContains: only}); p.HasMorePages(); {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Regions {
			all[*r.RegionName] = r.RegionOptStatus
		}
	}
	return all
}

func TestAnAccountListsTheRegionsOfItsPartitionWithTheirStates(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	all := regionsOf(t, s, "us-east-1")
	if len(all) < 30 || all["eu-west-1"] != types.RegionOptStatusEnabledByDefault || all["af-south-1"] != types.RegionOptStatusDisabled {
		t.Errorf("%d Regions: %v", len(all), all)
	}
	if gov := regionsOf(t, s, "us-gov-west-1"); len(gov) != 2 {
		t.Errorf("Regions of GovCloud: %v", gov)
	}
	client := accounts.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	if _, err := client.EnableRegion(t.Context(), &accounts.EnableRegionInput{RegionName: aws.String("af-south-1")}); err != nil {
		t.Fatal(err)
	}
	if got := regionsOf(t, s, "us-east-1", types.RegionOptStatusEnabled); len(got) != 1 || got["af-south-1"] != types.RegionOptStatusEnabled {
		t.Errorf("enabled Regions: %v", got)
	}
	if _, err := client.DisableRegion(t.Context(), &accounts.DisableRegionInput{RegionName: aws.String("af-south-1")}); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetRegionOptStatus(t.Context(), &accounts.GetRegionOptStatusInput{RegionName: aws.String("af-south-1")})
	if err != nil || out.RegionOptStatus != types.RegionOptStatusDisabled {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestWhatIsNoRegionOfTheAccountIsRefused(t *testing.T) {
	t.Parallel()
	client := accounts.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	_, err := client.GetRegionOptStatus(t.Context(), &accounts.GetRegionOptStatusInput{RegionName: aws.String("eu-west-9")})
	wantCode(t, err, "ValidationException", "eu-west-9")
	_, err = client.DisableRegion(t.Context(), &accounts.DisableRegionInput{RegionName: aws.String("us-east-1")})
	wantCode(t, err, "ValidationException", "enabled by default")
	_, err = client.ListRegions(t.Context(), &accounts.ListRegionsInput{AccountId: aws.String(member)})
	wantCode(t, err, "AccessDeniedException", "trusted access")
	_, err = client.GetContactInformation(t.Context(), nil)
	wantCode(t, err, "NotImplemented", "account:POST /getContactInformation")
}

func TestReadingRegionsNeedsPermission(t *testing.T) {
	t.Parallel()
	session := worker(t, newSandbox(t, Options{}), "us-east-1", inRegions("eu-west-1"), "")
	_, err := accounts.NewFromConfig(session).ListRegions(t.Context(), nil)
	wantCode(t, err, "AccessDeniedException", "account:ListRegions", "arn:aws:account::010000000001:account")
}

func TestARegionThatIsNotEnabledKnowsNoCredentialsButGlobalServicesDo(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	cfg := s.ConfigFor(member, "af-south-1")
	_, err := cloudformation.NewFromConfig(cfg).DescribeStacks(t.Context(), nil)
	wantCode(t, err, "InvalidClientTokenId")
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	wantCode(t, err, "InvalidClientTokenId")
	if _, err := iam.NewFromConfig(cfg).ListRoles(t.Context(), nil); err != nil {
		t.Errorf("IAM: %v", err)
	}
}

func TestSTSRefusesARegionThatIsOffForTheAccount(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	err := s.open(member, "us-east-1", func(a *account) error {
		a.state.STSOff = []string{"eu-west-1"}
		for region, off := range map[string]bool{"us-east-1": false, "eu-west-1": true, "af-south-1": true, "eu-west-9": true} {
			err := a.stsInRegion(region)
			if (err != nil) != off {
				t.Errorf("%s: %v, want off %v", region, err, off)
			}
		}
		return a.stsInRegion("eu-west-1")
	})
	if refusal, ok := err.(*apiError); !ok || refusal.Code != "RegionDisabledException" || refusal.Status != 403 { //nolint:errorlint // returned as it is
		t.Errorf("got %v", err)
	}
}
