package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// FormatVersion is the version of every JSON document and NDJSON line that fcoidc
// writes. It changes when a field changes its meaning or goes away, not when one is added.
const FormatVersion = 1

// Run is what a document says of the run as a whole.
type Run struct {
	ID             string
	TemplateSHA256 string
	DryRun         bool
	Notes          []string // what the trust rests on, and what the roles can do; see [Notes]
}

// runDocument is the document of `bootstrap -o json` and `teardown -o json`.
type runDocument struct {
	Version        int          `json:"version"`
	Type           string       `json:"type,omitempty"` // "result" as the last line of NDJSON
	TS             string       `json:"ts,omitempty"`
	RunID          string       `json:"run_id"`
	TemplateSHA256 string       `json:"template_sha256,omitempty"`
	DryRun         bool         `json:"dry_run,omitempty"`
	Notes          []string     `json:"notes,omitempty"`
	Targets        []targetWire `json:"targets"`
	Summary        summaryWire  `json:"summary"`
}

type targetWire struct {
	Account  string                  `json:"account"`
	Name     string                  `json:"name"`
	Region   string                  `json:"region"`
	Action   string                  `json:"action"`
	Status   string                  `json:"status"`
	Reason   string                  `json:"reason,omitempty"`
	StackID  string                  `json:"stack_id"`
	Outputs  map[string]string       `json:"outputs"`
	Changes  []bootstrap.Change      `json:"changes"`
	Notes    []string                `json:"notes,omitempty"`
	Error    *bootstrap.Failure      `json:"error"`
	Attempts []resourceWire          `json:"failed_attempt,omitempty"`
	Verified *bootstrap.Verification `json:"verification,omitempty"`
	APICalls int                     `json:"api_calls"`
	Seconds  float64                 `json:"seconds"`
}

type resourceWire struct {
	Resource string `json:"resource"`
	Type     string `json:"resource_type"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
}

type summaryWire struct {
	Targets    int            `json:"targets"`
	Succeeded  int            `json:"succeeded"`
	Failed     int            `json:"failed"`
	Blocked    int            `json:"blocked"`
	Skipped    int            `json:"skipped"`
	InProgress int            `json:"in_progress"`
	Actions    map[string]int `json:"actions"`
	APICalls   int            `json:"api_calls"`
	Seconds    float64        `json:"seconds"`
}

func newRunDocument(run Run, results []bootstrap.Result) runDocument {
	doc := runDocument{
		Version:        FormatVersion,
		RunID:          run.ID,
		TemplateSHA256: run.TemplateSHA256,
		DryRun:         run.DryRun,
		Notes:          run.Notes,
		Targets:        make([]targetWire, 0, len(results)),
		Summary:        summarise(results),
	}
	for i := range results {
		doc.Targets = append(doc.Targets, newTargetWire(&results[i]))
	}
	return doc
}

func newTargetWire(r *bootstrap.Result) targetWire {
	w := targetWire{
		Account: r.Target.Account, Name: r.Target.Name, Region: r.Target.Region,
		Action: string(r.Action), Status: string(r.Status), Reason: r.Reason,
		StackID: r.StackID, Outputs: r.Outputs, Changes: append([]bootstrap.Change{}, r.Changes...), Notes: r.Notes,
		Error: r.Failure, Verified: r.Verification,
		APICalls: r.APICalls, Seconds: seconds(r.Elapsed.Seconds()),
	}
	if w.Outputs == nil {
		w.Outputs = map[string]string{}
	}
	for _, e := range r.Attempts {
		w.Attempts = append(w.Attempts, resourceWire{Resource: e.LogicalID, Type: e.Type, Status: e.Status, Reason: e.Reason})
	}
	return w
}

func summarise(results []bootstrap.Result) summaryWire {
	s := summaryWire{Targets: len(results), Actions: map[string]int{}}
	for i := range results {
		r := &results[i]
		switch r.Status {
		case bootstrap.StatusSucceeded:
			s.Succeeded++
		case bootstrap.StatusFailed:
			s.Failed++
		case bootstrap.StatusBlocked:
			s.Blocked++
		case bootstrap.StatusSkipped:
			s.Skipped++
		case bootstrap.StatusInProgress:
			s.InProgress++
		}
		s.Actions[string(r.Action)]++
		s.APICalls += r.APICalls
		s.Seconds = max(s.Seconds, seconds(r.Elapsed.Seconds()))
	}
	return s
}

// seconds rounds to milliseconds.
func seconds(s float64) float64 { return math.Round(s*1000) / 1000 }

// WriteRunJSON writes the document of a finished run, indented.
func WriteRunJSON(w io.Writer, run Run, results []bootstrap.Result) error {
	return WriteJSON(w, newRunDocument(run, results))
}

// WriteJSON writes doc indented and a line feed. Texts of others are what they are to whoever
// reads JSON; what would act on a terminal is written as \u escapes, and nothing for HTML.
func WriteJSON(w io.Writer, doc any) error { return writeJSON(w, doc, "  ") }

func writeJSON(w io.Writer, doc any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := w.Write(escape.JSON(b.Bytes()))
	return err
}
