package conference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// errAway is the error of an API server that can't be reached.
var errAway = errors.New("the API server is away")

// stage is one Conference with an API server, the rooms of its account, a provider and a
// clock.
type stage struct {
	t      *testing.T
	now    time.Time
	client client.Client
	rooms  *fakeDirectory
	// session is the way to the provider; nil for none.
	session *fakeSession
	// process reconciles; a crash replaces it.
	process *Reconciler
	// beforePatch is called before each write; an error refuses that.
	beforePatch func() error
	patches     int
	events      []string
	counted     []string
	// stopping has the manager shut down.
	stopping context.Context
}

func newStage(t *testing.T, change func(*v1alpha1.ConferenceSpec)) *stage {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	object := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Namespace: "support", Name: "all-hands", UID: "1", Generation: 1}}
	object.Spec.AccountRef.Name, object.Spec.FriendlyName = "acme", "all-hands"
	change(&object.Spec)
	s := &stage{t: t, now: start, stopping: context.Background(), beforePatch: func() error { return nil }}
	builder := fake.NewClientBuilder().WithScheme(scheme)
	if err := errors.Join(index.Add(t.Context(), indexes{builder}), index.AddConferences(t.Context(), indexes{builder})); err != nil {
		t.Fatal(err)
	}
	s.client = builder.WithStatusSubresource(object).WithObjects(object).
		WithInterceptorFuncs(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if err := s.beforePatch(); err != nil {
				return err
			}
			s.patches++
			return c.SubResource(sub).Patch(ctx, object, patch, options...)
		}}).Build()
	s.rooms = &fakeDirectory{stage: s}
	s.session = &fakeSession{stage: s, reads: map[string]string{}, seats: true}
	s.crash()
	return s
}

// indexes declares the indexes of a cache to a client.
type indexes struct{ *fake.ClientBuilder }

// IndexField implements client.FieldIndexer.
func (i indexes) IndexField(_ context.Context, object client.Object, field string, values client.IndexerFunc) error {
	i.WithIndex(object, field, values)
	return nil
}

// crash has another process go on, with nothing remembered.
func (s *stage) crash() {
	s.process = New(Config{
		Client: s.client, Live: s.client, Accounts: fakeAccounts{}, Directory: s.rooms, Rosters: &fakeRosters{}, Callers: fakeCallers{},
		Store: NewStore(), Queue: &enqueue.Queue[reconcile.Request]{}, Rooms: &enqueue.Queue[directory.RoomKey]{},
		Recorder: s, Metrics: s, Now: func() time.Time { return s.now },
	})
	s.process.requester.sessions = func(types.NamespacedName) Session {
		if s.session == nil {
			return nil
		}
		return s.session
	}
}

// reconcile reconciles once.
func (s *stage) reconcile() ctrl.Result {
	s.t.Helper()
	result, err := s.process.Reconcile(s.stopping, ctrl.Request{NamespacedName: types.NamespacedName{Namespace: "support", Name: "all-hands"}})
	if err != nil && !errors.Is(err, errAway) {
		s.t.Fatal(err)
	}
	return result
}

// list has the rooms listed now: those in progress.
func (s *stage) list(sids ...string) {
	s.rooms.known, s.rooms.listedAt, s.rooms.rooms = true, s.now, nil
	for _, sid := range sids {
		s.rooms.rooms = append(s.rooms.rooms, directory.Room{SID: sid, Name: "all-hands"})
	}
}

// begin has the requests judged for rooms, and all reconciled that follows at once.
func (s *stage) begin(sids ...string) {
	s.t.Helper()
	s.list(sids...)
	s.idle()
}

// idle reconciles until nothing more is due at once.
func (s *stage) idle() {
	s.t.Helper()
	for range 20 {
		if result := s.reconcile(); result.RequeueAfter == 0 || result.RequeueAfter > time.Millisecond {
			return
		}
	}
	s.t.Fatal("it is reconciled for ever")
}

// elapse has time go by, and what is due then.
func (s *stage) elapse(after time.Duration) {
	s.t.Helper()
	s.now = s.now.Add(after)
	s.idle()
}

// object is the Conference as it is stored.
func (s *stage) object() *v1alpha1.Conference {
	s.t.Helper()
	object := &v1alpha1.Conference{}
	if err := s.client.Get(context.Background(), types.NamespacedName{Namespace: "support", Name: "all-hands"}, object); err != nil {
		s.t.Fatal(err)
	}
	return object
}

// edit changes the spec as a person does.
func (s *stage) edit(change func(*v1alpha1.ConferenceSpec)) {
	s.t.Helper()
	object := s.object()
	change(&object.Spec)
	object.Generation++
	if err := s.client.Update(context.Background(), object); err != nil {
		s.t.Fatal(err)
	}
}

// want compares what was sent to the rooms with what is expected.
func (s *stage) want(sent ...string) {
	s.t.Helper()
	if !slices.Equal(s.session.sent, sent) {
		s.t.Errorf("sent %q, want %q", s.session.sent, sent)
	}
}

// wantState compares what became of a request to a room; "" for none.
func (s *stage) wantState(sid string, kind string, want v1alpha1.AnnouncementState) {
	s.t.Helper()
	var got v1alpha1.AnnouncementState
	for _, room := range s.object().Status.Rooms {
		state := map[string]*v1alpha1.RoomRequestState{"announcement": room.Announcement, "end": room.End}[kind]
		if room.ConferenceSID == sid && state != nil {
			got = state.State
		}
	}
	if got != want {
		s.t.Errorf("%s of room %s is %q, want %q", kind, sid, got, want)
	}
}

// wantEvent looks for an event.
func (s *stage) wantEvent(reason string) {
	s.t.Helper()
	if !slices.Contains(s.events, reason) {
		s.t.Errorf("events %q lack %s", s.events, reason)
	}
}

// Eventf records an event.
func (s *stage) Eventf(_, _ runtime.Object, _, reason, _, note string, arguments ...any) {
	if text := fmt.Sprintf(note, arguments...); text == "" {
		s.t.Errorf("event %s has no text", reason)
	}
	s.events = append(s.events, reason)
}

// Announced counts an announcement.
func (s *stage) Announced(outcome string) { s.counted = append(s.counted, outcome) }

// fakeDirectory has the rooms that a stage says.
type fakeDirectory struct {
	stage    *stage
	known    bool
	listedAt time.Time
	rooms    []directory.Room
	// awaited is since when a list is awaited, requests how often one was requested.
	awaited  time.Time
	requests int
}

func (d *fakeDirectory) Subscribe(_, _ types.NamespacedName, _ directory.Selector) {}
func (d *fakeDirectory) Unsubscribe(_, _ types.NamespacedName)                     {}
func (d *fakeDirectory) Rooms(types.NamespacedName, directory.Selector) ([]directory.Room, bool) {
	return d.rooms, d.known
}
func (d *fakeDirectory) ListedAt(types.NamespacedName) time.Time               { return d.listedAt }
func (d *fakeDirectory) Await(_, _ types.NamespacedName, since time.Time)      { d.awaited = since }
func (d *fakeDirectory) Request(types.NamespacedName, time.Time)               { d.requests++ }
func (d *fakeDirectory) Refusal(types.NamespacedName) (refusal roster.Refusal) { return refusal }
func (d *fakeDirectory) Failing(types.NamespacedName) bool                     { return false }

// fakeRosters are empty, and remember what was requested.
type fakeRosters struct {
	requests []roster.RefreshRequest
	snapshot roster.Snapshot
}

func (r *fakeRosters) Subscribe(roster.Key, roster.Subscriber, roster.Interest) {}
func (r *fakeRosters) Unsubscribe(roster.Key, roster.Subscriber, string)        {}
func (r *fakeRosters) Snapshot(roster.Key) roster.Snapshot                      { return r.snapshot }
func (r *fakeRosters) RoomsListedSlowly(types.NamespacedName) bool              { return false }
func (r *fakeRosters) RequestRefresh(_ roster.Key, request roster.RefreshRequest) {
	r.requests = append(r.requests, request)
}

// fakeCallers know nothing.
type fakeCallers struct{}

func (fakeCallers) Request(types.NamespacedName, directory.RoomKey, ...string) {}
func (fakeCallers) Keep(types.NamespacedName, directory.RoomKey, []string)     {}
func (fakeCallers) Forget(types.NamespacedName, directory.RoomKey)             {}
func (fakeCallers) Lookup(types.NamespacedName, string) (caller policy.Caller) { return caller }
func (fakeCallers) Failing(types.NamespacedName, time.Time) bool               { return false }

// fakeAccounts have one account that is ready.
type fakeAccounts struct{}

func (fakeAccounts) Lookup(types.NamespacedName) (*provider.Session, provider.State, bool) {
	session := provider.NewSession(provider.Config{PerSecond: 1, Burst: 1, Concurrency: 1, Now: func() time.Time { return start }})
	return session, provider.State{Phase: provider.PhaseReady, Verified: true, ProviderAccount: "acme"}, true
}

// fakeSession is a provider that does what a stage says.
type fakeSession struct {
	stage *stage
	// sent are the updates, reads the statuses of conferences; "" can't be read.
	sent  []string
	looks int
	reads map[string]string
	// failures are those of the next updates; nil is success.
	failures []error
	// during is called while an update is under way.
	during func()
	// seats says that there is one; held counts those that were not given back.
	seats   bool
	held    int
	waiting []admission.Request
	block   provider.Block
	until   time.Time
	// unclaimed says that what is sent needs no claim.
	unclaimed bool
	// refusedAt is when the credentials were found refused.
	refusedAt time.Time
}

func (f *fakeSession) Identity() string                     { return "session" }
func (f *fakeSession) RefusedSince(since time.Time) bool    { return f.refusedAt.After(since) }
func (f *fakeSession) Blocked() (provider.Block, time.Time) { return f.block, f.until }

func (f *fakeSession) TryAcquire(request admission.Request) (release func(), ok bool) {
	if !f.seats {
		f.waiting = append(f.waiting, request)
		return nil, false
	}
	f.held++
	return func() { f.held-- }, true
}

// UpdateConference fails the test if the request is not written down.
func (f *fakeSession) UpdateConference(_ context.Context, sid string, u voice.ConferenceUpdate) (voice.Conference, voice.Times, error) {
	t, kind := f.stage.t, "announcement"
	t.Helper()
	if u.Complete {
		kind = "end"
	}
	if !f.unclaimed {
		f.stage.wantState(sid, kind, v1alpha1.AnnouncementClaimed)
	}
	if f.held != 1 {
		t.Errorf("%d seats are taken for a request", f.held)
	}
	f.sent = append(f.sent, sid+" "+u.Form().Encode())
	if f.during != nil {
		f.during()
	}
	if len(f.failures) == 0 {
		return voice.Conference{SID: sid}, voice.Times{}, nil
	}
	failure := f.failures[0]
	f.failures = f.failures[1:]
	return voice.Conference{}, voice.Times{}, failure
}

func (f *fakeSession) ReadConference(_ context.Context, sid string) (voice.Conference, voice.Times, error) {
	f.looks++
	if f.reads[sid] == "" {
		return voice.Conference{}, voice.Times{Sent: f.stage.now}, &voice.Error{Class: voice.ClassUnknownOutcome, HTTPStatus: 503}
	}
	return voice.Conference{SID: sid, Status: f.reads[sid]}, voice.Times{Sent: f.stage.now}, nil
}
