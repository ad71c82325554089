// Package world is the whole operator with a clock that tests move by hand: the
// real controllers and client, a simulated provider, a fake Kubernetes API, and
// workqueues that know only virtual time. Nothing in it waits, so hours of a
// conference pass in milliseconds, and every run is alike.
package world

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/operator"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

const (
	// AccountSID is the account at the provider.
	AccountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	// Token is the account's, to be found nowhere.
	Token = "PT-canary-0123456789"
	// Namespace is where things are created.
	Namespace = "support"
	// Music is what is played on hold.
	Music = "https://music.example.com/hold.xml"
)

// AccountName is the VoiceAccount that New creates.
var AccountName = types.NamespacedName{Namespace: Namespace, Name: "acme"}

type (
	// Spec is what is declared of a participant.
	Spec = v1alpha1.ConferenceParticipantSpec
	// Object is a participant.
	Object = v1alpha1.ConferenceParticipant
)

// World is the operator, its provider and its Kubernetes API. Create it with
// New.
type World struct {
	*testing.T
	// Sim is the provider, with one account.
	Sim *voicesim.Simulator
	// Client is the Kubernetes API as users see it.
	Client client.WithWatch
	// Recorder has the operator's events.
	Recorder *events.FakeRecorder
	// Writes counts the status writes of participants, and Errors the passes
	// that ended with an error.
	Writes, Errors int
	// Intercept may fail or delay what the operator does with the API; its Get is a
	// read of the cache, InterceptLive's one past it.
	Intercept, InterceptLive interceptor.Funcs
	// Cross, if it is not nil, is asked about each request of the operator.
	Cross func(Crossing) Fate
	// Crossed, if it is not nil, is told of each request that had its effect,
	// before the operator learns of the answer.
	Crossed func(Crossing)
	// Conference is the SID of the one that Join lets calls into.
	Conference string
	// Controllers are the operator's controllers, Metrics what they count.
	Controllers operator.Controllers
	Metrics     *prometheus.Registry

	clock *clock
	life  *life
	// gate is held while a request is at a crossing, so that what was done there
	// is known here when a pass has ended.
	gate *sync.Mutex
	// twin is a second process of the operator; nil if there is one only.
	twin *World
	// deleted is when objects were deleted: the fake API has a clock of its own.
	deleted map[types.UID]metav1.Time
	server  *httptest.Server
	queues  queues
	record  *record
}

// New returns a world with one account, ready, and a conference with
// nobody in it.
func New(t *testing.T, settings ...func(*voicesim.Settings)) *World {
	t.Helper()
	logf.SetLogger(logr.Discard())
	w := &World{T: t, deleted: map[types.UID]metav1.Time{}, gate: &sync.Mutex{}, record: &record{}}
	w.clock = &clock{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	config := voicesim.Config{Now: w.Now}
	for _, set := range settings {
		set(&config.Settings)
	}
	w.Sim = voicesim.New(config)
	w.Sim.AddAccount(AccountSID, Token)
	w.Conference = w.Sim.OpenConference(AccountSID, "support")
	w.server = httptest.NewServer(w.provider(w.Sim.Handler()))
	t.Cleanup(w.server.Close)
	w.Recorder = events.NewFakeRecorder(10_000)
	w.Client = w.fakeClient()
	w.Restart()
	w.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(Token)}})
	w.CreateAccount("acme", func(*v1alpha1.VoiceAccountSpec) {})
	w.Settle()
	w.Sim.ResetJournal()
	return w
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	return w.clock.now
}

// clock is the time of one world and its processes.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Fork starts a second process of the operator beside the first, as when a lease
// is lost and nobody notices. It is stepped with the first, and by itself through
// what is returned.
func (w *World) Fork() *World {
	w.twin = &World{
		T: w.T, Sim: w.Sim, Client: w.Client, Recorder: w.Recorder, Conference: w.Conference,
		clock: w.clock, gate: w.gate, server: w.server, deleted: w.deleted, record: w.record,
	}
	w.twin.Restart()
	return w.twin
}

func (w *World) fakeClient() client.WithWatch {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		w.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.VoiceAccount{}, &Object{})
	indexer := indexerFunc(func(of client.Object, field string, extract client.IndexerFunc) {
		builder = builder.WithIndex(of, field, extract)
	})
	if err := index.Add(w.Context(), indexer); err != nil {
		w.Fatal(err)
	}
	return builder.Build()
}

type indexerFunc func(client.Object, string, client.IndexerFunc)

func (f indexerFunc) IndexField(_ context.Context, of client.Object, field string, extract client.IndexerFunc) error {
	f(of, field, extract)
	return nil
}

// Restart replaces the operator's process: what it remembered is lost, and it
// looks at everything that there is.
func (w *World) Restart() {
	w.queues = queues{newVirtualQueue[reconcile.Request](w), newVirtualQueue[reconcile.Request](w), newVirtualQueue[gateway.Key](w)}
	allowed, err := gateway.ParseAllowed([]string{w.server.URL})
	if err != nil {
		w.Fatal(err)
	}
	if w.Metrics != nil {
		w.keepMetrics()
	}
	w.life = &life{}
	api := interceptor.NewClient(w.Client, w.interceptors(w.life))
	w.Metrics = prometheus.NewRegistry()
	live := interceptor.NewClient(w.Client, w.live(w.life))
	w.Controllers = operator.NewControllers(w.Context(), api, live, recorder{w, w.life}, operator.Config{
		Allowed: allowed, Concurrency: 32, UserAgent: "test", Now: w.Now, Metrics: w.Metrics,
	})
	for _, err := range []error{
		w.Controllers.Accounts.Queue.Source().Start(w.Context(), w.queues.accounts),
		w.Controllers.Participants.Queue.Source().Start(w.Context(), w.queues.participants),
		w.Controllers.Rosters.Queue.Source().Start(w.Context(), w.queues.rosters),
	} {
		if err != nil {
			w.Fatal(err)
		}
	}
	var accounts v1alpha1.VoiceAccountList
	var participants v1alpha1.ConferenceParticipantList
	if err := errors.Join(w.Client.List(w.Context(), &accounts), w.Client.List(w.Context(), &participants)); err != nil {
		w.Fatal(err)
	}
	for i := range participants.Items {
		w.Notify(&participants.Items[i])
	}
	for i := range accounts.Items {
		w.Notify(&accounts.Items[i])
	}
}

// Notify is the watch event of an object.
func (w *World) Notify(of client.Object) {
	if w.twin != nil {
		w.twin.Notify(of)
	}
	request := reconcile.Request{NamespacedName: client.ObjectKeyFromObject(of)}
	switch of := of.(type) {
	case *v1alpha1.VoiceAccount:
		w.queues.accounts.AddWithOpts(priorityqueue.AddOpts{}, request)
	case *Object:
		w.queues.participants.AddWithOpts(priorityqueue.AddOpts{}, request)
		w.queues.participants.AddWithOpts(priorityqueue.AddOpts{}, w.Controllers.Participants.Neighbours(w.Context(), of)...)
	}
}
