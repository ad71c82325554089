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
	// early says that pages are missing, and unusable that this is because one
	// leads nowhere.
	early, unusable bool
}

type page struct {
	voice.Page

	sent time.Time
}

// NewListing returns an empty listing, begun at a time no later than when its
// first page is sent.
func NewListing(started time.Time) *Listing { return &Listing{started: started} }

// Started is when the first page was sent.
func (l *Listing) Started() time.Time { return l.started }

// Add collects a page.
func (l *Listing) Add(p voice.Page, times voice.Times) {
	l.pages = append(l.pages, page{p, times.Sent})
}

// date is the time of the first page's response by the provider's clock; zero if it is
// not known.
func (l *Listing) date() time.Time {
	if len(l.pages) == 0 {
		return time.Time{}
	}
	return l.pages[0].Date
}

// Begun reports whether there is a page.
func (l *Listing) Begun() bool { return len(l.pages) > 0 }

// EndEarly says that the pages are not all of the list: what is not on them may be
// there. The flaw is that of the page that has failed, if it has one.
func (l *Listing) EndEarly(flaw voice.Flaw) { l.early, l.unusable = true, flaw != "" }

// Flaws are what is wrong with the rows that can't be read, and with the pages.
func (l *Listing) Flaws() (flaws []voice.Flaw) {
	for _, page := range l.pages {
		for _, row := range page.Unreadable {
			flaws = append(flaws, row.Flaw)
		}
	}
	if l.unusable {
		flaws = append(flaws, voice.FlawNextPage)
	}
	return flaws
}

// unreadable are the call legs with rows that can't be read, "" among them if there
// is such a row.
func (l *Listing) unreadable() map[string]bool {
	found := map[string]bool{}
	for _, page := range l.pages {
		for _, row := range page.Unreadable {
			found[row.CallSID] = true
		}
	}
	return found
}

// ApplyList takes over a list, its last response read now. An entry from a
// response that came after the list was begun is neither overwritten nor taken for
// missing, and neither is a call leg with a row that can't be read. A conference
// that the provider does not know is an empty list with missing set. flawed says
// that something of the list can't be read, and that the last one was better.
func (r *Roster) ApplyList(l *Listing, missing bool, now time.Time) (flawed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.conference.lags(l.started) {
		l = NewListing(l.started)
	}
	list := r.seeRows(l, now)
	r.noteOddities(list, now)
	if r.listedAt.IsZero() || r.incomplete != list.open || r.missing != missing {
		r.noteNews()
	}
	r.incomplete, r.looked, r.date = list.open, r.looked || !l.early, l.date()
	if list.open {
		r.omit(list)
	} else {
		r.dropAbsent(list, missing, now)
		r.concluded = voice.Times{Sent: l.started, Responded: now}
	}
	r.forgetAbsent(l.started)
	r.listedAt, r.size, r.missing, r.doubted = l.started, len(list.listed)+len(list.unreadable), missing, false
	r.took = now.Sub(l.started)
	r.compare(len(list.unreadable))
	before := r.flawed
	r.flawed = len(l.Flaws()) > 0
	return r.flawed && !before
}

// seeRows takes over the rows of a list that can be read.
func (r *Roster) seeRows(l *Listing, now time.Time) shown {
	list := shown{listed: map[string]bool{}, unreadable: l.unreadable(), started: l.started, early: l.early}
	list.open = l.early || list.unreadable[""]
	for _, page := range l.pages {
		for _, p := range page.Participants {
			if list.unreadable[p.CallSID] {
				continue
			}
			list.listed[p.CallSID] = true
			if known := r.entries[p.CallSID]; known == nil || !known.times.Responded.After(l.started) {
				r.see(p, voice.Times{Sent: page.sent, Responded: now}, page.Date, false)
			}
		}
	}
	return list
}

// dropAbsent marks the entries that a list no longer has, and whether so many of
// them vanished at once that it smells of bad routing (R7).
func (r *Roster) dropAbsent(s shown, missing bool, now time.Time) {
	var vanished []*entry
	present := 0
	for callSID, known := range r.entries {
		known.omitted = false
		if !known.present {
			continue
		}
		present++
		if !s.listed[callSID] && !s.unreadable[callSID] && !known.times.Responded.After(s.started) {
			vanished = append(vanished, known)
		}
	}
	suspicious := missing || 2*len(vanished) > present
	for _, known := range vanished {
		delete(r.ringing, known.participant.CallSID)
		known.present = false
		known.times = voice.Times{Sent: s.started, Responded: now}
		known.absence = Absence{Suspicious: suspicious}
		r.changedAt = s.started
	}
	if len(vanished) > 0 {
		r.noteNews()
	}
}
