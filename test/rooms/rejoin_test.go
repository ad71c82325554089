package rooms_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// A child that has opened what its policy closed for a while is left as it was when its
// call joins anew: the policy decides about each join first.
func TestR26AJoinAnewIsNotOpenedByWhatWasDecidedForTheOneBefore(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	env.CreateConference("all-hands", allHands)
	call, sid := env.JoinRoom("all-hands")
	env.JoinRoom("all-hands")
	joined := env.Now()
	child := &sim.Object{ObjectMeta: metav1.ObjectMeta{Namespace: sim.Namespace, Name: "child"}}
	child.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Conference", Name: "all-hands",
		UID: env.GetConference("all-hands").UID, Controller: new(true),
	}}
	child.Annotations = map[string]string{v1alpha1.PolicyAnnotation: `{"joined":"` + joined.UTC().Format(time.RFC3339) + `"}`}
	child.Spec.AccountRef.Name, child.Spec.ConferenceSID, child.Spec.CallSID = "acme", v1alpha1.SID(sid), v1alpha1.SID(call)
	child.Spec.Once = &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: new(false)}}
	env.Create(child)
	env.Elapse(time.Minute)
	env.Provider.HangUp(call)
	env.Elapse(30 * time.Second)
	env.Provider.JoinRoom(sim.AccountSID, "all-hands", voicesim.JoinOptions{CallSID: call, Muted: true})
	env.Elapse(2 * time.Minute)
	if p, there := env.Provider.Participant(sid, call); !there || !p.Muted {
		t.Errorf("found %+v, there %v", p, there)
	}
}
