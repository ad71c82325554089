package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// get runs hack/controlplane/get or a copy of it, and returns what it prints.
func get(t *testing.T, script, out string, environment ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), script, out)
	command.Env = append(os.Environ(), append([]string{"KUBEBUILDER_ASSETS=", "CONTROLPLANE="}, environment...)...)
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return string(printed)
}

// linked fails the test unless out links to the binaries of a directory.
func linked(t *testing.T, out, directory string) {
	t.Helper()
	for _, name := range all() {
		if link, err := os.Readlink(filepath.Join(out, name)); err != nil || link != filepath.Join(directory, name) {
			t.Errorf("%s leads to %q (%v), want %s", name, link, err, directory)
		}
	}
}

// The links of hack/controlplane/get lead to what KUBEBUILDER_ASSETS names.
func TestGetLinksWhatFits(t *testing.T) {
	assets, out := binaries(t, t.TempDir(), "Kubernetes v1.36.1", all()...), filepath.Join(t.TempDir(), "out")
	printed := get(t, "../get", out, "KUBEBUILDER_ASSETS="+assets)
	linked(t, out, assets)
	if !strings.Contains(printed, "Using kube-apiserver 1.36.1") {
		t.Errorf("printed %q", printed)
	}
}

// copied returns a copy of hack/controlplane/get, beside a build that writes what it was
// told and a search that finds nothing.
func copied(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../get")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	for path, text := range map[string]string{
		"get": string(content),
		"build": `#!/bin/sh
if [ "$1" = --check ]; then test -x "$2/kube-apiserver"; exit; fi
echo "compiling: $2"; for name in kube-apiserver etcd kubectl; do echo >"$1/$name"; chmod +x "$1/$name"; done
`,
		"find/go.mod":  "module find\n",
		"find/main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Println(\"the moon is full\")\n\tos.Exit(1)\n}\n",
	} {
		path = filepath.Join(directory, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(directory, "get")
}

// What is nowhere is compiled, once, and a line says why.
func TestGetCompilesWhatIsNowhere(t *testing.T) {
	script, out := copied(t), t.TempDir()
	built := filepath.Join(out, "built")
	if err := os.Mkdir(built, 0o755); err != nil {
		t.Fatal(err)
	}
	if printed := get(t, script, out); printed != "compiling: the moon is full\n" {
		t.Errorf("printed %q", printed)
	}
	linked(t, out, built)
	if printed := get(t, script, out); printed != "compiling: \n" {
		t.Errorf("the second time printed %q", printed)
	}
}

func TestGetCompilesAtOnceIfTold(t *testing.T) {
	script, out := copied(t), t.TempDir()
	assets := binaries(t, t.TempDir(), "Kubernetes v1.36.1", all()...)
	built := filepath.Join(out, "built")
	if err := os.Mkdir(built, 0o755); err != nil {
		t.Fatal(err)
	}
	if printed := get(t, script, out, "CONTROLPLANE=build", "KUBEBUILDER_ASSETS="+assets); printed != "compiling: \n" {
		t.Errorf("printed %q", printed)
	}
	linked(t, out, built)
}
