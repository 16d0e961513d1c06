package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/wholefile"
)

func runDoctor(ctx context.Context, o doctorOptions) error {
	switch {
	case o.Explain != "":
		return doctorExplain(o)
	case o.ListChecks:
		return doctorList(o)
	}
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		return err
	}
	table = table.WithForgecroft(o.Live.Issuer)
	newExaminer := func() *doctor.Examiner { return doctor.NewExaminer(exchange.NewJudge(table, o.Keys), table) }
	if o.Batch != "" {
		return doctorBatch(ctx, o, newExaminer)
	}
	examiner := newExaminer()
	switch {
	case o.Offline:
		c, err := o.offlineCase()
		if err != nil {
			return err
		}
		return o.judge(examiner, c)
	case o.Case != "":
		src, err := readInput(o.IO, o.Case, "--case", maxSaved)
		if err != nil {
			return err
		}
		if doctor.IsSnapshot(firstDocument(src)) {
			return o.saved(examiner, src)
		}
		if document, _ := unwrapped(src); isPolicy(document) {
			return usagef("fcoidc doctor --offline --trust-policy "+o.Case+" --claims claims.json", "%s holds a trust policy, which is a part of a case", named(o.Case))
		}
		if o.Live.Report != "" {
			return usagef("leave it out", "--report shows accounts, as --save wrote them; %s holds a case", named(o.Case))
		}
		c, err := exchange.Read(src)
		if err != nil {
			return usagef("the format of a case: docs/doctor.md", "%s: %w", named(o.Case), err)
		}
		return o.judge(examiner, c)
	}
	return doctorLive(ctx, o, examiner)
}

// judge writes what is said of one case.
func (o *doctorOptions) judge(examiner *doctor.Examiner, c *exchange.Case) error {
	c.Policy = readable(c.Policy)
	j := examiner.Examine(c, true)
	var err error
	switch o.Output {
	case formatJSON:
		err = report.WriteAnswerJSON(o.IO.Out, &j)
	case formatShort:
		err = report.WriteAnswerShort(o.IO.Out, o.IO.theme(o.Globals.Color, o.IO.OutTerminal), &j)
	default:
		err = report.WriteAnswerText(o.IO.Out, o.IO.theme(o.Globals.Color, o.IO.OutTerminal), &j)
	}
	if err != nil {
		return err
	}
	if j.Bad(o.FailOn) {
		return exit(exitBad)
	}
	return nil
}

// maxSaved is the longest file of cases, in bytes: many thousand accounts.
const maxSaved = 256 << 20

// firstDocument is the first of several JSON documents, all of src if that is no JSON.
func firstDocument(src []byte) []byte {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(src)).Decode(&first) != nil {
		return src
	}
	return first
}

// saved judges what an earlier look saved, as that look did.
func (o *doctorOptions) saved(examiner *doctor.Examiner, src []byte) error {
	l := lookout{doctorOptions: *o, examiner: examiner}
	var reports []*doctor.TargetReport
	var partitions []string
	for dec := json.NewDecoder(bytes.NewReader(src)); ; {
		var doc json.RawMessage
		if err := dec.Decode(&doc); err == io.EOF {
			break
		} else if err != nil {
			return usagef("", "%s: document %d is no JSON: %w", named(o.Case), len(reports)+1, err)
		}
		s, err := doctor.ReadSnapshot(doc)
		if err != nil {
			return usagef("", "%s: document %d: %w", named(o.Case), len(reports)+1, err)
		}
		r := doctor.Diagnosed(s, l.checkOptions())
		examiner.Reprove(r)
		reports, partitions = append(reports, r), append(partitions, s.Partition)
	}
	if err := o.Live.checkPartitions(partitions); err != nil {
		return err
	}
	defer l.dropFiles()
	if err := l.createFiles(); err != nil {
		return err
	}
	first := reports[0].Snapshot
	run := doctor.NewRun(first.Taken, reports)
	run.TokenFile = first.Asked.TokenFile
	if len(reports) == 1 {
		run.Again = first.Reach.Target
	} else if !slices.ContainsFunc(reports, func(r *doctor.TargetReport) bool { return r.Snapshot.Reach.Run != first.Reach.Run }) {
		run.Again = first.Reach.Run
	}
	return l.answer(run, func() error { return exit(l.code(run)) })
}

// readable breaks a policy that stands in one long line into several, so that a finding can
// point at one of them. What is no JSON stays as it is.
func readable(text []byte) []byte {
	if strings.ContainsRune(strings.TrimSpace(string(text)), '\n') {
		return text
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, text, "", "  ") != nil {
		return text
	}
	return pretty.Bytes()
}

// byteOrderMark is what some editors and shells put before text in UTF-8. JSON has none.
const byteOrderMark = "\uFEFF"

// readInput reads a file or standard input, at most most bytes of it.
func readInput(sys *IO, name, flag string, most int) ([]byte, error) {
	from := sys.stdin()
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return nil, fileError(name, flag, err)
		}
		defer func() { _ = f.Close() }() // opened for reading: nothing is lost
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	switch {
	case errors.Is(err, context.Canceled):
		return nil, err
	case err != nil:
		return nil, fileError(name, flag, err)
	case len(b) > most:
		return nil, usagef("", "%s holds more than %d bytes, which are not read", named(name), most)
	case len(strings.TrimSpace(string(b))) == 0:
		return nil, usagef("", "%s is empty", named(name))
	}
	return bytes.TrimPrefix(b, []byte(byteOrderMark)), nil
}

func fileError(name, flag string, err error) error {
	if looksLikeToken(name) {
		return usagef("give the name of a file, or - for standard input", "a token stands where %s wants the name of a file", flag)
	}
	return usagef("", "%s %s: %w", flag, name, wholefile.Cause(err))
}

func named(file string) string {
	if file == standardInput {
		return "standard input"
	}
	return file
}
