package report

import (
	"encoding/json"
	"io"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// AppendAnswer appends what is said of a case as one line of JSON, without its line feed.
func AppendAnswer(b []byte, j *doctor.Judgement) []byte {
	w := jsonWriter{b}
	w.open("", '{')
	w.answer(j)
	w.close('}')
	return w.b
}

// AppendBatchError appends the answer to a line that is no case. id is its id as JSON, nil if it
// has none.
func AppendBatchError(b []byte, id json.RawMessage, err error) []byte {
	w := jsonWriter{b}
	w.open("", '{')
	w.number("version", FormatVersion)
	w.id(id)
	w.text("error", err.Error())
	w.close('}')
	return w.b
}

// WriteAnswerJSON writes what is said of a case as a document, with the trace of its trust policy.
func WriteAnswerJSON(out io.Writer, j *doctor.Judgement) error {
	w := jsonWriter{}
	w.open("", '{')
	w.answer(j)
	w.trace(j.Verdict)
	w.close('}')
	return w.writeTo(out)
}

func (w *jsonWriter) answer(j *doctor.Judgement) {
	w.number("version", FormatVersion)
	w.id(j.Case.ID)
	w.judged(j)
	w.findings(j.Findings)
}

// id gives an id back as it came, so that whoever sent it finds it by comparing.
func (w *jsonWriter) id(id json.RawMessage) {
	if id == nil {
		id = json.RawMessage("null")
	}
	w.raw("id", escape.JSON(id))
}

// judged writes what AWS would answer, and why.
func (w *jsonWriter) judged(j *doctor.Judgement) {
	v := j.Verdict
	w.text("decision", string(v.Decision))
	w.text("decision_documented", string(v.DecisionDocumented))
	w.text("basis", string(v.Basis))
	w.text("stage", string(v.Stage))
	denied := v.Decision == exchange.Deny
	w.orNull("error_code", v.Code, denied)
	w.orNull("error_message", v.Message, denied && v.Message != "")
	w.name("policy_storable")
	switch {
	case j.Storable == nil:
		w.b = append(w.b, "null"...)
	case *j.Storable:
		w.b = append(w.b, "true"...)
	default:
		w.b = append(w.b, "false"...)
	}
	w.optional("provider_arn", v.ProviderARN)
	if len(v.Unknown) > 0 {
		w.texts("unknown_keys", v.Unknown)
	}
	if v.Open != 0 {
		w.name("open")
		w.b = append(w.b, '[')
		for i, rule := range v.Open.List() {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.string(rule.String())
		}
		w.b = append(w.b, ']')
	}
	w.diagnoses(j.Diagnoses)
}

func (w *jsonWriter) diagnoses(list []doctor.Diagnosis) {
	w.open("diagnosis", '[')
	for i := range list {
		d := &list[i]
		w.open("", '{')
		w.text("cause", d.Cause)
		w.text("summary", d.Summary)
		w.text("expected", d.Expected)
		w.text("found", d.Found)
		w.text("fix", d.Fix)
		w.boolean("shown", d.Shown)
		if len(d.Evidence) > 0 {
			w.texts("evidence", d.Evidence)
		}
		if p := d.Place; p != nil {
			w.open("place", '{')
			if p.Statement > 0 {
				w.number("statement", p.Statement)
			}
			w.number("line", p.Line)
			w.number("column", p.Column)
			w.number("width", p.Width)
			w.close('}')
		}
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) findings(list []doctor.Finding) {
	w.open("findings", '[')
	for i := range list {
		w.open("", '{')
		w.finding(&list[i])
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) finding(f *doctor.Finding) {
	w.text("code", f.Code)
	w.text("severity", string(f.Severity))
	w.text("subject", f.Subject)
	w.text("summary", f.Summary)
	w.text("expected", f.Expected)
	w.text("found", f.Found)
	w.text("fix", f.Fix)
}

// trace writes how the trust policy came to its answer, statement by statement.
func (w *jsonWriter) trace(v *exchange.Verdict) {
	if len(v.Trace.Statements) == 0 {
		return
	}
	w.open("trace", '[')
	for i := range v.Trace.Statements {
		s := &v.Trace.Statements[i]
		w.open("", '{')
		w.number("statement", s.Statement.Index+1)
		w.optional("sid", s.Statement.Sid.Text)
		w.text("effect", string(s.Statement.Effect))
		w.number("line", s.Statement.Span.Start.Line)
		w.boolean("matched", s.Matched)
		w.element("principal", s.Principal)
		w.element("action", s.Action)
		w.open("conditions", '[')
		for j := range s.Conditions {
			w.condition(&s.Conditions[j])
		}
		w.close(']')
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) element(name string, e policy.ElementTrace) {
	w.open(name, '{')
	w.boolean("holds", e.Holds)
	w.text("reason", e.Reason())
	w.close('}')
}

func (w *jsonWriter) condition(c *policy.ConditionTrace) {
	w.open("", '{')
	w.text("operator", c.Condition.OperatorName.Text)
	w.text("key", c.Condition.Key.Text)
	expected := c.Expected()
	values := make([]string, len(expected))
	for i, e := range expected {
		values[i] = e.Text
	}
	w.texts("expected", values)
	w.texts("found", c.Found)
	w.boolean("holds", c.Holds)
	w.text("reason", c.Reason())
	if c.Open != 0 {
		w.text("open", c.Open.String())
	}
	w.close('}')
}
