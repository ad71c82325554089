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

// environment is everything that runs: control plane, simulator and manager, with
// the clients of the first two.
type environment struct {
	// scratch is a directory for kubeconfig files.
	scratch   string
	plane     *testkit.ControlPlane
	simulator *testkit.Process
	manager   *testkit.Process
	provider  *provider
	cluster   *cluster
}

// startEnvironment starts everything. The environment must be stopped also after an
// error.
func startEnvironment(ctx context.Context, out *terminal) (*environment, error) {
	e := &environment{}
	var err error
	if e.scratch, err = os.MkdirTemp("", "conference-demo-"); err != nil {
		return e, err
	}
	out.heading("Starting the environment")
	out.say("Starting kube-apiserver and etcd.")
	if e.plane, err = testkit.StartControlPlane(); err != nil {
		return e, err
	}
	if err := e.startSimulator(ctx); err != nil {
		return e, err
	}
	out.say("Starting the provider: a simulator at %s.", e.provider.apiURL)
	if err := e.startManager(ctx); err != nil {
		return e, err
	}
	out.say("Starting the operator: bin/manager --allowed-base-urls=%s", e.provider.base())
	e.cluster, err = newCluster(e.plane.Config)
	return e, err
}

// start starts a program that make has built into the directory of the demo.
func start(ctx context.Context, name string, environment []string, arguments ...string) (*testkit.Process, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return testkit.StartProcess(ctx, filepath.Join(filepath.Dir(executable), name), environment, arguments...)
}

// startSimulator starts the simulator with one account and one conference.
func (e *environment) startSimulator(ctx context.Context) (err error) {
	e.simulator, err = start(ctx, "voicesim", nil,
		"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--account", accountSID, "--token", firstToken,
		"--conference", conferenceName, "--participants", fmt.Sprint(participants))
	if err != nil {
		return err
	}
	printed, err := e.simulator.Printed(ctx, "api", "control")
	if err != nil {
		return err
	}
	e.provider = &provider{apiURL: printed["api"], controlURL: printed["control"], token: firstToken}
	return nil
}

// startManager starts the manager as its service account, with the permissions
// that it has in a cluster.
func (e *environment) startManager(ctx context.Context) error {
	access, err := e.plane.OperatorConfig(ctx)
	if err != nil {
		return err
	}
	kubeconfig, err := e.writeKubeconfig("operator.kubeconfig", access)
	if err != nil {
		return err
	}
	e.manager, err = start(ctx, "manager", []string{"KUBECONFIG=" + kubeconfig}, "--allowed-base-urls="+e.provider.base(),
		"--health-probe-bind-address=0", "--metrics-bind-address=0", "--zap-log-level=info")
	return err
}

// writeKubeconfig writes a kubeconfig file into the scratch directory.
func (e *environment) writeKubeconfig(name string, access *rest.Config) (path string, err error) {
	content, err := testkit.Kubeconfig(access, namespace)
	if err != nil {
		return "", err
	}
	path = filepath.Join(e.scratch, name)
	return path, os.WriteFile(path, content, 0o600)
}

// stop stops everything, in reverse order, and removes the files.
func (e *environment) stop() error {
	var problems []error
	for _, running := range []*testkit.Process{e.manager, e.simulator} {
		if running != nil {
			problems = append(problems, running.Stop())
		}
	}
	if e.plane != nil {
		problems = append(problems, e.plane.Stop())
	}
	return errors.Join(append(problems, os.RemoveAll(e.scratch))...)
}

// logTails returns the last lines of the logs, to print with the error of a step.
func (e *environment) logTails() string {
	return fmt.Sprintf("\n\nLast lines of the manager's log:\n%s\nLast lines of the simulator's log:\n%s", e.manager.Tail(), e.simulator.Tail())
}

// keep prints how to reach the processes, and returns when the context ends.
func (e *environment) keep(ctx context.Context, out *terminal) error {
	path, err := e.writeKubeconfig("kubeconfig", e.plane.Config)
	if err != nil {
		return err
	}
	kubectl, err := testkit.Kubectl()
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	out.heading("Everything is kept running; Ctrl-C ends it")
	out.block("In another terminal:", fmt.Sprintf(`export KUBECONFIG=%s PATH=%s:%s:$PATH
export API=%s CONTROL=%s ACCOUNT=%s TOKEN=%s
kubectl get cpart -w
kubectl edit cpart listener
curl -u $ACCOUNT:$TOKEN "$API/Accounts/$ACCOUNT/Conferences?Status=in-progress"
curl $CONTROL/journal
kubectl apply -f config/samples/room-all-hands.yaml
curl $CONTROL/rooms/join -d '{"friendlyName": "all-hands"}'   # a phone calls; again for another one
curl $CONTROL/rooms/join -d '{"friendlyName": "all-hands", "endConferenceOnExit": true}'   # the host calls
kubectl get conf,cpart
make build   # for what follows
kubectl conference list
kubectl conference why supervisor
kubectl conference list --live --numbers --allowed-base-urls=%s`,
		path, filepath.Dir(executable), filepath.Dir(kubectl), e.provider.apiURL, e.provider.controlURL, accountSID, e.provider.token, e.provider.base()))
	<-ctx.Done()
	return nil
}
