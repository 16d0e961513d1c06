package doctor

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/forgecroft/fcoidc/internal/exchange"
)

// ExchangeAPI is the part of STS that a real exchange needs.
type ExchangeAPI interface {
	AssumeRoleWithWebIdentity(context.Context, *sts.AssumeRoleWithWebIdentityInput, ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error)
}

var _ ExchangeAPI = (*sts.Client)(nil)

// NewExchangeClient makes an STS client that signs nothing: who calls is in the token alone.
// endpoint is a URL in the place of the Region's own STS, "" for that.
func NewExchangeClient(cfg aws.Config, region, endpoint string) ExchangeAPI {
	own := cfg.Copy()
	own.Region, own.Credentials = region, aws.AnonymousCredentials{}
	return sts.NewFromConfig(own, func(o *sts.Options) {
		if endpoint != "" {
			o.BaseEndpoint = aws.String(endpoint)
		}
	})
}

// Attempt is a real exchange and what AWS answered. The credentials of one that was granted were
// dropped where they arrived.
type Attempt struct {
	RoleARN string    `json:"role"`
	At      time.Time `json:"at"`
	Granted bool      `json:"granted"`
	Code    string    `json:"error_code,omitempty"` // of the error; "" for a call that did not come to STS
	Message string    `json:"error_message,omitempty"`
	// Agrees says that AWS answered what was predicted, which Predicted has in words.
	Agrees    bool   `json:"-"`
	Predicted string `json:"-"`
	// Diagnoses are the causes, ranked with AWS's answer known; none for a call that was granted.
	Diagnoses []Diagnosis `json:"-"`
}

// trySession names the sessions of attempts, so that they are known in CloudTrail.
const trySession = "fcoidc-doctor"

// shortest is the shortest session that STS gives, in seconds.
const shortest = 900

// Try makes one real exchange: the shortest session, and its credentials dropped at once. No
// error holds the token.
func Try(ctx context.Context, api ExchangeAPI, roleARN, token string, now func() time.Time) Attempt {
	a := Attempt{RoleARN: roleARN, At: now()}
	_, err := api.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: aws.String(roleARN), RoleSessionName: aws.String(trySession),
		WebIdentityToken: aws.String(token), DurationSeconds: aws.Int32(shortest),
	})
	if err == nil {
		a.Granted = true
		return a
	}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		a.Code, a.Message = refusal.ErrorCode(), hidingToken(refusal.ErrorMessage(), token)
		return a
	}
	a.Message = hidingToken(err.Error(), token)
	return a
}

// hidingToken is text that may repeat a token, whole or only what makes it worth stealing: its
// signature.
func hidingToken(text, token string) string {
	text = strings.ReplaceAll(text, token, "<token>")
	if i := strings.LastIndexByte(token, '.'); i >= 0 && i+1 < len(token) {
		text = strings.ReplaceAll(text, token[i+1:], "<signature>")
	}
	return text
}

// Explain compares an attempt with what was predicted for the same case, and ranks the causes of
// a refusal with AWS's own answer known.
func (e *Examiner) Explain(a *Attempt, predicted *Judgement) {
	v := predicted.Verdict
	a.Agrees = a.Granted == (v.Decision == exchange.Allow) && (a.Granted || a.Code == v.Code)
	switch a.Predicted = v.Code; v.Decision {
	case exchange.Allow:
		a.Predicted = "a grant"
	case exchange.Deny:
	default:
		a.Predicted = "nothing"
	}
	if a.Granted {
		a.Diagnoses = nil
		return
	}
	c := *predicted.Case
	c.Symptom = exchange.Symptom{Code: a.Code, Message: a.Message}
	a.Diagnoses = Diagnose(&c, v)
	if a.Code == regionDisabled {
		a.Diagnoses = slices.Insert(withoutCause(a.Diagnoses, "sts_endpoint"), 0, stsDisabled(c.Request.Region))
	}
}

// Reprove judges the attempts of a saved snapshot again, as the look that made them did.
func (e *Examiner) Reprove(r *TargetReport) {
	attempts := slices.Clone(r.Snapshot.Attempts)
	for i := range attempts {
		for _, role := range r.Roles {
			if role.Role.ARN == attempts[i].RoleARN && role.Token != nil {
				e.Explain(&attempts[i], role.Token)
			}
		}
	}
	if len(attempts) > 0 {
		r.Proved(attempts)
	}
}

// regionDisabled is STS's answer in a Region where the role's account has it switched off.
const regionDisabled = "RegionDisabledException"

// stsDisabled is the cause of that answer. A live look knows the Region that was called.
func stsDisabled(region string) Diagnosis {
	return Diagnosis{
		Cause: "sts_region_disabled", Summary: "STS is off for the account in " + cmp.Or(region, "the Region that was called"), Shown: true,
		Expected: "STS of a Region that is on", Found: region,
		Fix: "export AWS_REGION=<a Region where it is on> AWS_STS_REGIONAL_ENDPOINTS=regional",
	}
}

func withoutCause(list []Diagnosis, cause string) []Diagnosis {
	return slices.DeleteFunc(list, func(d Diagnosis) bool { return d.Cause == cause })
}

// answer words what AWS answered beside what was predicted.
func (a *Attempt) answer() string {
	said := cmp.Or(a.Code, "no answer")
	if a.Granted {
		said = a.RoleARN
	}
	switch {
	case a.Agrees:
		return said + ", as predicted"
	case a.Granted:
		return said + ", though " + a.Predicted + " was predicted: AWS knows another trust policy, provider or key than doctor saw"
	}
	return said + ", though " + a.Predicted + " was predicted"
}

// Propagating reports whether IAM's propagation can explain a refusal, so that it is worth
// trying again.
func (a *Attempt) Propagating() bool {
	return !a.Granted && slices.Contains([]string{"AccessDenied", "InvalidIdentityToken"}, a.Code)
}
