package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// errReset stands for a connection that broke instead of an answer.
var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// serve answers one request. An error means that there is no answer: the connection broke.
func (s *Sandbox) serve(r *http.Request, body []byte) (*answer, error) {
	c, err := s.newCall(r, body, uuid.NewString())
	if err != nil {
		return c.finish(nil, err)
	}
	account := c.account()
	nth := s.calls.add(account, c.service.name+":"+c.action)
	what := Call{Service: c.service.name, Action: c.action, Account: account, Region: c.region}
	f := s.faults.draw(what, nth)
	if err := wait(r.Context(), s.options.APILatency+f.delay); err != nil {
		return nil, err
	}
	if s.options.Intercept != nil {
		if err := s.options.Intercept(what); err != nil {
			if refusal, ok := errors.AsType[*apiError](err); ok {
				return c.failure(refusal), nil
			}
			return nil, err
		}
	}
	if f.err != nil {
		return c.finish(nil, f.refusal(c.service))
	}
	if f.resetBefore {
		return nil, errReset
	}
	c.now = time.Now()
	result, err := c.perform()
	if f.resetAfter {
		return nil, errReset
	}
	return c.finish(result, err)
}

// account is whose call it is: of the access key that signed, else of the role that it names.
func (c *call) account() string {
	if c.accessKey != "" {
		id, _ := keyAccount(c.accessKey)
		return id
	}
	id, _, _ := splitRoleARN(c.form.Get("RoleArn"))
	return id
}

// perform does what the call asks for.
func (c *call) perform() (any, error) {
	op, known := c.service.operations[c.action]
	if c.accessKey == "" && !op.anonymous {
		if !known {
			return nil, notImitated(c.service.name, c.action)
		}
		return nil, refuse(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	if c.accessKey != "" {
		caller, err := authenticate(c.accessKey, c.token, c.now)
		if err != nil {
			return nil, err
		}
		if _, ok := c.sandbox.account(caller.Account); !ok {
			return nil, invalidToken()
		}
		c.caller = caller
	}
	if !known {
		return nil, notImitated(c.service.name, c.action)
	}
	if op.anonymous && c.caller.Account == "" {
		return op.run(c)
	}
	if err := c.regionOpen(); err != nil {
		return nil, err
	}
	if op.unlocked && c.caller.admin() {
		return op.run(c)
	}
	var result any
	err := c.sandbox.open(c.caller.Account, c.region, func(a *account) (err error) {
		if err := c.permit(a, op); err != nil {
			return err
		}
		if op.unlocked {
			return nil
		}
		c.acct = a
		result, err = op.run(c)
		return err
	})
	if err != nil || !op.unlocked {
		return result, err
	}
	return op.run(c)
}

// permit checks that the caller may do what it asks for.
func (c *call) permit(a *account, op operation) error {
	if op.unchecked {
		return a.alive(c.caller)
	}
	resource := "*"
	if op.resource != nil {
		resource = op.resource(c)
	}
	region := c.region
	if c.service.global {
		region = globalRegion(c.partition())
	}
	return a.authorize(c.caller, c.service.name+":"+c.action, resource, region)
}

// finish encodes what perform returned.
func (c *call) finish(result any, err error) (*answer, error) {
	if err == nil {
		a, err := c.success(result)
		if err != nil {
			return c.failure(internalFailure(fmt.Errorf("encode the answer to %s: %w", c.action, err))), nil
		}
		return a, nil
	}
	if refusal, ok := errors.AsType[*apiError](err); ok {
		return c.failure(refusal), nil
	}
	return c.failure(internalFailure(err)), nil
}

// internalFailure tells the client what went wrong in the sandbox itself. It is no
// InternalFailure, which SDKs would retry for a while before they show the reason.
func internalFailure(err error) *apiError {
	return refuse(http.StatusNotImplemented, "SandboxFailure", "%s", err)
}

// wait sleeps for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ServeHTTP answers a client over the network.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request is too large or broke off", http.StatusRequestEntityTooLarge)
		return
	}
	a, err := s.serve(r, body)
	if err != nil {
		hangUp(w)
		return
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that went away needs no answer
}

// hangUp closes the connection so that the client sees a reset, not an end of file.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // only decides how the connection dies
	}
	_ = conn.Close()
}

// Transport answers requests in process. It never opens a connection, whatever host a request names.
func (s *Sandbox) Transport() http.RoundTripper { return transport{s} }

// Client is an HTTP client over [Sandbox.Transport].
func (s *Sandbox) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

type transport struct{ sandbox *Sandbox }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		_ = r.Body.Close() // a request body has nothing to report
		if err != nil {
			return nil, err
		}
		if len(body) > maxBody {
			return nil, fmt.Errorf("the request is larger than the sandbox's %d bytes", maxBody)
		}
	}
	a, err := t.sandbox.serve(r, body)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}
