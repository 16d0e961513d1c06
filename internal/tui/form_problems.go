package tui

import (
	"errors"
	"strings"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/template"
)

// questionOf is the question whose answer becomes a parameter.
var questionOf = map[string]Question{
	template.ParamOrgID:          QuestionOrgID,
	template.ParamAllowedRegions: QuestionRegions,
	template.ParamTrustMode:      QuestionTrustMode,
	template.ParamPlanSubject:    QuestionPlanSubject,
	template.ParamApplySubject:   QuestionApplySubject,
	template.ParamWorkspaceID:    QuestionWorkspaceID,
}

// Problems says what err, the [template.ParameterErrors] of some answers, finds wrong with
// them, by question: the first problem of each, in the words of the form.
func Problems(err error) map[Question]string {
	wrong := map[Question]string{}
	problems, _ := errors.AsType[template.ParameterErrors](err)
	for _, p := range problems {
		if q, ok := questionOf[p.Parameter]; ok && wrong[q] == "" {
			wrong[q] = pages[q].noun + " " + inWords(p.Problem)
		}
	}
	return wrong
}

// parameterNames finds the names that the form has other words for, and what is quoted,
// which may hold them too.
var parameterNames = lazyregexp.New(`"(?:[^"\\]|\\.)*"|\b(?:TrustMode|PlanSubject|ApplySubject)\b`)

// inWords is a problem without names of parameters; what was typed stays as it is.
func inWords(problem string) string {
	return parameterNames.ReplaceAllStringFunc(problem, func(found string) string {
		if q, ok := questionOf[found]; ok {
			return strings.ToLower(pages[q].label)
		}
		return found
	})
}
