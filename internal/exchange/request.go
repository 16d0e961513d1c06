package exchange

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// Bounds of the parameters (API reference, AssumeRoleWithWebIdentity).
const (
	minSessionName, maxSessionName = 2, 64
	minDuration, maxDuration       = 900, 43200
	minRoleARN, maxRoleARN         = 20, 2048
	minToken                       = 4
)

var (
	sessionName = lazyregexp.New(`^[\w+=,.@-]*$`)
	roleARN     = lazyregexp.New(`^arn:(aws[a-z-]*):iam::([0-9]{12}):role/([\x21-\x7e]*/)?([\w+=,.@-]{1,64})$`)
)

// SplitRoleARN takes partition, account and name, without path, from the ARN of a role.
func SplitRoleARN(arn string) (partition, account, name string, ok bool) {
	m := roleARN.FindStringSubmatch(arn)
	if m == nil {
		return "", "", "", false
	}
	return m[1], m[2], m[4], true
}

// request judges the parameters of the call.
func (x *exchange) request() {
	q := &x.c.Request
	if q.RoleARN != "" {
		x.roleARN(q.RoleARN)
	}
	if q.HasSessionName {
		x.sessionName(q.SessionName)
	}
	if n := q.DurationSeconds; n != 0 && (n < minDuration || n > maxDuration) {
		bound := fmt.Sprintf("Member must have value greater than or equal to %d", minDuration)
		if n > maxDuration {
			bound = fmt.Sprintf("Member must have value less than or equal to %d", maxDuration)
		}
		x.refuse(Problem{
			Stage: StageRequest, Kind: DurationExceedsMax, Answer: constraint(strconv.Itoa(n), "durationSeconds", "%s", bound),
			Subject: "DurationSeconds", Expected: fmt.Sprintf("%d to %d", minDuration, maxDuration), Found: strconv.Itoa(n),
		})
	}
	if q.ProviderID != "" {
		answer := answerProviderParameter
		switch q.ProviderID {
		case "www.amazon.com":
			answer = answerNotAmazon
		case "graph.facebook.com":
			answer = answerRejectedClaim
		}
		x.refuse(Problem{
			Stage: StageRequest, Kind: ProviderIDGiven, Answer: answer,
			Subject: "ProviderId", Expected: "no ProviderId beside an OpenID Connect token", Found: q.ProviderID,
		})
	}
}

func (x *exchange) roleARN(arn string) {
	problem := Problem{
		Stage: StageRequest, Kind: RoleARNInvalid, Subject: "RoleArn",
		Expected: "arn:aws:iam::<12-digit account>:role/<name>", Found: arn,
	}
	switch n := utf8.RuneCountInString(arn); {
	case n < minRoleARN:
		problem.Answer = constraint(arn, "roleArn", "Member must have length greater than or equal to %d", minRoleARN)
	case n > maxRoleARN:
		problem.Answer = constraint(arn, "roleArn", "Member must have length less than or equal to %d", maxRoleARN)
	case !roleARN.MatchString(arn):
		problem.Answer = answerARN
	default:
		return
	}
	x.refuse(problem)
}

func (x *exchange) sessionName(name string) {
	problem := Problem{Stage: StageRequest, Kind: SessionNameInvalid, Subject: "RoleSessionName", Expected: `2 to 64 of [\w+=,.@-]`, Found: name}
	switch n := utf8.RuneCountInString(name); {
	case n < minSessionName:
		problem.Answer = constraint(name, "roleSessionName", "Member must have length greater than or equal to %d", minSessionName)
	case n > maxSessionName:
		problem.Answer = constraint(name, "roleSessionName", "Member must have length less than or equal to %d", maxSessionName)
	case !sessionName.MatchString(name):
		problem.Answer = constraint(name, "roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	default:
		return
	}
	x.refuse(problem)
}

// noToken judges what was sent where no claims could be had of it.
func (x *exchange) noToken() {
	q := &x.c.Request
	if !q.HasToken {
		return
	}
	problem := Problem{Stage: StageToken, Kind: WrongToken, Answer: answerNotJWT, Subject: "WebIdentityToken", Expected: "one signed JWT: header.payload.signature"}
	switch n := len(q.Token); {
	case n < minToken:
		problem.Answer = constraint("", "webIdentityToken", "Member must have length greater than or equal to %d", minToken)
		problem.Found = "next to nothing"
	case n > claims.MaxTokenSize:
		problem.Answer = constraint("…", "webIdentityToken", "Member must have length less than or equal to %d", claims.MaxTokenSize)
		problem.Found = fmt.Sprintf("%d characters", n)
	case strings.ContainsAny(q.Token, " \t\r\n"):
		problem.Found = "text with blanks or line breaks in or behind it"
	case strings.Count(q.Token, ".") != 2:
		problem.Found = fmt.Sprintf("text with %d dots", strings.Count(q.Token, "."))
	default:
		if _, err := claims.Parse(q.Token); err == nil {
			return
		}
		problem.Found = "three parts that do not decode"
	}
	x.refuse(problem)
}

// duration judges the length of the session by the role's own bound.
func (x *exchange) duration() {
	asked, most := x.c.Request.DurationSeconds, x.c.Role.MaxSessionDuration
	if most == 0 || asked <= most || asked > maxDuration {
		return
	}
	x.refuse(Problem{
		Stage: StageDuration, Kind: DurationExceedsMax, Answer: answerDuration,
		Subject: "DurationSeconds", Expected: fmt.Sprintf("at most %d, the role's MaxSessionDuration", most), Found: strconv.Itoa(asked),
	})
}
