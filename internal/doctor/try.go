package doctor

import (
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
	RoleARN string
	At      time.Time
	Granted bool
	Code    string // of the error; "" for a call that did not come to STS
	Message string
	// Agrees says that AWS answered what was predicted.
	Agrees bool
	// Diagnoses are the causes, ranked with AWS's answer known; none for a call that was granted.
	Diagnoses []Diagnosis
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
		a.Code, a.Message = refusal.ErrorCode(), strings.ReplaceAll(refusal.ErrorMessage(), token, "<token>")
		return a
	}
	a.Message = strings.ReplaceAll(err.Error(), token, "<token>")
	return a
}

// Explain compares an attempt with what was predicted for the same case, and ranks the causes of
// a refusal with AWS's own answer known.
func (e *Examiner) Explain(a *Attempt, predicted *Judgement) {
	a.Agrees = a.Granted == (predicted.Verdict.Decision == exchange.Allow) && (a.Granted || a.Code == predicted.Verdict.Code)
	if a.Granted {
		a.Diagnoses = nil
		return
	}
	c := *predicted.Case
	c.Symptom = exchange.Symptom{Code: a.Code, Message: a.Message}
	a.Diagnoses = Diagnose(&c, predicted.Verdict)
}

// Propagating reports whether IAM's propagation can explain a refusal, so that it is worth
// trying again.
func (a *Attempt) Propagating() bool {
	return !a.Granted && slices.Contains([]string{"AccessDenied", "InvalidIdentityToken"}, a.Code)
}
