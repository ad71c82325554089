package sim

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/operator"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/pkg/voicesim"
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
	// Room is a Conference.
	Room = v1alpha1.Conference

	// request is the key of an account or a participant in a workqueue.
	request = reconcile.Request
)

// Sim is the operator, its provider and its Kubernetes API. Create it with New.
// Failures of the simulation itself end the test that it was created for.
type Sim struct {
	t *testing.T
	// Provider is the simulated provider, with one account.
	Provider *voicesim.Simulator
	// Client is the Kubernetes API as users see it.
	Client client.WithWatch
	// Recorder has the operator's events.
	Recorder *events.FakeRecorder
	// Writes counts the status writes of participants, and Errors the
	// reconciles that ended with an error.
	Writes, Errors int
	// Intercept may fail or delay what the operator does with the API; its Get is a
	// read of the cache, InterceptLive's one past it.
	Intercept, InterceptLive interceptor.Funcs
	// AtBoundary, if it is not nil, decides about each request of the operator.
	AtBoundary func(Boundary) Failure
	// AfterBoundary, if it is not nil, is called after each request that had its
	// effect, before the operator gets the response.
	AfterBoundary func(Boundary)
	// Conference is the SID of the conference that Join lets calls into.
	Conference string
	// RoomsHeld leaves the workqueues of Conferences and rooms to the test.
	RoomsHeld bool
	// Concurrency is how many requests of an account a process may have in flight;
	// a change counts from the next Restart.
	Concurrency int
	// Controllers are the operator's controllers, Metrics what they count.
	Controllers operator.Controllers
	Metrics     *prometheus.Registry

	clock   *clock
	process *process
	// cache is the Kubernetes API as the present process sees it.
	cache client.WithWatch
	// requestMu is held while a request is at a boundary, so that what was done there
	// is known here when a reconcile has ended.
	requestMu *sync.Mutex
	// second is a second process of the operator; nil if there is one only.
	second *Sim
	// deleted is when objects were deleted: the fake API has a clock of its own.
	deleted map[types.UID]metav1.Time
	server  *httptest.Server
	queues  queues
	record  *record
	// cached is what the operator's cache has of participants.
	cached *cache
	// ear hears the rooms; nil if none does.
	ear *Ear
}

// New returns a simulation with one account, ready, and an empty conference.
func New(t *testing.T, settings ...func(*voicesim.Settings)) *Sim {
	t.Helper()
	logf.SetLogger(logr.Discard())
	s := &Sim{t: t, Concurrency: 32, deleted: map[types.UID]metav1.Time{}, requestMu: &sync.Mutex{}, record: &record{}}
	s.cached = &cache{objects: map[client.ObjectKey]*Object{}, indexes: map[string]client.IndexerFunc{}}
	s.clock = &clock{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	config := voicesim.Config{Now: s.Now}
	for _, set := range settings {
		set(&config.Settings)
	}
	s.Provider = voicesim.New(config)
	s.Provider.AddAccount(AccountSID, Token)
	s.Conference = s.Provider.OpenConference(AccountSID, "support")
	s.server = httptest.NewServer(s.providerHandler(s.Provider.Handler()))
	t.Cleanup(s.server.Close)
	s.Recorder = events.NewFakeRecorder(10_000)
	s.Client = s.newAPI()
	s.Restart()
	s.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(Token)}})
	s.CreateAccount("acme", func(*v1alpha1.VoiceAccountSpec) {})
	s.RunUntilIdle()
	s.Provider.ResetJournal()
	return s
}

// Now is the virtual clock.
func (s *Sim) Now() time.Time {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return s.clock.now
}

// clock is the time of one simulation and its processes.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// SecondInstance starts a second process of the operator beside the first, as when
// a lease was lost and not missed. It is stepped with the first, and by itself through
// what is returned.
func (s *Sim) SecondInstance() *Sim {
	s.second = &Sim{
		t: s.t, Concurrency: s.Concurrency, Provider: s.Provider, Client: s.Client, Recorder: s.Recorder, Conference: s.Conference,
		clock: s.clock, requestMu: s.requestMu, server: s.server, deleted: s.deleted, record: s.record, cached: s.cached,
	}
	s.second.Restart()
	return s.second
}

// Restart replaces the operator's process: what it remembered is lost, and it
// reconciles everything that there is.
func (s *Sim) Restart() {
	if s.ear != nil {
		s.ear.restarted()
	}
	s.queues = newQueues(s.Now)
	allowed, err := provider.ParseAllowList([]string{s.server.URL})
	if err != nil {
		s.t.Fatal(err)
	}
	if s.Metrics != nil {
		s.keepMetrics()
	}
	s.process = &process{}
	s.cache = interceptor.NewClient(s.Client, s.interceptors(s.process))
	s.Metrics = prometheus.NewRegistry()
	live := interceptor.NewClient(s.Client, s.live(s.process))
	s.Controllers = operator.NewControllers(s.t.Context(), s.cache, live, recorder{s, s.process}, operator.Config{
		Allowed: allowed, Concurrency: s.Concurrency, InFlight: 1, UserAgent: "test", Now: s.Now, Metrics: s.Metrics,
		Audit: s.record.auditLogger(),
	})
	if err := s.queues.bind(s.t.Context(), s.Controllers); err != nil {
		s.t.Fatal(err)
	}
	s.deliverInitialList()
}
