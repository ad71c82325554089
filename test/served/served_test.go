// Package served runs the operator against API servers that lack the kind Conference, or
// the right to it, and get both later.
package served

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/operator"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-served"
	// missing is the line about Conferences that can't be managed.
	missing = "Conferences are not managed"
	// within is how long the operator may take to notice that they can be.
	within = time.Minute
)

// cluster is an API server with an account and the provider behind it.
type cluster struct {
	t         *testing.T
	plane     *testkit.ControlPlane
	admin     client.Client
	sim       *voicesim.Simulator
	provider  *httptest.Server
	namespace string
	log       *log
}

// output is the log of the operator that runs; a process has one.
var output = &log{}

func TestMain(m *testing.M) {
	logf.SetLogger(zap.New(zap.WriteTo(output)))
	os.Exit(m.Run())
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	output.reset()
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, plane: plane, sim: voicesim.New(voicesim.Config{}), log: output}
	c.sim.AddAccount(accountSID, token)
	c.provider = httptest.NewServer(c.sim.Handler())
	t.Cleanup(func() {
		c.provider.Close()
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	scheme := newScheme(t)
	c.admin, err = client.New(plane.Config, client.Options{Scheme: scheme})
	if err == nil {
		c.namespace, err = plane.NewNamespace(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	c.create(testkit.Secret(c.namespace, "token", token), testkit.Account(c.namespace, "acme", c.provider.URL, accountSID, "token"))
	return c
}

func newScheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme))
	if err != nil {
		t.Fatal(err)
	}
	return scheme
}

func (c *cluster) create(objects ...client.Object) {
	c.t.Helper()
	for _, object := range objects {
		if err := c.admin.Create(c.t.Context(), object); err != nil {
			c.t.Fatal(err)
		}
	}
}

// start runs the operator as its service account until the test ends, in the namespace of
// the test alone, for what a selector selects.
func (c *cluster) start(selector labels.Selector) {
	c.t.Helper()
	access, err := c.plane.OperatorConfig(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	access.QPS, access.Burst = -1, -1
	manager, err := ctrl.NewManager(access, ctrl.Options{
		Scheme: newScheme(c.t), Metrics: metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true), EnableWarmup: new(true)},
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Cache: cache.Options{
			DefaultNamespaces: map[string]cache.Config{c.namespace: {}},
			ByObject: map[client.Object]cache.ByObject{
				&v1alpha1.ConferenceParticipant{}: {Label: selector, Transform: operator.StripForCache},
			},
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	allowed, err := provider.ParseAllowList([]string{c.provider.URL})
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = operator.SetupWithManager(ctx, manager, operator.Config{
		Allowed: allowed, Concurrency: 8, UserAgent: "conference-operator/served", Metrics: prometheus.NewRegistry(),
		Namespaces: []string{c.namespace}, Selector: selector,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- manager.Start(ctx) }()
	c.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
	})
}

// eventually waits for a condition, and fails the test with what it says last.
func (c *cluster) eventually(check func() string) {
	c.t.Helper()
	last := "nothing was checked"
	err := wait.PollUntilContextTimeout(c.t.Context(), 50*time.Millisecond, within, true, func(context.Context) (bool, error) {
		last = check()
		return last == "", nil
	})
	if err != nil {
		c.t.Fatalf("%s\n%s", last, c.log)
	}
}

// becomes waits for the reason of an object's condition Ready.
func (c *cluster) becomes(object client.Object, conditions func() []metav1.Condition, reason string) {
	c.t.Helper()
	c.eventually(func() string {
		if err := c.admin.Get(c.t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err.Error()
		}
		if ready := meta.FindStatusCondition(conditions(), v1alpha1.ConditionReady); ready == nil || ready.Reason != reason {
			return object.GetName() + " has not become " + reason
		}
		return ""
	})
}

// livesOn declares a participant by hand, and finds it in sync.
func (c *cluster) livesOn(name string) {
	c.t.Helper()
	conference := c.sim.OpenConference(accountSID, name)
	participant := testkit.Participant(c.namespace, name, "acme", conference, c.sim.Join(conference, voicesim.JoinOptions{}))
	participant.Spec.Muted = new(true)
	c.create(participant)
	c.becomes(participant, func() []metav1.Condition { return participant.Status.Conditions }, v1alpha1.ReasonInSync)
}

// orphan makes a child of a Conference that is not there.
func (c *cluster) orphan(name string) *v1alpha1.ConferenceParticipant {
	c.t.Helper()
	conference := c.sim.OpenConference(accountSID, name)
	child := testkit.Participant(c.namespace, name, "acme", conference, c.sim.Join(conference, voicesim.JoinOptions{}))
	child.Spec.Muted = new(true)
	child.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Conference", Name: "gone", UID: "gone", Controller: new(true),
	}}
	c.create(child)
	return child
}

// room has two calls in a room, and declares it.
func (c *cluster) room(name string, marks map[string]string) *v1alpha1.Conference {
	c.t.Helper()
	c.sim.JoinRoom(accountSID, name, voicesim.JoinOptions{StartConferenceOnEnter: new(true)})
	c.sim.JoinRoom(accountSID, name, voicesim.JoinOptions{})
	room := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name, Labels: marks}}
	room.Spec.AccountRef.Name, room.Spec.FriendlyName = "acme", v1alpha1.RoomName(name)
	room.Spec.Roles = []v1alpha1.Role{{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}}}
	c.create(room)
	return room
}

// governs declares a room and finds it governed.
func (c *cluster) governs(name string, marks map[string]string) {
	c.t.Helper()
	room := c.room(name, marks)
	c.becomes(room, func() []metav1.Condition { return room.Status.Conditions }, v1alpha1.ReasonInSync)
	if room.Status.Counts.Managed != 2 || room.Status.Counts.Muted != 2 {
		c.t.Errorf("%+v", room.Status.Counts)
	}
}

// saysSoOnce checks that the log has one line about what is missing, and no error.
func (c *cluster) saysSoOnce() {
	c.t.Helper()
	if n := strings.Count(c.log.String(), missing); n != 1 {
		c.t.Errorf("%d lines", n)
	}
	for line := range strings.SplitSeq(c.log.String(), "\n") {
		if strings.Contains(line, `"level":"error"`) {
			c.t.Errorf("an error in the log: %s", line)
		}
	}
}

func (c *cluster) goes(child *v1alpha1.ConferenceParticipant) {
	c.t.Helper()
	c.eventually(func() string {
		if err := c.admin.Get(c.t.Context(), client.ObjectKeyFromObject(child), child); !apierrors.IsNotFound(err) {
			return child.Name + " is there"
		}
		return ""
	})
}

// probes counts the lists of Conferences that the operator has tried.
func (c *cluster) probes() (count int) {
	c.t.Helper()
	events, err := c.plane.Audit()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, event := range events {
		if event.User == testkit.OperatorUser && event.Resource == "conferences" && event.Forbidden() {
			count++
		}
	}
	return count
}

func TestR29WithoutTheCRDEverythingElseRuns(t *testing.T) {
	c := newCluster(t)
	definition := &apiextensionsv1.CustomResourceDefinition{}
	key := client.ObjectKey{Name: "conferences." + v1alpha1.GroupVersion.Group}
	if err := c.admin.Get(t.Context(), key, definition); err != nil {
		t.Fatal(err)
	}
	if err := c.admin.Delete(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	c.eventually(func() string {
		if err := c.admin.Get(t.Context(), key, &apiextensionsv1.CustomResourceDefinition{}); !apierrors.IsNotFound(err) {
			return "the CRD is there"
		}
		return ""
	})
	child := c.orphan("left-behind")
	c.start(labels.Everything())
	c.livesOn("by-hand")
	c.eventually(func() string {
		if !strings.Contains(c.log.String(), missing) {
			return "no line says so"
		}
		return ""
	})
	c.saysSoOnce()
	if err := c.admin.Get(t.Context(), client.ObjectKeyFromObject(child), child); err != nil || len(child.Status.Conditions) > 0 {
		t.Errorf("what is not known is judged: %v, %+v", err, child.Status)
	}
	definition.ResourceVersion, definition.UID, definition.Status = "", "", apiextensionsv1.CustomResourceDefinitionStatus{}
	c.create(definition)
	c.eventually(func() string {
		if err := c.admin.List(t.Context(), &v1alpha1.ConferenceList{}); err != nil {
			return err.Error()
		}
		return ""
	})
	c.governs("all-hands", nil)
	c.goes(child)
	c.saysSoOnce()
}

func TestR29WithoutTheRightEverythingElseRuns(t *testing.T) {
	c := newCluster(t)
	if _, err := c.plane.OperatorConfig(t.Context()); err != nil {
		t.Fatal(err)
	}
	role, without := &rbacv1.ClusterRole{}, &rbacv1.ClusterRole{}
	if err := c.admin.Get(t.Context(), client.ObjectKey{Name: "conference-operator-manager"}, role); err != nil {
		t.Fatal(err)
	}
	role.DeepCopyInto(without)
	without.Rules = slices.DeleteFunc(without.Rules, func(rule rbacv1.PolicyRule) bool { return slices.Contains(rule.Resources, "conferences") })
	if err := c.admin.Patch(t.Context(), without, client.MergeFrom(role)); err != nil {
		t.Fatal(err)
	}
	child := c.orphan("left-behind")
	c.start(labels.Everything())
	c.livesOn("by-hand")
	c.eventually(func() string {
		if c.probes() < 2 {
			return "it is not tried again"
		}
		return ""
	})
	c.saysSoOnce()
	if err := c.admin.Get(t.Context(), client.ObjectKeyFromObject(child), child); err != nil || len(child.Status.Conditions) > 0 {
		t.Errorf("what is not known is judged: %v, %+v", err, child.Status)
	}
	granted := without.DeepCopy()
	granted.Rules = role.Rules
	if err := c.admin.Patch(t.Context(), granted, client.MergeFrom(without)); err != nil {
		t.Fatal(err)
	}
	c.governs("all-hands", nil)
	c.goes(child)
	c.saysSoOnce()
}

// TestAShardKeepsItsConferencesAndTheirChildren has a Conference of another shard beside.
func TestAShardKeepsItsConferencesAndTheirChildren(t *testing.T) {
	c := newCluster(t)
	selector, err := labels.Parse("shard=a")
	if err != nil {
		t.Fatal(err)
	}
	other := c.room("other", map[string]string{"shard": "b"})
	c.start(selector)
	c.governs("all-hands", map[string]string{"shard": "a", "team": "support"})
	children := &v1alpha1.ConferenceParticipantList{}
	if err := c.admin.List(t.Context(), children, client.InNamespace(c.namespace)); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"shard": "a", v1alpha1.ConferenceLabel: "all-hands", v1alpha1.RoleLabel: "audience"}
	for _, child := range children.Items {
		if !maps.Equal(child.Labels, want) {
			t.Errorf("%s has the labels %v", child.Name, child.Labels)
		}
	}
	if err := c.admin.Get(t.Context(), client.ObjectKeyFromObject(other), other); err != nil || len(other.Status.Conditions) > 0 || len(children.Items) != 2 {
		t.Errorf("%d children, and the other shard's room says %+v, %v", len(children.Items), other.Status, err)
	}
}

// log is what the operator logs.
type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *log) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buffer.Reset()
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
