package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/internal/testkit"
)

// result is what a command has come to.
type result struct {
	out, err string
	code     int
}

// run runs the binary with an answer for its questions.
func (d *desk) run(answer string, arguments ...string) result {
	d.t.Helper()
	flags := []string{"-n", d.namespace, "--allowed-base-urls", d.url}
	if arguments[0] == "__complete" {
		// What is last is to be completed.
		flags = nil
	}
	if !slices.Contains([]string{"list", "watch", "why", "plan", "doctor", "import", "__complete"}, arguments[0]) && !slices.Contains(arguments, "--timeout") {
		// A verb waits as long as it takes beside heavy load.
		flags = append(flags, "--timeout", "1m")
	}
	command := exec.CommandContext(d.t.Context(), d.binary, append(arguments, flags...)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+d.kubeconfig)
	command.Stdin = strings.NewReader(answer)
	var out, failed bytes.Buffer
	command.Stdout, command.Stderr = &out, &failed
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	if text := out.String() + failed.String(); strings.Contains(text, token) {
		d.t.Errorf("%v prints the token:\n%s", arguments, text)
	}
	return result{out.String(), failed.String(), command.ProcessState.ExitCode()}
}

// ok runs the binary, which must succeed, and returns the output.
func (d *desk) ok(arguments ...string) string {
	d.t.Helper()
	got := d.run("", arguments...)
	if got.code != 0 {
		d.t.Fatalf("%v ends with %d:\n%s%s", arguments, got.code, got.out, got.err)
	}
	return got.out
}

// refused runs the binary, which must refuse and say why.
func (d *desk) refused(why string, arguments ...string) {
	d.t.Helper()
	if got := d.run("", arguments...); got.code != 2 || !strings.Contains(got.err, why) {
		d.t.Errorf("%v ends with %d, want 2 with %q:\n%s%s", arguments, got.code, why, got.out, got.err)
	}
}

// eventually waits until a condition is nil.
func (d *desk) eventually(try func() error) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	if err := testkit.Eventually(ctx, try); err != nil {
		d.t.Fatal(err)
	}
}

// wants checks that a text has parts.
func (d *desk) wants(text string, parts ...string) {
	d.t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			d.t.Errorf("%q is not in\n%s", part, text)
		}
	}
}
