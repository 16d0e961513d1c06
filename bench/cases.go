//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
)

// Where the cases come from: the trust policies by which the evaluator is tested, and the
// reported failures by which the diagnosis is.
const (
	exampleCases  = "internal/policy/testdata/trust-examples.ndjson"
	reportedCases = "internal/doctor/testdata/cases/*.json"
)

// batchCase is a case with trust policy and claims, its members as they are written.
type batchCase map[string]json.RawMessage

// loadCases reads the cases that fcoidc and a policy simulator can both judge.
func loadCases() ([]batchCase, error) {
	examples, err := os.ReadFile(exampleCases)
	if err != nil {
		return nil, err
	}
	texts := bytes.Split(bytes.TrimSpace(examples), []byte("\n"))
	names, err := filepath.Glob(reportedCases)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	var cases []batchCase
	for _, text := range texts {
		var c batchCase
		if err := json.Unmarshal(text, &c); err != nil {
			return nil, fmt.Errorf("read the cases: %w", err)
		}
		if c["trust_policy"] != nil && c["claims"] != nil {
			cases = append(cases, c)
		}
	}
	if len(names) == 0 || len(cases) == 0 {
		return nil, errors.New("read the cases: none here; bench runs in the repository's folder")
	}
	return cases, nil
}

// writeCases writes n cases, one a line. No two have one id, and none the subject of another, so
// that no program answers a line from the memory of one like it.
func writeCases(to io.Writer, cases []batchCase, n int) error {
	w := bufio.NewWriterSize(to, 1<<16)
	for i := range n {
		line, err := numbered(cases[i%len(cases)], i)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write the cases: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the cases: %w", err)
	}
	return nil
}

// numbered is a case with a number behind its id and behind its token's subject.
func numbered(c batchCase, n int) ([]byte, error) {
	var claims batchCase
	if err := json.Unmarshal(c["claims"], &claims); err != nil {
		return nil, fmt.Errorf("read a case's claims: %w", err)
	}
	var err error
	copied := maps.Clone(c)
	copied["id"] = appended(c["id"], n)
	claims["sub"] = appended(claims["sub"], n)
	if copied["claims"], err = json.Marshal(claims); err != nil {
		return nil, fmt.Errorf("write a case's claims: %w", err)
	}
	line, err := json.Marshal(copied)
	if err != nil {
		return nil, fmt.Errorf("write a case: %w", err)
	}
	return line, nil
}

// appended is a JSON string with a number at its end; what is no string stays as it is.
func appended(value json.RawMessage, n int) json.RawMessage {
	text, isText := bytes.CutSuffix(value, []byte(`"`))
	if !isText {
		return value
	}
	return fmt.Appendf(nil, `%s-%d"`, text, n)
}
