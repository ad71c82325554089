package roster

import "time"

// Poll is what to ask the provider about a conference now.
type Poll struct {
	// List says that the whole conference is to be listed.
	List bool
	// Reads are the call legs to be read one by one.
	Reads []RefreshRequest
	// Conference says that the conference itself is to be read.
	Conference bool
	// Rows are call legs of which the last list said nothing, to be read one by
	// one, too.
	Rows []string
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// HasWork reports whether there is something to ask now.
func (p Poll) HasWork() bool { return p.List || p.Conference || len(p.Reads) > 0 || len(p.Rows) > 0 }

// Empty reports whether nothing is to be asked, now or later.
func (p Poll) Empty() bool { return !p.HasWork() && p.At.IsZero() }

// due reports whether a time has come, and remembers the earliest that hasn't.
func (p *Poll) due(at, now time.Time) bool {
	if !now.Before(at) {
		return true
	}
	if p.At.IsZero() || at.Before(p.At) {
		p.At = at
	}
	return false
}
