package policy

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	// maxNamePrefix is how much of a Conference's name the names of its children have.
	maxNamePrefix = 52
	// nameHash is how many characters of a hash follow.
	nameHash = 10
	// joinDeadline is the joinDeadlineSeconds of a child: its call leg was seen.
	joinDeadline = 60
)

// ChildName is the name of the child of a Conference for a call leg in a room. It is
// the same after any crash.
func ChildName(conference, conferenceSID, callSID string) string {
	prefix := conference[:min(len(conference), maxNamePrefix)]
	return strings.TrimRight(prefix, "-.") + "-" + hashOf(conferenceSID + "/" + callSID)[:nameHash]
}

// hashOf has 52 characters, each of a to z or 2 to 7.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
}

// want is the child of the call leg at a place; false if nothing is declared for it
// and nothing is to be opened. A child that alone says which role is assumed stays. What
// is done on entry is declared, too: the child says that it was decided, and is there
// again after it was deleted (R26).
func (v *view) want(place int) (Want, bool) {
	q := &v.parties[place]
	wasMuted, wasHold := mutedOf(q), holdOf(q)
	r := q.declared(wasMuted, wasHold)
	p := v.coach(q)
	mutes, holds := v.causes(place)
	wanted := control{declared: r.Muted}
	switch {
	case p.muted != nil:
		wanted.declared = p.muted
	case q.muteOnEntry(&r, wasMuted):
		wanted.once = new(true)
	}
	muted := wasMuted.settle(q.Muted, mutes, wanted)
	music := v1alpha1.AudioControls{HoldURL: r.HoldURL, HoldMethod: r.HoldMethod}
	hold := wasHold.settle(q.Hold, holds, control{declared: r.Hold, music: music})
	w := v.child(q)
	w.Spec.Beep, w.Spec.DriftPolicy = r.Beep, r.DriftPolicy
	w.Spec.Announcement = v.announcement(q, &r)
	w.set(muted, hold, p)
	w.Record.Waits = hold.aWhile && v.waits(place)
	empty := p.coaching == nil && w.Spec.Announcement == nil && muted.empty() && hold.empty()
	return w.finish(), !empty || q.assumed || q.known && greets(&r)
}

// child is what every child has, and what is recorded of its join.
func (v *view) child(q *party) Want {
	w := Want{Name: v.childName(q), CallSID: q.CallSID}
	switch {
	case q.known && q.named && q.role != nil:
		w.Role = q.role.Name
	case !q.known && q.Child != nil:
		w.Role = q.Child.Role
	}
	w.Spec = v1alpha1.ConferenceParticipantSpec{
		AccountRef:              v.spec.AccountRef,
		ConferenceSID:           v1alpha1.SID(v.room.ConferenceSID),
		CallSID:                 v1alpha1.SID(q.CallSID),
		JoinDeadlineSeconds:     new(int32(joinDeadline)),
		TTLSecondsAfterFinished: new(int32(defaultTTL)),
	}
	if v.spec.ParticipantTTLSeconds != nil {
		w.Spec.TTLSecondsAfterFinished = v.spec.ParticipantTTLSeconds
	}
	w.Record = Record{
		Joined:  latest(q.record.Joined, q.Joined).UTC(),
		Entered: q.record.Entered && !q.rejoined || v.decided(q),
	}
	v.follow(&w)
	return w
}

// childName is that of the child that is there, or would be.
func (v *view) childName(q *party) string {
	if q.Child != nil {
		return q.Child.Name
	}
	return ChildName(v.name, v.room.ConferenceSID, q.CallSID)
}

// follow has a child do what mode and suspend of the Conference say (R28).
func (v *view) follow(w *Want) {
	w.Spec.Suspend, w.Spec.Mode = v.spec.Suspend, v1alpha1.ModeEnforce
	if v.observes() {
		w.Spec.Mode = v1alpha1.ModeObserve
	}
	w.Record.Withdrawn = v.spec.Suspend || v.observes()
}

// set writes what was decided about the fields.
func (w *Want) set(muted, hold control, p pair) {
	w.Spec.Muted, w.Spec.Hold = muted.declared, hold.declared
	if hold.declared != nil {
		w.Spec.HoldURL, w.Spec.HoldMethod = hold.music.HoldURL, hold.music.HoldMethod
	}
	w.Spec.Coaching, w.Spec.CallSIDToCoach = p.coaching, p.coachee
	if muted.once != nil || hold.once != nil {
		w.Spec.Once = &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: muted.once, Hold: hold.once}}
	}
	w.Record.Muted, w.Record.Hold, w.Record.Coach = muted.aWhile, hold.aWhile, p.role
	w.Spec.DeletionPolicy = v1alpha1.DeletionRetain
	if w.whispers() || muted.resets() || hold.resets() {
		w.Spec.DeletionPolicy = v1alpha1.DeletionReset
	}
	if w.Spec.DriftPolicy == "" {
		w.Spec.DriftPolicy = v1alpha1.DriftRestrict
	}
}

// finish has the child ordered and identified.
func (w Want) finish() Want {
	once := v1alpha1.AudioControls{}
	if w.Spec.Once != nil {
		once = w.Spec.Once.AudioControls
	}
	switch {
	case w.Record.Coach != "":
		w.Urgency = Whispers
	case isTrue(w.Spec.Muted), isTrue(w.Spec.Hold), isTrue(once.Muted), isTrue(once.Hold):
		w.Urgency = Closes
	default:
		w.Urgency = Opens
	}
	w.Record.Digest = ""
	// Structs of strings, booleans, numbers and times always encode.
	encoded, _ := json.Marshal(struct {
		Role   v1alpha1.RoleName
		Spec   v1alpha1.ConferenceParticipantSpec
		Record Record
	}{w.Role, w.Spec, w.Record})
	sum := sha256.Sum256(encoded)
	w.Record.Digest = hex.EncodeToString(sum[:16])
	return w
}
