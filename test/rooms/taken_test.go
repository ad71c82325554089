package rooms_test

import (
	"reflect"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestAnObjectWithTheNameOfAChildIsLeftAlone has people write one: for another call, or
// for the very call, of which it wants nothing.
func TestAnObjectWithTheNameOfAChildIsLeftAlone(t *testing.T) {
	for name, same := range map[string]bool{"of another call": false, "of the same call": true} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.JoinRoom("all-hands", voicesim.JoinOptions{EndConferenceOnExit: true})
			guest, sid := env.JoinRoom("all-hands")
			stranger := policy.ChildName("all-hands", sid, guest)
			call := env.Join()
			if same {
				call = guest
			}
			env.CreateParticipant(stranger, call, func(s *sim.Spec) {
				s.Suspend, s.Muted = true, new(false)
				if same {
					s.ConferenceSID = v1alpha1.SID(sid)
				}
			})
			read := func() *sim.Object {
				object := &sim.Object{}
				if err := env.Client.Get(t.Context(), client.ObjectKey{Namespace: sim.Namespace, Name: stranger}, object); err != nil {
					t.Fatal(err)
				}
				return object
			}
			env.Elapse(5 * time.Second)
			before := read()
			env.CreateConference("all-hands", allHands)
			env.Elapse(30 * time.Second)
			env.WantConference("all-hands", v1alpha1.ReasonConflict)
			if after := read(); !reflect.DeepEqual(after.Spec, before.Spec) || len(after.OwnerReferences) > 0 || len(after.Labels) > 0 {
				t.Errorf("%+v", after)
			}
			if made := env.Children("all-hands"); len(made) != 1 {
				t.Errorf("%d children beside it", len(made))
			}
			if err := env.Client.Delete(t.Context(), read()); err != nil {
				t.Fatal(err)
			}
			env.Elapse(30 * time.Second)
			env.WantConference("all-hands", v1alpha1.ReasonInSync)
		})
	}
}

// TestR14AChildThatIsDeletedAtOnceIsMadeAgain has a child deleted before the operator's
// cache has shown it.
func TestR14AChildThatIsDeletedAtOnceIsMadeAgain(t *testing.T) {
	r := newRoom(t, "all-hands", allHands)
	r.join("host", hosting())
	r.join("audience", voicesim.JoinOptions{})
	r.Elapse(20 * time.Second)
	known := len(r.Children("all-hands"))
	r.AfterBoundary = func(sim.Boundary) {
		if made := r.Children("all-hands"); len(made) > known {
			r.AfterBoundary = nil
			r.deleteChildren()
		}
	}
	r.join("audience", voicesim.JoinOptions{})
	r.Elapse(sim.HeardWithin)
	if r.AfterBoundary != nil {
		t.Fatal("no child was made")
	}
	r.Elapse(15 * time.Second)
	if n := len(r.Children("all-hands")); n != known+1 {
		t.Errorf("%d children of %d", n, known+1)
	}
	r.WantQuiet(10 * time.Minute)
}
