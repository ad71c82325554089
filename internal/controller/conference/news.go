package conference

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

// newsAfter is how long what happens to many call legs is gathered for one event.
const newsAfter = 30 * time.Second

// news is what has happened to call legs and was not told so far.
type news struct {
	// released is how many are muted, on hold or coach although that is not managed any
	// more, since the first of them.
	released int
	since    time.Time
}

// addReleased counts call legs, and reports whether they are the first.
func (s *Store) addReleased(key view, count int, now time.Time) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first = key.news.released == 0
	if first {
		key.news.since = now
	}
	key.news.released += count
	return first
}

// takeReleased returns what is to be told by now, and when there will be more; zero is
// never.
func (s *Store) takeReleased(m *memory, now time.Time) (count int, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case m.news.released == 0:
		return 0, time.Time{}
	case now.Before(m.news.since.Add(newsAfter)):
		return 0, m.news.since.Add(newsAfter)
	}
	count = m.news.released
	m.news = news{}
	return count, time.Time{}
}

// releases reports whether a call leg stays muted, on hold or coaching by a child that
// declares it no more, and opens nothing. One that a hand-written object has taken over
// is managed by that.
func releases(leg policy.Leg, before, after v1alpha1.ConferenceParticipantSpec) bool {
	once := v1alpha1.AudioControls{}
	if after.Once != nil {
		once = after.Once.AudioControls
	}
	gone := func(was, is, opened *bool, observed bool) bool {
		return was != nil && *was && is == nil && opened == nil && observed
	}
	return !leg.Missing && !leg.Overridden && (gone(before.Muted, after.Muted, once.Muted, leg.Muted) ||
		gone(before.Hold, after.Hold, once.Hold, leg.Hold) || gone(before.Coaching, after.Coaching, nil, leg.Coaching))
}

// tellReleased writes one event about call legs that are managed no more, and returns
// when there will be another; zero is never.
func (r *Reconciler) tellReleased(f *facts, m *memory) time.Time {
	count, at := r.Store.takeReleased(m, r.Now())
	if count > 0 {
		r.Recorder.Eventf(f.object, nil, corev1.EventTypeWarning, v1alpha1.EventNoLongerManaged, "Govern",
			"%d call legs stay muted, on hold or coaching, which is managed no more; declare false to end it.", count)
	}
	return at
}

// announceOpened writes an event for each room in which a role was waited for until now.
func (r reporter) announceOpened(before, after *v1alpha1.Conference) {
	waited := map[string]bool{}
	for _, room := range before.Status.Rooms {
		waited[room.ConferenceSID] = room.Waiting
	}
	for _, room := range after.Status.Rooms {
		if waited[room.ConferenceSID] && !room.Waiting {
			r.recorder.Eventf(after, nil, corev1.EventTypeNormal, v1alpha1.EventRoomOpened, "Govern",
				"Those that waited in room %s are not on hold any more.", room.ConferenceSID)
		}
	}
}
