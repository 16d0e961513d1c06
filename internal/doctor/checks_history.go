package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// RefusedGroup is what refused calls have in common.
type RefusedGroup struct {
	Cause    string // a code, "" if nobody can tell
	Summary  string // one line
	RoleARN  string
	Subject  string
	Audience string
	Expected string // of what differs, "" if nothing is known to
	Found    string
	Code     string // AWS's
	Message  string
	Count    int
	First    time.Time
	Last     time.Time
	Regions  []string
}

func historyChecks() []Check {
	return []Check{
		{Name: "history", Title: "no exchange was refused lately", Category: CategoryHistory, Needs: []Fact{FactHistory}, run: refusedLately},
	}
}

func refusedLately(t *target) answerOf {
	h := t.s.History
	if h == nil {
		return answerOf{skip: "nobody asked, give --since 24h"}
	}
	var list []Finding
	for _, g := range t.refused {
		f := Finding{
			Code: historyRefused, Severity: Warning, Subject: orElse(g.RoleARN, "sts:"+webIdentityAPI),
			Summary: "exchanges were refused: " + g.Summary, Expected: g.Expected, Found: g.seen(),
		}
		if g.Cause != "" {
			f.Fix = "fcoidc doctor --explain " + g.Cause
		}
		list = append(list, f)
	}
	seen := fmt.Sprintf("since %s in %s; events may be 15 minutes late", h.Since.UTC().Format(time.RFC3339), strings.Join(h.Regions, ", "))
	if h.Stopped != "" {
		list = append(list, Finding{
			Code: "could_not_look", Severity: Info, Subject: "CloudTrail", Summary: "not all refused calls were looked at: " + h.Stopped, Expected: "all since " + h.Since.UTC().Format(time.RFC3339),
			Fix: t.doctorWith("--since 1h"),
		})
	}
	return found(seen, list...)
}

// historyRefused is the finding that refused calls are counted in.
const historyRefused = "history_refused"

// seen is what the events show: how many, when and where, who asked for whom, and AWS's answer.
func (g *RefusedGroup) seen() string {
	list := []string{fmt.Sprintf("%d refused, the last at %s in %s", g.Count, g.Last.UTC().Format(time.RFC3339), strings.Join(g.Regions, ", "))}
	if g.Subject != "" {
		list = append(list, "subject "+g.Subject)
	}
	if g.Audience != "" {
		list = append(list, "audience "+g.Audience)
	}
	if g.Found != "" && g.Found != g.Subject && g.Found != g.Audience {
		list = append(list, g.Found)
	}
	list = append(list, strings.TrimSpace(g.Code+" "+g.Message))
	return strings.Join(list, "; ")
}

// groupRefused joins the refused calls with the roles' trust policies, and counts them by cause.
func groupRefused(s *Snapshot, e *Examiner) []RefusedGroup {
	if s.History == nil {
		return nil
	}
	type key struct{ role, subject, audience, code, message string }
	at := map[key]int{}
	var groups []RefusedGroup
	for i := range s.History.Refused {
		c := &s.History.Refused[i]
		k := key{c.RoleARN, c.Subject, c.Audience, c.Code, c.Message}
		n, ok := at[k]
		if !ok {
			n = len(groups)
			at[k] = n
			groups = append(groups, s.explainRefused(c, e))
		}
		g := &groups[n]
		g.Count++
		if g.First.IsZero() || c.At.Before(g.First) {
			g.First = c.At
		}
		if c.At.After(g.Last) {
			g.Last = c.At
		}
		if !slices.Contains(g.Regions, c.Region) {
			g.Regions = append(g.Regions, c.Region)
		}
	}
	slices.SortStableFunc(groups, func(a, b RefusedGroup) int { return cmp.Compare(b.Count, a.Count) })
	return groups
}

// explainRefused says why a call was refused, as far as its event shows. The phase and the
// organization of its token are not in it.
func (s *Snapshot) explainRefused(c *RefusedCall, e *Examiner) RefusedGroup {
	g := RefusedGroup{RoleARN: c.RoleARN, Subject: c.Subject, Audience: c.Audience, Code: c.Code, Message: c.Message}
	at := slices.IndexFunc(s.Roles, func(r Role) bool { return r.ARN == c.RoleARN })
	switch {
	case strings.HasPrefix(c.Code, "Expired"):
		g.Cause, g.Summary = "token_expired", "the token had expired"
	case c.Code == regionDisabled:
		d := stsDisabled(c.Region)
		g.Cause, g.Summary, g.Expected, g.Found = d.Cause, d.Summary, d.Expected, d.Found
	case c.Code == "ValidationError" && strings.Contains(c.Message, "DurationSeconds"):
		g.Cause, g.Summary, g.Found = "duration_exceeds_max", "a longer session was asked for than the role allows", fmt.Sprintf("%d seconds", c.Duration)
		if at >= 0 {
			g.Expected = fmt.Sprintf("at most %d seconds", s.Roles[at].MaxSession)
		}
	case c.Code != "AccessDenied" && c.Code != "AccessDeniedException":
		g.Summary = "AWS answered " + c.Code
	case at < 0 && c.RoleARN != "":
		g.Cause, g.Summary, g.Found = "role_missing", "the call named another role than those that were looked at", c.RoleARN
		g.Expected = roleARNs(s.Roles)
	case at < 0:
		g.Summary = "the event does not name the role"
	case s.Roles[at].Gone:
		g.Cause, g.Summary, g.Found = "role_missing", "the role is not there", c.RoleARN
	default:
		s.compareTrust(&g, c, &s.Roles[at], e)
	}
	return g
}

func roleARNs(roles []Role) string {
	list := make([]string, len(roles))
	for i := range roles {
		list[i] = roles[i].ARN
	}
	return strings.Join(list, ", ")
}

// compareTrust sets the subject and audience that AWS saw against those that the trust policy asks
// for now.
func (s *Snapshot) compareTrust(g *RefusedGroup, c *RefusedCall, r *Role, e *Examiner) {
	read := e.judge.ReadPolicy([]byte(r.Trust))
	if read.Document == nil {
		g.Cause, g.Summary = "policy_unreadable", "the trust policy cannot be read"
		return
	}
	if want := s.providerARN(); c.Provider != "" && want != "" && c.Provider != want {
		g.Cause, g.Summary, g.Expected, g.Found = "principal_wrong", "the token came from another provider", want, c.Provider
		return
	}
	prefix := withoutScheme(s.IssuerURL)
	ctx := policy.Context{}
	if c.Audience != "" {
		ctx[prefix+":aud"] = []string{c.Audience}
	}
	if c.Subject != "" {
		ctx[prefix+":sub"] = []string{c.Subject}
	}
	result := read.Document.Evaluate(policy.Request{Action: "sts:" + webIdentityAPI, Context: ctx})
	for i := range result.Statements {
		st := &result.Statements[i]
		if st.Statement.Effect != policy.Allow || !st.Action.Holds {
			continue
		}
		for j := range st.Conditions {
			t := &st.Conditions[j]
			_, name, _ := cutKey(t.Condition.Key.Text)
			if t.Holds || t.Key == "" {
				continue
			}
			g.Expected, g.Found = strings.Join(textsOf(t.Condition.Values), ", "), strings.Join(t.Found, ", ")
			g.Cause, g.Summary = "sub_name_mismatch", "the token's subject is another than the trust policy asks for"
			if strings.EqualFold(name, "aud") {
				g.Cause, g.Summary = "aud_condition_mismatch", "the token's audience is another than the trust policy asks for"
			} else if strings.EqualFold(g.Expected, g.Found) {
				g.Cause, g.Summary = "sub_case_mismatch", "the token's subject differs from the trust policy's in letter case"
			}
			return
		}
	}
	g.Summary = "subject and audience are as the trust policy asks; whether phase and org_id were, nobody can tell: CloudTrail does not show them"
}
