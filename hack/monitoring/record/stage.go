package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	otherSID   = "0b8f3d52-9a3c-4c3f-8f0e-5d1c2a7b9e44"
	token      = "PT-recorded"
)

// stage is everything that runs.
type stage struct {
	bin, scratch string
	plane        *testkit.ControlPlane
	client       client.Client
	sim          *voicesim.Simulator
	provider     *httptest.Server
	kubeconfig   string
	managers     []*manager
}

// manager is one replica.
type manager struct {
	*testkit.Process
	address string
}

// newStage starts a control plane, a simulator and two managers. It has to be closed also
// after an error.
func newStage(ctx context.Context, bin string) (s *stage, err error) {
	s = &stage{bin: bin, sim: voicesim.New(voicesim.Config{})}
	s.sim.AddAccount(accountSID, token)
	s.sim.AddAccount(otherSID, token)
	s.provider = httptest.NewServer(s.sim.Handler())
	if s.scratch, err = os.MkdirTemp("", "conference-record-"); err != nil {
		return s, err
	}
	if s.plane, err = testkit.StartControlPlane(); err != nil {
		return s, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return s, err
	}
	if s.client, err = client.New(s.plane.Config, client.Options{Scheme: scheme}); err != nil {
		return s, err
	}
	s.kubeconfig = filepath.Join(s.scratch, "kubeconfig")
	if err := s.plane.WriteOperatorKubeconfig(ctx, s.kubeconfig); err != nil {
		return s, err
	}
	for range 2 {
		if err := s.startManager(ctx); err != nil {
			return s, err
		}
	}
	return s, nil
}

// startManager starts a replica and waits until it serves metrics.
func (s *stage) startManager(ctx context.Context) error {
	addresses, err := testkit.FreeAddresses(ctx, 1)
	if err != nil {
		return err
	}
	process, err := testkit.StartProcess(ctx, filepath.Join(s.bin, "manager"), []string{"KUBECONFIG=" + s.kubeconfig},
		"--allowed-base-urls="+s.provider.URL, "--leader-elect", "--leader-election-namespace="+testkit.OperatorNamespace,
		"--metrics-secure=false", "--metrics-bind-address="+addresses[0], "--health-probe-bind-address=0", "--zap-log-level=error")
	if err != nil {
		return err
	}
	started := &manager{Process: process, address: addresses[0]}
	s.managers = append(s.managers, started)
	return testkit.Eventually(ctx, func() error { return started.scrape(ctx, io.Discard) })
}

// stopFirst stops the replica that was started first.
func (s *stage) stopFirst() error {
	first := s.managers[0]
	s.managers = s.managers[1:]
	return first.Stop()
}

// scrape writes the metrics of all managers.
func (s *stage) scrape(ctx context.Context, into io.Writer) error {
	for _, m := range s.managers {
		if _, err := fmt.Fprintf(into, "# scrape %d conference-operator %s\n", time.Now().UnixMilli(), m.address); err != nil {
			return err
		}
		if err := m.scrape(ctx, into); err != nil {
			return err
		}
	}
	return nil
}

// scrape writes the metrics of one manager.
func (m *manager) scrape(ctx context.Context, into io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.address+"/metrics", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, response.Body)
	return errors.Join(err, response.Body.Close())
}

// close stops everything, last things first.
func (s *stage) close() error {
	var problems []error
	for _, m := range s.managers {
		problems = append(problems, m.Stop())
	}
	s.provider.Close()
	if s.plane != nil {
		problems = append(problems, s.plane.Stop())
	}
	return errors.Join(append(problems, os.RemoveAll(s.scratch))...)
}
