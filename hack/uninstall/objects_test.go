// Package uninstall has the test of the script objects, which takes the first step of
// an uninstallation.
package uninstall

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/conferencetest"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	foreign    = "example.com/foreign"
	wayOut     = "add RELEASE=1"
)

// cluster is an API server with the operator's Deployment, which no controller looks
// after: its status says what a test wants.
type cluster struct {
	t          *testing.T
	plane      *testkit.ControlPlane
	admin      client.Client
	simulator  *voicesim.Simulator
	address    string
	kubeconfig string
	kubectl    string
	namespace  string
	conference string
}

func TestUninstall(t *testing.T) {
	c := start(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *cluster)
	}{
		{"nothing is deleted where a finalizer needs a manager and none is ready", withoutManager},
		{"a manager that goes is not waited for", managerGoes},
		{"what is not gone in time keeps the CRDs", notInTime},
		{"finalizers are released without a manager on demand, and no others", released},
		{"without finalizers no manager is needed", withoutFinalizers},
		{"the manager lets go of the calls first", withManager},
		{"nothing is left to do without the CRDs", withoutCRDs},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			namespace, err := c.plane.NewNamespace(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			c.namespace = namespace
			c.readyReplicas(0)
			step.run(t, c)
		})
	}
}

func withoutManager(t *testing.T, c *cluster) {
	c.account()
	c.participant("held", v1alpha1.Finalizer)
	c.participant("free")
	c.policy()
	output, failed := c.objects()
	if !failed || !strings.Contains(output, "finalizers of 1 ConferenceParticipants") || !strings.Contains(output, wayOut) || strings.Count(output, "\n") != 1 {
		t.Errorf("failed: %v, want one sentence:\n%s", failed, output)
	}
	for _, name := range []string{"held", "free"} {
		if found := c.get(name); found == nil || found.DeletionTimestamp != nil {
			t.Errorf("%s was deleted", name)
		}
	}
	c.wantAccount(true)
	c.wantPolicy(true)
	c.free("held")
}

func managerGoes(t *testing.T, c *cluster) {
	c.account()
	c.readyReplicas(1)
	c.participant("held", v1alpha1.Finalizer)
	gone := make(chan error, 1)
	go func() {
		gone <- testkit.Eventually(t.Context(), func() error {
			if found := c.get("held"); found == nil || found.DeletionTimestamp == nil {
				return os.ErrNotExist
			}
			c.readyReplicas(0)
			return nil
		})
	}()
	output, failed := c.objects("GRACE=0")
	if err := <-gone; err != nil || !failed || !strings.Contains(output, wayOut) {
		t.Errorf("failed: %v (%v):\n%s", failed, err, output)
	}
	c.wantAccount(true)
	c.free("held")
}

func notInTime(t *testing.T, c *cluster) {
	c.account()
	c.participant("held", foreign)
	output, failed := c.objects("TIMEOUT=0")
	if !failed || !strings.Contains(output, "are not gone after 0 s") {
		t.Errorf("failed: %v:\n%s", failed, output)
	}
	c.wantAccount(true)
	c.free("held")
}

func released(t *testing.T, c *cluster) {
	c.account()
	c.participant("ours", v1alpha1.Finalizer)
	c.participant("both", foreign, v1alpha1.Finalizer)
	output, failed := c.objects("RELEASE=1", "TIMEOUT=0")
	if found := c.get("both"); !failed || c.get("ours") != nil || found == nil || len(found.Finalizers) != 1 || found.Finalizers[0] != foreign {
		t.Errorf("failed: %v, the foreign finalizer is that of %+v:\n%s", failed, found, output)
	}
	c.free("both")
	if output, failed := c.objects("RELEASE=1"); failed {
		t.Error(output)
	}
	c.wantAccount(false)
}

func withoutFinalizers(t *testing.T, c *cluster) {
	c.account()
	c.participant("free")
	c.policy()
	if output, failed := c.objects(); failed || c.get("free") != nil {
		t.Errorf("failed: %v:\n%s", failed, output)
	}
	c.wantPolicy(false)
	c.wantAccount(false)
}

func withManager(t *testing.T, c *cluster) {
	c.operate()
	c.readyReplicas(1)
	c.account()
	call := c.simulator.Join(c.conference, voicesim.JoinOptions{})
	object := testkit.Participant(c.namespace, "caller", "acme", c.conference, call)
	object.Spec.Hold, object.Spec.DeletionPolicy = new(true), v1alpha1.DeletionReset
	c.create(object)
	held := func() bool {
		found, _ := c.simulator.Participant(c.conference, call)
		return found.Hold
	}
	if err := testkit.Eventually(t.Context(), func() error {
		if found := c.get("caller"); !held() || found.Status.Initial == nil {
			return os.ErrNotExist
		}
		return nil
	}); err != nil {
		t.Fatalf("the caller is not on hold: %v", err)
	}
	output, failed := c.objects()
	if failed || held() || c.get("caller") != nil {
		t.Errorf("failed: %v, on hold: %v:\n%s", failed, held(), output)
	}
	c.wantAccount(false)
}

func withoutCRDs(t *testing.T, c *cluster) {
	c.run("delete", "--filename", "../../config/crd/bases")
	if output, failed := c.objects(); failed || output != "" {
		t.Errorf("failed: %v:\n%s", failed, output)
	}
}

func TestTheTargetsDeleteObjectsFirst(t *testing.T) {
	for _, target := range []string{"uninstall", "undeploy"} {
		printed, err := exec.CommandContext(t.Context(), "make", "--silent", "--dry-run", "-C", "../..", target, "KUBECTL=kubectl --context there").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", target, err, printed)
		}
		objects := strings.Index(string(printed), "KUBECTL='kubectl --context there' hack/uninstall/objects")
		crds, all := strings.Index(string(printed), "build config/crd "), strings.Index(string(printed), "build config/default ")
		if objects < 0 || crds < objects || (target == "undeploy") != (all > crds) {
			t.Errorf("make %s:\n%s", target, printed)
		}
	}
}

func start(t *testing.T) *cluster {
	t.Helper()
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	c := &cluster{t: t, plane: plane, simulator: voicesim.New(voicesim.Config{}), kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	if c.kubectl, err = testkit.Kubectl(); err != nil {
		t.Fatal(err)
	}
	c.simulator.AddAccount(accountSID, "PT-token")
	c.conference = c.simulator.OpenConference(accountSID, "support")
	server := httptest.NewServer(c.simulator.Handler())
	t.Cleanup(server.Close)
	c.address = server.URL
	if c.admin, err = client.New(plane.Config, client.Options{Scheme: scheme(t)}); err != nil {
		t.Fatal(err)
	}
	access, err := testkit.Kubeconfig(plane.Config, "default")
	if err == nil {
		err = os.WriteFile(c.kubeconfig, access, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.deploy()
	return c
}

func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(known); err != nil {
			t.Fatal(err)
		}
	}
	return known
}

// deploy creates the operator's Deployment, with the labels of config/default.
func (c *cluster) deploy() {
	c.t.Helper()
	var kustomization struct {
		Labels []struct{ Pairs map[string]string }
	}
	deployment := &appsv1.Deployment{}
	for path, into := range map[string]any{"default/kustomization.yaml": &kustomization, "manager/deployment.yaml": deployment} {
		content, err := os.ReadFile(filepath.Join("../../config", path))
		if err == nil {
			err = yaml.Unmarshal(content, into)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	deployment.Labels = kustomization.Labels[0].Pairs
	c.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: deployment.Namespace}})
	c.create(deployment)
}

// readyReplicas is what the Deployment's controller would say.
func (c *cluster) readyReplicas(count int32) {
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: testkit.OperatorNamespace, Name: "conference-operator"}}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"replicas": count, "readyReplicas": count}})
	if err == nil {
		err = c.admin.Status().Patch(c.t.Context(), deployment, client.RawPatch("application/merge-patch+json", patch))
	}
	if err != nil {
		c.t.Error(err)
	}
}

// operate runs the operator until the end of the test.
func (c *cluster) operate() {
	c.t.Helper()
	operator, err := conferencetest.StartOperator(c.plane.Config, c.address)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if err := operator.Stop(); err != nil {
			c.t.Error(err)
		}
	})
}

// objects runs the script, and returns what it prints and whether it failed.
func (c *cluster) objects(environment ...string) (output string, failed bool) {
	c.t.Helper()
	return c.command("./objects", append(environment, "KUBECTL="+c.kubectl))
}

func (c *cluster) run(arguments ...string) {
	c.t.Helper()
	if output, failed := c.command(c.kubectl, nil, arguments...); failed {
		c.t.Fatal(output)
	}
}

func (c *cluster) command(path string, environment []string, arguments ...string) (output string, failed bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, arguments...)
	command.Env = append(os.Environ(), append(environment, "KUBECONFIG="+c.kubeconfig)...)
	printed, err := command.CombinedOutput()
	return string(printed), err != nil
}

func (c *cluster) account() {
	c.t.Helper()
	account := testkit.Account(c.namespace, "acme", c.address, accountSID, "acme-voice")
	account.Spec.ResyncIntervalSeconds = new(int32(1))
	c.create(testkit.Secret(c.namespace, "acme-voice", "PT-token"))
	c.create(account)
}

func (c *cluster) participant(name string, finalizers ...string) {
	c.t.Helper()
	object := testkit.Participant(c.namespace, name, "acme", c.conference, "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31")
	object.Finalizers = finalizers
	c.create(object)
}

// policy creates a Conference, which would make participants again.
func (c *cluster) policy() {
	c.t.Helper()
	c.create(&v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: "all-hands"},
		Spec:       v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "all-hands"},
	})
}

func (c *cluster) create(object client.Object) {
	c.t.Helper()
	if err := c.admin.Create(c.t.Context(), object); err != nil {
		c.t.Fatal(err)
	}
}

// get returns a participant, or nil if it is gone.
func (c *cluster) get(name string) *v1alpha1.ConferenceParticipant {
	found := &v1alpha1.ConferenceParticipant{}
	if err := c.admin.Get(c.t.Context(), client.ObjectKey{Namespace: c.namespace, Name: name}, found); err != nil {
		if client.IgnoreNotFound(err) != nil {
			c.t.Error(err)
		}
		return nil
	}
	return found
}

// free removes all finalizers.
func (c *cluster) free(name string) {
	c.t.Helper()
	c.run("patch", "cpart", name, "--namespace", c.namespace, "--type", "merge", "--patch", `{"metadata": {"finalizers": null}}`)
}

func (c *cluster) wantAccount(want bool) {
	c.t.Helper()
	c.want("acme", &v1alpha1.VoiceAccount{}, want)
}

func (c *cluster) wantPolicy(want bool) {
	c.t.Helper()
	c.want("all-hands", &v1alpha1.Conference{}, want)
}

func (c *cluster) want(name string, object client.Object, want bool) {
	c.t.Helper()
	err := c.admin.Get(c.t.Context(), client.ObjectKey{Namespace: c.namespace, Name: name}, object)
	if client.IgnoreNotFound(err) != nil || (err == nil) != want {
		c.t.Errorf("%s: %v, want it there: %v", name, err, want)
	}
}
