package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
)

// newFinder returns a finder for Kubernetes 1.31 to 1.37 with an empty directory of
// setup-envtest, on a machine without kubectl; and what it says.
func newFinder(t *testing.T) (*finder, *strings.Builder) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	said := &strings.Builder{}
	return &finder{
		fit: fit{oldest: 31, newest: 37}, stored: t.TempDir(), say: said, index: "http://127.0.0.1:1/",
		limits: limits{connect: time.Minute, idle: time.Minute, report: time.Hour},
	}, said
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	return logr.NewContext(t.Context(), logr.Discard())
}

// binaries writes programs into a directory that print what the real ones do.
func binaries(t *testing.T, directory, server string, names ...string) string {
	t.Helper()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(script(server)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func script(server string) string { return fmt.Sprintf("#!/bin/sh\necho '%s'\n", server) }

func all() []string { return []string{"kube-apiserver", "etcd", "kubectl"} }

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		name, server string
		names        []string
		want         string
	}{
		{name: "newest", server: "Kubernetes v1.37.2", names: all()},
		{name: "oldest", server: "Kubernetes v1.31.0", names: all()},
		{name: "a vendor's", server: "Kubernetes v1.33.4-gke.12+ab", names: all()},
		{name: "too old", server: "Kubernetes v1.30.9", names: all(), want: `"Kubernetes v1.30.9", not between 1.31 and 1.37`},
		{name: "too new", server: "Kubernetes v1.38.0", names: all(), want: "not between"},
		{name: "next major", server: "Kubernetes v2.35.0", names: all(), want: "not between"},
		{name: "something else", server: "nginx 1.35.0", names: all(), want: "not between"},
		{name: "no etcd", server: "Kubernetes v1.37.2", names: []string{"kube-apiserver", "kubectl"}, want: "etcd does not run"},
		{name: "no kubectl", server: "Kubernetes v1.37.2", names: []string{"kube-apiserver", "etcd"}, want: "no kubectl"},
		{name: "empty", want: "kube-apiserver does not run"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := newFinder(t)
			_, err := f.fit.check(testContext(t), binaries(t, t.TempDir(), tt.server, tt.names...))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAKubectlOnTheSearchPathWillDo(t *testing.T) {
	f, _ := newFinder(t)
	t.Setenv("PATH", binaries(t, t.TempDir(), "", "kubectl"))
	if _, err := f.fit.check(testContext(t), binaries(t, t.TempDir(), "Kubernetes v1.37.2", "kube-apiserver", "etcd")); err != nil {
		t.Error(err)
	}
}

// The least version is what the documents say, and the newest is that of the libraries.
func TestFitOf(t *testing.T) {
	goMod, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	got, err := fitOf(string(goMod))
	if err != nil || got.newest < 37 {
		t.Errorf("got %+v, %v", got, err)
	}
	operations, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Kubernetes 1\.(\d+) or (?:newer|later)`).FindSubmatch(operations)
	if named == nil || string(named[1]) != fmt.Sprint(got.oldest) {
		t.Errorf("docs/operations.md says %q, the search 1.%d", named, got.oldest)
	}
	if _, err := fitOf("module x\n"); err == nil {
		t.Error("no error without client-go")
	}
}

func TestWhatIsNamedComesFirst(t *testing.T) {
	f, said := newFinder(t)
	f.assets = binaries(t, t.TempDir(), "Kubernetes v1.35.1", all()...)
	f.built = binaries(t, t.TempDir(), "Kubernetes v1.37.2", all()...)
	if got, err := f.find(testContext(t)); err != nil || got != f.assets {
		t.Errorf("got %s, %v", got, err)
	}
	if !strings.Contains(said.String(), "Using kube-apiserver 1.35.1 in "+f.assets) {
		t.Errorf("said %q", said)
	}
}

func TestWhatIsNamedButDoesNotFitIsSaid(t *testing.T) {
	f, said := newFinder(t)
	f.assets = binaries(t, t.TempDir(), "Kubernetes v1.29.0", all()...)
	f.built = binaries(t, t.TempDir(), "Kubernetes v1.37.2", all()...)
	if got, err := f.find(testContext(t)); err != nil || got != f.built {
		t.Errorf("got %s, %v", got, err)
	}
	if lines := strings.Split(said.String(), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "does not fit: its kube-apiserver is \"Kubernetes v1.29.0\"") {
		t.Errorf("said %q", said)
	}
}

// Of what setup-envtest has downloaded before, the newest that fits is taken.
func TestWhatSetupEnvtestHasKept(t *testing.T) {
	f, said := newFinder(t)
	kept := func(version string) string {
		return filepath.Join(f.stored, "k8s", platform().BaseName(concrete(t, version)))
	}
	for _, version := range []string{"1.30.0", "1.33.0", "1.34.2", "1.38.0"} {
		binaries(t, kept(version), "Kubernetes v"+version, all()...)
	}
	// A download that was cut short.
	binaries(t, kept("1.36.0"), "Kubernetes v1.36.0", "kube-apiserver")
	if got, err := f.find(testContext(t)); err != nil || got != kept("1.34.2") {
		t.Errorf("got %s, %v", got, err)
	}
	if !strings.Contains(said.String(), "from setup-envtest") {
		t.Errorf("said %q", said)
	}
}
