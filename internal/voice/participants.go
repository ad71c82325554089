package voice

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"
)

// Participant is a call leg in a conference: the 13 fields of the API, and their
// Phase.
type Participant struct {
	// AccountSID is the account.
	AccountSID string
	// CallSID is the call leg.
	CallSID string
	// CallSIDToCoach is the call leg of the coachee; "" for none.
	CallSIDToCoach string
	// Coaching is whether the coachee alone hears this participant.
	Coaching bool
	// ConferenceSID is the conference.
	ConferenceSID string
	// DateCreated and DateUpdated are texts of the provider, usually RFC 2822.
	DateCreated, DateUpdated string
	// EndConferenceOnExit is whether the conference ends when this participant
	// leaves; nil if the response does not say.
	EndConferenceOnExit *bool
	// Hold is whether the participant is on hold.
	Hold bool
	// Muted is whether the participant is muted.
	Muted bool
	// StartConferenceOnEnter is whether the conference starts when this
	// participant joins; nil if the response does not say.
	StartConferenceOnEnter *bool
	// Status of the call, in the words of the provider.
	Status string
	// Phase is what Status means. The client sets it; in a Participant that is
	// put together from stored fields it is PhaseActive, unless it is set there.
	Phase Phase
	// URI of the participant, relative to the base URL.
	URI string
}

// Phase is what a status of a participant or call means, the same for every provider.
type Phase uint8

const (
	// PhaseActive is a call that was answered, the zero value.
	PhaseActive Phase = iota
	// PhaseRinging is a call that was not answered yet.
	PhaseRinging
	// PhaseEnded is a call that has ended.
	PhaseEnded
)

// Ringing reports whether the provider says that the call was not answered yet.
func (p Participant) Ringing() bool { return p.Phase == PhaseRinging }

// Ended reports whether the provider says that the call has ended.
func (p Participant) Ended() bool { return p.Phase == PhaseEnded }

// ParticipantPages lists the participants of a conference. Each page is one
// request with as many participants as the provider allows, sent when the
// iteration gets there, so that a caller can note the time of each. The
// iteration ends after the first error, which is of ClassGone if there is no
// such conference. An error after the first page means that the list ended early:
// the pages before count, but what is not on them may be there.
func (c *Client) ParticipantPages(ctx context.Context, conferenceSID string) iter.Seq2[Page, error] {
	return pages(ctx, c, c.config.Dialect.participantList(conferenceSID))
}

func (d Dialect) participantList(conferenceSID string) listing[Page] {
	return listing[Page]{
		operation: OpListParticipants,
		segments:  []string{"Conferences", conferenceSID, "Participants"},
		query:     d.Participants.query(d.Participants.MaxSize),
		items:     "participants",
		next:      d.Participants.NextKey,
		read: func(rows json.RawMessage, date time.Time) (Page, []string, error) {
			page, sids, err := d.page(rows, conferenceSID)
			page.Date = date
			return page, sids, err
		},
	}
}

// GetParticipant reads one participant. The error is of ClassGone if there is
// none.
func (c *Client) GetParticipant(ctx context.Context, conferenceSID, callSID string) (Participant, error) {
	return c.participant(ctx, request{operation: OpGetParticipant}, conferenceSID, callSID)
}

// UpdateParticipant changes a participant and returns the participant in the
// response. Success means that the change was accepted, not that it is in
// effect. It is safe to repeat, unless the update has an announcement, which is
// played each time. An update that the dialect can't express is not sent: its
// error is of ClassRefused, permanent, and has no HTTP status.
func (c *Client) UpdateParticipant(ctx context.Context, conferenceSID, callSID string, u Update) (Participant, error) {
	form, lacking := c.config.Dialect.form(u.Form())
	if err := c.refusal(OpUpdateParticipant, "participant", lacking); err != nil {
		return Participant{}, err
	}
	return c.participant(ctx, request{operation: OpUpdateParticipant, form: form}, conferenceSID, callSID)
}

// RemoveParticipant ends the call of a participant. The error is of ClassGone if
// there is no such participant.
func (c *Client) RemoveParticipant(ctx context.Context, conferenceSID, callSID string) error {
	path, err := c.path(OpRemoveParticipant, "Conferences", conferenceSID, "Participants", callSID)
	if err != nil {
		return err
	}
	return c.do(ctx, request{operation: OpRemoveParticipant, target: c.target(path, nil), read: empty})
}

// participant sends a request about one participant and returns the participant
// in the response.
func (c *Client) participant(ctx context.Context, r request, conferenceSID, callSID string) (Participant, error) {
	segments := []string{"Conferences", conferenceSID, "Participants", callSID}
	return one(ctx, c, r, segments, func(body []byte) (Participant, error) {
		return c.config.Dialect.decodeParticipant(body, conferenceSID, callSID)
	})
}

// one sends a request about one resource and returns the resource in the response.
func one[T any](ctx context.Context, c *Client, r request, segments []string, read func(body []byte) (T, error)) (T, error) {
	var received, none T
	path, err := c.path(r.operation, segments...)
	if err != nil {
		return none, err
	}
	r.target = c.target(path, nil)
	r.read = func(body []byte) (err error) {
		received, err = read(body)
		return err
	}
	if err := c.do(ctx, r); err != nil {
		return none, err
	}
	return received, nil
}

// target returns the URL of an escaped path.
func (c *Client) target(path string, query url.Values) *url.URL {
	target := *c.base
	// With RawPath set, URL keeps the escapes as they are.
	target.Path, _ = url.PathUnescape(path)
	target.RawPath = path
	target.RawQuery = query.Encode()
	return &target
}
