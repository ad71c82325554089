package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// The exit codes.
const (
	exitBroken = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Getenv, os.Stdin, os.Stdout)
	stop()
	os.Exit(code)
}

// run does what the command does, and returns its exit code.
func run(ctx context.Context, getenv func(string) string, in io.Reader, out io.Writer) int {
	s, err := settingsOf(getenv)
	if err != nil {
		fmt.Fprintln(out, err)
		return exitUsage
	}
	p, err := newProbe(s, person{lines: bufio.NewReader(in), out: out})
	if err != nil {
		fmt.Fprintln(out, err)
		return exitUsage
	}
	defer p.close()
	return p.run(ctx, out)
}

// settings are what the environment says.
type settings struct {
	baseURL, account, token  string
	conference, call         string
	secondCall, withoutVoice string
	// now and pause are the clock, which tests replace.
	now   func() time.Time
	pause func(context.Context, time.Duration)
}

// settingsOf returns an error that names all variables that are missing.
func settingsOf(getenv func(string) string) (settings, error) {
	s := settings{
		baseURL: getenv("LIVE_BASE_URL"), account: getenv("LIVE_ACCOUNT_SID"), token: getenv("LIVE_TOKEN"),
		conference: getenv("LIVE_CONFERENCE"), call: getenv("LIVE_CALL"),
		secondCall: getenv("LIVE_SECOND_CALL"), withoutVoice: getenv("LIVE_TOKEN_WITHOUT_VOICE"),
		now: time.Now, pause: pause,
	}
	var missing []string
	for name, value := range map[string]string{
		"LIVE_BASE_URL": s.baseURL, "LIVE_ACCOUNT_SID": s.account, "LIVE_TOKEN": s.token,
		"LIVE_CONFERENCE": s.conference, "LIVE_CALL": s.call,
	} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return s, fmt.Errorf("set %s: docs/live.md says to what", strings.Join(missing, ", "))
	}
	return s, s.checkSIDs()
}

// checkSIDs returns an error for what is no SID, since SIDs are printed and names and
// numbers are not.
func (s settings) checkSIDs() error {
	forms := voice.SignalWire().SIDs
	for _, sid := range []struct{ name, value, form string }{
		{"LIVE_ACCOUNT_SID", s.account, forms.Account},
		{"LIVE_CONFERENCE", s.conference, forms.Conference},
		{"LIVE_CALL", s.call, forms.Call},
		{"LIVE_SECOND_CALL", cmp.Or(s.secondCall, s.call), forms.Call},
	} {
		if !regexp.MustCompile(sid.form).MatchString(sid.value) {
			return fmt.Errorf("%s is not a SID, which is a lower-case UUID", sid.name)
		}
	}
	return nil
}

// pause waits, or returns early when the context ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// person is the one at the terminal.
type person struct {
	lines *bufio.Reader
	out   io.Writer
}

// says asks, and reports whether the next line is this word. The end of the input is no.
func (p person) says(word, question string) bool {
	fmt.Fprintf(p.out, "%s Type %s to go on: ", question, word)
	return p.line() == word
}

// answers asks, and returns the next line in lower case.
func (p person) answers(question string) string {
	fmt.Fprintf(p.out, "%s ", question)
	return p.line()
}

// line returns the next line, "" at the end of the input.
func (p person) line() string {
	line, err := p.lines.ReadString('\n')
	if err != nil {
		// Nothing was typed that ends the line of the question.
		fmt.Fprintln(p.out)
	}
	return strings.ToLower(strings.TrimSpace(line))
}
