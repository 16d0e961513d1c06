package report

import (
	"io"
	"time"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
)

// NDJSON is a sink that writes each event as one line of JSON. The last line, of type
// "result", is written by [NDJSON.Finish].
type NDJSON struct {
	runID string
	out   io.Writer
	err   error
}

// NewNDJSON returns a sink that writes to w.
func NewNDJSON(w io.Writer, runID string) *NDJSON { return &NDJSON{runID: runID, out: w} }

type eventWire struct {
	Version  int    `json:"version"`
	Type     string `json:"type"`
	TS       string `json:"ts"`
	RunID    string `json:"run_id"`
	Account  string `json:"account"`
	Region   string `json:"region"`
	Phase    string `json:"phase"`
	Resource string `json:"resource"`
	Status   string `json:"status"`
	Reason   string `json:"reason"`
}

// Emit writes e as a line.
func (n *NDJSON) Emit(e bootstrap.Event) {
	line := eventWire{
		Version: FormatVersion, Type: string(e.Type), TS: timestamp(e.At), RunID: n.runID,
		Account: e.Target.Account, Region: e.Target.Region, Phase: string(e.Phase),
		Reason: e.Detail,
	}
	switch {
	case e.Resource != nil:
		line.Resource, line.Status, line.Reason = e.Resource.LogicalID, e.Resource.Status, e.Resource.Reason
	case e.Plan != nil:
		line.Status, line.Reason = string(e.Plan.Action), e.Plan.Reason
	case e.Result != nil:
		line.Status, line.Reason = string(e.Result.Status), e.Result.Reason
		if f := e.Result.Failure; f != nil {
			line.Resource, line.Reason = f.Resource, f.Message
		}
	}
	n.encode(line)
}

// Finish writes the line of type "result" and returns the first error of any write.
func (n *NDJSON) Finish(at time.Time, run Run, results []bootstrap.Result) error {
	doc := newRunDocument(run, results)
	doc.Type, doc.TS = "result", timestamp(at)
	n.encode(doc)
	return n.err
}

// encode keeps the first error: a reader that went away must not stop the deployment.
func (n *NDJSON) encode(line any) {
	if n.err == nil {
		n.err = writeJSON(n.out, line, "")
	}
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
