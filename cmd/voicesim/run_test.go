package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// output collects what the command prints, and says when it has a line that
// starts with a word.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	awaited string
	seen    chan struct{}
	once    sync.Once
}

func newOutput(awaited string) *output {
	return &output{awaited: awaited, seen: make(chan struct{})}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if strings.Contains(o.text.String(), o.awaited) {
		o.once.Do(func() { close(o.seen) })
	}
	return len(p), nil
}

// values returns what was printed behind a word, line by line.
func (o *output) values(word string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var values []string
	for line := range strings.Lines(o.text.String()) {
		if fields := strings.Fields(line); fields[0] == word {
			values = append(values, fields[1])
		}
	}
	return values
}

// get returns status and body.
func get(t *testing.T, url, user, password string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServes(t *testing.T) {
	for _, tt := range []struct {
		name, env, awaited string
		args               []string
		token              string // printed if empty
		participants       int
	}{
		{name: "token printed", awaited: "token        PT"},
		{name: "token in the environment", env: "PTenv", awaited: "account ", token: "PTenv"},
		{
			name: "conference", awaited: "participant ", token: "PT1", participants: 1,
			args: []string{"--token", "PT1", "--conference", "support", "--participants", "1", "--account", "acme"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("VOICESIM_TOKEN", tt.env)
			ctx, stop := context.WithCancel(t.Context())
			stdout, stderr := newOutput(tt.awaited), newOutput("voicesim:")
			code := make(chan int, 1)
			args := append([]string{"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, tt.args...)
			go func() { code <- run(ctx, args, stdout, stderr) }()
			select {
			case <-stdout.seen:
			case got := <-code:
				t.Fatalf("ended with %d: %s", got, stderr.text.String())
			}
			account := stdout.values("account")[0]
			token := tt.token
			if token == "" {
				token = stdout.values("token")[0]
			} else if strings.Contains(stdout.text.String(), token) {
				t.Error("a token that was given is printed")
			}
			status, body := get(t, stdout.values("api")[0]+"/Accounts/"+account+"/Conferences?Status=init", account, token)
			if status != http.StatusOK || strings.Contains(body, `"friendly_name":"support"`) != (tt.participants == 1) {
				t.Errorf("the API responds %d: %s", status, body)
			}
			if got := len(stdout.values("participant")); got != tt.participants {
				t.Errorf("%d participants", got)
			}
			if status, body := get(t, stdout.values("control")[0]+"/counts", "", ""); status != 200 || body != `{"list_conferences":1}`+"\n" {
				t.Errorf("the control API responds %d: %s", status, body)
			}
			stop()
			if got := <-code; got != 0 || stderr.text.Len() > 0 {
				t.Errorf("exit code %d: %s", got, stderr.text.String())
			}
		})
	}
}

func TestShutdownGivesUpDelayedResponses(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{})
	served := make(chan error)
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	go func() { served <- serveUntil(ctx, handler, listener) }()
	go func() {
		<-arrived
		stop()
	}()
	if status, _ := get(t, "http://"+listener.Addr().String(), "", ""); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestShutdownGivesUpSilentConnections has a client connect and ask for nothing,
// as a client does that has opened more connections than it turned out to need.
func TestShutdownGivesUpSilentConnections(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- serveUntil(ctx, http.NotFoundHandler(), listener) }()
	silent, err := new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	// Connections are accepted in order: after this response the silent one was.
	if status, _ := get(t, "http://"+listener.Addr().String(), "", ""); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestCommandLine(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	for _, tt := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"--help"}, 0, "--participants N", ""},
		{[]string{"-h"}, 0, "curl $CONTROL/faults", ""},
		{[]string{"--bogus"}, 2, "", "-bogus"},
		{[]string{"--participants", "many"}, 2, "", "-participants"},
		{[]string{"--participants", "-1"}, 2, "", "--participants must not be negative, but is -1"},
		{[]string{"--account", ""}, 2, "", "--account must not be empty"},
		{[]string{"--conference", strings.Repeat("x", 65)}, 2, "", "--conference must not be longer"},
		{[]string{"serve"}, 2, "", `unexpected argument "serve"`},
		{[]string{"--listen", address}, 1, "", "opening --listen"},
		{[]string{"--listen", "127.0.0.1:0", "--control", address}, 1, "", "opening --control"},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(t.Context(), tt.args, &stdout, &stderr); got != tt.code {
			t.Errorf("%v: exit code %d, want %d", tt.args, got, tt.code)
		}
		if !strings.Contains(stdout.String(), tt.stdout) || (stdout.Len() > 0) != (tt.code == 0) {
			t.Errorf("%v: stdout %q", tt.args, stdout.String())
		}
		oneLine := strings.Count(stderr.String(), "\n") == 1 && strings.HasPrefix(stderr.String(), "voicesim: ")
		if !strings.Contains(stderr.String(), tt.stderr) || oneLine != (tt.code != 0) {
			t.Errorf("%v: stderr %q", tt.args, stderr.String())
		}
	}
}

// TestMain runs the command in place of the tests if the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("VOICESIM_TEST_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestSignalsEndTheCommand(t *testing.T) {
	for _, sent := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		command := exec.CommandContext(t.Context(), os.Args[0], "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
		command.Env = append(os.Environ(), "VOICESIM_TEST_MAIN=1")
		stdout := newOutput("account ")
		command.Stdout = stdout
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		<-stdout.seen
		if err := command.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err != nil {
			t.Errorf("after %v: %v", sent, err)
		}
	}
}
