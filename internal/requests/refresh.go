package requests

import (
	"maps"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
)

// Rooms are the rooms of a Conference, as a complete list has shown them.
type Rooms struct {
	// Current says that the list was sent after the request was declared.
	Current bool
	// InProgress are the SIDs of those in progress, and Waiting of those that were not
	// started yet.
	InProgress, Waiting []string
}

// there reports whether a room is not over.
func (r Rooms) there(sid string) bool {
	return slices.Contains(r.InProgress, sid) || slices.Contains(r.Waiting, sid)
}

// Refresh brings the ledger in line with the request that is declared, nil for none, with
// the rooms and with the time: rooms that are over are forgotten, what was withdrawn or
// comes too late is done with, the claim of a process that is gone is given up, and a
// new id is judged. next is when that changes by itself; zero is never.
func (l Ledger) Refresh(request *plan.AnnouncementRequest, rooms Rooms, now time.Time) (refreshed Ledger, next time.Time) {
	l = l.clone()
	for _, sid := range l.sids() {
		if !rooms.there(sid) {
			l.forget(sid)
			continue
		}
		record, at := l.record(sid).Refresh(l.requestOf(sid, request), now)
		l.set(sid, record)
		next = earlier(next, at)
	}
	if l.Unjudged(request) {
		next = earlier(next, l.judge(request, rooms, now))
	}
	return l, next
}

// requestOf is the declared request, if the record of a room is about it.
func (l *Ledger) requestOf(sid string, request *plan.AnnouncementRequest) *plan.AnnouncementRequest {
	if request == nil || request.ID != l.rooms[sid].ID {
		return nil
	}
	return request
}

// forget drops a room that is over.
func (l *Ledger) forget(sid string) {
	record, id := l.record(sid), l.rooms[sid].ID
	l.noteOver(sid, record)
	delete(l.rooms, sid)
	l.conclude(id)
}

// Unjudged reports whether a request was not judged so far.
func (l Ledger) Unjudged(request *plan.AnnouncementRequest) bool {
	return request != nil && !slices.Contains(l.handled, request.ID) &&
		!slices.ContainsFunc(slices.Collect(maps.Values(l.rooms)), func(state v1alpha1.RoomRequestState) bool {
			return state.ID == request.ID
		})
}

// judge decides which rooms a new request is about: those in progress, once a list shows
// them that is new enough, and no request before is open any more. next is when that
// changes by itself.
func (l *Ledger) judge(request *plan.AnnouncementRequest, rooms Rooms, now time.Time) (next time.Time) {
	switch {
	case request.Late(now):
		l.notices = append(l.notices, l.kind.late(request.ID))
		l.handled = plan.Remember(l.handled, request.ID)
	case !rooms.Current || l.isOpen(func(string) bool { return true }):
		return request.NotAfter
	case len(rooms.InProgress) == 0:
		l.notices = append(l.notices, l.kind.nowhere(request.ID))
		l.handled = plan.Remember(l.handled, request.ID)
	default:
		for _, sid := range rooms.InProgress {
			l.rooms[sid] = v1alpha1.RoomRequestState{ID: request.ID, State: v1alpha1.AnnouncementPending}
		}
		return request.NotAfter
	}
	return time.Time{}
}

// earlier is the earlier of two times, of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
