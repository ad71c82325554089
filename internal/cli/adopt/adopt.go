// Package adopt makes objects of what the provider shows, so that what is there can be
// brought under declaration without a change: participants in mode Observe that declare
// what holds already, or a Conference without roles, which only looks.
//
// It is pure, and no number is in what it makes.
package adopt

import (
	"cmp"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// ttl is how long a participant is kept after its call, in seconds.
const ttl = 3600

// Participant is a call leg in mode Observe: to have it enforced is one edit, which
// changes nothing at first.
func Participant(namespace, account string, seen voice.Participant) *v1alpha1.ConferenceParticipant {
	object := &v1alpha1.ConferenceParticipant{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "ConferenceParticipant"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "observe-" + seen.CallSID},
		Spec: v1alpha1.ConferenceParticipantSpec{
			AccountRef:    v1alpha1.LocalReference{Name: account},
			ConferenceSID: v1alpha1.SID(seen.ConferenceSID), CallSID: v1alpha1.SID(seen.CallSID),
			AudioControls: v1alpha1.AudioControls{Muted: new(seen.Muted), Hold: new(seen.Hold)},
			Mode:          v1alpha1.ModeObserve, TTLSecondsAfterFinished: new(int32(ttl)),
		},
	}
	if seen.Coaching && seen.CallSIDToCoach != "" {
		object.Spec.Coaching, object.Spec.CallSIDToCoach = new(true), v1alpha1.SID(seen.CallSIDToCoach)
	}
	return object
}

// Conference is the room of a name, without roles.
func Conference(namespace, account, name, friendlyName string) *v1alpha1.Conference {
	return &v1alpha1.Conference{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Conference"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.ConferenceSpec{
			AccountRef: v1alpha1.LocalReference{Name: account}, FriendlyName: v1alpha1.RoomName(friendlyName),
		},
	}
}

// Name is an object's name for a room: its friendly name, with what no name may have
// replaced.
func Name(friendlyName string) string {
	const most = 63
	name := regexp.MustCompile("[^a-z0-9]+").ReplaceAllString(strings.ToLower(friendlyName), "-")
	name = strings.Trim(name, "-")
	name = strings.TrimRight(name[:min(len(name), most)], "-")
	return cmp.Or(name, "room")
}
