package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// timeout is how long Eventually and Stop wait.
	timeout = 30 * time.Second
	// pollInterval is the time between two tries of Eventually.
	pollInterval = 20 * time.Millisecond
	// tailLines is how many lines Tail returns.
	tailLines = 15
)

// Process is a running program and its output. Start it with StartProcess.
type Process struct {
	name    string
	command *exec.Cmd
	done    chan error
	mu      sync.Mutex
	output  bytes.Buffer
}

// StartProcess starts a program that runs until Stop or Kill, also after the
// context has ended. The environment is added to that of this process.
func StartProcess(ctx context.Context, path string, environment []string, arguments ...string) (*Process, error) {
	// A process group of its own: Ctrl-C in a terminal reaches this process only,
	// which stops the others in order.
	command := exec.CommandContext(context.WithoutCancel(ctx), path, arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Env = append(os.Environ(), environment...)
	p := &Process{name: filepath.Base(path), command: command, done: make(chan error, 1)}
	command.Stdout, command.Stderr = p, p
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() { p.done <- p.command.Wait() }()
	return p, nil
}

// Write appends to the output.
func (p *Process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.Write(text)
}

// Log returns all output so far: standard output and standard error as one.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// Tail returns the last lines of the output.
func (p *Process) Tail() string {
	lines := strings.Split(strings.TrimRight(p.Log(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// Printed waits until the process has printed a line "key value" for each key,
// and returns the values by key.
func (p *Process) Printed(ctx context.Context, keys ...string) (map[string]string, error) {
	found := map[string]string{}
	err := Eventually(ctx, func() error {
		for line := range strings.SplitSeq(p.Log(), "\n") {
			if fields := strings.Fields(line); len(fields) >= 2 {
				found[fields[0]] = fields[1]
			}
		}
		for _, key := range keys {
			if found[key] == "" {
				return fmt.Errorf("%s has not printed its %s:\n%s", p.name, key, p.Tail())
			}
		}
		return nil
	})
	return found, err
}

// PID returns the process ID.
func (p *Process) PID() int { return p.command.Process.Pid }

// Kill ends the process with SIGKILL, so that it can't clean up. A process that
// has ended before is an error.
func (p *Process) Kill() error {
	if err := p.command.Process.Kill(); err != nil {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	if err := <-p.done; err == nil {
		return fmt.Errorf("%s had ended by itself:\n%s", p.name, p.Tail())
	}
	return nil
}

// Stop ends the process with SIGTERM, or after the timeout with SIGKILL, which is
// an error. So is a process that has ended before, or that ends with a failure.
func (p *Process) Stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s had ended by itself:\n%s", p.name, p.Tail())
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s: %w:\n%s", p.name, err, p.Tail())
		}
		return nil
	case <-time.After(timeout):
		return errors.Join(fmt.Errorf("%s does not stop", p.name), p.command.Process.Kill())
	}
}

// Eventually calls try until it returns nil, for as long as the timeout lasts; then
// it returns the last error.
func Eventually(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %w", timeout, err)
		case <-ticker.C:
		}
	}
}
