package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestWrongFlagsGetOneLineAndExitCode2(t *testing.T) {
	for want, arguments := range map[string][]string{
		"flag provided but not defined":                    {"--nonsense"},
		"unexpected argument \"start\"":                    {"start"},
		"--allowed-base-urls: \"ftp://x\"":                 {"--allowed-base-urls", "ftp://x"},
		"--watch-label-selector":                           {"--watch-label-selector", "a=b=c"},
		"--concurrency: 0":                                 {"--concurrency", "0"},
		"invalid value \"many\"":                           {"--concurrency", "many"},
		"invalid boolean value":                            {"--leader-elect=perhaps"},
		"--metrics-bind-address: \"x\"":                    {"--metrics-bind-address", "x", "--health-probe-bind-address", "y"},
		"--metrics-bind-address: \":http\"":                {"--metrics-bind-address", ":http"},
		"--health-probe-bind-address: \"\"":                {"--health-probe-bind-address="},
		"--health-probe-bind-address: \"localhost:99999\"": {"--health-probe-bind-address", "localhost:99999"},
		"--pprof-bind-address: \"6060\"":                   {"--pprof-bind-address", "6060"},
		"--leader-election-retry-period: 0s":               {"--leader-election-retry-period=0s"},
		"--leader-election-renew-deadline: 8s":             {"--leader-election-retry-period=7s"},
		"--leader-election-renew-deadline: 600ms":          {"--leader-election-renew-deadline=600ms"},
		"--leader-election-lease-duration: 8s":             {"--leader-election-lease-duration=8s"},
		"--leader-election-lease-duration: 12s":            {"--leader-election-renew-deadline=20s"},
		"--leader-election-lease-duration: 900ms": {
			"--leader-election-lease-duration=900ms", "--leader-election-renew-deadline=800ms", "--leader-election-retry-period=100ms",
		},
		"invalid value \"soon\" for flag -leader-election-lease-duration": {"--leader-election-lease-duration=soon"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), arguments, &stdout, &stderr)
		if code != exitUsage || stdout.Len() != 0 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want 2 and one line with %q", arguments, code, &stdout, &stderr, want)
		}
	}
}

func TestHelpIsNoError(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"--help"}, &stdout, &stderr); code != 0 || stderr.Len() != 0 {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
	for _, flag := range []string{
		"-allowed-base-urls", "-proxy-from-environment", "-concurrency", "-watch-namespaces", "-watch-label-selector", "-leader-elect",
		"-leader-election-lease-duration", "-leader-election-renew-deadline", "-leader-election-retry-period",
		"-metrics-bind-address", "-metrics-secure", "-health-probe-bind-address", "-pprof-bind-address", "-zap-log-level",
	} {
		if !strings.Contains(stdout.String(), flag) {
			t.Errorf("the help does not name %s", flag)
		}
	}
}

func TestWithoutAClusterItSaysSo(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("HOME", t.TempDir())
	if err := os.Unsetenv("KUBERNETES_SERVICE_HOST"); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), nil, &stdout, &stderr); code != exitFailure || stderr.Len() == 0 {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}

func TestAddresses(t *testing.T) {
	for _, address := range []string{"0", ":8081", "127.0.0.1:0", "[::1]:8081", "localhost:8081"} {
		if _, err := parse([]string{"--metrics-bind-address", address, "--health-probe-bind-address", address}, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSettings(t *testing.T) {
	s, err := parse([]string{"--watch-namespaces", "a, b,", "--watch-label-selector", "shard=1", "--concurrency", "8", "--leader-elect"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := options(s)
	if len(o.Cache.DefaultNamespaces) != 2 || !o.LeaderElection || s.concurrency != 8 || s.selector.String() != "shard=1" {
		t.Errorf("%+v", s)
	}
	if *o.GracefulShutdownTimeout <= 8*time.Second {
		t.Error("R16: the manager stops before a reconcile that was begun has ended")
	}
}

func TestTheLeaderElectionIsAsTheFlagsSay(t *testing.T) {
	for _, c := range []struct {
		arguments           []string
		lease, renew, retry time.Duration
	}{
		{nil, 12 * time.Second, 8 * time.Second, 500 * time.Millisecond},
		{[]string{"--leader-election-lease-duration=60s", "--leader-election-renew-deadline=40s", "--leader-election-retry-period=5s"},
			time.Minute, 40 * time.Second, 5 * time.Second},
	} {
		s, err := parse(c.arguments, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o := options(s); *o.LeaseDuration != c.lease || *o.RenewDeadline != c.renew || *o.RetryPeriod != c.retry {
			t.Errorf("%q: %s, %s, %s", c.arguments, *o.LeaseDuration, *o.RenewDeadline, *o.RetryPeriod)
		}
	}
}

func TestShardsHaveLeasesOfTheirOwn(t *testing.T) {
	lease := func(arguments ...string) string {
		s, err := parse(arguments, nil)
		if err != nil {
			t.Fatal(err)
		}
		return options(s).LeaderElectionID
	}
	names := map[string]bool{}
	for _, arguments := range [][]string{
		nil, {"--watch-label-selector=shard=a"}, {"--watch-label-selector=shard=b"}, {"--watch-namespaces=a"}, {"--watch-namespaces=a,b"},
	} {
		names[lease(arguments...)] = true
	}
	if len(names) != 5 {
		t.Errorf("%d leases for 5 shards: %v", len(names), names)
	}
	for _, shard := range [][2]string{
		{"--watch-namespaces=a,b", "--watch-namespaces=b, a"},
		{"--watch-namespaces=a", "--watch-namespaces=a,a"},
		{"--watch-label-selector=shard in (a,b),x", "--watch-label-selector=x,shard in (b,a)"},
		{"--watch-label-selector=shard=a", "--watch-label-selector=shard in (a)"},
		{"--watch-label-selector=shard=a", "--watch-label-selector=shard==a"},
		{"--watch-label-selector=shard=a", "--watch-label-selector=shard=a,shard in (a)"},
		{"--watch-label-selector=shard!=a", "--watch-label-selector=shard notin (a)"},
		{"--watch-label-selector=x,shard=", "--watch-label-selector=shard in (),x"},
	} {
		if lease(shard[0]) != lease(shard[1]) {
			t.Errorf("replicas of one shard that write it as %s and %s have two leases", shard[0], shard[1])
		}
	}
	for _, shards := range [][2]string{
		{"--watch-label-selector=shard", "--watch-label-selector=!shard"},
		{"--watch-label-selector=shard=a", "--watch-label-selector=shard!=a"},
		{"--watch-label-selector=shard>1", "--watch-label-selector=shard<1"},
		{"--watch-label-selector=shard>1", "--watch-label-selector=shard=1"},
		{"--watch-label-selector=shard in (a,b)", "--watch-label-selector=shard notin (a,b)"},
		{"--watch-label-selector=shard", "--watch-label-selector=shard="},
	} {
		if lease(shards[0]) == lease(shards[1]) {
			t.Errorf("%s and %s share a lease", shards[0], shards[1])
		}
	}
	if lease() != "conference-operator.voiceops.dev" || lease("--watch-label-selector=shard in (a)") != lease("--watch-label-selector=shard=a") {
		t.Error("the lease of the whole has another name")
	}
}

func TestC12TheGarbageCollectorKnowsTheContainersLimit(t *testing.T) {
	content, err := os.ReadFile("../../config/manager/deployment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	deployment := &appsv1.Deployment{}
	if err := yaml.UnmarshalStrict(content, deployment); err != nil {
		t.Fatal(err)
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	environment := map[string]corev1.EnvVar{}
	for _, variable := range container.Env {
		environment[variable.Name] = variable
	}
	source := environment["MEMORY_LIMIT_MIB"].ValueFrom
	if source == nil || source.ResourceFieldRef == nil || source.ResourceFieldRef.Resource != "limits.memory" {
		t.Fatalf("the limit comes from %+v", source)
	}
	limit := container.Resources.Limits.Memory().Value()
	inUnits := strconv.FormatInt(limit/source.ResourceFieldRef.Divisor.Value(), 10)
	text := strings.ReplaceAll(environment["GOMEMLIMIT"].Value, "$(MEMORY_LIMIT_MIB)", inUnits)
	soft, err := strconv.ParseInt(strings.TrimSuffix(text, "B"), 10, 64)
	if err != nil || soft < limit*9/10 || soft > limit*97/100 {
		t.Errorf("GOMEMLIMIT is %s of %d, %v", text, limit, err)
	}
}
