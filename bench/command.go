//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// usage is what one run of a command cost, and what it printed.
type usage struct {
	wall    time.Duration
	peakRSS int64 // bytes
	stdout  []byte
}

// environment is one without any real AWS in it, and with state of its own.
func (b bench) environment(extra ...string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + b.folder,
		"FCOIDC_STATE_DIR=" + b.folder,
		"AWS_CONFIG_FILE=" + b.folder + "/aws-config",
		"AWS_SHARED_CREDENTIALS_FILE=" + b.folder + "/aws-credentials",
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
	}, extra...)
}

func measure(ctx context.Context, env []string, name string, args ...string) (usage, error) {
	var stdout bytes.Buffer
	u, err := measureWith(ctx, env, nil, &stdout, name, args...)
	u.stdout = stdout.Bytes()
	return u, err
}

// measureWith is measure with what the command reads and where it prints to. A file it gets
// itself, without a pipe between; nil is no input, and output that nobody reads.
func measureWith(ctx context.Context, env []string, in io.Reader, out io.Writer, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &stderr
	began := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(began)}
	if err != nil {
		return u, fmt.Errorf("%s: %w\n%s", cmd, err, lastLines(stderr.Bytes()))
	}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peakRSS = r.Maxrss
		if runtime.GOOS != "darwin" { // which alone counts bytes; getrusage(2)
			u.peakRSS *= 1024
		}
	}
	return u, nil
}

// lastLines keeps an error readable.
func lastLines(text []byte) []byte {
	const most = 1000
	return text[max(0, len(text)-most):]
}

// median runs f n times and returns the middle duration.
func median(n int, f func() (time.Duration, error)) (time.Duration, error) {
	times := make([]time.Duration, n)
	for i := range times {
		d, err := f()
		if err != nil {
			return 0, err
		}
		times[i] = d
	}
	slices.Sort(times)
	return times[n/2], nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1e3)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
