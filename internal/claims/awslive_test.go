package claims_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
)

type record struct {
	ID, Group      string
	Header, Claims json.RawMessage
	Now            int64
	Expect         struct {
		Outcome, Code, Message string
		Response               map[string]any
	}
}

// needsAccount are the records whose refusal no token shows by itself.
var needsAccount = map[string]string{
	"sts-audience-azp-unregistered-aud-registered":     "azp_differs",
	"sts-roles-claim-array-of-other-policy-wants-true": "",
}

// A refusal that the token explains by itself comes with AWS's own words, and a token that
// AWS took gets no warning of a refusal.
func TestWarningsSayWhatAWSWasSeenToAnswer(t *testing.T) {
	t.Parallel()
	table := keyTable(t)
	for _, r := range records[record](t, "aws-live.ndjson") {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			d := claims.Describe(parse(t, encode(string(r.Header), string(r.Claims))), table, time.Unix(r.Now, 0))
			var answers, codes []string
			for _, w := range d.Warnings {
				codes = append(codes, w.Code)
				if w.AWS != "" {
					answers = append(answers, w.AWS)
				}
			}
			if code, ok := needsAccount[r.ID]; ok {
				if len(answers) > 0 || code != "" && !slices.Contains(codes, code) {
					t.Errorf("warnings %q %q", codes, answers)
				}
				return
			}
			if r.Expect.Outcome == "ok" {
				if len(answers) > 0 {
					t.Errorf("AWS took it; warned of %q", answers)
				}
				if got := d.Times; !got.AWSAccepts {
					t.Errorf("AWS took it; times are %s", got.State)
				}
				return
			}
			if want := r.Expect.Code + ": " + r.Expect.Message; len(answers) == 0 || answers[0] != want {
				t.Errorf("answers %q, AWS said %q", answers, want)
			}
		})
	}
}

func TestWhatAWSReadFromATokenIsReadAlike(t *testing.T) {
	t.Parallel()
	for _, r := range records[record](t, "aws-live.ndjson") {
		if r.Expect.Outcome != "ok" {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			token := parse(t, encode(string(r.Header), string(r.Claims)))
			if want := r.Expect.Response["SubjectFromWebIdentityToken"]; token.Subject() != want {
				t.Errorf("subject %q, AWS read %q", token.Subject(), want)
			}
			if want := r.Expect.Response["Audience"]; !slices.Equal(token.Audience(), []string{want.(string)}) {
				t.Errorf("audience %q, AWS read %q", token.Audience(), want)
			}
			identity, _, _ := token.SourceIdentity()
			if want, ok := r.Expect.Response["SourceIdentity"]; ok && identity != want {
				t.Errorf("source identity %q, AWS read %q", identity, want)
			}
			arns, _, limited := token.Roles()
			if limited && !slices.Contains(arns, "arn:aws:iam::111122223333:role/example-role") {
				t.Errorf("roles %q, AWS let the target in", arns)
			}
		})
	}
}

func TestTheTagsThatAWSTookAreRead(t *testing.T) {
	t.Parallel()
	token := parse(t, encode(header, `{"https://aws.amazon.com/tags/principal_tags/Team":"engineering","https://aws.amazon.com/tags/transitive_tag_keys":["Team"]}`))
	tags, transitive, problems := token.SessionTags()
	if !slices.Equal(tags, []claims.Tag{{Key: "Team", Value: "engineering"}}) || !slices.Equal(transitive, []string{"Team"}) || problems != nil {
		t.Errorf("%v %v %v", tags, transitive, problems)
	}
}

func TestSessionTagsOfTheWrongFormAreNamed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ claim, want string }{
		"a bare string":         {`{"principal_tags":{"a":"b"}}`, "exactly one string"},
		"two values":            {`{"principal_tags":{"a":["b","c"]}}`, "exactly one string"},
		"no object":             {`"a=b"`, "must be an object"},
		"tags in an array":      {`{"principal_tags":["a"]}`, "must be an object of tags"},
		"an odd character":      {`{"principal_tags":{"a":["b*"]}}`, "letters, digits, blanks"},
		"a long value":          {`{"principal_tags":{"a":["` + strings.Repeat("x", 257) + `"]}}`, "at most 256"},
		"a long key":            {`{"principal_tags":{"` + strings.Repeat("x", 129) + `":["b"]}}`, "1 to 128"},
		"an unknown transitive": {`{"principal_tags":{"a":["b"]},"transitive_tag_keys":["c"]}`, "names none of"},
		"a transitive string":   {`{"transitive_tag_keys":"a"}`, "array of strings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, problems := parse(t, encode(header, `{"https://aws.amazon.com/tags":`+tt.claim+`}`)).SessionTags()
			if len(problems) != 1 || !strings.Contains(problems[0].Text, tt.want) {
				t.Errorf("problems %+v, want one that says %q", problems, tt.want)
			}
		})
	}
}
