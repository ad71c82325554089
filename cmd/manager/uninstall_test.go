package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheFlagsOfAnUninstallation(t *testing.T) {
	options, err := parseUninstall([]string{"--namespaces=a, b", "--deployment=here/operator", "--release-finalizers", "--timeout=1m", "--grace=2s"}, nil)
	if err != nil || !slices.Equal(options.Namespaces, []string{"a", "b"}) || options.Deployment.String() != "here/operator" ||
		!options.Release || options.Timeout != time.Minute || options.Grace != 2*time.Second {
		t.Errorf("%+v, %v", options, err)
	}
	defaults, err := parseUninstall(nil, nil)
	if err != nil || defaults.Namespaces != nil || defaults.Release || defaults.Timeout <= 15*time.Minute {
		t.Errorf("%+v, %v", defaults, err)
	}
}

func TestWrongFlagsOfAnUninstallationGetOneLineAndExitCode2(t *testing.T) {
	for want, argument := range map[string]string{
		"--deployment: \"operator\"":     "--deployment=operator",
		"--deployment: \"/operator\"":    "--deployment=/operator",
		"unexpected argument \"now\"":    "now",
		"flag provided but not defined":  "--leader-elect",
		"invalid value \"soon\" for fla": "--timeout=soon",
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), []string{"uninstall", argument}, &stdout, &stderr)
		if code != exitUsage || stdout.Len() != 0 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q", argument, code, &stdout, &stderr)
		}
	}
}

func TestHelpOfAnUninstallationIsNoError(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"uninstall", "--help"}, &stdout, &stderr); code != 0 || stderr.Len() != 0 || !strings.Contains(stdout.String(), "-release-finalizers") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
}
