package provider

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Config says what a Session is made of.
type Config struct {
	// API speaks to the provider with one set of credentials.
	API API
	// Identity tells the credentials and the spec from others, without holding
	// them: two sessions of the same identity are interchangeable.
	Identity string
	// PerSecond and Burst bound the updates.
	PerSecond, Burst int
	// Concurrency bounds the requests in flight.
	Concurrency int
	// OnOpen is called when the breaker opens, and when the account is doubted: it
	// is to be verified. It must not block.
	OnOpen func()
	// ScheduleTick has Tick called after a while; it must not block, and of several
	// calls the earliest counts.
	ScheduleTick func(after time.Duration)
	// Now is the clock.
	Now func() time.Time
}

// Session is the way to the provider with one set of credentials.
type Session struct {
	config  Config
	limiter *admission.Limiter
	breaker breaker
}

// NewSession returns a session. Its credentials are not proven yet.
func NewSession(config Config) *Session {
	bucket := rate.NewLimiter(rate.Limit(config.PerSecond), config.Burst)
	return &Session{config: config, limiter: admission.New(bucket, config.Concurrency, config.Now, config.ScheduleTick)}
}

// Close gives the session's connections back. Requests under way still end.
func (s *Session) Close() {
	s.limiter.Close()
	s.config.API.Close()
}

// Identity tells which credentials and spec the session was built from.
func (s *Session) Identity() string { return s.config.Identity }

// Blocked returns why no request may be sent now, and until when; the zero time
// means until the account was verified, after which its dependents are enqueued.
func (s *Session) Blocked() (Block, time.Time) { return s.breaker.blocked(s.config.Now()) }

// Standing returns what the session knows of its account.
func (s *Session) Standing() Standing { return s.breaker.standing() }

// RefusedSince reports whether a verification since a time has found the
// credentials themselves refused, so that it was not one request's fault.
func (s *Session) RefusedSince(since time.Time) bool { return s.breaker.refusedSince(since) }

// TryAcquire takes a seat among the requests in flight, to be given back with
// release, or queues the request and has it woken.
func (s *Session) TryAcquire(request admission.Request) (release func(), ok bool) {
	return s.limiter.TryAcquire(request)
}

// Tick moves the admission queues, as it was scheduled.
func (s *Session) Tick() { s.limiter.Tick() }

// Update changes a participant. Success means accepted, not in effect. The
// caller must hold a seat for a write.
func (s *Session) Update(ctx context.Context, conferenceSID, callSID string, u voice.Update) (voice.Participant, voice.Times, error) {
	return one(s, voice.OpUpdateParticipant, func() (voice.Participant, error) {
		return s.config.API.UpdateParticipant(ctx, conferenceSID, callSID, u)
	})
}

// Read reads one participant. The caller must hold a seat for a read.
func (s *Session) Read(ctx context.Context, conferenceSID, callSID string) (voice.Participant, voice.Times, error) {
	return one(s, voice.OpGetParticipant, func() (voice.Participant, error) {
		return s.config.API.GetParticipant(ctx, conferenceSID, callSID)
	})
}

// ReadConference reads a conference itself. The caller must hold a seat for a read.
func (s *Session) ReadConference(ctx context.Context, sid string) (voice.Conference, voice.Times, error) {
	return one(s, voice.OpGetConference, func() (voice.Conference, error) { return s.config.API.GetConference(ctx, sid) })
}

// Remove takes a participant out of the conference. The caller must hold a
// seat for a write.
func (s *Session) Remove(ctx context.Context, conferenceSID, callSID string) (voice.Times, error) {
	return s.send(voice.OpRemoveParticipant, func() error {
		return s.config.API.RemoveParticipant(ctx, conferenceSID, callSID)
	})
}

// List lists a whole conference and calls page for each page with the times
// of its request. The caller must hold a seat for a read.
func (s *Session) List(ctx context.Context, conferenceSID string, page func(voice.Page, voice.Times)) error {
	return list(s, voice.OpListParticipants, s.config.API.ParticipantPages(ctx, conferenceSID), page)
}

// Verify proves the credentials with one cheap request and sets the breaker
// accordingly. It may be called while the breaker is open.
func (s *Session) Verify(ctx context.Context) error {
	sent := s.config.Now()
	err := s.config.API.VerifyToken(ctx)
	s.breaker.verified(err, sent, s.config.Now())
	return err
}

func (s *Session) send(operation voice.Operation, request func() error) (voice.Times, error) {
	if err := s.wait(operation); err != nil {
		return voice.Times{}, err
	}
	sent := s.config.Now()
	err := request()
	s.record(err)
	return voice.Times{Sent: sent, Responded: s.config.Now()}, err
}

// wait is the error of a request that is not sent, since the provider has asked
// to wait meanwhile: the response of another request may have come after this one
// was decided on (R15).
func (s *Session) wait(operation voice.Operation) error {
	block, until := s.Blocked()
	if block != Throttled {
		return nil
	}
	return &voice.Error{Operation: operation, Class: voice.ClassNotExecuted, RetryAfter: until.Sub(s.config.Now())}
}

// record feeds what a request has shown to the breaker and the limits.
func (s *Session) record(err error) {
	switch {
	case timedOut(err):
		s.limiter.Degrade()
	case err == nil:
		s.limiter.Restore()
	}
	if s.breaker.record(err, s.config.Now()) {
		s.config.OnOpen()
	}
}
