package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"

	"github.com/voiceops/conference-operator/internal/testkit"
)

const (
	accountSID     = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	firstToken     = "PT-demo-first"
	secondToken    = "PT-demo-second"
	conferenceName = "support-hotline"
	participants   = 5
)

// stage is everything that runs: control plane, simulator and manager.
type stage struct {
	scratch   string
	plane     *testkit.ControlPlane
	simulator *testkit.Process
	manager   *testkit.Process
	provider  *provider
	cluster   *cluster
}

// setStage starts everything. The stage is to be struck also after an error.
func setStage(ctx context.Context, out *terminal) (*stage, error) {
	s := &stage{}
	var err error
	if s.scratch, err = os.MkdirTemp("", "conference-demo-"); err != nil {
		return s, err
	}
	out.heading("Setting the stage")
	out.say("Starting kube-apiserver and etcd.")
	if s.plane, err = testkit.StartControlPlane(); err != nil {
		return s, err
	}
	if err := s.startSimulator(ctx); err != nil {
		return s, err
	}
	out.say("Starting the provider: a simulator at %s.", s.provider.api)
	if err := s.startManager(ctx); err != nil {
		return s, err
	}
	out.say("Starting the operator: bin/manager --allowed-base-urls=%s", s.provider.base())
	s.cluster, err = newCluster(s.plane.Config)
	return s, err
}

// start starts one of the programs that make has built beside the demo.
func start(ctx context.Context, name string, environment []string, arguments ...string) (*testkit.Process, error) {
	demo, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return testkit.StartProcess(ctx, filepath.Join(filepath.Dir(demo), name), environment, arguments...)
}

func (s *stage) startSimulator(ctx context.Context) (err error) {
	s.simulator, err = start(ctx, "voicesim", nil,
		"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--account", accountSID, "--token", firstToken,
		"--conference", conferenceName, "--participants", fmt.Sprint(participants))
	if err != nil {
		return err
	}
	printed, err := s.simulator.Printed(ctx, "api", "control")
	if err != nil {
		return err
	}
	s.provider = &provider{api: printed["api"], control: printed["control"], token: firstToken}
	return nil
}

// startManager runs the manager as its service account, with no more rights
// than it has in a cluster.
func (s *stage) startManager(ctx context.Context) error {
	access, err := s.plane.OperatorConfig(ctx)
	if err != nil {
		return err
	}
	kubeconfig, err := s.writeKubeconfig("operator.kubeconfig", access)
	if err != nil {
		return err
	}
	s.manager, err = start(ctx, "manager", []string{"KUBECONFIG=" + kubeconfig}, "--allowed-base-urls="+s.provider.base(),
		"--health-probe-bind-address=0", "--metrics-bind-address=0", "--zap-log-level=info")
	return err
}

func (s *stage) writeKubeconfig(name string, access *rest.Config) (path string, err error) {
	content, err := testkit.Kubeconfig(access, namespace)
	if err != nil {
		return "", err
	}
	path = filepath.Join(s.scratch, name)
	return path, os.WriteFile(path, content, 0o600)
}

// strike stops everything, last things first.
func (s *stage) strike() error {
	var problems []error
	for _, running := range []*testkit.Process{s.manager, s.simulator} {
		if running != nil {
			problems = append(problems, running.Stop())
		}
	}
	if s.plane != nil {
		problems = append(problems, s.plane.Stop())
	}
	return errors.Join(append(problems, os.RemoveAll(s.scratch))...)
}

// lastWords are the ends of the logs, for whom a step failed.
func (s *stage) lastWords() string {
	return fmt.Sprintf("\n\nThe manager's last words:\n%s\nThe simulator's last words:\n%s", s.manager.Tail(), s.simulator.Tail())
}

// stay keeps everything up until somebody has seen enough.
func (s *stage) stay(ctx context.Context, out *terminal) error {
	path, err := s.writeKubeconfig("kubeconfig", s.plane.Config)
	if err != nil {
		return err
	}
	out.heading("Still up; Ctrl-C ends it")
	out.block("In another terminal:", fmt.Sprintf(`export KUBECONFIG=%s
kubectl get cpart -n %s -w
kubectl edit cpart -n %s listener
export API=%s CONTROL=%s ACCOUNT=%s TOKEN=%s
curl -u $ACCOUNT:$TOKEN "$API/Accounts/$ACCOUNT/Conferences?Status=in-progress"
curl $CONTROL/journal`, path, namespace, namespace, s.provider.api, s.provider.control, accountSID, s.provider.token))
	<-ctx.Done()
	return nil
}
