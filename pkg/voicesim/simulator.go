package voicesim

import (
	"cmp"
	"net/http"
	"sync"
	"time"
)

// defaultJournalLimit is how many requests the journal keeps.
const defaultJournalLimit = 100_000

// Config is the initial state of a Simulator. The zero value is usable.
type Config struct {
	Settings

	// Now is the clock of the simulator, time.Now if nil. It is called while
	// the simulator is locked and must not call back into it.
	Now func() time.Time
	// JournalLimit is how many requests the journal keeps; it drops the oldest.
	// 100,000 if 0.
	JournalLimit int
}

// Simulator is a voice provider in memory. It is safe for concurrent use.
type Simulator struct {
	now func() time.Time

	mu          sync.Mutex
	settings    Settings
	accounts    map[string]*account
	conferences map[string]*conference
	calls       map[string]*call
	lastSeq     uint64
	faults      faultList
	journal     journal
}

// New returns a simulator without accounts. It panics if the settings are not
// valid.
func New(cfg Config) *Simulator {
	s := &Simulator{
		now:         cfg.Now,
		accounts:    map[string]*account{},
		conferences: map[string]*conference{},
		calls:       map[string]*call{},
		journal:     newJournal(cmp.Or(cfg.JournalLimit, defaultJournalLimit)),
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.SetSettings(cfg.Settings)
	return s
}

// Handler serves the provider's API below /api/laml/2010-04-01.
func (s *Simulator) Handler() http.Handler {
	return http.HandlerFunc(s.serve)
}

// Settings returns the switches in force, defaults filled in.
func (s *Simulator) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// SetSettings replaces all switches. It panics if they are not valid.
func (s *Simulator) SetSettings(settings Settings) {
	if err := settings.Validate(); err != nil {
		panic("voicesim: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings.withDefaults()
}

// Inject adds a fault and returns its id. The first fault that matches a request,
// in the order in which they were added, affects it. Inject panics if the fault is
// not valid.
func (s *Simulator) Inject(f Fault) int {
	if err := f.Validate(); err != nil {
		panic("voicesim: " + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.add(f)
}

// ClearFault removes one fault and reports whether it was still there.
func (s *Simulator) ClearFault(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults.remove(id)
}

// ClearFaults removes all faults. Their effects on participants stay.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.armed = nil
}

// Journal returns the requests to the provider's API in the order of their
// arrival, including those in progress. The forms are shared: do not change them.
func (s *Simulator) Journal() []Request {
	return s.JournalSince(0)
}

// JournalSince returns the requests with a Seq higher than seq.
func (s *Simulator) JournalSince(seq int) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.since(seq)
}

// ResetJournal removes all requests and counts. Seq is not reset.
func (s *Simulator) ResetJournal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.reset()
}

// Counts returns the number of requests by operation since the start or the last
// ResetJournal. It includes requests that the journal has dropped.
func (s *Simulator) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.counted()
}

// Changed returns a channel that is closed with the next change of the journal: a
// request has arrived, was applied, or its response is about to be sent. To wait
// for a change without missing it, call Changed before Journal.
func (s *Simulator) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.next()
}
