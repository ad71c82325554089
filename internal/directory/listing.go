package directory

import (
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Listing collects the pages of the two lists that show an account's rooms: first of the
// conferences that were not started, then of those in progress, so that none is missed
// which starts meanwhile.
type Listing struct {
	started time.Time
	rows    map[string]row
	// unreadable are the conferences with rows that tell nothing, "" among them if it
	// is not known which one that is.
	unreadable map[string]bool
	early      bool
}

// row is what a list says of a room.
type row struct {
	voice.Conference

	// sent is when the page was asked for, and date the time of its response by the
	// provider's clock.
	sent, date time.Time
}

// NewListing returns an empty listing, begun at a time no later than when its first page
// is sent.
func NewListing(started time.Time) *Listing {
	return &Listing{started: started, rows: map[string]row{}, unreadable: map[string]bool{}}
}

// Add collects a page of one of the two lists. What a row says of its status counts,
// whatever was asked for.
func (l *Listing) Add(page voice.ConferencePage, times voice.Times) {
	for _, sid := range page.Unreadable {
		l.unreadable[sid] = true
	}
	for _, conference := range page.Items {
		switch conference.Status {
		case voice.ConferenceInit, voice.ConferenceInProgress:
			l.rows[conference.SID] = row{conference, times.Sent, page.Date}
		case voice.ConferenceCompleted:
		default:
			l.unreadable[conference.SID] = true
		}
	}
}

// EndEarly says that the pages are not all of both lists: nothing is concluded from what
// they lack.
func (l *Listing) EndEarly() { l.early = true }

// lacks reports whether the lists, which are complete, show that a conference is not
// among those that go on.
func (l *Listing) lacks(sid string) bool {
	_, listed := l.rows[sid]
	return !listed && !l.unreadable[sid] && !l.unreadable[""]
}
