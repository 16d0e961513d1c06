//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// motoServer is a running moto with the project's add-on.
type motoServer struct {
	url string
	cmd *exec.Cmd
}

func (b bench) startMoto(ctx context.Context) (*motoServer, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	interop, err := filepath.Abs("interop")
	if err != nil {
		return nil, err
	}
	s := &motoServer{url: "http://" + address, cmd: exec.CommandContext(ctx, "python3", "-m", "motoaws", "-H", host, "-p", port)}
	s.cmd.Env = b.environment("PYTHONPATH=" + interop)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start moto: %w", err)
	}
	const patience = 30 * time.Second
	deadline := time.Now().Add(patience)
	for s.reset(ctx) != nil {
		if ctx.Err() != nil || time.Now().After(deadline) {
			s.stop()
			return nil, errors.Join(fmt.Errorf("moto did not answer at %s within %s", s.url, patience), ctx.Err())
		}
		time.Sleep(50 * time.Millisecond)
	}
	return s, nil
}

// reset empties every account of moto.
func (s *motoServer) reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/moto-api/reset", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("reset moto: %w", err)
	}
	return resp.Body.Close()
}

func (s *motoServer) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// freeAddress is one that nothing listens on now.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String(), nil
}
