package voice

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
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

// Phase is what a status of a participant means, the same for every provider.
type Phase uint8

const (
	// PhaseActive is a call that has not ended, the zero value.
	PhaseActive Phase = iota
	// PhaseEnded is a call that has ended.
	PhaseEnded
)

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
		read:      func(rows json.RawMessage) (Page, []string, error) { return d.page(rows, conferenceSID) },
	}
}

// GetParticipant reads one participant. The error is of ClassGone if there is
// none.
func (c *Client) GetParticipant(ctx context.Context, conferenceSID, callSID string) (Participant, error) {
	return c.participant(ctx, request{operation: OpGetParticipant, method: http.MethodGet}, conferenceSID, callSID)
}

// UpdateParticipant changes a participant and returns the participant in the
// response. Success means that the change was accepted, not that it is in
// effect. It is safe to repeat, unless the update has an announcement, which is
// played each time. An update that the dialect can't express is not sent: its
// error is of ClassRefused, permanent, and has no HTTP status.
func (c *Client) UpdateParticipant(ctx context.Context, conferenceSID, callSID string, u Update) (Participant, error) {
	form, lacking := c.config.Dialect.form(u)
	if len(lacking) > 0 {
		return Participant{}, &Error{
			Operation: OpUpdateParticipant, Class: ClassRefused, Permanent: true,
			Meaning: fmt.Sprintf("%s can't change %s of a participant", c.config.Dialect.Name, strings.Join(lacking, ", ")),
		}
	}
	return c.participant(ctx, request{operation: OpUpdateParticipant, method: http.MethodPost, form: form}, conferenceSID, callSID)
}

// RemoveParticipant ends the call of a participant. The error is of ClassGone if
// there is no such participant.
func (c *Client) RemoveParticipant(ctx context.Context, conferenceSID, callSID string) error {
	path, err := c.path(OpRemoveParticipant, "Conferences", conferenceSID, "Participants", callSID)
	if err != nil {
		return err
	}
	return c.do(ctx, request{operation: OpRemoveParticipant, method: http.MethodDelete, target: c.target(path, nil), read: empty})
}

// participant sends a request about one participant and returns the participant
// in the response.
func (c *Client) participant(ctx context.Context, r request, conferenceSID, callSID string) (Participant, error) {
	var received Participant
	path, err := c.path(r.operation, "Conferences", conferenceSID, "Participants", callSID)
	if err != nil {
		return Participant{}, err
	}
	r.target = c.target(path, nil)
	r.read = func(body []byte) (err error) {
		received, err = c.config.Dialect.decodeParticipant(body, conferenceSID, callSID)
		return err
	}
	if err := c.do(ctx, r); err != nil {
		return Participant{}, err
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
