package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
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
	if g.Found != "" && !strings.Contains(g.Subject, g.Found) && g.Found != g.Audience {
		list = append(list, g.Found)
	}
	list = append(list, strings.TrimSpace(g.Code+" "+g.Message))
	return strings.Join(list, "; ")
}

// groupRefused joins the refused calls with the roles' trust policies, and counts them by cause. org
// is the user's organization, "" if nobody but the account tells of it.
func groupRefused(s *Snapshot, e *Examiner, org string) []RefusedGroup {
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
			groups = append(groups, s.explainRefused(c, e, org))
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
// organization of its token are not in it, but for what the subject says.
func (s *Snapshot) explainRefused(c *RefusedCall, e *Examiner, org string) RefusedGroup {
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
		s.compareTrust(&g, c, &s.Roles[at], e, org)
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
// for now, and then the phase and organization that the subject names.
func (s *Snapshot) compareTrust(g *RefusedGroup, c *RefusedCall, r *Role, e *Examiner, org string) {
	read := e.judge.ReadPolicy([]byte(r.Trust))
	if read.Document == nil {
		g.Cause, g.Summary = "policy_unreadable", "the trust policy cannot be read"
		return
	}
	if want := s.providerARN(); c.Provider != "" && want != "" && c.Provider != want {
		g.Cause, g.Summary, g.Expected, g.Found = "principal_wrong", "the token came from another provider", want, c.Provider
		return
	}
	seen := map[string]string{"aud": c.Audience, "sub": c.Subject}
	tested, missed := s.missedBy(read.Document, seen)
	if missed != nil {
		g.Expected, g.Found = strings.Join(textsOf(missed.Condition.Values), ", "), strings.Join(missed.Found, ", ")
		g.Cause, g.Summary = "sub_name_mismatch", "the token's subject is another than the trust policy asks for"
		if strings.EqualFold(claimOfKey(missed.Condition.Key.Text), "aud") {
			g.Cause, g.Summary = "aud_condition_mismatch", "the token's audience is another than the trust policy asks for"
		} else if strings.EqualFold(g.Expected, g.Found) {
			g.Cause, g.Summary = "sub_case_mismatch", "the token's subject differs from the trust policy's in letter case"
		}
		return
	}
	phase, of := subjectParts(s.IssuerURL, c.Subject)
	if phase == "" || of == "" {
		g.Summary = asAsked(tested) + "; whether phase and org_id were, nobody can tell: CloudTrail does not show them"
		return
	}
	g.Summary = "by its subject, " + tokenOf(phase) + " of organization " + of
	seen["phase"], seen["org_id"] = phase, of
	_, missed = s.missedBy(read.Document, seen)
	switch {
	case missed == nil:
		g.Summary += ", as the trust policy asks; whether its claims say the same, nobody can tell: CloudTrail does not show them"
		return
	case isPhaseKey(missed.Condition.Key.Text):
		g.Cause, g.Summary = "phase_mismatch", g.Summary+"; the role is for another phase"
	case strings.EqualFold(of, missed.Condition.Values[0].Text):
		g.Cause, g.Summary = "org_id_case_mismatch", g.Summary+", which the trust policy has in another letter case"
	case org != "" && of != org:
		g.Cause, g.Summary = "org_id_mismatch", g.Summary+", not yours"
	default:
		g.Cause, g.Summary = "org_id_mismatch", g.Summary+", and the trust policy asks for another"
	}
	g.Expected, g.Found = strings.Join(textsOf(missed.Condition.Values), ", "), strings.Join(missed.Found, ", ")
}

// missedBy returns the first condition that what was seen of a token does not fulfil, of those that
// it is enough to judge; nil if there is none. tested are the claims that were asked for.
func (s *Snapshot) missedBy(doc *policy.Document, seen map[string]string) (tested []string, missed *policy.ConditionTrace) {
	prefix := withoutScheme(s.IssuerURL)
	ctx := policy.Context{}
	for name, value := range seen {
		if value != "" {
			ctx[prefix+":"+name] = []string{value}
		}
	}
	result := doc.Evaluate(policy.Request{Action: "sts:" + webIdentityAPI, Context: ctx})
	for i := range result.Statements {
		st := &result.Statements[i]
		if st.Statement.Effect != policy.Allow || !st.Action.Holds {
			continue
		}
		for j := range st.Conditions {
			t := &st.Conditions[j]
			if t.Key == "" {
				continue
			}
			if !t.Holds {
				return tested, t
			}
			name := claimOfKey(t.Key)
			tested = append(tested, name)
		}
	}
	return tested, nil
}

// subjectParts are the phase and the organization that a subject of Forgecroft's form names.
func subjectParts(issuer, sub string) (phase, org string) {
	_, parts, _ := claims.SplitSubject(issuer, sub)
	for _, p := range parts {
		switch p.Name {
		case "phase":
			phase = p.Value
		case "org":
			org = p.Value
		}
	}
	return phase, org
}

// tokenOf is how a token of a phase is spoken of.
func tokenOf(phase string) string {
	switch Phase(phase) {
	case Plan:
		return "a plan token"
	case Apply:
		return "an apply token"
	}
	return "a token of the phase " + phase
}

// asAsked says which of subject and audience were as the trust policy asks.
func asAsked(tested []string) string {
	switch sub, aud := slices.Contains(tested, "sub"), slices.Contains(tested, "aud"); {
	case sub && aud:
		return "subject and audience are as the trust policy asks"
	case sub:
		return "the subject is as the trust policy asks"
	case aud:
		return "the audience is as the trust policy asks"
	}
	return "the trust policy asks for no subject and no audience that the event shows"
}
