package bootstrap

import (
	"strings"
	"testing"
	"time"
)

func TestTheFirstRealFailureIsNamed(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	const stack = "forgecroft-runner-oidc"
	tests := []struct {
		name   string
		events []failedEvent
		want   string // id, empty if none
	}{
		{"cancelled ones are passed over", []failedEvent{
			{at: at(1), id: "PlanRole", reason: "Resource creation cancelled"},
			{at: at(2), id: "ApplyRole", reason: "Role with name x already exists."},
		}, "ApplyRole"},
		{"the earliest, whatever the order", []failedEvent{
			{at: at(3), id: "ApplyRole", reason: "b"},
			{at: at(2), id: "PlanRole", reason: "a"},
		}, "PlanRole"},
		{"of one moment, the first", []failedEvent{
			{at: at(2), id: "PlanRole", reason: "a"},
			{at: at(2), id: "ApplyRole", reason: "b"},
		}, "PlanRole"},
		{"a resource before the stack", []failedEvent{
			{at: at(1), id: stack, reason: "The following resource(s) failed to create: [PlanRole]", ofStack: true},
			{at: at(2), id: "PlanRole", reason: "a"},
		}, "PlanRole"},
		{"the stack if no resource says why", []failedEvent{
			{at: at(1), id: "PlanRole", reason: "Resource update cancelled"},
			{at: at(2), id: stack, reason: "Rollback requested by user", ofStack: true},
		}, stack},
		{"none", []failedEvent{{at: at(1), id: "PlanRole", reason: "Resource creation Cancelled"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := firstFailure(tt.events)
			if got.id != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, want %q", got.id, tt.want)
			}
		})
	}
}

func TestKnownReasonsHaveARemedy(t *testing.T) {
	t.Parallel()
	tests := []struct{ reason, want string }{
		{"Could not connect to openid configuration of provider: https://api.forgecroft.com (Service: Iam, Status Code: 400)", ".well-known/openid-configuration"},
		{"Could not connect to OIDC provider", ".well-known/openid-configuration"},
		{"Please check .well-known/openid-configuration of provider: https://api.forgecroft.com is valid.", ".well-known/openid-configuration"},
		{"Provider with url https://api.forgecroft.com already exists. (Service: Iam, Status Code: 409)", "--existing-provider reuse"},
		{"Resource of type 'AWS::IAM::OIDCProvider' with identifier 'arn:aws:iam::012345678901:oidc-provider/api.forgecroft.com' already exists.", "--existing-provider reuse"},
		{"Role with name forgecroft-runner-plan already exists. (Service: Iam, Status Code: 409)", "PlanRoleName"},
		{"User: x is not authorized to perform: iam:CreateRole on resource: y with an explicit deny in a service control policy", "service control policy"},
		{"User: x is not authorized to perform: iam:CreateRole on resource: y with an explicit deny in a permissions boundary", "permissions boundary"},
		{"User: x is not authorized to perform: iam:CreateRole on resource: y because no identity-based policy allows the iam:CreateRole action", "fcoidc print-policy"},
		{"Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409)", "service-quotas"},
		{"1 validation error detected: Value '100' at 'maxSessionDuration' failed to satisfy constraint", "MaxSessionDuration"},
		{"Policy arn:aws:iam::012345678901:policy/gone does not exist or is not attachable.", "PermissionsBoundaryArn"},
		{"Scope ARN: arn:aws:iam::012345678901:policy/gone does not exist or is not attachable.", "PermissionsBoundaryArn"},
		{"Cannot delete entity, must detach all policies first. (Service: Iam, Status Code: 409)", "detach"},
		{"Cannot delete entity, must delete policies first. (Service: Iam, Status Code: 409)", "detach"},
		{"Cannot delete entity, must remove roles from instance profile first. (Service: Iam, Status Code: 409)", "instance profile"},
		{"Rate exceeded", "again"},
		{"something that nobody has seen", ""},
	}
	for _, tt := range tests {
		got := remedy(testTarget, tt.reason)
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s\ngot %q, want %q in it", tt.reason, got, tt.want)
		}
	}
}

func TestTheServicesCodeIsTakenFromTheReason(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"Resource handler returned message: \"Role with name x already exists.\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)": "AlreadyExists",
		"x (Service: Iam; Status Code: 409; Error Code: EntityAlreadyExists; Request ID: 1)":                                         "EntityAlreadyExists",
		"x": "ROLLBACK_COMPLETE",
	} {
		if got := codeInReason(reason, "ROLLBACK_COMPLETE"); got != want {
			t.Errorf("%s: got %s, want %s", reason, got, want)
		}
	}
}
