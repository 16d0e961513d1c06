package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// ParameterError says what is wrong with one parameter.
type ParameterError struct {
	Parameter string // as the template calls it: OrgId
	Problem   string // the rest of a sentence that begins with the parameter, with the way out
}

func (e *ParameterError) Error() string { return e.Parameter + " " + e.Problem }

// ParameterErrors is everything that is wrong with the parameters of one deployment, in the order
// in which the template declares them. Its text has a line for each.
type ParameterErrors []*ParameterError

func (e ParameterErrors) Error() string {
	lines := make([]string, len(e))
	for i, problem := range e {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find each [ParameterError].
func (e ParameterErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, problem := range e {
		all[i] = problem
	}
	return all
}

// ValidateParameters checks the parameters of a deployment, of which given holds those that differ
// from the template's defaults. It refuses whatever the template would refuse, and more that would
// deploy but never work: unknown Regions, Regions of two partitions, subjects without the OrgId.
//
// The error is [ParameterErrors], or that of [ParseIssuer].
func ValidateParameters(given map[string]string, issuer string) error {
	missing := map[string]string{}
	for _, p := range declared().parameters {
		if _, ok := given[p.Name]; p.Required && !ok {
			missing[p.Name] = ""
		}
	}
	maps.Copy(missing, given)
	return ValidateGiven(missing, issuer)
}

// ValidateGiven is [ValidateParameters] for parameters of which more are still to come: it does not
// miss the required ones.
func ValidateGiven(given map[string]string, issuer string) error {
	if _, err := ParseIssuer(issuer); err != nil {
		return err
	}
	problems := eachProblem(given)
	for parameter, problem := range together(WithDefaults(given)) {
		problems.add(parameter, problem)
	}
	return problems.err()
}

// ValidateEach judges each of the parameters by itself, where nothing can be said of how they go
// together: others are not known, because they could not be read.
func ValidateEach(given map[string]string) error { return eachProblem(given).err() }

func eachProblem(given map[string]string) ParameterErrors {
	values := WithDefaults(given)
	var problems ParameterErrors
	for _, p := range declared().parameters {
		if value, ok := values[p.Name]; ok {
			problems.add(p.Name, p.problem(value))
		}
	}
	for _, name := range unknownParameters(given) {
		problems.add(name, unknownProblem(name))
	}
	return problems
}

// add notes a problem, unless there is none.
func (e *ParameterErrors) add(parameter, problem string) {
	if problem != "" {
		*e = append(*e, &ParameterError{Parameter: parameter, Problem: problem})
	}
}

// err is e in the order of the template's parameters, nil if nothing is wrong.
func (e ParameterErrors) err() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *ParameterError) int {
		return position(a.Parameter) - position(b.Parameter)
	})
	return e
}

// problem judges a value by itself.
func (p Parameter) problem(value string) string {
	if p.Allowed != nil {
		return choiceProblem(value, p.Allowed)
	}
	switch p.Name {
	case ParamOrgID:
		return orgIDProblem(value)
	case ParamAllowedRegions:
		return regionsProblem(value)
	case ParamWorkspaceID:
		return workspaceProblem(value)
	case ParamPlanSubject, ParamApplySubject:
		return literalProblem(value, 0, maxSubjectLength)
	case ParamAudience:
		return literalProblem(value, 1, maxAudienceLength)
	case ParamPlanRoleName, ParamApplyRoleName:
		return roleNameProblem(value)
	case ParamPlanPolicyARN, ParamPermissionsBoundaryARN:
		return policyARNProblem(value)
	case ParamMaxSessionDuration:
		return durationProblem(value)
	case ParamThumbprint:
		return thumbprintProblem(value)
	}
	return ""
}

func choiceProblem(value string, allowed []string) string {
	if slices.Contains(allowed, value) {
		return ""
	}
	for _, choice := range allowed {
		if strings.EqualFold(choice, value) {
			return fmt.Sprintf("%q is written %s", value, choice)
		}
	}
	return fmt.Sprintf("%q is not one of %s", value, strings.Join(allowed, ", "))
}

const (
	maxRoleNameLength = 64  // IAM CreateRole, parameter RoleName
	maxSubjectLength  = 512 // the template's MaxLength, which keeps a trust policy below IAM's 2,048 characters
	maxAudienceLength = 255 // of a client id in CreateOpenIDConnectProvider
)

// literalProblem judges a value that a trust policy compares exactly. Blanks are a slip of the
// clipboard; the other characters mean something to IAM or to the person who typed them:
// a policy variable that names the tested key itself would match every token.
func literalProblem(value string, minLength, maxLength int) string {
	length := utf8.RuneCountInString(value)
	switch {
	case length < minLength:
		return "is empty; leave it out to get the default"
	case length > maxLength:
		return fmt.Sprintf("has %d characters; at most %d fit", length, maxLength)
	case strings.ContainsAny(value, "*?"):
		return fmt.Sprintf("%q has a wildcard, which would never match: it is compared exactly; write the whole claim", value)
	case strings.Contains(value, "$"):
		return fmt.Sprintf("%q has a $, which could be a policy variable that matches every token; write the claim itself", value)
	case literalPattern.MatchString(value):
		return ""
	}
	return fmt.Sprintf("%q has blanks or control characters; write the claim exactly", value)
}

var (
	literalPattern    = lazyregexp.New(`^[^\s$*?\pC\pZ]*$`)
	roleNamePattern   = lazyregexp.New(`^[A-Za-z0-9_+=,.@-]+$`)
	policyARNPattern  = lazyregexp.New(`^arn:(aws[a-z-]*):iam::(aws|[0-9]{12}):policy/[A-Za-z0-9_+=,.@/-]+$`)
	thumbprintPattern = lazyregexp.New(`^[0-9a-fA-F]{40}$`)
)

func roleNameProblem(value string) string {
	switch {
	case strings.HasPrefix(value, "arn:"):
		return fmt.Sprintf("%q is an ARN; write the name of the role alone", value)
	case value == "":
		return "is empty; leave it out to get the default"
	case len(value) <= maxRoleNameLength && roleNamePattern.MatchString(value):
		return ""
	}
	return fmt.Sprintf("%q is not a role name; write 1 to 64 letters, digits and characters of _+=,.@-", value)
}

func policyARNProblem(value string) string {
	if value == "" || policyARNPattern.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%q is not the ARN of a managed policy; write one like arn:aws:iam::123456789012:policy/name", value)
}

const minSession, maxSession = 3600, 43200 // seconds; IAM CreateRole, parameter MaxSessionDuration

func durationProblem(value string) string {
	seconds, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return fmt.Sprintf("%q is not a whole number of seconds; write %d to %d", value, minSession, maxSession)
	case seconds < minSession || seconds > maxSession:
		return fmt.Sprintf("%d is outside what IAM takes; write %d (one hour) to %d (twelve) seconds", seconds, minSession, maxSession)
	}
	return ""
}

func thumbprintProblem(value string) string {
	if thumbprintPattern.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%q is not a SHA-1 thumbprint; write 40 hexadecimal digits without colons", value)
}

// unknownParameters returns the names that the template does not declare, sorted.
func unknownParameters(given map[string]string) []string {
	var unknown []string
	for name := range given {
		if position(name) == len(declared().parameters) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func unknownProblem(name string) string {
	const maxTypos = 2
	best, distance := "", maxTypos+1
	for _, p := range declared().parameters {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(p.Name), nil); d < distance {
			best, distance = p.Name, d
		}
	}
	if best != "" {
		return "is not a parameter of the template; did you mean " + best + "?"
	}
	return "is not a parameter of the template; see fcoidc template"
}

// position is where the template declares a parameter; unknown ones come after all others.
func position(name string) int {
	all := declared().parameters
	if i := slices.IndexFunc(all, func(p Parameter) bool { return p.Name == name }); i >= 0 {
		return i
	}
	return len(all)
}
