package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
)

// checkIdentity is the check without which no other means anything; checkDrift comes after all
// others.
const (
	checkIdentity = "identity"
	checkDrift    = "stack_drift"
)

func accountChecks() []Check {
	return []Check{
		{Name: checkIdentity, Title: "the account can be looked at", Category: CategoryAccount, Needs: []Fact{FactIdentity}, run: func(t *target) answerOf {
			return found("as " + t.s.Caller)
		}},
		{Name: "stack", Title: "the stack is there and well", Category: CategoryAccount, Needs: []Fact{FactStack}, run: stackWell},
		{Name: checkDrift, Title: "provider and roles are as the stack made them", Category: CategoryAccount, After: []string{"stack"}, run: stackDrift},
	}
}

func stackWell(t *target) answerOf {
	s := t.s.Stack()
	if s == nil {
		return t.noStack()
	}
	f := Finding{Severity: Failure, Subject: "stack " + s.Name, Code: "stack_failed", Expected: "a stack whose last operation ended well", Found: s.Status}
	if why := s.Failure + s.Reason; why != "" {
		f.Found += ": " + orElse(s.Failure, s.Reason)
	}
	f.Fix = t.bootstrap(nil)
	switch {
	case couldNotConnect(s.Failure + " " + s.Reason):
		return found("", t.issuerOutOfReach(f))
	case s.Status == "UPDATE_ROLLBACK_COMPLETE":
		f.Severity, f.Summary = Info, "the last update was rolled back: the stack is as it was before"
	case s.Status == "REVIEW_IN_PROGRESS":
		f.Summary = "the stack was never made: its first change set was not executed"
	case failedStatus(s.Status):
		f.Summary = "the stack's last operation failed"
		switch s.Status {
		case "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED":
			f.Fix = t.bootstrap(nil, "--recreate")
		case "UPDATE_ROLLBACK_FAILED":
			f.Fix = "aws cloudformation continue-update-rollback --stack-name " + escape.Shell(s.ID) + " --region " + t.stackRegion()
		}
	case strings.HasSuffix(s.Status, "_IN_PROGRESS"):
		f.Severity, f.Summary, f.Fix = Info, "an operation runs on the stack; what follows may change", "look again when it has ended"
		f.Code = "stack_busy"
	default:
		return found(s.Name + " in " + s.region(t.s.Region) + " is " + s.Status)
	}
	return found("", f)
}

// issuerOutOfReach is what it means that AWS could not connect to the issuer when the stack was
// deployed: the first entry of Forgecroft's troubleshooting.
func (t *target) issuerOutOfReach(f Finding) Finding {
	url := t.s.IssuerURL + "/.well-known/openid-configuration"
	f.Expected = "200 at " + url + ", for everybody on the internet"
	i := t.s.Issuer
	switch {
	case i == nil:
		f.Code, f.Summary = "discovery_unreachable", "AWS could not connect to the issuer when the stack was deployed; nobody looked whether it can be reached now"
	case i.answered():
		f.Summary = fmt.Sprintf("AWS could not connect to the issuer when the stack was deployed; it answers %d from here now, so deploy again", i.Status)
	default:
		f.Code, f.Summary = "discovery_unreachable", "AWS could not connect to the issuer when the stack was deployed, and from here it does not answer as it should either"
		f.Fix = letItAnswer(t.s.IssuerURL) + ", then deploy again: " + f.Fix
	}
	return f
}

func letItAnswer(issuerURL string) string {
	if issuerURL == template.DefaultIssuer {
		return withoutScheme(issuerURL) + " is Forgecroft's: wait until it answers, and tell its support if it does not"
	}
	return "let it answer"
}

// stackDead reports whether there is a stack and what it makes is not there because of it.
func (t *target) stackDead() bool {
	s := t.s.Stack()
	return s != nil && (strings.HasPrefix(s.Status, "ROLLBACK_") || strings.HasPrefix(s.Status, "CREATE_") && s.Status != "CREATE_COMPLETE" ||
		strings.HasPrefix(s.Status, "DELETE_") || s.Status == "REVIEW_IN_PROGRESS")
}

func (t *target) noStack() answerOf {
	if len(t.s.Unseen(FactStack)) > 0 {
		return answerOf{}
	}
	for _, r := range t.s.Roles {
		if r.Read && !r.Gone {
			return answerOf{skip: "no stack made the roles"}
		}
	}
	return found("", Finding{
		Code: "stack_missing", Severity: Failure, Subject: "account " + t.s.Account,
		Summary:  "there is no stack of the template, and no role trusts the issuer's provider",
		Expected: "stack " + template.DefaultStackName + " in " + t.s.Region, Found: "none", Fix: t.bootstrap(nil),
	})
}

// explains are the codes that tell more of a drifted property than that it drifted.
var explains = map[string][]string{
	"ManagedPolicyArns":   {"plan_role_can_write", "plan_role_cannot_read", "apply_role_unrestricted"},
	"PermissionsBoundary": {"boundary_denies"},
	"MaxSessionDuration":  {"max_session_short"},
	"ClientIdList":        {"aud_not_in_provider"},
	"ThumbprintList":      {"thumbprint_mismatch"},
	"Tags":                {"provider_not_ours"},
}

// explained reports whether another check told what a drift does. Of a trust policy every finding
// does that is mended by putting it back; one that is mended otherwise leaves the drift.
func (t *target) explained(d Drift) bool {
	return slices.ContainsFunc(t.said, func(f Finding) bool { return f.explains(d) })
}

// explains reports whether a finding tells what a drift does.
func (f *Finding) explains(d Drift) bool {
	if !strings.Contains(f.Subject, d.Name) {
		return false
	}
	property, _, _ := strings.Cut(d.Property, "/")
	if property == "AssumeRolePolicyDocument" {
		return f.Severity.AtLeast(Warning) && strings.Contains(f.Fix, "update-assume-role-policy") && strings.Contains(f.Fix, escape.Shell(d.Expected))
	}
	return slices.Contains(explains[property], f.Code)
}

func stackDrift(t *target) answerOf {
	s := t.s.Stack()
	switch {
	case s == nil && len(t.s.Unseen(FactStack)) > 0:
		return answerOf{skip: "the stack could not be looked at"}
	case s == nil:
		return answerOf{skip: "there is no stack"}
	case !s.Compared:
		return answerOf{skip: "its resources could not be compared with its template"}
	}
	byName := map[string][]Drift{}
	var order []string
	for _, d := range s.Drift {
		if d.Property == "" || t.explained(d) {
			continue // that it is gone is said where it is looked for
		}
		if byName[d.Name] == nil {
			order = append(order, d.Name)
		}
		byName[d.Name] = append(byName[d.Name], d)
	}
	var list []Finding
	for _, name := range order {
		f := Finding{Code: "stack_drifted", Severity: Warning, Subject: name, Fix: t.fixDrift(byName[name])}
		var properties []string
		for _, d := range byName[name] {
			properties = append(properties, d.Property)
		}
		first := byName[name][0]
		f.Summary = "changed since the stack made it: " + strings.Join(properties, ", ")
		f.Expected, f.Found = first.Property+" "+first.Expected, first.Property+" "+first.Found
		list = append(list, f)
	}
	return found("as template and parameters say", list...)
}
