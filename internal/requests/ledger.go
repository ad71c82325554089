package requests

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
)

// Ledger is what is remembered of one kind of requests. Its methods return another one
// and leave it as it is. Create it with Read.
type Ledger struct {
	kind Kind
	// rooms are the requests, by the SID of the room; each of them is of one id.
	rooms map[string]v1alpha1.RoomRequestState
	// handled are the ids that are done with, newest first.
	handled []string
	// notices are what people have to be told of what has changed.
	notices []plan.Notice
}

// Read returns what a status remembers.
func Read(kind Kind, status *v1alpha1.ConferenceStatus) Ledger {
	l := Ledger{kind: kind, rooms: map[string]v1alpha1.RoomRequestState{}, handled: *kind.handled(status)}
	for i := range status.Rooms {
		if state := *kind.state(&status.Rooms[i]); state != nil {
			l.rooms[status.Rooms[i].ConferenceSID] = *state.DeepCopy()
		}
	}
	return l
}

// Write puts the ledger into a status, as far as that has its rooms.
func (l Ledger) Write(status *v1alpha1.ConferenceStatus) {
	for i := range status.Rooms {
		state, there := l.rooms[status.Rooms[i].ConferenceSID]
		*l.kind.state(&status.Rooms[i]) = nil
		if there {
			*l.kind.state(&status.Rooms[i]) = state.DeepCopy()
		}
	}
	*l.kind.handled(status) = slices.Clone(l.handled)
}

// Equal reports whether two ledgers say the same.
func (l Ledger) Equal(other Ledger) bool {
	return equality.Semantic.DeepEqual(l.rooms, other.rooms) && slices.Equal(l.handled, other.handled)
}

// Onto returns the ledger as it is to be stored over what another writer has made of what
// it was computed from: what they have stored stays, save an open claim that is ours, of
// which we know the outcome.
func (l Ledger) Onto(base, theirs Ledger) Ledger {
	if theirs.Equal(base) {
		return l
	}
	merged := theirs.clone()
	merged.notices = l.notices
	for sid, claimed := range theirs.rooms {
		ours, known := l.rooms[sid]
		if known && claimed.State == v1alpha1.AnnouncementClaimed && equality.Semantic.DeepEqual(base.rooms[sid], claimed) {
			merged.rooms[sid] = ours
			merged.conclude(claimed.ID)
		}
	}
	return merged
}

// Notices returns what people have to be told, and the ledger without it.
func (l Ledger) Notices() ([]plan.Notice, Ledger) {
	told := l.notices
	l.notices = nil
	return told, l
}

// Pending reports whether a request to a room waits to be sent. again says that one was
// sent before, which may have been carried out.
func (l Ledger) Pending(sid string) (pending, again bool) {
	record := l.record(sid)
	return record.Pending(), record.Pending() && record.Current.ClaimTime != nil
}

// Rejected is why a declared request was refused in a room, and in which; ok is false if
// it was not.
func (l Ledger) Rejected(request *plan.AnnouncementRequest) (sid, message string, ok bool) {
	if request == nil {
		return "", "", false
	}
	for _, sid := range l.sids() {
		if state := l.rooms[sid]; state.ID == request.ID && state.State == v1alpha1.AnnouncementRejected {
			return sid, state.Message, true
		}
	}
	return "", "", false
}

// Update changes the record of a room that has one.
func (l Ledger) Update(sid string, change func(plan.Record) plan.Record) Ledger {
	l = l.clone()
	l.set(sid, change(l.record(sid)))
	return l
}

func (l Ledger) clone() Ledger {
	l.rooms = maps.Clone(l.rooms)
	l.notices = slices.Clone(l.notices)
	return l
}

// sids are the rooms with a record, in a stable order.
func (l Ledger) sids() []string { return slices.Sorted(maps.Keys(l.rooms)) }

// record is the record of a room as a participant has one; empty for none.
func (l Ledger) record(sid string) plan.Record {
	state, there := l.rooms[sid]
	if !there {
		return plan.Record{}
	}
	return plan.Record{Current: &v1alpha1.AnnouncementStatus{
		ID: state.ID, State: state.State, Attempts: state.Attempts, ClaimTime: state.ClaimTime, Message: state.Message,
	}}
}

// set takes over what a record has become.
func (l *Ledger) set(sid string, record plan.Record) {
	before, id := l.record(sid), l.rooms[sid].ID
	l.note(sid, before, record)
	delete(l.rooms, sid)
	if current := record.Current; current != nil {
		l.rooms[sid] = v1alpha1.RoomRequestState{
			ID: current.ID, State: current.State, Attempts: current.Attempts, ClaimTime: current.ClaimTime, Message: current.Message,
		}
	}
	l.conclude(id)
}

// conclude notes that an id is done with, once it is open in no room any more.
func (l *Ledger) conclude(id string) {
	if !l.isOpen(func(open string) bool { return open == id }) && !slices.Contains(l.handled, id) {
		l.handled = plan.Remember(l.handled, id)
	}
}

// isOpen reports whether a request of an id that counts is to be sent, or claimed.
func (l *Ledger) isOpen(counts func(id string) bool) bool {
	for sid, state := range l.rooms {
		if record := l.record(sid); counts(state.ID) && (record.Pending() || record.Intended()) {
			return true
		}
	}
	return false
}
