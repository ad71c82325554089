package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

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
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-canary-0123456789"
	namespace  = "support"
	music      = "https://music.example.com/hold.xml"
)

type (
	spec    = v1alpha1.ConferenceParticipantSpec
	object  = v1alpha1.ConferenceParticipant
	request = reconcile.Request
	result  = reconcile.Result
)

// world is the whole operator with a clock that tests move by hand: the real
// controllers and client, a simulated provider, a fake Kubernetes API, and
// workqueues that know only virtual time. Nothing in it waits.
type world struct {
	*testing.T
	mu       sync.Mutex
	now      time.Time
	sim      *voicesim.Simulator
	server   *httptest.Server
	client   client.WithWatch
	recorder *events.FakeRecorder
	// writes counts the status writes of participants.
	writes int
	// intercept may fail or delay what the operator does with the API.
	intercept interceptor.Funcs

	conference string
	parts      Parts
	metrics    *prometheus.Registry
	queues     queues
}

// queues are the three workqueues in virtual time.
type queues struct {
	accounts, participants *virtualQueue[reconcile.Request]
	rosters                *virtualQueue[gateway.Key]
}

// virtualQueue stands in for a workqueue: it keeps the earliest time of a key.
type virtualQueue[K comparable] struct {
	priorityqueue.PriorityQueue[K]
	world *world
	mu    sync.Mutex
	due   map[K]time.Time
}

func newVirtualQueue[K comparable](w *world) *virtualQueue[K] {
	return &virtualQueue[K]{world: w, due: map[K]time.Time{}}
}

func (q *virtualQueue[K]) AddWithOpts(options priorityqueue.AddOpts, keys ...K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, key := range keys {
		at := q.world.Now().Add(options.After)
		if noted, ok := q.due[key]; !ok || at.Before(noted) {
			q.due[key] = at
		}
	}
}

// next takes a key that is due; later is when the earliest other one is.
func (q *virtualQueue[K]) next() (key K, ok bool, later time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for candidate, at := range q.due {
		if !at.After(q.world.Now()) {
			delete(q.due, candidate)
			return candidate, true, time.Time{}
		}
		if later.IsZero() || at.Before(later) {
			later = at
		}
	}
	return key, false, later
}

// run runs what is due and says whether there was anything.
func run[K comparable](w *world, q *virtualQueue[K], reconcile func(context.Context, K) (reconcile.Result, error)) (ran bool, later time.Time) {
	key, ok, later := q.next()
	if !ok {
		return false, later
	}
	result, err := reconcile(w.Context(), key)
	switch {
	case err != nil:
		q.AddWithOpts(priorityqueue.AddOpts{After: time.Second}, key)
	case result.RequeueAfter > 0:
		q.AddWithOpts(priorityqueue.AddOpts{After: result.RequeueAfter}, key)
	}
	return true, later
}

// newWorld returns a world with one account, ready, and a conference with
// nobody in it.
func newWorld(t *testing.T, settings ...func(*voicesim.Settings)) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	config := voicesim.Config{Now: w.Now}
	for _, set := range settings {
		set(&config.Settings)
	}
	w.sim = voicesim.New(config)
	w.sim.AddAccount(accountSID, token)
	w.conference = w.sim.OpenConference(accountSID, "support")
	w.server = httptest.NewServer(w.sim.Handler())
	t.Cleanup(w.server.Close)
	w.recorder = events.NewFakeRecorder(10_000)
	w.client = w.fakeClient()
	w.restart()
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(token)}})
	w.createAccount("acme", func(*v1alpha1.VoiceAccountSpec) {})
	w.settle()
	w.sim.ResetJournal()
	return w
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) fakeClient() client.WithWatch {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		w.Fatal(err)
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.VoiceAccount{}, &object{})
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

// restart replaces the operator's process: what it remembered is lost, and it
// looks at everything that there is.
func (w *world) restart() {
	w.queues = queues{newVirtualQueue[reconcile.Request](w), newVirtualQueue[reconcile.Request](w), newVirtualQueue[gateway.Key](w)}
	allowed, err := gateway.ParseAllowed([]string{w.server.URL})
	if err != nil {
		w.Fatal(err)
	}
	counted := interceptor.NewClient(w.client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, of client.Object, options ...client.GetOption) error {
			if w.intercept.Get != nil {
				return w.intercept.Get(ctx, c, key, of, options...)
			}
			return c.Get(ctx, key, of, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if _, ok := of.(*object); ok {
				w.writes++
			}
			if w.intercept.SubResourcePatch != nil {
				return w.intercept.SubResourcePatch(ctx, c, name, of, patch, options...)
			}
			return c.SubResource(name).Patch(ctx, of, patch, options...)
		},
	})
	w.metrics = prometheus.NewRegistry()
	w.parts = Assemble(w.Context(), counted, w.client, w.recorder, Config{
		Allowed: allowed, Concurrency: 32, UserAgent: "test", Now: w.Now, Metrics: w.metrics,
	})
	for _, err := range []error{
		w.parts.Accounts.Queue.Source().Start(w.Context(), w.queues.accounts),
		w.parts.Participants.Queue.Source().Start(w.Context(), w.queues.participants),
		w.parts.Rosters.Queue.Source().Start(w.Context(), w.queues.rosters),
	} {
		if err != nil {
			w.Fatal(err)
		}
	}
	var accounts v1alpha1.VoiceAccountList
	var participants v1alpha1.ConferenceParticipantList
	if err := errors.Join(w.client.List(w.Context(), &accounts), w.client.List(w.Context(), &participants)); err != nil {
		w.Fatal(err)
	}
	for i := range participants.Items {
		w.notify(&participants.Items[i])
	}
	for i := range accounts.Items {
		w.notify(&accounts.Items[i])
	}
}

// notify is the watch event of an object.
func (w *world) notify(of client.Object) {
	request := reconcile.Request{NamespacedName: client.ObjectKeyFromObject(of)}
	switch of := of.(type) {
	case *v1alpha1.VoiceAccount:
		w.queues.accounts.AddWithOpts(priorityqueue.AddOpts{}, request)
	case *object:
		w.queues.participants.AddWithOpts(priorityqueue.AddOpts{}, request)
		w.queues.participants.AddWithOpts(priorityqueue.AddOpts{}, w.parts.Participants.Neighbours(w.Context(), of)...)
	}
}

// settle runs everything that is due now, until nothing is.
func (w *world) settle() {
	w.Helper()
	for range 10_000 {
		if _, ran := w.step(); !ran {
			return
		}
	}
	w.Fatal("the operator does not come to rest: a hot loop")
}

// step runs one pass of each controller that is due; later is when the next is.
func (w *world) step() (later time.Time, ran bool) {
	accounts, a := run(w, w.queues.accounts, w.parts.Accounts.Reconcile)
	participants, p := run(w, w.queues.participants, w.parts.Participants.Reconcile)
	rosters, r := run(w, w.queues.rosters, w.parts.Rosters.Reconcile)
	for _, at := range []time.Time{a, p, r} {
		if later.IsZero() || !at.IsZero() && at.Before(later) {
			later = at
		}
	}
	return later, accounts || participants || rosters
}

// pass lets time go by, and runs everything in it when it is due.
func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.Now().Add(d)
	for {
		w.settle()
		later, _ := w.step()
		if later.IsZero() || later.After(end) {
			later = end
		}
		w.mu.Lock()
		w.now = later
		w.mu.Unlock()
		if !later.Before(end) {
			w.settle()
			return
		}
	}
}

func (w *world) create(of client.Object) {
	w.Helper()
	of.SetUID(types.UID(fmt.Sprintf("%T/%s/%s@%s", of, of.GetNamespace(), of.GetName(), w.Now())))
	of.SetGeneration(1)
	of.SetCreationTimestamp(metav1.NewTime(w.Now()))
	if err := w.client.Create(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.notify(of)
}

func (w *world) createAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	w.Helper()
	account := &v1alpha1.VoiceAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.VoiceAccountSpec{
			BaseURL: w.server.URL, AccountSID: accountSID, TokenSecretRef: v1alpha1.SecretKeyReference{Name: "token"},
			ResyncIntervalSeconds: new(int32(30)), RateLimit: v1alpha1.RateLimit{RequestsPerSecond: 200, Burst: 400},
		},
		Status: v1alpha1.VoiceAccountStatus{ObservedGeneration: -1},
	}
	change(&account.Spec)
	w.create(account)
}

// join lets a call into the conference.
func (w *world) join(options ...voicesim.JoinOptions) (callSID string) {
	return w.sim.Join(w.conference, append(options, voicesim.JoinOptions{})[0])
}

// declare creates a participant for a call.
func (w *world) declare(name, callSID string, change func(*spec)) {
	w.Helper()
	w.declareIn(namespace, name, callSID, change)
}

func (w *world) declareIn(namespace, name, callSID string, change func(*spec)) {
	w.Helper()
	p := &object{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: spec{
			AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: v1alpha1.SID(w.conference), CallSID: v1alpha1.SID(callSID),
			Mode: v1alpha1.ModeEnforce, JoinDeadlineSeconds: new(int32(900)),
		},
		Status: v1alpha1.ConferenceParticipantStatus{ObservedGeneration: -1},
	}
	change(&p.Spec)
	w.create(p)
}

func (w *world) get(name string) *object {
	w.Helper()
	p := &object{}
	if err := w.client.Get(w.Context(), types.NamespacedName{Namespace: namespace, Name: name}, p); err != nil {
		w.Fatal(err)
	}
	return p
}

// edit changes a spec, as the API server would store it.
func (w *world) edit(name string, change func(*spec)) {
	w.Helper()
	p := w.get(name)
	change(&p.Spec)
	p.Generation++
	w.update(p)
}

// demand sets the reconcile annotation.
func (w *world) demand(name, value string) {
	w.Helper()
	p := w.get(name)
	p.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: value}
	w.update(p)
}

func (w *world) update(of client.Object) {
	w.Helper()
	if err := w.client.Update(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.notify(of)
}

func (w *world) delete(of client.Object) {
	w.Helper()
	if err := w.client.Delete(w.Context(), of); err != nil {
		w.Fatal(err)
	}
	w.notify(of)
}

// updates are the updates that were sent since the last call, rendered as
// "Field=value Field=value".
func (w *world) updates() []string {
	var sent []string
	for _, request := range w.sim.Journal() {
		if request.Operation == voicesim.OpUpdateParticipant {
			sent = append(sent, render(request))
		}
	}
	w.sim.ResetJournal()
	return sent
}

// count says how many requests of an operation came since the last reset.
func (w *world) count(operation string) int { return w.sim.Counts()[operation] }

func (w *world) wantUpdates(want ...string) {
	w.Helper()
	if got := w.updates(); !slices.Equal(got, want) {
		w.Errorf("updates %q, want %q", got, want)
	}
}

func (w *world) editAccount(name string, change func(*v1alpha1.VoiceAccountSpec)) {
	w.Helper()
	account := w.account(name)
	change(&account.Spec)
	account.Generation++
	w.update(account)
}

func (w *world) account(name string) *v1alpha1.VoiceAccount {
	w.Helper()
	account := &v1alpha1.VoiceAccount{}
	if err := w.client.Get(w.Context(), types.NamespacedName{Namespace: namespace, Name: name}, account); err != nil {
		w.Fatal(err)
	}
	return account
}

// createIn adds an account of the same project in another namespace.
func (w *world) createIn(namespace, token string) {
	w.Helper()
	w.create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "token"}, Data: map[string][]byte{"token": []byte(token)}})
	account := w.account("acme").DeepCopy()
	account.ObjectMeta = metav1.ObjectMeta{Namespace: namespace, Name: "acme"}
	account.Status = v1alpha1.VoiceAccountStatus{ObservedGeneration: -1}
	w.create(account)
	w.settle()
}

// rotate replaces the token in a namespace's Secret.
func (w *world) rotate(namespace, token string) {
	w.Helper()
	secret := &corev1.Secret{}
	if err := w.client.Get(w.Context(), types.NamespacedName{Namespace: namespace, Name: "token"}, secret); err != nil {
		w.Fatal(err)
	}
	secret.Data = map[string][]byte{"token": []byte(token)}
	if err := w.client.Update(w.Context(), secret); err != nil {
		w.Fatal(err)
	}
}
