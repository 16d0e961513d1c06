//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	batchLines  = 60_000
	manyLines   = 10 * batchLines
	batchTrials = 5
	batchGoal   = 20 // times as many cases a second as the simulator

	// Memory may grow by what the collector's timing makes of it, and not with the file.
	flatFactor = 1.25

	simulator        = "@cloud-copilot/iam-simulate"
	simulatorVersion = "0.1.173"
	simulatorFolder  = ".tools/node"
)

// batch measures doctor --batch, and a policy simulator of Node.js on the same cases where node
// and npm are there: both read a file, judge each line on all cores and write an answer to each.
// fcoidc's is the whole diagnosis, the simulator's the decision.
func (b bench) batch(ctx context.Context) ([]figure, error) {
	cases, err := loadCases()
	if err != nil {
		return nil, err
	}
	memory, err := b.batchMemory(ctx, cases)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(b.folder, "cases.ndjson")
	file, err := os.Create(path)
	if err != nil {
		return memory, err
	}
	if err := writeCases(file, cases, batchLines); err != nil {
		return memory, err
	}
	if err := file.Close(); err != nil {
		return memory, fmt.Errorf("write the cases: %w", err)
	}
	speed, err := b.batchSpeed(ctx, path)
	return append(speed, memory...), err
}

func (b bench) batchSpeed(ctx context.Context, path string) ([]figure, error) {
	ours := func() (float64, error) { return b.casesPerSecond(ctx, b.fcoidc, "doctor", "--batch", path) }
	speed := figure{name: fmt.Sprintf("doctor --batch, %d cases (median of %d)", batchLines, batchTrials), command: shown("doctor", "--batch", "cases.ndjson")}
	node, lookErr := installSimulator(ctx)
	if lookErr != nil {
		fmt.Fprintln(os.Stderr, "bench: NOT MEASURED:", simulator, "is not to be had, so doctor --batch has nothing to be compared with:", lookErr)
		rate, err := medianRates(ours)
		if err != nil {
			return nil, err
		}
		speed.measured = perSecond(rate[0])
		return []figure{speed}, nil
	}
	script, err := filepath.Abs("bench/simulate.mjs")
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(simulatorFolder)
	if err != nil {
		return nil, err
	}
	workers := strconv.Itoa(runtime.NumCPU())
	theirs := func() (float64, error) { return b.casesPerSecond(ctx, node, script, folder, path, workers) }
	rate, err := medianRates(ours, theirs)
	if err != nil {
		return nil, err
	}
	speed.measured = fmt.Sprintf("%s, %.1f ×", perSecond(rate[0]), rate[0]/rate[1])
	speed.goal, speed.missed = fmt.Sprintf("≥ %d × the simulator's", batchGoal), rate[0] < batchGoal*rate[1]
	return []figure{speed, {
		name: fmt.Sprintf("the same by %s %s", simulator, simulatorVersion), measured: perSecond(rate[1]),
		command: "node bench/simulate.mjs " + simulatorFolder + " cases.ndjson " + workers,
	}}, nil
}

// medianRates runs the programs by turns, so that a busy machine is busy for all of them.
func medianRates(programs ...func() (float64, error)) ([]float64, error) {
	rates := make([][]float64, len(programs))
	for range batchTrials {
		for i, program := range programs {
			rate, err := program()
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	medians := make([]float64, len(programs))
	for i := range rates {
		slices.Sort(rates[i])
		medians[i] = rates[i][batchTrials/2]
	}
	return medians, nil
}

// casesPerSecond runs a program that answers batchLines cases, its start included.
func (b bench) casesPerSecond(ctx context.Context, name string, args ...string) (float64, error) {
	path := filepath.Join(b.folder, "answers.ndjson")
	out, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = out.Close() }()
	u, err := measureWith(ctx, b.environment(), nil, out, name, args...)
	if err != nil {
		return 0, err
	}
	answers, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if n := bytes.Count(answers, []byte("\n")); n != batchLines {
		return 0, fmt.Errorf("%s gave %d answers to %d cases", filepath.Base(name), n, batchLines)
	}
	return batchLines / u.wall.Seconds(), nil
}

// batchMemory measures the most memory of a batch, and of one ten times as long.
func (b bench) batchMemory(ctx context.Context, cases []batchCase) ([]figure, error) {
	few, err := b.batchPeak(ctx, cases, batchLines)
	if err != nil {
		return nil, err
	}
	many, err := b.batchPeak(ctx, cases, manyLines)
	if err != nil {
		return nil, err
	}
	command := shown("doctor", "--batch", "-")
	return []figure{
		{name: fmt.Sprintf("doctor --batch, memory, %d cases", batchLines), measured: mebibytes(few), command: command},
		{
			name: fmt.Sprintf("doctor --batch, memory, %d cases", manyLines), measured: mebibytes(many), command: command,
			goal: fmt.Sprintf("≤ %.2f × of the %d", flatFactor, batchLines), missed: float64(many) > flatFactor*float64(few),
		},
	}, nil
}

func (b bench) batchPeak(ctx context.Context, cases []batchCase, n int) (int64, error) {
	lines, to := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := writeCases(to, cases, n)
		written <- err
		_ = to.CloseWithError(err) // io.Pipe documents that it returns no error
	}()
	u, err := measureWith(ctx, b.environment(), lines, nil, b.fcoidc, "doctor", "--batch", "-")
	_ = lines.Close() // lets the writer end if the program did not read to the end
	if err != nil {
		return 0, err
	}
	return u.peakRSS, <-written
}

// installSimulator returns node once the simulator is installed for it.
func installSimulator(ctx context.Context) (node string, err error) {
	if node, err = exec.LookPath("node"); err != nil {
		return "", err
	}
	manifest := filepath.Join(simulatorFolder, "node_modules", filepath.FromSlash(simulator), "package.json")
	if text, err := os.ReadFile(manifest); err == nil && strings.Contains(string(text), `"version": "`+simulatorVersion+`"`) {
		return node, nil
	}
	if err := os.MkdirAll(simulatorFolder, 0o750); err != nil {
		return "", err
	}
	const patience = 2 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = measure(ctx, os.Environ(), "npm", "install", "--prefix", simulatorFolder,
		"--no-save", "--no-audit", "--no-fund", "--ignore-scripts", simulator+"@"+simulatorVersion)
	return node, err
}

func perSecond(rate float64) string { return fmt.Sprintf("%.0f/s", rate) }
