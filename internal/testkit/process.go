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
	// patience is how long a process may take for anything.
	patience = 30 * time.Second
	// glance is the wait between two looks.
	glance = 20 * time.Millisecond
	// lastLines is how much of a log is shown.
	lastLines = 15
)

// Process is a program that runs, and what it has said.
type Process struct {
	name    string
	command *exec.Cmd
	done    chan error
	mu      sync.Mutex
	said    bytes.Buffer
}

// StartProcess starts a program that goes on until it is stopped.
func StartProcess(ctx context.Context, path string, environment []string, arguments ...string) (*Process, error) {
	// Ctrl-C reaches whoever started it, who stops the processes in order.
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

// Write keeps what the process says.
func (p *Process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(text)
}

// Log is all that the process has said.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// Tail is the end of it.
func (p *Process) Tail() string {
	lines := strings.Split(strings.TrimRight(p.Log(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-lastLines):], "\n")
}

// Announced waits until the process has printed a line "key value" for each
// key.
func (p *Process) Announced(ctx context.Context, keys ...string) (map[string]string, error) {
	found := map[string]string{}
	err := Eventually(ctx, func() error {
		for line := range strings.SplitSeq(p.Log(), "\n") {
			if fields := strings.Fields(line); len(fields) >= 2 {
				found[fields[0]] = fields[1]
			}
		}
		for _, key := range keys {
			if found[key] == "" {
				return fmt.Errorf("%s has not said its %s:\n%s", p.name, key, p.Tail())
			}
		}
		return nil
	})
	return found, err
}

// PID is the number of the process.
func (p *Process) PID() int { return p.command.Process.Pid }

// Kill ends the process at once, without a chance to clean up.
func (p *Process) Kill() error {
	if err := p.command.Process.Kill(); err != nil {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	if err := <-p.done; err == nil {
		return fmt.Errorf("%s had ended by itself:\n%s", p.name, p.Tail())
	}
	return nil
}

// Stop asks the process to end, and sees to it that it does.
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
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not stop", p.name), p.command.Process.Kill())
	}
}

// Eventually tries until there is no error, for as long as the patience lasts.
func Eventually(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %w", patience, err)
		case <-ticker.C:
		}
	}
}
