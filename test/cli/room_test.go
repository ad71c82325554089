package cli

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// policy mutes everybody but the host.
const policy = `roles: [{name: host, match: [{endConferenceOnExit: true}], muted: false}, {name: audience, muted: true}]`

// room is a room of the namespace's name with a host and two guests, under a policy.
type room struct {
	*desk
	sid, host, guest, other string
}

// govern opens a room under a policy.
func (d *desk) govern(spec string) *room {
	d.t.Helper()
	d.declare(spec)
	return d.join()
}

// join opens the room, and waits until the status of its Conference shows it.
func (d *desk) join() *room {
	d.t.Helper()
	r := &room{desk: d}
	r.sid, r.host = d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{From: hostNumber, EndConferenceOnExit: true})
	_, r.guest = d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{From: "+15555550142"})
	_, r.other = d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{From: "+15555550143"})
	conference := &v1alpha1.Conference{}
	d.eventually(func() error {
		if err := d.admin.Get(d.t.Context(), client.ObjectKey{Namespace: d.namespace, Name: "all-hands"}, conference); err != nil {
			return err
		}
		if len(conference.Status.Participants) != 3 {
			return fmt.Errorf("%d are in the status: %+v", len(conference.Status.Participants), conference.Status.Conditions)
		}
		return nil
	})
	return r
}

// declare writes the Conference of the room.
func (d *desk) declare(spec string) {
	d.t.Helper()
	conference := &v1alpha1.Conference{}
	if err := yaml.UnmarshalStrict([]byte(spec), &conference.Spec); err != nil {
		d.t.Fatal(err)
	}
	conference.Namespace, conference.Name = d.namespace, "all-hands"
	conference.Spec.AccountRef.Name, conference.Spec.FriendlyName = "acme", v1alpha1.RoomName(d.namespace)
	d.create(conference)
}

// look has the room listed at once, and not within 5 s.
func (d *desk) look() {
	d.t.Helper()
	conference := &v1alpha1.Conference{}
	conference.Namespace, conference.Name = d.namespace, "all-hands"
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:"now"}}}`, v1alpha1.ReconcileRequestedAtAnnotation)
	if err := d.admin.Patch(d.t.Context(), conference, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		d.t.Fatal(err)
	}
}

// becomes waits until a call leg is as wanted at the provider.
func (r *room) becomes(callSID, what string, is func(voicesim.Participant) bool) {
	r.t.Helper()
	r.eventually(func() error {
		seen, there := r.sim.Participant(r.sid, callSID)
		if !there || !is(seen) {
			return fmt.Errorf("call %s is not %s: %+v", callSID, what, seen)
		}
		return nil
	})
}

func (r *room) muted(callSID string, want bool) {
	r.t.Helper()
	r.becomes(callSID, fmt.Sprintf("muted: %t", want), func(p voicesim.Participant) bool { return p.Muted == want })
}

// child waits for the participant that the Conference has made for a call leg.
func (r *room) child(callSID string) *v1alpha1.ConferenceParticipant {
	r.t.Helper()
	var found *v1alpha1.ConferenceParticipant
	r.eventually(func() error {
		children := &v1alpha1.ConferenceParticipantList{}
		if err := r.admin.List(r.t.Context(), children, client.InNamespace(r.namespace), client.HasLabels{v1alpha1.ConferenceLabel}); err != nil {
			return err
		}
		for i := range children.Items {
			if p := &children.Items[i]; string(p.Spec.CallSID) == callSID && p.DeletionTimestamp.IsZero() && len(p.Status.Conditions) > 0 {
				found = p
				return nil
			}
		}
		return fmt.Errorf("call %s has no child", callSID)
	})
	return found
}

// participant is an object that must be there.
func (d *desk) participant(name string) *v1alpha1.ConferenceParticipant {
	d.t.Helper()
	found := &v1alpha1.ConferenceParticipant{}
	if err := d.admin.Get(d.t.Context(), client.ObjectKey{Namespace: d.namespace, Name: name}, found); err != nil {
		d.t.Fatal(err)
	}
	return found
}

// updates are the forms of the updates of a call leg, joined.
func (r *room) updates(callSID string) string {
	var forms []string
	for _, request := range r.sim.Journal() {
		if request.CallSID == callSID && request.Operation == voicesim.OpUpdateParticipant {
			forms = append(forms, request.Form.Encode())
		}
	}
	return strings.Join(forms, "\n")
}
