package bootstrap

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/template"
)

func TestTeardownDeletesOnlyWhatFcoidcMade(t *testing.T) {
	t.Parallel()
	const aud = template.DefaultAudience
	untagged := func(s *Stack) { s.Tags = nil }
	tests := []struct {
		name     string
		stack    []func(*Stack) // nil: none
		provider *Provider
		trusted  []string
		action   Action
		code     string
		deletes  string // ARN of the provider
		note     string
	}{
		{"nothing there", nil, nil, nil, ActionNone, "", "", ""},
		{"stack and provider", []func(*Stack){}, ownProvider(aud), nil, ActionDelete, "", testProvider, ""},
		{"another role trusts the provider", []func(*Stack){}, ownProvider(aud), []string{"other"}, ActionDelete, "", "", "other roles trust it (other)"},
		{"foreign provider", []func(*Stack){parameter(template.ParamCreateProvider, "false")}, foreignProvider(aud), nil, ActionDelete, "", "", "fcoidc did not make it"},
		{"provider left over", nil, ownProvider(aud), nil, ActionDelete, "", testProvider, ""},
		{"provider left over and trusted", nil, ownProvider(aud), []string{"other"}, ActionNone, "", "", "other roles trust it"},
		{"only a foreign provider", nil, foreignProvider(aud), nil, ActionNone, "", "", "fcoidc did not make it"},
		{"a stack that is not ours", []func(*Stack){untagged}, nil, nil, ActionBlocked, "stack_not_ours", "", ""},
		{"a change set of somebody else", []func(*Stack){untagged, status(cfntypes.StackStatusReviewInProgress)}, nil, nil, ActionSkipped, "", "", ""},
		{"a change set of ours, never executed", []func(*Stack){status(cfntypes.StackStatusReviewInProgress)}, nil, nil, ActionDelete, "", "", ""},
		{"protected", []func(*Stack){func(s *Stack) { s.Protected = true }}, nil, nil, ActionBlocked, "stack_protected", "", ""},
		{"busy", []func(*Stack){status(cfntypes.StackStatusUpdateInProgress)}, nil, nil, ActionBlocked, "stack_busy", "", ""},
		{"failed", []func(*Stack){status(cfntypes.StackStatusDeleteFailed)}, nil, nil, ActionDelete, "", "", ""},
		{"stuck", []func(*Stack){status(cfntypes.StackStatusUpdateRollbackFailed)}, nil, nil, ActionDelete, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := testRequest(t)
			found := &Remains{Target: testTarget, Provider: tt.provider, TrustedBy: tt.trusted}
			if tt.stack != nil {
				found.Stack = liveStack(r, tt.stack...)
			}
			p := decideTeardown(r, found)
			if p.Action != tt.action || p.Code != tt.code || p.provider != tt.deletes {
				t.Errorf("got %s %q, provider %q (%s)", p.Action, p.Code, p.provider, p.Reason)
			}
			if notes := strings.Join(p.Notes, " "); !strings.Contains(notes, tt.note) {
				t.Errorf("notes: %s", notes)
			}
			named := slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Name == template.ResourceOIDCProvider })
			if named != (tt.deletes != "") {
				t.Errorf("the changes and the deletion disagree on the provider: %+v", p.Changes)
			}
		})
	}
}

func TestExamplesFillANewStackAndLeaveTheOthersAlone(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	tpl, err := cfn.Parse(r.Template.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Given = map[string]string{template.ParamWorkspaceID: "w"}
	r.Examples = map[string]string{template.ParamOrgID: "example", template.ParamWorkspaceID: "example"}
	if got := r.parameters(tpl, nil); got[template.ParamOrgID] != "example" || got[template.ParamWorkspaceID] != "w" {
		t.Errorf("a new stack: %v", got)
	}
	if got := r.parameters(tpl, map[string]string{template.ParamOrgID: "mine"}); got[template.ParamOrgID] != "mine" {
		t.Errorf("a stack that is there: %v", got)
	}
}

func TestATrustPolicyMentionsAProviderByItsWholeARN(t *testing.T) {
	t.Parallel()
	policy := func(arn string) string {
		return url.PathEscape(`{"Statement":[{"Principal":{"Federated":["` + arn + `"]}}]}`)
	}
	for document, want := range map[string]bool{
		policy(testProvider):                                true,
		policy(testProvider + "/other"):                     false,
		policy(strings.ReplaceAll(testProvider, "/", `\/`)): true,
		`not JSON "` + testProvider + `"`:                   true,
		"":                                                  false,
	} {
		if got := mentions(document, testProvider); got != want {
			t.Errorf("%s: got %v", document, got)
		}
	}
}
