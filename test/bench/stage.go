package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// stage is everything that runs beside the manager.
type stage struct {
	bin, scratch string
	plane        *testkit.ControlPlane
	client       client.Client
	http         *http.Client
	simulator    *testkit.Process
	provider     *provider
	kubeconfig   string
	managers     []*manager
	scenes       int
}

// newStage starts a control plane and a simulator.
func newStage(ctx context.Context, bin string) (s *stage, err error) {
	s = &stage{bin: bin}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.scratch, err = os.MkdirTemp("", "conference-bench-"); err != nil {
		return s, err
	}
	if s.plane, err = testkit.StartControlPlane(); err != nil {
		return s, err
	}
	if err := s.connect(ctx); err != nil {
		return s, err
	}
	s.simulator, err = testkit.StartProcess(ctx, filepath.Join(bin, "voicesim"), nil,
		"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--token", "PT-bench")
	if err != nil {
		return s, err
	}
	announced, err := s.simulator.Printed(ctx, "api", "control")
	s.provider = newProvider(announced["api"], announced["control"])
	return s, err
}

// connect makes the clients of the administrator, without limits of their own,
// and the manager's access.
func (s *stage) connect(ctx context.Context) error {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	admin := rest.CopyConfig(s.plane.Config)
	admin.QPS, admin.Burst = -1, -1
	var err error
	if s.client, err = client.New(admin, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	if s.http, err = rest.HTTPClientFor(admin); err != nil {
		return err
	}
	s.kubeconfig = filepath.Join(s.scratch, "operator.kubeconfig")
	return s.plane.WriteOperatorKubeconfig(ctx, s.kubeconfig)
}

// close stops everything, last things first.
func (s *stage) close() error {
	problems := []error{s.stopManagers()}
	if s.simulator != nil {
		problems = append(problems, s.simulator.Stop())
	}
	if s.plane != nil {
		problems = append(problems, s.plane.Stop())
	}
	return errors.Join(append(problems, os.RemoveAll(s.scratch))...)
}

func (s *stage) stopManagers() error {
	var problems []error
	for _, m := range s.managers {
		problems = append(problems, m.Stop())
	}
	s.managers = nil
	return errors.Join(problems...)
}

// softLimit is what config/manager makes of the container's limit of 512 MiB.
const softLimit = "GOMEMLIMIT=512000000B"

// manager is one process of the operator.
type manager struct {
	*testkit.Process
	metrics, pprof string
}

// startManager starts the operator as it is shipped, with its metrics and
// profiles on loopback.
func (s *stage) startManager(ctx context.Context, arguments ...string) (*manager, error) {
	addresses, err := testkit.FreeAddresses(ctx, 2)
	if err != nil {
		return nil, err
	}
	process, err := testkit.StartProcess(ctx, filepath.Join(s.bin, "manager"), []string{"KUBECONFIG=" + s.kubeconfig, softLimit},
		append([]string{
			"--allowed-base-urls=" + s.provider.base(), "--health-probe-bind-address=0", "--metrics-secure=false",
			"--metrics-bind-address=" + addresses[0], "--pprof-bind-address=" + addresses[1], "--zap-log-level=error",
		}, arguments...)...)
	if err != nil {
		return nil, err
	}
	m := &manager{Process: process, metrics: "http://" + addresses[0] + "/metrics", pprof: "http://" + addresses[1] + "/debug/pprof"}
	s.managers = append(s.managers, m)
	return m, testkit.Eventually(ctx, func() error {
		_, err := fetch(ctx, http.DefaultClient, m.metrics)
		return err
	})
}

// drop takes a manager that has ended off the stage.
func (s *stage) drop(ended *manager) {
	var left []*manager
	for _, m := range s.managers {
		if m != ended {
			left = append(left, m)
		}
	}
	s.managers = left
}

// value is the sum of the series of a metric of the manager.
func (m *manager) value(ctx context.Context, name string) (float64, error) {
	content, err := fetch(ctx, http.DefaultClient, m.metrics)
	return sum(content, name, nil), err
}

// writes counts what was written to the API server so far, without what the
// benchmark itself writes to create and edit the objects of a case.
func (s *stage) writes(ctx context.Context) (status, all int, err error) {
	content, err := fetch(ctx, s.http, testkit.ServerOf(s.plane.Config)+"/metrics")
	if err != nil {
		return 0, 0, err
	}
	series := func(labels ...string) int { return int(sum(content, "apiserver_request_total", labels)) }
	ours := `group="conference.voiceops.dev"`
	status = series(ours, `resource="conferenceparticipants"`, `subresource="status"`, `verb="PATCH"`, `code="200"`)
	all = status + series(ours, `resource="voiceaccounts"`, `subresource="status"`, `verb="PATCH"`) +
		series(ours, `resource="conferences"`, `subresource="status"`, `verb="PATCH"`) +
		series(`resource="events"`, `verb="POST"`) + series(`resource="events"`, `verb="PATCH"`) +
		series(ours, `verb="DELETE"`) + series(ours, `verb="APPLY"`)
	return status, all, nil
}

// quiet waits until nothing was written for a moment, the last events included,
// and returns how long it took until then.
func (s *stage) quiet(ctx context.Context) (time.Duration, error) {
	const moment = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	last := began
	_, before, err := s.writes(ctx)
	for err == nil && time.Since(last) < moment {
		if err := wait(ctx, moment/20); err != nil {
			return 0, fmt.Errorf("there are still writes: %w", err)
		}
		written := 0
		if _, written, err = s.writes(ctx); written != before {
			before, last = written, time.Now()
		}
	}
	return last.Sub(began), err
}

// accountReports counts the status writes of all accounts.
func (s *stage) accountReports(ctx context.Context) (int, error) {
	return s.requests(ctx, `resource="voiceaccounts"`, `subresource="status"`, `verb="PATCH"`, `code="200"`)
}

// applied counts the children that were applied.
func (s *stage) applied(ctx context.Context) (int, error) {
	return s.requests(ctx, `resource="conferenceparticipants"`, `verb="APPLY"`)
}

// requests counts the requests to the API server that have all of some labels.
func (s *stage) requests(ctx context.Context, labels ...string) (int, error) {
	content, err := fetch(ctx, s.http, testkit.ServerOf(s.plane.Config)+"/metrics")
	return int(sum(content, "apiserver_request_total", labels)), err
}

// sum adds up the series of a metric that have all of some labels.
func sum(content, name string, labels []string) (total float64) {
lines:
	for line := range strings.Lines(content) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if bare, _, _ := strings.Cut(series, "{"); bare != name {
			continue
		}
		for _, label := range labels {
			if !strings.Contains(series, label) {
				continue lines
			}
		}
		// A labelled value may have spaces before the number.
		if i := strings.LastIndex(value, " "); i >= 0 {
			value = value[i+1:]
		}
		number, err := strconv.ParseFloat(value, 64)
		if err == nil {
			total += number
		}
	}
	return total
}

func fetch(ctx context.Context, from *http.Client, target string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return "", err
	}
	response, err := from.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", target, response.Status)
	}
	return string(content), err
}
