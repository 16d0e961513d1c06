package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// fakeSTS answers an exchange with an error, nil to grant it.
type fakeSTS struct {
	err  error
	seen *sts.AssumeRoleWithWebIdentityInput
}

func (f *fakeSTS) AssumeRoleWithWebIdentity(_ context.Context, in *sts.AssumeRoleWithWebIdentityInput, _ ...func(*sts.Options)) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	f.seen = in
	return &sts.AssumeRoleWithWebIdentityOutput{}, f.err
}

func predicted(t *testing.T, phase string) (*doctor.Examiner, doctor.Judgement) {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	c := read(t, []byte(`{
		"claims": {"iss": "https://api.forgecroft.com", "aud": "sts.amazonaws.com", "sub": "s", "phase": "`+phase+`"},
		"trust_policy": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"},
			"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"api.forgecroft.com:phase": "plan"}}}}}`))
	e := doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
	return e, e.Examine(c, false)
}

func TestAnAttemptIsComparedWithThePrediction(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
	for name, tt := range map[string]struct {
		phase  string
		answer error
		agrees bool
		first  string // the first cause
	}{
		"granted as predicted":                    {"plan", nil, true, ""},
		"refused as predicted":                    {"apply", denied, true, "phase_mismatch"},
		"refused though the policy admits it":     {"plan", denied, false, "condition_key_unsupported"},
		"granted though the policy refuses it":    {"apply", nil, false, ""},
		"refused for another reason than thought": {"apply", &smithy.GenericAPIError{Code: "ExpiredTokenException", Message: "Token expired"}, false, "token_expired"},
		"refused where STS is off":                {"plan", &smithy.GenericAPIError{Code: "RegionDisabledException", Message: "STS is not activated in this region for account:111122223333."}, false, "sts_region_disabled"},
		"not reached at all":                      {"plan", errors.New("dial tcp: connection refused"), false, "sts_endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			examiner, judgement := predicted(t, tt.phase)
			a := doctor.Try(t.Context(), &fakeSTS{err: tt.answer}, "arn:aws:iam::111122223333:role/r", "the.secret.token", time.Now)
			examiner.Explain(&a, &judgement)
			if a.Granted != (tt.answer == nil) || a.Agrees != tt.agrees {
				t.Errorf("granted %t, agrees %t: %+v", a.Granted, a.Agrees, a)
			}
			first := ""
			if len(a.Diagnoses) > 0 {
				first = a.Diagnoses[0].Cause
			}
			if first != tt.first {
				t.Errorf("first cause %q, want %q", first, tt.first)
			}
		})
	}
}

func TestAnAttemptAsksForTheShortestSessionAndNeverTellsTheToken(t *testing.T) {
	t.Parallel()
	const token = "the.public.s3cr3t"
	for _, refusal := range []error{
		errors.New(`post: body "the.public.s3cr3t" not taken`),
		&smithy.GenericAPIError{Code: "InvalidIdentityToken", Message: "s3cr3t is no signature of the.public"},
	} {
		api := &fakeSTS{err: refusal}
		a := doctor.Try(t.Context(), api, "arn:aws:iam::111122223333:role/r", token, time.Now)
		if *api.seen.DurationSeconds != 900 || *api.seen.WebIdentityToken != token {
			t.Errorf("asked %+v", api.seen)
		}
		if strings.Contains(a.Message, "s3cr3t") {
			t.Errorf("the answer tells the token: %s", a.Message)
		}
	}
}

func TestWhatAWSAnsweredStandsBesideWhatWasPredicted(t *testing.T) {
	t.Parallel()
	denied := &smithy.GenericAPIError{Code: "AccessDenied", Message: "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
	const arn = "arn:aws:iam::111122223333:role/r"
	for want, tt := range map[string]struct {
		phase  string
		answer error
	}{
		arn + ", as predicted":                               {"plan", nil},
		"AccessDenied, as predicted":                         {"apply", denied},
		"AccessDenied, though a grant was predicted":         {"plan", denied},
		arn + ", though AccessDenied was predicted: AWS":     {"apply", nil},
		"no answer, though a grant was predicted":            {"plan", errors.New("dial tcp: connection refused")},
		"Surprise, though a grant was predicted":             {"plan", &smithy.GenericAPIError{Code: "Surprise"}},
		"ExpiredTokenException, though AccessDenied was pre": {"apply", &smithy.GenericAPIError{Code: "ExpiredTokenException"}},
	} {
		examiner, judgement := predicted(t, tt.phase)
		a := doctor.Try(t.Context(), &fakeSTS{err: tt.answer}, arn, "the.secret.token", time.Now)
		examiner.Explain(&a, &judgement)
		var r doctor.TargetReport
		r.Snapshot = &doctor.Snapshot{}
		r.Proved([]doctor.Attempt{a})
		if got := r.Results[0].Reason; !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
		if good := r.Results[0].Outcome == doctor.OutcomeOK; good != (tt.answer == nil) || len(r.Findings) == 0 == (tt.answer != nil) {
			t.Errorf("%s: %+v", want, r.Results[0])
		}
	}
}

func TestAGrantProvesTheKeysThatItsRoleTests(t *testing.T) {
	t.Parallel()
	const plan, apply = "arn:aws:iam::111122223333:role/plan", "arn:aws:iam::111122223333:role/apply"
	undocumented := func(role, keys string) doctor.Finding {
		return doctor.Finding{Code: "condition_key_undocumented", Severity: doctor.Warning, Subject: role + ", statement 1, line 1", Summary: keys}
	}
	r := doctor.TargetReport{Snapshot: &doctor.Snapshot{}, Findings: []doctor.Finding{undocumented(plan, "phase"), undocumented(apply, "phase")}}
	r.Proved([]doctor.Attempt{{RoleARN: plan, Granted: true, Agrees: true}})
	if len(r.Findings) != 0 {
		t.Errorf("the same keys in the other role are not proved: %+v", r.Findings)
	}
	r = doctor.TargetReport{Snapshot: &doctor.Snapshot{}, Findings: []doctor.Finding{undocumented(plan, "phase"), undocumented(apply, "phase and workspace_id")}}
	r.Proved([]doctor.Attempt{{RoleARN: plan, Granted: true, Agrees: true}})
	if len(r.Findings) != 1 || !strings.HasPrefix(r.Findings[0].Subject, apply) {
		t.Errorf("a key that only the other role tests counts as proved: %+v", r.Findings)
	}
	r = doctor.TargetReport{Snapshot: &doctor.Snapshot{}}
	r.Proved(nil)
	if r.Results[0].Outcome != doctor.OutcomeSkipped {
		t.Errorf("nothing was tried, and that is %s", r.Results[0].Outcome)
	}
}
