package voice

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// participantPage is how many participants are asked for at once: the most that
// the API allows.
const participantPage = 1000

// Participant is a call leg in a conference, in the 13 fields of the API.
type Participant struct {
	// AccountSID is the account.
	AccountSID string
	// CallSID is the call leg.
	CallSID string
	// CallSIDToCoach is who hears this participant while Coaching; "" if nobody.
	CallSIDToCoach string
	// Coaching is whether only CallSIDToCoach hears this participant.
	Coaching bool
	// ConferenceSID is the conference.
	ConferenceSID string
	// DateCreated and DateUpdated are as the provider wrote them, usually RFC
	// 2822.
	DateCreated, DateUpdated string
	// EndConferenceOnExit is whether the conference ends with this participant;
	// nil if the provider did not say.
	EndConferenceOnExit *bool
	// Hold is whether the participant is on hold.
	Hold bool
	// Muted is whether the participant is muted.
	Muted bool
	// StartConferenceOnEnter is whether the conference begins with this
	// participant; nil if the provider did not say.
	StartConferenceOnEnter *bool
	// Status of the call: in-progress, completed, or whatever else was said.
	Status string
	// URI of the participant, relative to the base URL.
	URI string
}

// Ended says whether the provider calls the call over: completed, or complete
// in older versions of the API.
func (p Participant) Ended() bool { return p.Status == "completed" || p.Status == "complete" }

// Update is a change of a participant; what is nil or empty is left out.
type Update struct {
	// Muted and Hold are what they are called on the page of the API.
	Muted, Hold *bool
	// HoldURL and HoldMethod are the music on hold; the method is always sent
	// with the URL, POST if empty, since its default differs between versions.
	HoldURL, HoldMethod string
	// Coaching travels together with CallSIDToCoach when true.
	Coaching *bool
	// CallSIDToCoach is who is to hear the participant, alone.
	CallSIDToCoach string
	// Beep is whether those in the conference hear a beep with the change.
	Beep *bool
	// AnnounceURL and AnnounceMethod play a document to the participant, each
	// time they are sent; the method is always sent with the URL, POST if empty.
	AnnounceURL, AnnounceMethod string
}

// IsZero says whether there is nothing to change.
func (u Update) IsZero() bool { return len(u.Form()) == 0 }

// Form returns the update as it is sent.
func (u Update) Form() url.Values {
	form := url.Values{}
	for name, value := range map[string]*bool{"Muted": u.Muted, "Hold": u.Hold, "Coaching": u.Coaching, "Beep": u.Beep} {
		if value != nil {
			form.Set(name, strconv.FormatBool(*value))
		}
	}
	setDocument(form, "Hold", u.HoldURL, u.HoldMethod)
	setDocument(form, "Announce", u.AnnounceURL, u.AnnounceMethod)
	if u.CallSIDToCoach != "" {
		form.Set("CallSidToCoach", u.CallSIDToCoach)
	}
	return form
}

// setDocument writes what is to be fetched, and how, always: the documented
// defaults differ between versions of the API.
func setDocument(form url.Values, what, target, method string) {
	if target == "" {
		return
	}
	form.Set(what+"Url", target)
	form.Set(what+"Method", cmp.Or(method, http.MethodPost))
}

// ParticipantPages lists the participants of a conference, a request and a page
// at a time, so that a caller can note when each was sent. It ends after the
// first error. A conference that is not there is an error of ClassGone.
func (c *Client) ParticipantPages(ctx context.Context, conferenceSID string) iter.Seq2[[]Participant, error] {
	return pages(ctx, c, listing[wireParticipant, Participant]{
		operation: OpListParticipants,
		segments:  []string{"Conferences", conferenceSID, "Participants"},
		query:     url.Values{"PageSize": {strconv.Itoa(participantPage)}},
		items:     "participants",
		convert:   func(w wireParticipant) (Participant, error) { return w.participant(conferenceSID) },
	})
}

// GetParticipant reads one participant.
func (c *Client) GetParticipant(ctx context.Context, conferenceSID, callSID string) (Participant, error) {
	return c.participant(ctx, request{operation: OpGetParticipant, method: http.MethodGet}, conferenceSID, callSID)
}

// UpdateParticipant changes a participant and returns the provider's answer.
// Success means that the change was accepted, not that it is in effect. It is
// safe to repeat, unless it has an announcement, which is played each time.
func (c *Client) UpdateParticipant(ctx context.Context, conferenceSID, callSID string, u Update) (Participant, error) {
	return c.participant(ctx, request{operation: OpUpdateParticipant, method: http.MethodPost, form: u.Form()}, conferenceSID, callSID)
}

// RemoveParticipant hangs a participant up. One who is not there is an error of
// ClassGone: the caller knows whether that is a success.
func (c *Client) RemoveParticipant(ctx context.Context, conferenceSID, callSID string) error {
	path, err := c.path(OpRemoveParticipant, "Conferences", conferenceSID, "Participants", callSID)
	if err != nil {
		return err
	}
	return c.do(ctx, request{operation: OpRemoveParticipant, method: http.MethodDelete, target: c.target(path, nil), read: empty})
}

func (c *Client) participant(ctx context.Context, r request, conferenceSID, callSID string) (Participant, error) {
	var answer Participant
	path, err := c.path(r.operation, "Conferences", conferenceSID, "Participants", callSID)
	if err != nil {
		return Participant{}, err
	}
	r.target = c.target(path, nil)
	r.read = func(body []byte) (err error) {
		answer, err = decodeParticipant(body, conferenceSID, callSID)
		return err
	}
	if err := c.do(ctx, r); err != nil {
		return Participant{}, err
	}
	return answer, nil
}

// target is the URL of an escaped path.
func (c *Client) target(path string, query url.Values) *url.URL {
	target := *c.base
	// Both forms are given, so that what was escaped stays so.
	target.Path, _ = url.PathUnescape(path)
	target.RawPath = path
	target.RawQuery = query.Encode()
	return &target
}
