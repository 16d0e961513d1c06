package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func TestEveryAccountIsListedAcrossAnEmptyPage(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Accounts: 45})
	var ids []string
	empty := 0
	for p := organizations.NewListAccountsPaginator(organizations.NewFromConfig(s.Config("eu-west-1")), nil); p.HasMorePages(); {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Accounts) == 0 {
			empty++
		}
		for _, a := range out.Accounts {
			if a.State != types.AccountStateActive {
				t.Errorf("%s is %q", *a.Id, a.State)
			}
			ids = append(ids, *a.Id)
		}
	}
	if len(ids) != 45 || ids[0] != management || ids[44] != "010000000045" || empty != 1 {
		t.Errorf("%d accounts with %d empty pages: %v", len(ids), empty, ids)
	}
}

func TestTheTreeOfUnitsHoldsEveryAccountOnce(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Accounts: 30})
	client := organizations.NewFromConfig(s.Config("us-east-1"))
	seen := map[string]string{}
	var walk func(parent string)
	walk = func(parent string) {
		for p := organizations.NewListAccountsForParentPaginator(client, &organizations.ListAccountsForParentInput{ParentId: &parent}); p.HasMorePages(); {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range out.Accounts {
				if before := seen[*a.Id]; before != "" {
					t.Errorf("%s is in %s and in %s", *a.Id, before, parent)
				}
				seen[*a.Id] = parent
			}
		}
		out, err := client.ListOrganizationalUnitsForParent(t.Context(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range out.OrganizationalUnits {
			walk(*u.Id)
		}
	}
	roots, err := client.ListRoots(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	walk(*roots.Roots[0].Id)
	if len(seen) != 30 {
		t.Fatalf("the tree holds %d accounts, want 30", len(seen))
	}
	for id, parent := range seen {
		out, err := client.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: &id})
		if err != nil || *out.Parents[0].Id != parent {
			t.Errorf("parent of %s: %v, %v; want %s", id, out, err, parent)
		}
	}
	children, err := client.ListChildren(t.Context(), &organizations.ListChildrenInput{ParentId: roots.Roots[0].Id, ChildType: types.ChildTypeOrganizationalUnit})
	if err != nil || len(children.Children) != 3 {
		t.Errorf("units below the root: %v, %v; want 3", children, err)
	}
}

func TestOnlyTheManagementAccountReadsTheOrganisation(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	client := organizations.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	_, err := client.ListAccounts(t.Context(), nil)
	wantCode(t, err, "AccessDeniedException", "You don't have permissions to access this resource.")
	out, err := client.DescribeOrganization(t.Context(), nil) // every member may ask who manages it
	if err != nil || aws.ToString(out.Organization.MasterAccountId) != management {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestUnknownMembersOfTheOrganisationAreNamed(t *testing.T) {
	t.Parallel()
	client := organizations.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	_, err := client.DescribeAccount(t.Context(), &organizations.DescribeAccountInput{AccountId: aws.String("999999999999")})
	wantCode(t, err, "AccountNotFoundException", "999999999999")
	_, err = client.ListAccountsForParent(t.Context(), &organizations.ListAccountsForParentInput{ParentId: aws.String("ou-none-12345678")})
	wantCode(t, err, "ParentNotFoundException", "ou-none-12345678")
	_, err = client.DescribeOrganizationalUnit(t.Context(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: aws.String("ou-none-12345678")})
	wantCode(t, err, "OrganizationalUnitNotFoundException")
	_, err = client.ListParents(t.Context(), &organizations.ListParentsInput{ChildId: aws.String("999999999999")})
	wantCode(t, err, "ChildNotFoundException")
	_, err = client.ListAccounts(t.Context(), &organizations.ListAccountsInput{NextToken: aws.String("x")})
	wantCode(t, err, "InvalidInputException")
}
