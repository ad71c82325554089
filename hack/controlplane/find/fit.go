package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/tools/setup-envtest/versions"
)

const (
	// oldestMinor is the minor version of the oldest Kubernetes 1 that the operator
	// supports, as docs/operations.md says.
	oldestMinor = 31
	// answerLimit is how long a binary may take to print its version.
	answerLimit = 20 * time.Second
)

// fit is a range of minor versions of Kubernetes 1, both ends included.
type fit struct{ oldest, newest int }

// fitOf returns what fits the Kubernetes libraries in a go.mod: v0.37.2 of client-go
// is that of Kubernetes 1.37.
func fitOf(goMod string) (fit, error) {
	match := regexp.MustCompile(`(?m)^\s*k8s\.io/client-go v0\.(\d+)\.`).FindStringSubmatch(goMod)
	if match == nil {
		return fit{}, errors.New("go.mod does not require k8s.io/client-go")
	}
	newest, err := strconv.Atoi(match[1])
	if err != nil {
		return fit{}, fmt.Errorf("reading the version of k8s.io/client-go: %w", err)
	}
	return fit{oldest: oldestMinor, newest: newest}, nil
}

// has reports whether a version is in the range.
func (f fit) has(version versions.Concrete) bool {
	return version.Major == 1 && f.oldest <= version.Minor && version.Minor <= f.newest
}

// check returns the version of the kube-apiserver in a directory, or an error if the
// directory does not fit.
func (f fit) check(ctx context.Context, directory string) (string, error) {
	printed, err := versionOf(ctx, filepath.Join(directory, "kube-apiserver"))
	if err != nil {
		return "", err
	}
	found, _ := versions.ExtractWithPlatform(serverVersion(), printed)
	if found == nil || !f.has(*found) {
		return "", fmt.Errorf("its kube-apiserver is %q, not between 1.%d and 1.%d", printed, f.oldest, f.newest)
	}
	if _, err := versionOf(ctx, filepath.Join(directory, "etcd")); err != nil {
		return "", err
	}
	_, beside := exec.LookPath(filepath.Join(directory, "kubectl"))
	_, elsewhere := exec.LookPath("kubectl")
	if beside != nil && elsewhere != nil {
		return "", errors.New("there is no kubectl, neither in it nor on the search path")
	}
	return found.String(), nil
}

// serverVersion matches what kube-apiserver --version prints. Builds of vendors have
// suffixes; the empty groups are those that the parser of setup-envtest asks for.
func serverVersion() *regexp.Regexp {
	return regexp.MustCompile(`^Kubernetes v` + versions.ConcreteVersionRE.String() + `(?P<os>)(?P<arch>)(?:[-+].*)?$`)
}

// versionOf returns what a binary prints for --version.
func versionOf(ctx context.Context, binary string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	printed, err := exec.CommandContext(ctx, binary, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("its %s does not run (%w)", filepath.Base(binary), err)
	}
	return strings.TrimSpace(string(printed)), nil
}
