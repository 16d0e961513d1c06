package report

import (
	"io"
	"time"

	"github.com/forgecroft/fcoidc/internal/doctor"
)

// WriteDoctorJSON writes a run of doctor as one document; docs/doctor.schema.json describes it.
func WriteDoctorJSON(out io.Writer, run *doctor.Run) error {
	w := jsonWriter{}
	w.open("", '{')
	w.number("version", FormatVersion)
	w.text("ts", run.At.UTC().Format(time.RFC3339))
	w.open("targets", '[')
	for _, t := range run.Targets {
		w.target(t)
	}
	w.close(']')
	w.open("findings", '[')
	for i := range run.Groups {
		w.common(&run.Groups[i])
	}
	w.close(']')
	w.open("diagnosis", '[')
	for _, g := range run.First() {
		w.open("", '{')
		w.text("cause", g.Code)
		w.text("summary", g.Summary)
		w.text("expected", g.Expected)
		w.text("found", g.Found)
		w.text("fix", g.Fix)
		w.texts("accounts", g.Accounts)
		w.close('}')
	}
	w.close(']')
	w.summary(run)
	w.close('}')
	return w.writeTo(out)
}

func (w *jsonWriter) target(r *doctor.TargetReport) {
	s := r.Snapshot
	w.open("", '{')
	w.text("account", s.Account)
	w.text("name", s.Name)
	w.text("region", s.Region)
	w.text("health", string(r.Health()))
	w.open("roles", '[')
	for i := range r.Roles {
		w.role(r, &r.Roles[i])
	}
	w.close(']')
	w.open("checks", '[')
	for i := range r.Results {
		c := &r.Results[i]
		w.open("", '{')
		w.text("name", c.Check.Name)
		w.text("category", string(c.Check.Category))
		w.text("outcome", string(c.Outcome))
		w.optional("reason", c.Reason)
		w.close('}')
	}
	w.close(']')
	w.findings(r.Findings)
	w.matrix(r.Matrix)
	w.number("api_calls", s.Calls)
	w.close('}')
}

// role writes what is said of a role: of the token at hand where there is one, else of the
// exchange that a run of Forgecroft is expected to make.
func (w *jsonWriter) role(t *doctor.TargetReport, r *doctor.RoleReport) {
	w.open("", '{')
	w.text("arn", r.Role.ARN)
	w.text("phase", string(r.Role.Phase))
	switch {
	case r.Token != nil:
		w.text("judged", "token")
		w.judged(r.Token)
	case r.Expected != nil:
		w.text("judged", "expected")
		w.judged(r.Expected)
	}
	for i := range t.Attempts {
		if a := &t.Attempts[i]; a.RoleARN == r.Role.ARN {
			w.attempt(a)
		}
	}
	w.close('}')
}

func (w *jsonWriter) attempt(a *doctor.Attempt) {
	w.open("try", '{')
	w.text("at", a.At.UTC().Format(time.RFC3339))
	w.boolean("granted", a.Granted)
	w.orNull("error_code", a.Code, a.Code != "")
	w.orNull("error_message", a.Message, a.Message != "")
	w.boolean("as_predicted", a.Agrees)
	w.diagnoses(a.Diagnoses)
	w.close('}')
}

func (w *jsonWriter) common(g *doctor.Common) {
	w.open("", '{')
	w.finding(&g.Finding)
	w.texts("accounts", g.Accounts)
	w.close('}')
}

func (w *jsonWriter) matrix(m *doctor.Matrix) {
	if m == nil {
		return
	}
	w.open("regions", '[')
	for i := range m.Rows {
		r := &m.Rows[i]
		w.open("", '{')
		w.text("region", r.Region)
		w.boolean("used", r.Asked)
		w.boolean("allowed", r.Allowed)
		w.optional("status", r.Status)
		w.cell("regional", r.Regional)
		w.cell("global", r.Global)
		w.cell("sts", r.STS)
		w.close('}')
	}
	w.close(']')
}

func (w *jsonWriter) cell(name string, c doctor.Cell) {
	w.open(name, '{')
	w.text("answer", string(c.Answer))
	w.optional("endpoint", c.Endpoint)
	w.optional("cause", c.Cause)
	w.optional("why", c.Why)
	w.optional("notice", c.Notice)
	w.close('}')
}

func (w *jsonWriter) summary(run *doctor.Run) {
	calls := 0
	for _, t := range run.Targets {
		calls += t.Snapshot.Calls
	}
	w.open("summary", '{')
	w.number("targets", len(run.Targets))
	for _, h := range []doctor.Health{doctor.Healthy, doctor.Unproven, doctor.Unhealthy, doctor.NotLooked} {
		w.number(string(h), run.Count(h))
	}
	w.number("api_calls", calls)
	w.close('}')
}
