package memory

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
)

// Account is what an object was last reached through.
type Account struct {
	// session identifies the credentials, and provider the provider's account.
	session, provider string
}

// TrackSession notes the session behind the object. changed says that it was
// another one before: what was refused to that one is of no account.
func (a Account) TrackSession(identity string) (tracked Account, changed bool) {
	changed = a.session != "" && identity != a.session
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

// Denial is an announcement that is refused as unauthorized, again and again. It
// ends with the session on which that was met, and with the session's token.
type Denial struct {
	session string
	at      time.Time
	retry   backoff.State
}

// Deny returns the denial after one more, which was responded to at a time. again is
// false where it was refused throughout although the token was accepted.
func (d Denial) Deny(session Session, at time.Time) (denial Denial, again bool) {
	if !d.individual(session) {
		d = Denial{session: session.Identity()}
	}
	d.at, d.retry = at, d.retry.Fail(backoff.Denial, at)
	return d, d.retry.Failures <= backoff.Denial.Steps()
}

// Waiting reports whether the next try is still to come. After a refusal of the
// token itself it is due as soon as there is one that is accepted.
func (d Denial) Waiting(session Session, now time.Time) bool {
	return d.individual(session) && d.retry.Waiting(now)
}

// NotBefore is when the next try is due.
func (d Denial) NotBefore() time.Time { return d.retry.NotBefore }

// individual reports whether the refusal was meant for the request alone: the
// session is the same, and its token was not found refused since.
func (d Denial) individual(session Session) bool {
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
