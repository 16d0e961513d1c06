package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/report"
)

func runDecode(ctx context.Context, o decodeOptions) error {
	for _, f := range []struct{ flag, value string }{{"--issuer", o.Verify.Issuer}, {"--jwks-url", o.Verify.JWKSURL}} {
		if looksLikeToken(f.value) && !strings.Contains(f.value, "://") {
			return usagef("fcoidc decode -", "%s holds a token where a URL is wanted", f.flag)
		}
	}
	raw, token, err := o.Source.token(o.IO, o.Verify.Enabled)
	if err != nil {
		return err
	}
	if o.Diff != "" {
		return decodeDiff(o, token)
	}
	keys, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		return err
	}
	if o.AsCondition != "" {
		return decodeAsCondition(o, token, keys.For(token.Issuer()))
	}
	now := time.Now()
	told := report.Token{Token: token, Described: claims.Describe(token, keys, now), Now: now, Location: time.Local}
	if o.Verify.Enabled {
		if err := o.Verify.judge(ctx, o.IO, raw, &told); err != nil {
			return err
		}
	}
	if o.Policy != "" {
		if told.Answer, err = o.ask(keys, token, now); err != nil {
			return err
		}
	}
	if o.Output == formatJSON {
		err = report.WriteTokenJSON(o.IO.Out, &told)
	} else {
		err = report.WriteTokenText(o.IO.Out, o.IO.theme(o.Globals.Color, o.IO.OutTerminal), &told)
	}
	if err != nil {
		return err
	}
	if told.Answer != nil && told.Answer.Bad(doctor.Failure) {
		return exit(exitBad)
	}
	return exit(verificationCode(told.Verification))
}

// ask says what AWS would make of the token and the trust policy in a file, by its claims and
// times; whether it is the issuer's is for --verify to say.
func (o *decodeOptions) ask(table *claims.KeyTable, token *claims.Token, now time.Time) (*doctor.Judgement, error) {
	text, err := readInput(o.IO, o.Policy, "--policy", exchange.MaxSize)
	if err != nil {
		return nil, err
	}
	policy, role := unwrapped(text)
	c := &exchange.Case{Platform: exchange.AWS, Policy: readable(policy), Role: role, Token: token, HasHeader: true, Now: now}
	j := doctor.NewExaminer(exchange.NewJudge(table, o.Keys), table).Examine(c, true)
	return &j, nil
}

// token reads, finds and decodes. A token that cannot be read is bad input; to somebody who
// asked for verification it is one that failed it. raw is the token as it was found.
func (s *tokenSource) token(sys *IO, verifying bool) (raw string, token *claims.Token, err error) {
	pasted, from, err := s.read(sys)
	if err != nil {
		return "", nil, err
	}
	if raw, err = claims.Find(pasted); err != nil {
		return "", nil, malformed(from, err, exitUsage)
	}
	if token, err = claims.Parse(raw); err != nil {
		code := exitUsage
		if verifying {
			code = exitBad
		}
		return "", nil, malformed(from, err, code)
	}
	if around := claims.Around(pasted, raw); around != "" && s.Argument == "" && !s.readsStdin(sys) {
		fmt.Fprintf(sys.Err, "warning: %s holds more than the token: %s. It is left aside here; AWS's SDKs send the file as it is, and STS refuses that\n", from, around)
	}
	return raw, token, nil
}

func malformed(from string, err error, code int) error {
	e := &exitError{code: code, err: fmt.Errorf("%s: %w", from, err)}
	if h, ok := errors.AsType[hinter](err); ok {
		e.hint = h.Hint()
	}
	return e
}

func decodeDiff(o decodeOptions, token *claims.Token) error {
	source := tokenSource{File: o.Diff}
	_, other, err := source.token(o.IO, false)
	if err != nil {
		return err
	}
	differences := claims.Diff(token, other)
	if o.Output == formatJSON {
		return report.WriteTokenDiffJSON(o.IO.Out, differences)
	}
	return report.WriteTokenDiffText(o.IO.Out, o.IO.theme(o.Globals.Color, o.IO.OutTerminal), differences)
}
