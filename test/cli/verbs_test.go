package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func (d *desk) takeAndRelease() {
	r := d.govern(policy)
	r.muted(r.guest, true)
	child, name := r.child(r.guest), "call-"+r.guest
	d.wants(d.ok("unmute", child.Name, "--dry-run=server", "-o", "yaml"), "name: "+name, "muted: false", "taken-from: all-hands")
	d.wants(d.ok("unmute", child.Name, "--dry-run"), name+" not muted (dry run)")
	got := d.run("", "unmute", child.Name)
	if got.code != 0 || got.out != "conferenceparticipant/"+name+" not muted\n" {
		d.t.Fatalf("got %+v", got)
	}
	d.wants(got.err, "Conference all-hands governs this call leg.", "kubectl conference release "+name)
	r.muted(r.guest, false)
	if taken := d.participant(name); *taken.Spec.TTLSecondsAfterFinished != 180 || taken.Spec.DeletionPolicy != v1alpha1.DeletionReset {
		d.t.Errorf("taken with %+v", taken.Spec)
	}
	d.eventually(func() error {
		if err := d.admin.Get(d.t.Context(), client.ObjectKeyFromObject(child), child); !apierrors.IsNotFound(err) {
			return fmt.Errorf("the child of the policy is there: %w", err)
		}
		return nil
	})
	d.wants(d.ok("unmute", name), "unchanged")
	d.wants(d.ok("why", r.guest), "has the role audience: it has no match", "kubectl conference release "+name)
	d.ok("hold", r.guest, "--url", "https://music.example.com/hold.xml")
	if seen, _ := r.sim.Participant(r.sid, r.guest); !seen.Hold || seen.Muted {
		d.t.Errorf("on hold, and as before: %+v", seen)
	}
	d.wants(d.ok("release", name), "released")
	// What comes next finds what the policy declares.
	d.wants(d.ok("hold", r.guest, "--dry-run", "-o", "yaml"), "muted: true")
	r.muted(r.guest, true)
	r.becomes(r.guest, "off hold", func(p voicesim.Participant) bool { return !p.Hold })
	r.child(r.guest)
	d.refused("is not taken out of any policy", "release", r.guest)
}

// A call leg that waits for a role stays on hold when it is taken, and is not left there
// when it is given back.
func (d *desk) holdForAWhile() {
	r := d.govern(`{roles: [{name: host, match: [{direction: Outbound}]}], waitForRole: {role: host}}`)
	_, late := d.sim.JoinRoom(accountSID, d.namespace, voicesim.JoinOptions{})
	d.look()
	r.becomes(late, "on hold", func(p voicesim.Participant) bool { return p.Hold })
	d.wants(d.ok("why", r.child(late).Name), "The hold is for a while: while the room waits")
	d.ok("mute", late)
	taken := d.participant("call-" + late)
	if taken.Spec.Hold == nil || !*taken.Spec.Hold || !*taken.Spec.Muted {
		d.t.Errorf("taken with %+v", taken.Spec)
	}
	d.ok("release", late)
	r.becomes(late, "off hold, or on hold by the policy again", func(p voicesim.Participant) bool {
		return !p.Muted && (!p.Hold || strings.Contains(r.updates(late), "Hold=false"))
	})
}

func (d *desk) otherWriters() {
	sid := d.sim.OpenConference(accountSID, d.namespace)
	call := d.sim.Join(sid, voicesim.JoinOptions{})
	d.sim.Join(sid, voicesim.JoinOptions{})
	object := testkit.Participant(d.namespace, "agent", "acme", sid, call)
	object.Spec.Muted, object.Kind, object.APIVersion = new(true), "ConferenceParticipant", v1alpha1.GroupVersion.String()
	text, err := json.Marshal(object)
	if err != nil {
		d.t.Fatal(err)
	}
	manifest := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &manifest.Object); err != nil {
		d.t.Fatal(err)
	}
	delete(manifest.Object, "status")
	if err := d.admin.Apply(d.t.Context(), client.ApplyConfigurationFromUnstructured(manifest), client.FieldOwner("flux")); err != nil {
		d.t.Fatal(err)
	}
	d.refused("spec.muted is owned by flux", "unmute", "agent")
	d.refused("is owned by flux", "kick", "agent", "--yes")
	d.ok("hold", "agent")
	d.wants(d.ok("why", "agent"), "It is written by hand (flux, kubectl-conference).")
	d.ok("unmute", "agent", "--force")
	if seen, _ := d.sim.Participant(sid, call); seen.Muted || !seen.Hold {
		d.t.Errorf("by force: %+v", seen)
	}
	d.wants(d.ok("release", "agent"), "it is left to its other writers")
	if left := d.participant("agent"); left.Spec.Hold != nil {
		d.t.Errorf("released with %+v", left.Spec)
	}
	if seen, _ := d.sim.Participant(sid, call); seen.Hold {
		d.t.Errorf("nobody is left to end the hold: %+v", seen)
	}
}

func (d *desk) coach() {
	r := d.govern(policy)
	r.muted(r.guest, true)
	coaches := func(muted bool) func(voicesim.Participant) bool {
		return func(p voicesim.Participant) bool {
			return p.Coaching && p.CallSIDToCoach == r.other && p.Muted == muted
		}
	}
	d.ok("listen", r.guest, "--to", r.other)
	r.becomes(r.guest, "listening", coaches(true))
	d.ok("whisper", r.guest, "--to", r.other)
	r.becomes(r.guest, "whispering", coaches(false))
	d.ok("uncoach", r.guest)
	r.becomes(r.guest, "muted", func(p voicesim.Participant) bool { return p.Muted && !p.Coaching })
	d.ok("barge", r.guest)
	r.becomes(r.guest, "heard by all", func(p voicesim.Participant) bool { return !p.Muted && !p.Coaching })
	d.ok("whisper", r.host, "--to", r.other)
	d.ok("release", r.host)
	r.becomes(r.host, "heard by all, as the policy says", func(p voicesim.Participant) bool { return !p.Muted && !p.Coaching })
	d.ok("whisper", r.guest, "--to", r.other)
	d.sim.Leave(r.sid, r.other)
	r.becomes(r.guest, "muted, since the coachee is gone", func(p voicesim.Participant) bool { return p.Muted })
	if got := d.run("", "unmute", r.guest, "--timeout", "1s"); got.code != 1 || !strings.Contains(got.err, "is not so far within 1s") {
		d.t.Errorf("declared already, and not in effect: %+v", got)
	}
}

func (d *desk) announce() {
	r := d.govern(policy)
	d.wants(d.ok("announce", r.guest, "--url", "https://media.example.com/a.xml", "--id", "hello"), "plays announcement hello")
	d.eventually(func() error {
		if !strings.Contains(r.updates(r.guest), "AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fa.xml") {
			return fmt.Errorf("sent %s", r.updates(r.guest))
		}
		return nil
	})
	d.wants(d.ok("announce", "conf/all-hands", "--url", "https://media.example.com/b.xml"), "conference/all-hands plays announcement kubectl-")
	d.eventually(func() error {
		for _, request := range d.sim.Journal() {
			if request.ConferenceSID == r.sid && request.Operation == voicesim.OpUpdateConference && request.Form.Get("AnnounceUrl") != "" {
				return nil
			}
		}
		return fmt.Errorf("nothing was played to the room")
	})
}

// Nothing is declared for the host, so that only a look shows what the end of the call
// would end.
func (d *desk) kick() {
	r := d.govern(`roles: [{name: host, match: [{endConferenceOnExit: true}]}, {name: audience, muted: true}]`)
	r.muted(r.guest, true)
	d.wants(d.ok("why", r.host), "in a room of Conference all-hands")
	d.refused("the conference ends for everybody", "kick", r.host, "--yes")
	left := &v1alpha1.ConferenceParticipant{}
	if err := d.admin.Get(d.t.Context(), client.ObjectKey{Namespace: d.namespace, Name: "call-" + r.host}, left); !apierrors.IsNotFound(err) {
		d.t.Errorf("the host is out of the policy still: %v", err)
	}
	if got := d.run("n\n", "kick", r.guest); got.code != 2 || !strings.Contains(got.err, "nothing was removed") {
		d.t.Errorf("no: %+v", got)
	}
	if got := d.run("yes\n", "kick", r.guest); got.code != 0 || !strings.Contains(got.out, "removed from the conference") {
		d.t.Fatalf("yes: %+v", got)
	}
	if _, there := d.sim.Participant(r.sid, r.guest); there {
		d.t.Error("the guest is there still")
	}
	if _, there := d.sim.Participant(r.sid, r.other); !there {
		d.t.Error("the others are gone, too")
	}
	if got := d.run("", "kick", r.host, "--yes", "--end-conference"); got.code != 0 {
		d.t.Errorf("the host, although the conference ends: %+v", got)
	}
}
