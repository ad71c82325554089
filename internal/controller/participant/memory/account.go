package memory

import "time"

// Account is what an object was last reached through.
type Account struct {
	// session identifies the credentials, and provider the provider's account.
	session, provider string
}

// TrackSession notes the session behind the object. changed says that it is
// another one: what was refused to the one before is of no account.
func (a Account) TrackSession(identity string) (tracked Account, changed bool) {
	changed = identity != a.session
	a.session = identity
	return a, changed
}

// TrackProvider notes the provider's account behind the object. replaced says that
// it was another one before: nothing of what was learned holds for this one.
func (a Account) TrackProvider(provider string) (tracked Account, replaced bool) {
	replaced = a.provider != "" && a.provider != provider
	a.provider = provider
	return a, replaced
}

// Session is what a Denial asks of the session on which it was met.
type Session interface {
	// Identity tells the session's credentials from others.
	Identity() string
	// RefusedSince reports whether the credentials themselves were found refused
	// since a time.
	RefusedSince(since time.Time) bool
}

// Denial is a request that was refused as unauthorized. It ends with the session on
// which it was met.
type Denial struct {
	session string
	at      time.Time
}

// Deny returns the denial of a request that was responded to at a time.
func Deny(session Session, at time.Time) Denial { return Denial{session.Identity(), at} }

// Individual reports whether the refusal was meant for this object alone: the
// session is the same, and its token was not found refused since.
func (d Denial) Individual(session Session) bool {
	return !d.at.IsZero() && d.session == session.Identity() && !session.RefusedSince(d.at)
}

// Coachee is what is remembered of the participant to coach.
type Coachee struct {
	// AwaitedSince is since when it is waited for; zero if it is not.
	AwaitedSince time.Time
	// Lost says that it was reported to have left, and Expected that it was
	// reported to be there.
	Lost, Expected bool
}

// Await notes that the coachee is waited for.
func (c Coachee) Await(now time.Time) Coachee {
	if c.AwaitedSince.IsZero() {
		c.AwaitedSince = now
	}
	return c
}
