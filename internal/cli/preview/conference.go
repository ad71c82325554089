package preview

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Callers is what is known of the calls behind call legs.
type Callers struct {
	// Calls are those that were read, by call SID; one that is missing in it is not
	// known to the provider.
	Calls map[string]voice.Call
	// Numbers are those of the Secrets that the roles name; one that is missing was not
	// read.
	Numbers map[v1alpha1.SecretKeySelector][]string
	// Hasher hides numbers while they are compared.
	Hasher policy.Hasher
}

// Conference is what would be done about a Conference in the rooms that are in progress
// by its name.
func (s Scene) Conference(object *v1alpha1.Conference, rooms []voice.Conference, callers Callers) Preview {
	p := Preview{Object: "Conference " + object.Name}
	compiled := policy.Compile(object, callers.hashed(), callers.Hasher)
	for _, room := range rooms {
		if policy.Matches(&object.Spec, room.FriendlyName) {
			p.Rooms = append(p.Rooms, s.room(object, compiled, room, callers))
		}
	}
	switch {
	case object.Spec.Suspend:
		p.Note = "spec.suspend is true, so that nothing is made, sent or deleted."
		p.Rooms = nil
	case len(object.Spec.Roles) == 0:
		p.Note = "It has no roles, and only looks."
	case len(p.Rooms) == 0:
		p.Note = "No room of that name is in progress; the policy would wait for one."
	case object.Spec.Mode == v1alpha1.ModeObserve:
		p.Note = "Mode Observe makes and sends nothing; mode Enforce would:"
	}
	return p
}

// hashed are the numbers of Secrets as the policy compares them.
func (c Callers) hashed() map[v1alpha1.SecretKeySelector][]policy.Number {
	hashed := map[v1alpha1.SecretKeySelector][]policy.Number{}
	for key, numbers := range c.Numbers {
		hashed[key] = []policy.Number{}
		for _, number := range numbers {
			hashed[key] = append(hashed[key], c.Hasher.Hash(number))
		}
	}
	return hashed
}

// caller is a call as the policy sees it.
func (c Callers) caller(callSID string) policy.Caller {
	call, known := c.Calls[callSID]
	if !known {
		return policy.Caller{State: policy.CallerMissing}
	}
	return callers.CallerOf(call, func(number voice.Number) policy.Number { return c.Hasher.Hash(number.Reveal()) })
}

// room is what would be done in one room. In mode Observe it is what Enforce would do.
func (s Scene) room(object *v1alpha1.Conference, compiled policy.Policy, room voice.Conference, callers Callers) Room {
	r := Room{ConferenceSID: room.SID, FriendlyName: room.FriendlyName, People: len(s.Rooms[room.SID])}
	if r.Governor = s.governor(object, room.FriendlyName); r.Governor != "" || room.Status == voice.ConferenceInit {
		return r
	}
	if object.Spec.Mode == v1alpha1.ModeObserve {
		enforced := object.DeepCopy()
		enforced.Spec.Mode = v1alpha1.ModeEnforce
		compiled = policy.Compile(enforced, callers.hashed(), callers.Hasher)
	}
	assigned := policy.Assign(compiled, s.policyRoom(object, room.SID, callers), s.Now)
	for _, want := range assigned.Children {
		r.Steps = append(r.Steps, s.child(object, want))
	}
	for _, child := range assigned.Delete {
		r.Steps = append(r.Steps, Step{
			Object: child.Name, Write: "delete", CallSID: string(child.Spec.CallSID), Role: string(child.Role),
			Why: "no role declares anything for it, or an object that people wrote is about it",
		})
	}
	for callSID, role := range assigned.Unidentified {
		if r.Unidentified == nil {
			r.Unidentified = map[string]string{}
		}
		r.Unidentified[callSID] = string(role)
	}
	return r
}

// policyRoom is a room as the policy sees it: everybody was there before.
func (s Scene) policyRoom(object *v1alpha1.Conference, sid string, callers Callers) policy.Room {
	room := policy.Room{ConferenceSID: sid, Found: true}
	for _, seen := range s.Rooms[sid] {
		if seen.Ringing() || seen.Ended() {
			continue
		}
		leg := policy.Leg{
			CallSID: seen.CallSID, Joined: seen.Joined(), FirstSeen: s.Now, Muted: seen.Muted, Hold: seen.Hold,
			Coaching: seen.Coaching, Coachee: seen.CallSIDToCoach, EndsRoom: seen.EndConferenceOnExit, Caller: callers.caller(seen.CallSID),
		}
		s.claimed(&leg, object, sid)
		room.Legs = append(room.Legs, leg)
	}
	return room
}

// claimed adds to a call leg the objects that are about it.
func (s Scene) claimed(leg *policy.Leg, object *v1alpha1.Conference, sid string) {
	for i := range s.Participants {
		p := &s.Participants[i]
		if string(p.Spec.CallSID) != leg.CallSID || string(p.Spec.ConferenceSID) != sid {
			continue
		}
		switch owner := metav1.GetControllerOfNoCopy(p); {
		case owner != nil && owner.Name == object.Name:
			child := policy.ChildOf(p)
			leg.Child = &child
		case owner == nil && !withdrawn(p):
			leg.Overridden = true
			leg.Overrides = policy.Fields{Muted: p.Spec.Muted != nil, Hold: p.Spec.Hold != nil}
		}
	}
}

// child is the step of a Conference's participant.
func (s Scene) child(object *v1alpha1.Conference, want policy.Want) Step {
	made := &v1alpha1.ConferenceParticipant{Spec: want.Spec}
	made.Name, made.Namespace = want.Name, object.Namespace
	write := "create"
	for i := range s.Participants {
		if p := &s.Participants[i]; p.Name == want.Name {
			made.Status, write = p.Status, "update"
			if policy.ChildOf(p).Record.Digest == want.Record.Digest {
				write = "keep"
			}
		}
	}
	step := s.step(made)
	step.Write, step.Role = write, string(want.Role)
	return step
}

// governor is another Conference that goes first in the rooms of a name (R19); empty if
// none does.
func (s Scene) governor(object *v1alpha1.Conference, room string) string {
	var rivals []claim.Candidate
	for i := range s.Conferences {
		c := &s.Conferences[i]
		idle := c.Spec.Mode == v1alpha1.ModeObserve || !c.DeletionTimestamp.IsZero()
		if !idle && c.Name != object.Name && c.Spec.AccountRef == object.Spec.AccountRef && policy.Matches(&c.Spec, room) {
			rivals = append(rivals, s.candidate(c, policy.Precedence(&c.Spec)))
		}
	}
	return claim.Decide(s.candidate(object, policy.Precedence(&object.Spec)), rivals).To.Name
}
