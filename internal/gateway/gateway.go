package gateway

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Config says what a Gateway is made of.
type Config struct {
	// Client speaks to the provider with one set of credentials.
	Client *voice.Client
	// Identity tells the credentials and the spec from others, without holding
	// them: two gateways of the same identity are interchangeable.
	Identity string
	// PerSecond and Burst bound the updates.
	PerSecond, Burst int
	// Concurrency bounds the requests in flight.
	Concurrency int
	// OnTrouble is called when the breaker opens; it must not block.
	OnTrouble func()
	// Now is the clock.
	Now func() time.Time
}

// Gateway is the way to the provider with one set of credentials.
type Gateway struct {
	config    Config
	turnstile *turnstile
	breaker   breaker
}

// New returns a gateway that has proven nothing yet.
func New(config Config) *Gateway {
	limiter := rate.NewLimiter(rate.Limit(config.PerSecond), config.Burst)
	return &Gateway{config: config, turnstile: newTurnstile(limiter, config.Concurrency, config.Now)}
}

// Close gives the gateway's connections back. Requests under way still end.
func (g *Gateway) Close() {
	g.turnstile.close()
	g.config.Client.Close()
}

// Identity tells which credentials and spec the gateway was built from.
func (g *Gateway) Identity() string { return g.config.Identity }

// Held says why no request may be sent now, and until when; the zero time
// means until the account was verified, which wakes everybody.
func (g *Gateway) Held() (Trouble, time.Time) { return g.breaker.held(g.config.Now()) }

// State returns the breaker's trouble, when the next probe is due, and when the
// last request was sent that proved the credentials (zero: never).
func (g *Gateway) State() (trouble Trouble, probeAt, verifiedAt time.Time) {
	return g.breaker.state()
}

// RefusedSince says whether a verification since a time has found the
// credentials themselves refused, so that it was not one request's fault.
func (g *Gateway) RefusedSince(since time.Time) bool { return g.breaker.refusedSince(since) }

// Admit takes a place among the requests in flight, to be given back with
// release, or puts the turn in line and has it woken.
func (g *Gateway) Admit(turn Turn) (release func(), admitted bool) {
	return g.turnstile.admit(turn)
}

// Times are when a request was sent and when it was answered.
type Times struct {
	// Sent is just before the request was sent.
	Sent time.Time
	// Answered is just after its answer was read.
	Answered time.Time
}

// Update changes a participant. Success means accepted, not in effect. The
// caller must have been admitted for an update.
func (g *Gateway) Update(ctx context.Context, conferenceSID, callSID string, u voice.Update) (voice.Participant, Times, error) {
	var answer voice.Participant
	times, err := g.send(voice.OpUpdateParticipant, func() (err error) {
		answer, err = g.config.Client.UpdateParticipant(ctx, conferenceSID, callSID, u)
		return err
	})
	return answer, times, err
}

// Read looks at one participant. The caller must have been admitted.
func (g *Gateway) Read(ctx context.Context, conferenceSID, callSID string) (voice.Participant, Times, error) {
	var answer voice.Participant
	times, err := g.send(voice.OpGetParticipant, func() (err error) {
		answer, err = g.config.Client.GetParticipant(ctx, conferenceSID, callSID)
		return err
	})
	return answer, times, err
}

// Remove takes a participant out of the conference. The caller must have been
// admitted for an update.
func (g *Gateway) Remove(ctx context.Context, conferenceSID, callSID string) (Times, error) {
	return g.send(voice.OpRemoveParticipant, func() error {
		return g.config.Client.RemoveParticipant(ctx, conferenceSID, callSID)
	})
}

// List looks at a whole conference and calls page for each page with the times
// of its request. The caller must have been admitted.
func (g *Gateway) List(ctx context.Context, conferenceSID string, page func([]voice.Participant, Times)) error {
	if err := g.wait(voice.OpListParticipants); err != nil {
		return err
	}
	sent := g.config.Now()
	for participants, err := range g.config.Client.ParticipantPages(ctx, conferenceSID) {
		answered := g.config.Now()
		g.record(err)
		if err != nil {
			return err
		}
		page(participants, Times{Sent: sent, Answered: answered})
		sent = g.config.Now()
	}
	return nil
}

// Verify proves the credentials with one cheap request and sets the breaker
// accordingly. It may be called while the breaker is open.
func (g *Gateway) Verify(ctx context.Context) error {
	sent := g.config.Now()
	err := g.config.Client.VerifyToken(ctx)
	g.breaker.verified(err, sent, g.config.Now())
	return err
}

func (g *Gateway) send(operation voice.Operation, request func() error) (Times, error) {
	sent := g.config.Now()
	if err := g.wait(operation); err != nil {
		return Times{Sent: sent, Answered: sent}, err
	}
	err := request()
	g.record(err)
	return Times{Sent: sent, Answered: g.config.Now()}, err
}

// wait is the error of a request that is not sent, since the provider has asked
// to wait meanwhile: somebody else's answer may have come after this request was
// decided on (R15).
func (g *Gateway) wait(operation voice.Operation) error {
	trouble, until := g.Held()
	if trouble != Throttled {
		return nil
	}
	return &voice.Error{Operation: operation, Class: voice.ClassNotExecuted, RetryAfter: until.Sub(g.config.Now())}
}

// record feeds what a request has shown to the breaker and the limits.
func (g *Gateway) record(err error) {
	switch {
	case timedOut(err):
		g.turnstile.degrade()
	case err == nil:
		g.turnstile.restore()
	}
	if g.breaker.record(err, g.config.Now()) {
		g.config.OnTrouble()
	}
}
