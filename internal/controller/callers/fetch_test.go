package callers

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/voice"
)

var (
	now  = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	acme = types.NamespacedName{Namespace: "support", Name: "acme"}
)

// fake is a provider with so many seats, which responds once a number of reads are in flight.
type fake struct {
	seats, together int32

	taken, inFlight atomic.Int32
	gate            chan struct{}
	block           provider.Block

	mu   sync.Mutex
	most int32
}

func (f *fake) Blocked() (provider.Block, time.Time) { return f.block, now.Add(time.Minute) }

func (f *fake) TryAcquire(admission.Request) (release func(), ok bool) {
	if f.taken.Add(1) > f.seats {
		return nil, false
	}
	return func() {}, true
}

func (f *fake) ReadCall(_ context.Context, callSID string) (voice.Call, voice.Times, error) {
	reading := f.inFlight.Add(1)
	defer f.inFlight.Add(-1)
	f.mu.Lock()
	f.most = max(f.most, reading)
	f.mu.Unlock()
	if reading == f.together {
		close(f.gate)
	}
	<-f.gate
	return voice.Call{SID: callSID}, voice.Times{}, nil
}

func (f *fake) ListCalls(context.Context, voice.CallFilter, func(voice.CallPage, voice.Times)) error {
	return nil
}

// unknown is a reconciler with so many unknown calls.
func unknown(n int) *Reconciler {
	store := callers.NewStore(func(voice.Number) policy.Number { return policy.Number{} }, func(types.NamespacedName) {})
	for i := range n {
		store.Request(acme, directory.RoomKey{SID: "room"}, fmt.Sprint(i))
	}
	return &Reconciler{
		InFlight: callers.ReadsAtOnce + 1, Calls: store, Queue: &enqueue.Queue[types.NamespacedName]{}, Rooms: &enqueue.Queue[directory.RoomKey]{}, Now: func() time.Time { return now },
	}
}

func TestR20AtMostEightReadsAreInFlight(t *testing.T) {
	r, f := unknown(20), &fake{seats: 100, together: callers.ReadsAtOnce, gate: make(chan struct{})}
	_, sent := r.fetch(t.Context(), scope{acme, f}, r.Calls.Next(acme, now))
	if most := f.most; !sent || most != callers.ReadsAtOnce || f.taken.Load() != callers.ReadsAtOnce {
		t.Errorf("%d reads at once, %d seats", most, f.taken.Load())
	}
	if n := len(r.Calls.Next(acme, now).Reads); n != callers.ReadsAtOnce {
		t.Errorf("%d reads are due after the first", n)
	}
}

func TestR15ReadsWaitForTheirSeats(t *testing.T) {
	for _, c := range []struct {
		name  string
		fake  *fake
		sent  bool
		retry time.Duration
	}{
		{"some seats", &fake{seats: 3, together: 3}, true, 0},
		{"none", &fake{}, false, 0},
		{"blocked", &fake{seats: 3, block: provider.Throttled}, false, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := unknown(20)
			c.fake.gate = make(chan struct{})
			retry, sent := r.fetch(t.Context(), scope{acme, c.fake}, r.Calls.Next(acme, now))
			if sent != c.sent || retry != c.retry || c.fake.most != c.fake.together {
				t.Errorf("sent %v, back in %s, %d reads", sent, retry, c.fake.most)
			}
		})
	}
}
