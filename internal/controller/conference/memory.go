package conference

import (
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
)

// view is what a reconcile of a room works with.
type view struct {
	object *v1alpha1.Conference
	policy policy.Policy
	room   directory.Room
	memory *roomMemory
	// news is that of the Conference, guarded by the store.
	news *news
	// gone are the UIDs of objects that the cache has lost since the last pass.
	gone []types.UID
}

// roomMemory is what this process remembers of one room that a Conference governs.
type roomMemory struct {
	room directory.Room
	// there says that the room was there already when the Conference began to govern it,
	// or in this process's first look, and found that it was in progress then.
	there, found bool
	// listedAt is when the list was sent by which the room was judged first, judgedAt when
	// that was, and date the time of that list, or of the next one that says it, by the
	// provider's clock.
	listedAt, judgedAt, date time.Time
	// absent is what the assignment before has said of roles that are waited for.
	absent map[v1alpha1.RoleName]time.Time
	// entered are the joins for which it is decided what is done on entry, by call SID.
	entered map[string]time.Time
	// asked is when calls were first asked for that are not known so far, by call SID.
	asked map[string]time.Time
	// children are those that were applied or deleted and are not in the cache yet.
	children map[string]applied
	// gone are the UIDs of objects that the cache has lost since the last pass. The Store's
	// lock guards it.
	gone []types.UID
	// overlaidUntil is until when the first of them counts that the cache lacks; zero if
	// it lacks none.
	overlaidUntil time.Time
	// refused is what the API server has refused to store.
	refused refusals
	// taken is the name of a child that another object has; empty if none does.
	taken    string
	unsynced unsynced
	// ending is the end of the room that endWhenRoleLeaves asks for.
	ending ending
	result roomResult
}

// newRoomMemory returns the memory of a room; there says that it was there already when the
// Conference began to govern it.
func newRoomMemory(room directory.Room, there bool) *roomMemory {
	return &roomMemory{
		room: room, there: there || room.Listed, found: there && !room.Waiting || room.Found, entered: map[string]time.Time{},
		asked: map[string]time.Time{}, children: map[string]applied{},
	}
}

// applied is a child as the API server has answered last; without an object it was
// deleted.
type applied struct {
	object *v1alpha1.ConferenceParticipant
	uid    types.UID
	at     time.Time
	// altered is the digest of what was applied and stored otherwise: an admission
	// webhook has changed it, and is not fought.
	altered string
	// releases says that a call leg stays restricted by it that is managed no more.
	releases bool
}

// unsynced is which call legs were there when a generation was first judged and are not
// as declared so far.
type unsynced struct {
	generation int64
	judged     bool
	legs       map[string]bool
}

// begin takes up a generation with the call legs that have a child, unless that was
// done before.
func (u *unsynced) begin(generation int64, wants []policy.Want) {
	if u.judged && u.generation == generation {
		return
	}
	*u = unsynced{generation: generation, judged: true, legs: map[string]bool{}}
	for _, want := range wants {
		u.legs[want.CallSID] = true
	}
}

// keep drops the call legs for which something is no longer so.
func (u *unsynced) keep(pending func(callSID string) bool) {
	for callSID := range u.legs {
		if !pending(callSID) {
			delete(u.legs, callSID)
		}
	}
}

// roomResult is what a reconcile of a room has come to.
type roomResult struct {
	// judged says that the room was listed and judged at a generation.
	judged     bool
	generation int64
	// converging is how many call legs are not as this generation declares, of those
	// that were there when it was first judged.
	converging int
	// refusal is why the API server refuses children; empty if it does not.
	refusal string
	// taken is the name of a child that another object has.
	taken string
	// endRefusal is why the provider refuses to end the room; empty if it does not.
	endRefusal string
	// notApplied says that more than half of the children are Rejected or NotApplied.
	notApplied bool
	// waiting says that the room waits for a role.
	waiting bool
	counts  v1alpha1.RoomCounts
	roles   map[v1alpha1.RoleName]int32
	// failing says that look-ups fail, unidentified which roles are in question.
	failing      bool
	unidentified map[v1alpha1.RoleName]int32
	drift        policy.Drift
	sample       []v1alpha1.RoomParticipant
}

func (r roomResult) equal(other roomResult) bool { return reflect.DeepEqual(r, other) }
