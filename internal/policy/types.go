package policy

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Number is a keyed hash of a number; the zero value is one that is withheld or was
// never said, which matches nothing.
type Number [16]byte

// CallerState is what is known of the call behind a call leg.
type CallerState int

const (
	// CallerUnknown is a call that was not read so far.
	CallerUnknown CallerState = iota
	// CallerKnown is a call that was read.
	CallerKnown
	// CallerMissing is a call that the provider does not know: all terms about it
	// are no.
	CallerMissing
)

// Caller is what is known of the call behind a call leg. It never changes while the
// call leg lives.
type Caller struct {
	// State says whether the rest is known.
	State CallerState
	// Direction of the call; empty if the provider does not say.
	Direction v1alpha1.CallDirection
	// Far is the number of the far party, Dialed that of ours which an inbound caller
	// has dialled.
	Far, Dialed Number
}

// Fields says something of each field that a policy closes for a while.
type Fields struct {
	// Muted and Hold are the fields.
	Muted, Hold bool
}

// Leg is one call leg that is in a room, or was until a list lacked it.
type Leg struct {
	// CallSID of the call leg.
	CallSID string
	// Joined is when it joined, as the provider says; zero if that can't be read.
	Joined time.Time
	// FirstSeen is when this process first saw it in the room, since it joined.
	FirstSeen time.Time
	// Asked is when its call was first asked for by what reads calls; zero if it was not.
	Asked time.Time
	// Joiner says that it was in no list of this process's first look (R21).
	Joiner bool
	// Entered says that it was seen so soon after it joined that what is done on
	// entry is due (R26), and that this was not decided yet: it goes with the first
	// Assignment that has the call leg in Entered.
	Entered bool
	// Missing says that the last list lacks it. That alone is no departure (R27): a
	// missing call leg has left once its child says so, and one without a child once it
	// is no Leg any more.
	Missing bool
	// Muted, Hold and Coaching are as last observed.
	Muted, Hold, Coaching bool
	// Coachee is the call SID of the call leg that it was last seen to coach.
	Coachee string
	// EndsRoom is the last that was said of endConferenceOnExit; nil for never.
	EndsRoom *bool
	// Caller is what is known of its call.
	Caller Caller
	// Overridden says that an object which no Conference has made claims it (R22).
	Overridden bool
	// Overrides are the fields which that object declares.
	Overrides Fields
	// Child is the child of this Conference for it; nil for none.
	Child *Child
}

// Child is a ConferenceParticipant that a Conference has made.
type Child struct {
	// Name of the object.
	Name string
	// UID of the object.
	UID types.UID
	// Role is what the label RoleLabel says; empty while the role was not known.
	Role v1alpha1.RoleName
	// Spec as it is stored.
	Spec v1alpha1.ConferenceParticipantSpec
	// Record is what the annotation PolicyAnnotation says.
	Record Record
	// Once is what became of spec.once.
	Once []v1alpha1.OnceStatus
	// Left is when its call leg was seen to leave, as its status says; zero while it
	// was not. It is what graceSeconds and endWhenRoleLeaves count from after a
	// restart (R24, R25).
	Left time.Time
}

// Room is what is known of one room.
type Room struct {
	// ConferenceSID of the room.
	ConferenceSID string
	// Legs are the call legs in it, in any order, and those with a child that are not.
	Legs []Leg
	// LookupFailing says that more than half of the reads of calls fail, so that roles
	// stay as they are (R21).
	LookupFailing bool
	// Found says that the room was in progress in this process's first look, or when
	// the Conference was first seen: those in it are not interrupted (R24).
	Found bool
	// Started is when this process saw the room turn from init to in progress; zero if
	// it did not. No call leg has joined before that (R26).
	Started time.Time
	// Absent has the roles of which this process has seen a call leg in the room, of
	// those that are waited for or end the room: zero while one is there, else since
	// when none is. It comes from the Assignment before.
	Absent map[v1alpha1.RoleName]time.Time
}

// Want is a child that should be there.
type Want struct {
	// Name of the object.
	Name string
	// CallSID of its call leg.
	CallSID string
	// Role is its label RoleLabel; empty for none.
	Role v1alpha1.RoleName
	// Spec is what the Conference declares.
	Spec v1alpha1.ConferenceParticipantSpec
	// Record is written into the annotation PolicyAnnotation.
	Record Record
	// Urgency orders the writes: what keeps people from hearing or being heard comes
	// first, a whisperer before all.
	Urgency Urgency
}

// Urgency is the order of writes; the lower comes first.
type Urgency int

const (
	// Whispers is a child of a call leg that coaches, or did.
	Whispers Urgency = iota
	// Closes is a child that mutes or holds.
	Closes
	// Opens is any other.
	Opens
)

// Assignment is what a Conference comes to in one room.
type Assignment struct {
	// Children are the children that should be there, in the order of the writes.
	Children []Want
	// Delete are the children that should go, in the order of their call legs.
	Delete []Child
	// Lookups are the call SIDs of the calls that have to be read.
	Lookups []string
	// Roles are the roles of the call legs, by call SID, as far as they are known.
	Roles map[string]v1alpha1.RoleName
	// Unidentified are the call legs of which the role is not known and matters, by
	// call SID, with the role that is in question.
	Unidentified map[string]v1alpha1.RoleName
	// Entered are the call SIDs of the call legs for which it is decided what is done
	// on entry: once the children are written, their Leg is not Entered any more.
	Entered []string
	// Waiting says that the room waits for the role of waitForRole.
	Waiting bool
	// Absent is what the next Room has to have.
	Absent map[v1alpha1.RoleName]time.Time
	// Drift is how many call legs would differ from what is declared; in mode Observe
	// only.
	Drift Drift
	// EndAt is when endWhenRoleLeaves ends the room; zero is never.
	EndAt time.Time
	// NextAt is when to decide again although nothing has changed; zero is never.
	NextAt time.Time
}
