package conference

import (
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/requests"
)

// roomRequests are what is said to the rooms of a Conference, once for each id (R25).
type roomRequests struct {
	// ledgers are what is known by now, by kind, and base what they were computed from.
	ledgers, base [2]requests.Ledger
	// declared are the requests of the spec; nil for none, and while none may be sent.
	declared [2]*plan.AnnouncementRequest
	// again is when there is something more to decide or to send; zero is never.
	again time.Time
}

// loadRequests returns the requests as the status has them, with what could not be stored
// so far.
func loadRequests(status *v1alpha1.ConferenceStatus, unsaved *roomRequests) (loaded roomRequests) {
	for _, kind := range requests.Kinds() {
		loaded.base[kind] = requests.Read(kind, status)
		loaded.ledgers[kind] = loaded.base[kind]
		if unsaved != nil {
			loaded.ledgers[kind] = unsaved.ledgers[kind].Onto(unsaved.base[kind], loaded.base[kind])
		}
	}
	return loaded
}

// by has the next reconcile made at a time at the latest; zero is never.
func (q *roomRequests) by(at time.Time) { q.again = earlier(q.again, at) }

// changed reports whether there is something to store.
func (q *roomRequests) changed() bool {
	for kind, ledger := range q.ledgers {
		if !ledger.Equal(q.base[kind]) {
			return true
		}
	}
	return false
}

// in returns a status with the requests in it.
func (q *roomRequests) in(status v1alpha1.ConferenceStatus) v1alpha1.ConferenceStatus {
	for _, ledger := range q.ledgers {
		ledger.Write(&status)
	}
	return status
}

// onto returns a status for a live object with the requests in it, as another writer has
// left them there.
func (q *roomRequests) onto(live, status v1alpha1.ConferenceStatus) v1alpha1.ConferenceStatus {
	for _, kind := range requests.Kinds() {
		q.ledgers[kind].Onto(q.base[kind], requests.Read(kind, &live)).Write(&status)
	}
	return status
}

// result is the result of a reconcile, sooner where the requests need that.
func (q *roomRequests) result(found ctrl.Result, now time.Time) ctrl.Result {
	after := max(q.again.Sub(now), time.Millisecond)
	if !q.again.IsZero() && (found.RequeueAfter == 0 || after < found.RequeueAfter) {
		found.RequeueAfter = after
	}
	return found
}

// speaks reports whether the Conference says anything to its rooms: it governs its name,
// and is neither suspended nor only observes. A prefix says nothing.
func (f *facts) speaks() bool {
	spec := &f.object.Spec
	return spec.FriendlyName != "" && spec.Mode != v1alpha1.ModeObserve && !f.idle() && f.claim.State == claim.Ours
}

// requestedRooms are the rooms for a request that was first seen at a time.
func (f *facts) requestedRooms(since time.Time) (rooms requests.Rooms) {
	rooms.Current = !f.listedAt.Before(since)
	for _, room := range f.governed {
		if room.Waiting {
			rooms.Waiting = append(rooms.Waiting, room.SID)
		} else {
			rooms.InProgress = append(rooms.InProgress, room.SID)
		}
	}
	return rooms
}

// statusSpoken is the status before a request is sent, or where nothing else is to be
// reported: the requests, in the rooms that there are.
func (f *facts) statusSpoken() v1alpha1.ConferenceStatus {
	after := *f.object.Status.DeepCopy()
	if f.speaks() && f.directoryKnown {
		after.Rooms = f.rooms()
	}
	return f.requests.in(after)
}

// refusedRequest says which request to a room was refused for good, by the spec's own word
// or since a role has left; empty if none was.
func (f *facts) refusedRequest() string {
	for _, kind := range requests.Kinds() {
		if sid, why, refused := f.requests.ledgers[kind].Rejected(f.requests.declared[kind]); refused {
			return fmt.Sprintf("The provider refuses %s %s in room %s (%s); it is not tried again. Declare another one with a new id.",
				kind, f.requests.declared[kind].ID, sid, why)
		}
	}
	for _, room := range f.governed {
		if why := f.results[room.SID].endRefusal; why != "" {
			return fmt.Sprintf("The provider refuses to end room %s, as endWhenRoleLeaves asks for (%s).", room.SID, why)
		}
	}
	return ""
}
