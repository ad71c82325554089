package main

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
	// patience is how long anything in the demo may take.
	patience = 30 * time.Second
	// glance is the wait between two looks.
	glance = 20 * time.Millisecond
	// lastLines is how much of a log is shown.
	lastLines = 15
)

// process is a program that runs, and what it has said.
type process struct {
	name    string
	command *exec.Cmd
	done    chan error
	mu      sync.Mutex
	said    bytes.Buffer
}

// startProcess starts a program that goes on until it is stopped.
func startProcess(ctx context.Context, path string, environment []string, arguments ...string) (*process, error) {
	// Ctrl-C reaches the demo, which stops its processes in order.
	command := exec.CommandContext(context.WithoutCancel(ctx), path, arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Env = append(os.Environ(), environment...)
	p := &process{name: filepath.Base(path), command: command, done: make(chan error, 1)}
	command.Stdout, command.Stderr = p, p
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go func() { p.done <- p.command.Wait() }()
	return p, nil
}

// Write keeps what the process says.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(text)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func (p *process) tail() string {
	lines := strings.Split(strings.TrimRight(p.log(), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-lastLines):], "\n")
}

// announced waits until the process has printed a line "key value" for each
// key.
func (p *process) announced(ctx context.Context, keys ...string) (map[string]string, error) {
	found := map[string]string{}
	err := eventually(ctx, func() error {
		for line := range strings.SplitSeq(p.log(), "\n") {
			if fields := strings.Fields(line); len(fields) >= 2 {
				found[fields[0]] = fields[1]
			}
		}
		for _, key := range keys {
			if found[key] == "" {
				return fmt.Errorf("%s has not said its %s:\n%s", p.name, key, p.tail())
			}
		}
		return nil
	})
	return found, err
}

// stop asks the process to end, and sees to it that it does.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s had ended by itself:\n%s", p.name, p.tail())
	}
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s does not stop", p.name), p.command.Process.Kill())
	}
}

// eventually tries until there is no error, for as long as the patience lasts.
func eventually(ctx context.Context, try func() error) error {
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
