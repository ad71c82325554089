package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Listing collects the pages of one list; nothing is concluded before the last
// one was read.
type Listing struct {
	pages   []page
	started time.Time
}

type page struct {
	participants []voice.Participant
	sent         time.Time
}

// NewListing returns an empty listing, begun at a time no later than when its
// first page is sent.
func NewListing(started time.Time) *Listing { return &Listing{started: started} }

// Started is when the first page was sent.
func (l *Listing) Started() time.Time { return l.started }

// Add collects a page.
func (l *Listing) Add(participants []voice.Participant, times voice.Times) {
	l.pages = append(l.pages, page{participants, times.Sent})
}

// ApplyList takes over a complete list, its last response read now. An entry from a
// response that came after the list was begun is neither overwritten nor taken for
// missing. A conference that the provider does not know is an
// empty list with missing set.
func (r *Roster) ApplyList(l *Listing, missing bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	listed := map[string]bool{}
	for _, page := range l.pages {
		for _, p := range page.participants {
			listed[p.CallSID] = true
			if known := r.entries[p.CallSID]; known == nil || !known.times.Responded.After(l.started) {
				r.see(p, voice.Times{Sent: page.sent, Responded: now}, false)
			}
		}
	}
	r.dropAbsent(listed, l.started, missing)
	r.listedAt, r.size, r.missing, r.doubted = l.started, len(listed), missing, false
	r.took = now.Sub(l.started)
	r.compare()
}

// dropAbsent marks the entries that a list no longer has, and whether so many of
// them vanished at once that it smells of bad routing (R7).
func (r *Roster) dropAbsent(listed map[string]bool, started time.Time, missing bool) {
	var vanished []*entry
	present := 0
	for callSID, known := range r.entries {
		if !known.present {
			continue
		}
		present++
		if !listed[callSID] && !known.times.Responded.After(started) {
			vanished = append(vanished, known)
		}
	}
	suspicious := missing || 2*len(vanished) > present
	for _, known := range vanished {
		known.present = false
		known.times.Sent = started
		known.absence = Absence{Suspicious: suspicious}
		r.changedAt = started
	}
}
