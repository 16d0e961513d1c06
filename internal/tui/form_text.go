package tui

import (
	"fmt"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// placeholders show the form of an answer.
var placeholders = map[Question]string{
	QuestionOrgID:        "11111111-1111-1111-1111-111111111111",
	QuestionPlanSubject:  "the sub claim of a plan token",
	QuestionApplySubject: "the sub claim of an apply token",
	QuestionWorkspaceID:  "leave empty to let every workspace apply",
}

// uuidLength is how many characters a UUID has, hyphens included.
const uuidLength = 36

// verdict is what the page of a text says of the answer so far: a mark, and a sentence.
func (f form) verdict() (report.Mark, string) {
	value, problem := *f.answers.text(f.at), f.problem(f.at)
	uuid := f.at == QuestionOrgID || f.at == QuestionWorkspaceID
	switch {
	case value == "" && (problem == "" || !f.insisted):
		return report.MarkInfo, ""
	case problem == "":
		return report.MarkGood, "looks right"
	case uuid && value != "" && len(value) < uuidLength && beginsUUID(value):
		return report.MarkInfo, fmt.Sprintf("%d of %d characters so far", len(value), uuidLength)
	case uuid && value != "" && beginsUUID(strings.ToLower(value)):
		return report.MarkBad, "In upper case it would never match: AWS compares it with the token letter by letter. ctrl+l writes it in lower case."
	default:
		return report.MarkBad, escape.Text(problem)
	}
}

// beginsUUID reports whether s may become a UUID as the token writes it.
func beginsUUID(s string) bool {
	if len(s) > uuidLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (c == '-') || !hyphen && !strings.ContainsRune("0123456789abcdef", rune(c)) {
			return false
		}
	}
	return true
}

// page is the wording of one question.
type page struct {
	label string // in the list of answers
	noun  string // what a sentence about the answer begins with
	ask   string
	help  string
	empty string // what stands in the list of answers if there is none
}

var pages = map[Question]page{
	QuestionOrgID: {
		label: "Organization",
		noun:  "The organization",
		ask:   "Which Forgecroft organization may assume the roles?",
		help:  "Its UUID is shown under Forgecroft → Settings → Organization. The trust policies hold it, so that no other organization gets in.",
	},
	QuestionRegions: {
		label: "Regions",
		noun:  "The list of Regions",
		ask:   "In which Regions may apply work?",
		help:  "The apply role can act in these and no others. An opt-in Region must be enabled in the account before anything can be there.",
	},
	QuestionAccounts: {
		label: "Accounts",
		ask:   "Which accounts shall Forgecroft work in?",
		help:  "Each gets the OIDC provider, a plan role that reads and an apply role that writes.",
	},
	QuestionTrustMode: {
		label: "Trust mode",
		noun:  "The trust mode",
		ask:   "How shall the roles tell plan from apply, and your organization from others?",
	},
	QuestionPlanSubject: {
		label: "Plan subject",
		noun:  "The plan subject",
		ask:   "What is the sub of your plan tokens?",
		help:  "It is compared exactly, so copy it whole from a token of the plan phase. It has to hold your OrgId.",
	},
	QuestionApplySubject: {
		label: "Apply subject",
		noun:  "The apply subject",
		ask:   "What is the sub of your apply tokens?",
		help:  "It is compared exactly, so copy it whole from a token of the apply phase. It must differ from the plan subject.",
	},
	QuestionWorkspaceID: {
		label: "Workspace",
		noun:  "The workspace",
		ask:   "Shall only one workspace be allowed to apply?",
		help:  "The UUID of a Forgecroft workspace limits the apply role to it. Leave it empty to let all workspaces of the organization apply.",
		empty: "all may apply",
	},
}
