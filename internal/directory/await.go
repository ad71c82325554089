package directory

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// awaiting are the Conferences that wait for a complete list which was sent at a time or
// later.
type awaiting map[types.NamespacedName]time.Time

// Await has an account's conferences listed on behalf of a Conference that is subscribed,
// and the Conference returned with the first complete list that was sent at a time or
// later, whatever that shows. It may be repeated.
func (s *Store) Await(name, conference types.NamespacedName, since time.Time) {
	s.mu.Lock()
	found := s.of(name)
	if found == nil || !found.listedAt.Before(since) || found.awaiting[conference].Equal(since) {
		s.mu.Unlock()
		return
	}
	found.awaiting[conference] = since
	found.request(since)
	s.mu.Unlock()
	s.enqueue(name)
}

// ListedAt is when the last complete list of an account's conferences was sent; zero if
// there was none.
func (s *Store) ListedAt(name types.NamespacedName) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.of(name); found != nil {
		return found.listedAt
	}
	return time.Time{}
}

// serve returns the Conferences that have waited for a list sent at a time. For the others
// there is another one.
func (a *account) serve(sent time.Time) (served []types.NamespacedName) {
	for conference, since := range a.awaiting {
		if since.After(sent) {
			a.request(since)
			continue
		}
		delete(a.awaiting, conference)
		served = append(served, conference)
	}
	return served
}
