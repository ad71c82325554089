// Package cli runs kubectl-conference as a person does: the built binary, against a real
// API server, the operator and the simulated provider.
package cli

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/conferencetest"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-cli-canary"
	hostNumber = "+15555550100"
)

// desk is where a person sits: a cluster with the operator, the provider, and the binary.
type desk struct {
	t         *testing.T
	admin     client.Client
	sim       *voicesim.Simulator
	url       string
	namespace string
	binary    string
	// kubeconfig leads to the cluster, home is the folder of this package.
	kubeconfig, home string
}

// TestCLI has one control plane for all that a person does.
func TestCLI(t *testing.T) {
	d := newDesk(t)
	for _, story := range []struct {
		name string
		tell func(*desk)
	}{
		{"see", (*desk).see}, {"take and release", (*desk).takeAndRelease}, {"a hold for a while", (*desk).holdForAWhile},
		{"other writers", (*desk).otherWriters}, {"coach", (*desk).coach}, {"plan", (*desk).plan}, {"import", (*desk).adopt},
		{"announce", (*desk).announce}, {"kick", (*desk).kick}, {"watch", (*desk).watch}, {"doctor", (*desk).doctor}, {"documented", (*desk).documented},
	} {
		t.Run(story.name, func(t *testing.T) {
			mine := *d
			mine.t = t
			mine.open()
			story.tell(&mine)
		})
	}
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	built := make(chan error, 1)
	binary := filepath.Join(t.TempDir(), "kubectl-conference")
	go func() {
		output, err := exec.CommandContext(t.Context(), "go", "-C", "../../cmd/kubectl-conference", "build", "-o", binary, ".").CombinedOutput()
		if err != nil {
			err = errors.Join(err, errors.New(string(output)))
		}
		built <- err
	}()
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, sim: voicesim.New(voicesim.Config{}), binary: binary}
	server := httptest.NewServer(d.sim.Handler())
	d.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	if d.admin, err = client.New(plane.Config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	d.start(plane)
	if err := <-built; err != nil {
		t.Fatal(err)
	}
	if d.home, err = os.Getwd(); err != nil {
		t.Fatal(err)
	}
	d.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	content, err := testkit.Kubeconfig(plane.Config, "default")
	if err == nil {
		err = os.WriteFile(d.kubeconfig, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// start runs the operator as its service account until the test ends.
func (d *desk) start(plane *testkit.ControlPlane) {
	d.t.Helper()
	access, err := plane.OperatorConfig(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	operator, err := conferencetest.StartOperator(access, d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := operator.Stop(); err != nil {
			d.t.Error(err)
		}
	})
}

// open is a namespace of a story's own, with an account that is ready.
func (d *desk) open() {
	d.t.Helper()
	d.sim.AddAccount(accountSID, token)
	d.settle(metav1.ObjectMeta{GenerateName: "desk-"})
	d.t.Cleanup(func() {
		ctx := context.WithoutCancel(d.t.Context())
		for _, kind := range []client.Object{&v1alpha1.Conference{}, &v1alpha1.ConferenceParticipant{}, &v1alpha1.VoiceAccount{}} {
			if err := d.admin.DeleteAllOf(ctx, kind, client.InNamespace(d.namespace)); err != nil {
				d.t.Error(err)
			}
		}
		d.sim.EndRoom(accountSID, d.namespace)
	})
}

// settle makes a namespace with an account, and goes on in it.
func (d *desk) settle(meta metav1.ObjectMeta) {
	d.t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: meta}
	d.create(namespace)
	d.namespace = namespace.Name
	d.create(testkit.Secret(d.namespace, "acme-voice", token),
		testkit.With(testkit.Account(d.namespace, "acme", d.url, accountSID, "acme-voice"), quick))
}

// quick has an account look often.
func quick(a *v1alpha1.VoiceAccount) {
	a.Spec.DiscoveryIntervalSeconds, a.Spec.ResyncIntervalSeconds = new(int32(1)), new(int32(1))
}

func (d *desk) create(objects ...client.Object) {
	d.t.Helper()
	for _, object := range objects {
		if err := d.admin.Create(d.t.Context(), object); err != nil {
			d.t.Fatal(err)
		}
	}
}
