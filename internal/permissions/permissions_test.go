package permissions_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/permissions"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/regions"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

var production = permissions.Scope{
	Partition: "aws", Account: "012345678901", StackName: "forgecroft", PlanRole: "plan", ApplyRole: "apply",
	Issuer: "https://idp.example.com/team", PermissionsBoundaryARN: "arn:aws:iam::012345678901:policy/boundary",
	MemberRoles: []string{"OrganizationAccountAccessRole", "AWSControlTowerExecution"},
}

const (
	ourStack    = "arn:aws:cloudformation:eu-west-1:012345678901:stack/forgecroft/3f0c7c20-0000-11f0-8000-0a1b2c3d4e5f"
	ourRole     = "arn:aws:iam::012345678901:role/plan"
	ourProvider = "arn:aws:iam::012345678901:oidc-provider/idp.example.com/team"
)

// resourceOf is a resource of ours for an action, as AWS would authorize it against.
func resourceOf(action string) string {
	service, name, _ := strings.Cut(action, ":")
	switch {
	case service == "cloudformation":
		return ourStack
	case strings.Contains(name, "OpenIDConnectProvider") && !strings.HasPrefix(name, "ListOpenIDConnectProviders"):
		return ourProvider
	case strings.Contains(name, "Role") && name != "ListRoles":
		return ourRole
	}
	return "*"
}

func policyFor(t *testing.T, c permissions.Command, s permissions.Scope) *policy.Document {
	t.Helper()
	text, err := permissions.Policy(c, s)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return doc
}

func allows(doc *policy.Document, action, resource string, context policy.Context) bool {
	return doc.Evaluate(policy.Request{Action: action, Resource: resource, Context: context}).Decision == policy.Allowed
}

// Whatever the engine of bootstrap and teardown can call, the policies of the two allow.
func TestTheEnginesCallsAreAllowed(t *testing.T) {
	t.Parallel()
	both := []*policy.Document{policyFor(t, permissions.Bootstrap, production), policyFor(t, permissions.Teardown, production)}
	for service, api := range map[string]reflect.Type{
		"cloudformation": reflect.TypeFor[bootstrap.StackAPI](),
		"iam":            reflect.TypeFor[bootstrap.IdentityAPI](),
	} {
		for method := range api.Methods() {
			action := service + ":" + method.Name
			if !slices.ContainsFunc(both, func(doc *policy.Document) bool { return allows(doc, action, resourceOf(action), nil) }) {
				t.Errorf("neither bootstrap nor teardown may call %s on %s", action, resourceOf(action))
			}
		}
	}
}

func TestOnlyOurOwnResourcesMayBeChanged(t *testing.T) {
	t.Parallel()
	all := policyFor(t, permissions.All, production)
	for action, elsewhere := range map[string]string{
		"cloudformation:CreateChangeSet":    "arn:aws:cloudformation:eu-west-1:012345678901:stack/other/3f0c7c20-0000-11f0-8000-0a1b2c3d4e5f",
		"cloudformation:DeleteStack":        "arn:aws:cloudformation:eu-west-1:999999999999:stack/forgecroft/3f0c7c20-0000-11f0-8000-0a1b2c3d4e5f",
		"iam:CreateRole":                    "arn:aws:iam::012345678901:role/admin",
		"iam:UpdateAssumeRolePolicy":        "arn:aws:iam::012345678901:role/plan2",
		"iam:CreateOpenIDConnectProvider":   "arn:aws:iam::012345678901:oidc-provider/idp.example.com",
		"iam:DeleteOpenIDConnectProvider":   "arn:aws:iam::012345678901:oidc-provider/token.actions.githubusercontent.com",
		"iam:DeleteRolePermissionsBoundary": ourRole,
		"iam:CreateUser":                    "arn:aws:iam::012345678901:user/me",
		"iam:PassRole":                      ourRole,
		"sts:AssumeRole":                    "arn:aws:iam::999999999999:role/other",
		"cloudformation:SetStackPolicy":     ourStack,
	} {
		if allows(all, action, elsewhere, nil) {
			t.Errorf("%s is allowed on %s", action, elsewhere)
		}
	}
	changeSet := "arn:aws:cloudformation:eu-west-1:012345678901:changeSet/"
	if !allows(all, "cloudformation:ExecuteChangeSet", changeSet+permissions.ChangeSetPrefix+"1/3f0c7c20", nil) ||
		allows(all, "cloudformation:ExecuteChangeSet", changeSet+"somebody-elses/3f0c7c20", nil) {
		t.Error("fcoidc's own change sets may be executed, and no others")
	}
	if !allows(all, "sts:AssumeRole", "arn:aws:iam::999999999999:role/AWSControlTowerExecution", nil) {
		t.Error("a member role in another account may not be assumed")
	}
}

func TestOnlyThePlanPolicyAndTheBoundaryMayBeAttached(t *testing.T) {
	t.Parallel()
	bootstrap := policyFor(t, permissions.Bootstrap, production)
	for policyARN, want := range map[string]bool{
		"arn:aws:iam::aws:policy/ReadOnlyAccess":      true,
		"arn:aws:iam::aws:policy/AdministratorAccess": false,
	} {
		if got := allows(bootstrap, "iam:AttachRolePolicy", ourRole, policy.Context{"iam:PolicyARN": {policyARN}}); got != want {
			t.Errorf("attaching %s to the plan role: allowed is %v, want %v", policyARN, got, want)
		}
	}
	for boundary, want := range map[string]bool{
		production.PermissionsBoundaryARN:             true,
		"arn:aws:iam::aws:policy/AdministratorAccess": false,
	} {
		if got := allows(bootstrap, "iam:PutRolePermissionsBoundary", ourRole, policy.Context{"iam:PermissionsBoundary": {boundary}}); got != want {
			t.Errorf("boundary %s: allowed is %v, want %v", boundary, got, want)
		}
	}
}

func TestWhatIsNotAskedForIsNotInThePolicy(t *testing.T) {
	t.Parallel()
	for _, g := range permissions.Groups(permissions.All, permissions.Scope{}) {
		if g.Sid == "EnterMemberAccounts" || g.Sid == "SetBoundary" {
			t.Errorf("%s is there without member roles or a boundary", g.Sid)
		}
	}
}

func TestDoctorOnlyReads(t *testing.T) {
	t.Parallel()
	reads := regexp.MustCompile(`^(cloudformation|iam|account|cloudtrail|organizations):(Get|List|Describe|Lookup|Simulate)`)
	scope := production
	scope.MemberRoles = nil
	for _, g := range permissions.Groups(permissions.Doctor, scope) {
		for _, action := range g.Actions {
			if !reads.MatchString(action) {
				t.Errorf("%s: doctor may %s", g.Sid, action)
			}
		}
	}
}

func TestEveryGroupHasAnIdAReasonAndResources(t *testing.T) {
	t.Parallel()
	sid, action := regexp.MustCompile(`^[A-Za-z0-9]+$`), regexp.MustCompile(`^[a-z]+:[A-Z][A-Za-z]+$`)
	seen := map[string]bool{}
	for _, g := range permissions.Groups(permissions.All, production) {
		if !sid.MatchString(g.Sid) || seen[g.Sid] || len(g.Reason) < 20 || len(g.Resources) == 0 || len(g.Actions) == 0 {
			t.Errorf("group %+v is not well-formed", g)
		}
		seen[g.Sid] = true
		for _, a := range g.Actions {
			if !action.MatchString(a) {
				t.Errorf("%s: %q is no single action", g.Sid, a)
			}
		}
		for _, r := range g.Resources {
			if r == "*" && !slices.Contains([]string{"FindProviders", "FindRolesThatTrustTheProvider", "FindStacks", "ReadOrganization", "ReadRefusedCalls"}, g.Sid) {
				t.Errorf("%s is for every resource", g.Sid)
			}
		}
	}
}

func TestAllIsWhatTheCommandsNeedTogether(t *testing.T) {
	t.Parallel()
	together := map[string]bool{}
	for _, c := range []permissions.Command{permissions.Bootstrap, permissions.Doctor, permissions.Teardown} {
		for _, g := range permissions.Groups(c, production) {
			together[g.Sid] = true
		}
	}
	for _, g := range permissions.Groups(permissions.All, production) {
		if !together[g.Sid] {
			t.Errorf("%s is needed by no command", g.Sid)
		}
		delete(together, g.Sid)
	}
	if len(together) > 0 {
		t.Errorf("all lacks %v", together)
	}
	if got := permissions.Groups("sweep", production); got != nil {
		t.Errorf("an unknown command needs %v", got)
	}
}

func TestThePoliciesReadWell(t *testing.T) {
	t.Parallel()
	scopes := map[string]permissions.Scope{"": production, ".unknown-account": {}}
	for _, c := range permissions.Commands() {
		for suffix, scope := range scopes {
			text, err := permissions.Policy(c, scope)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(c)+suffix+".json", string(text))
		}
	}
}

func TestOneDocumentFitsIntoIAMWithTheLongestNames(t *testing.T) {
	t.Parallel()
	longest := permissions.Scope{
		Partition: "aws-us-gov", Account: "012345678901", StackName: strings.Repeat("s", 128),
		PlanRole: strings.Repeat("p", 64), ApplyRole: strings.Repeat("a", 64), Issuer: "https://idp.example.com/" + strings.Repeat("i", 231),
		PlanPolicyARN:          "arn:aws-us-gov:iam::012345678901:policy/" + strings.Repeat("p", 128),
		PermissionsBoundaryARN: "arn:aws-us-gov:iam::012345678901:policy/" + strings.Repeat("b", 128),
		MemberRoles:            []string{strings.Repeat("m", 64), strings.Repeat("n", 64)},
	}
	for _, c := range permissions.Commands() {
		text, err := permissions.Policy(c, longest)
		if err != nil {
			t.Errorf("%s: %v", c, err)
		}
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
	longest.MemberRoles = slices.Repeat(longest.MemberRoles, 50)
	if text, err := permissions.Policy(permissions.All, longest); err == nil || !strings.Contains(err.Error(), "6144") {
		t.Errorf("a policy of %d bytes that IAM would not store: %v", len(text), err)
	}
}

// The default partition and account are wildcards, so that one policy serves everywhere.
func TestWithoutAScopeThePolicyWorksInEveryPartition(t *testing.T) {
	t.Parallel()
	doc := policyFor(t, permissions.Bootstrap, permissions.Scope{})
	for _, r := range regions.All() {
		stack := "arn:" + r.Partition + ":cloudformation:" + r.ID + ":012345678901:stack/forgecroft-runner-oidc/3f0c7c20-0000-11f0-8000-0a1b2c3d4e5f"
		readOnly := policy.Context{"iam:PolicyARN": {"arn:" + r.Partition + ":iam::aws:policy/ReadOnlyAccess"}}
		if !allows(doc, "cloudformation:CreateChangeSet", stack, nil) ||
			!allows(doc, "iam:AttachRolePolicy", "arn:"+r.Partition+":iam::012345678901:role/forgecroft-runner-plan", readOnly) {
			t.Errorf("bootstrap is not allowed in %s", r.ID)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
