package exchange_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func newJudge(t testing.TB, keys trust.Keys) *exchange.Judge {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return exchange.NewJudge(table, keys)
}

// lines reads a file of one record a line.
func lines(t testing.TB, name string) [][]byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, exchange.MaxSize)
	var all [][]byte
	for scanner.Scan() {
		all = append(all, append([]byte(nil), scanner.Bytes()...))
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func read(t testing.TB, src []byte) *exchange.Case {
	t.Helper()
	c, err := exchange.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryAnswerObservedOfSTSIsReproduced(t *testing.T) {
	t.Parallel()
	records := lines(t, "testdata/aws-live.ndjson")
	if len(records) != 58 {
		t.Errorf("%d records, want 58", len(records))
	}
	for _, src := range records {
		c := read(t, src)
		t.Run(string(c.ID), func(t *testing.T) {
			t.Parallel()
			var record struct {
				Expect struct {
					Outcome, Code, Message string
					Response               struct {
						SubjectFromWebIdentityToken, Audience, Provider, AssumedRoleArn, SourceIdentity string

						SessionSeconds int `json:"session_seconds"`
					}
				}
			}
			if err := json.Unmarshal(src, &record); err != nil {
				t.Fatal(err)
			}
			want := record.Expect
			for _, keys := range []trust.Keys{trust.KeysIssuer, trust.KeysDocumented} {
				v := newJudge(t, keys).Verdict(c)
				if want.Outcome == "error" {
					if v.Decision != exchange.Deny || v.Code != want.Code || v.Message != want.Message {
						t.Errorf("%s %s: %s at %s, AWS said %s: %s", v.Decision, v.Code, v.Message, v.Stage, want.Code, want.Message)
					}
					continue
				}
				if v.Decision != exchange.Allow {
					t.Fatalf("%s, AWS took it: %+v", v.Decision, v.Problems)
				}
				r := want.Response
				if g := v.Grant; g.Subject != r.SubjectFromWebIdentityToken || g.Audience != r.Audience || g.Provider != r.Provider ||
					g.AssumedRoleARN != r.AssumedRoleArn || g.SessionSeconds != r.SessionSeconds || g.SourceIdentity != r.SourceIdentity {
					t.Errorf("granted %+v, AWS granted %+v", g, r)
				}
			}
		})
	}
}

func TestTrustExamplesComeOutAsDocumented(t *testing.T) {
	t.Parallel()
	records := lines(t, "../policy/testdata/trust-examples.ndjson")
	if len(records) != 60 {
		t.Errorf("%d records, want 60", len(records))
	}
	judge := newJudge(t, trust.KeysDocumented)
	for _, src := range records {
		c := read(t, src)
		t.Run(string(c.ID), func(t *testing.T) {
			t.Parallel()
			var want struct{ Expected, Reason string }
			if err := json.Unmarshal(src, &want); err != nil {
				t.Fatal(err)
			}
			if v := judge.Verdict(c); string(v.Decision) != want.Expected || v.DecisionDocumented != v.Decision || v.Basis != exchange.Documented {
				t.Errorf("%s (documented %s, basis %s), want %s: %s; %+v", v.Decision, v.DecisionDocumented, v.Basis, want.Expected, want.Reason, v.Problems)
			}
		})
	}
}
