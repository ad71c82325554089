package conference

import (
	"context"
	"errors"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
)

// full is a room with the child of the call leg old, in a namespace in which the API
// server refuses to make another.
type full struct {
	*scope
	writer      childWriter
	made, known int
	// quota is why none is made; empty if it is.
	quota string
}

func newFull(t *testing.T) *full {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	f := &full{scope: &scope{
		view: view{
			object: &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Name: "all-hands", Namespace: "support"}},
			memory: newRoomMemory(directory.Room{}, false),
		},
		now:      start,
		children: map[string]policy.Child{"old": {Name: "old", UID: "uid"}},
	}}
	f.quota = "exceeded quota"
	f.writer = childWriter{inFlight: 1, clock: func() time.Time { return f.now }, client: interceptor.NewClient(
		fake.NewClientBuilder().WithScheme(scheme).Build(), interceptor.Funcs{Apply: f.apply})}
	return f
}

func (f *full) apply(_ context.Context, _ client.WithWatch, object runtime.ApplyConfiguration, _ ...client.ApplyOption) error {
	if object.(interface{ GetUID() types.UID }).GetUID() != "" {
		f.known++
		return nil
	}
	f.made++
	if f.quota == "" {
		return nil
	}
	return apierrors.NewForbidden(schema.GroupResource{Resource: "cparts"}, object.(interface{ GetName() string }).GetName(), errors.New(f.quota))
}

// write has the policy want children of call legs, each otherwise than before.
func (f *full) write(t *testing.T, callSIDs ...string) (next time.Duration) {
	var found policy.Assignment
	for _, callSID := range callSIDs {
		found.Children = append(found.Children, policy.Want{Name: callSID, CallSID: callSID, Record: policy.Record{Digest: f.now.String()}})
	}
	return f.writer.write(t.Context(), f.scope, found).Sub(f.now)
}

func TestChildrenThatAreThereGoOnWhereNoneIsMade(t *testing.T) {
	f := newFull(t)
	if next := f.write(t, "new", "old"); f.made != 1 || f.known != 1 || next != 10*time.Second {
		t.Errorf("%d made, %d changed, next in %s", f.made, f.known, next)
	}
	f.now = f.now.Add(time.Second)
	if next := f.write(t, "new", "old"); f.made != 1 || f.known != 2 || next != 9*time.Second {
		t.Errorf("held: %d made, %d changed, next in %s", f.made, f.known, next)
	}
	if f.memory.refused.why() == "" {
		t.Error("no reason is told while it is held")
	}
	f.now, f.quota = f.now.Add(9*time.Second), ""
	if next := f.write(t, "new", "old"); f.made != 2 || next > 0 || f.memory.refused.why() != "" {
		t.Errorf("permitted: %d made, next in %s, %q", f.made, next, f.memory.refused.why())
	}
}

func TestManyRefusalsOfOnePassAreOne(t *testing.T) {
	f := newFull(t)
	if next := f.write(t, "a", "b", "c", "d", "e"); f.made != 5 || next != 10*time.Second {
		t.Errorf("%d made, next in %s", f.made, next)
	}
	const why = "cparts is forbidden: exceeded quota"
	if got := f.memory.refused.why(); got != why {
		t.Errorf("told is %q, want %q", got, why)
	}
	f.now = f.now.Add(10 * time.Second)
	if next := f.write(t, "a", "b", "c", "d", "e"); next != time.Minute {
		t.Errorf("next in %s", next)
	}
}

func TestAChildThatGoesMakesRoomForAnother(t *testing.T) {
	f := newFull(t)
	f.write(t, "new")
	f.now = f.now.Add(10 * time.Second)
	f.write(t, "new")
	delete(f.children, "old")
	f.now = f.now.Add(time.Second)
	if next := f.write(t, "new"); next != 10*time.Second || f.made != 2 {
		t.Errorf("next in %s, %d made", next, f.made)
	}
	f.now, f.quota = f.now.Add(10*time.Second), ""
	if f.write(t, "new"); f.made != 3 {
		t.Errorf("%d made", f.made)
	}
}
