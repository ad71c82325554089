package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/voiceops/conference-operator/internal/voice"
)

// clause is what the operator takes for granted of the provider. It is checked with the
// operator's own client.
type clause struct {
	text string
	step step
	// check returns an error that says what is otherwise.
	check func(context.Context, *probe) error
}

// clauses are the contract.
func clauses() []clause {
	return []clause{
		{"The token is accepted.", reads, func(ctx context.Context, p *probe) error { return outcome(p.client.VerifyToken(ctx), voice.ClassOK) }},
		{"A wrong token is refused as such.", reads, checkWrongToken},
		{"The conference is read with all that the operator needs.", reads, checkConference},
		{"So is the participant.", reads, checkParticipant},
		{"The lists of conferences and participants have them.", reads, checkLists},
		{"A call that is not there is gone, not refused.", reads, func(ctx context.Context, p *probe) error {
			_, err := p.client.GetParticipant(ctx, p.conference, noCall)
			return outcome(err, voice.ClassGone)
		}},
		{"An update returns and changes what it sets, and nothing else.", changes, checkUpdate},
		{"Hold music that is no URL is refused.", changes, checkRefusal(voice.Update{Hold: new(true), HoldURL: "x"}, voice.ClassRefused)},
		{"A coachee that is not there is known by its code.", changes, checkRefusal(voice.Update{Coaching: new(true), CallSIDToCoach: noCall}, voice.ClassCoacheeMissing)},
	}
}

// outcome compares the class of an error. The text of the error has the URL, and so is not
// for print.
func outcome(err error, want voice.Class) error {
	got := voice.ClassOf(err)
	if got == want {
		return nil
	}
	if failed, ok := errors.AsType[*voice.Error](err); ok {
		return fmt.Errorf("it is %s instead of %s (status %d, code %d, %s)", got, want, failed.HTTPStatus, failed.Code, failed.Cause)
	}
	return fmt.Errorf("it is %s instead of %s", got, want)
}

func checkWrongToken(ctx context.Context, p *probe) error {
	s := p.settings
	s.token += "-wrong"
	other, err := newProbe(s, p.person)
	if err != nil {
		return err
	}
	defer other.close()
	return outcome(other.client.VerifyToken(ctx), voice.ClassUnauthorized)
}

func checkConference(ctx context.Context, p *probe) error {
	got, err := p.client.GetConference(ctx, p.conference)
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	if got.SID != p.conference || got.AccountSID != p.settings.account || got.FriendlyName == "" {
		return errors.New("SID, account or name differ")
	}
	return nil
}

func checkParticipant(ctx context.Context, p *probe) error {
	got, err := p.client.GetParticipant(ctx, p.conference, p.call)
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	switch {
	case got.CallSID != p.call || got.ConferenceSID != p.conference || got.AccountSID != p.settings.account:
		return errors.New("one of its SIDs is another one")
	case got.StartConferenceOnEnter == nil || got.EndConferenceOnExit == nil:
		return errors.New("it lacks start_conference_on_enter or end_conference_on_exit")
	case got.Status == "" || got.DateCreated == "" || got.DateUpdated == "":
		return errors.New("it lacks a status or a date")
	}
	return nil
}

func checkLists(ctx context.Context, p *probe) error {
	read, err := p.client.GetConference(ctx, p.conference)
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	conferences, err := p.listedConferences(ctx, read.Status)
	if err != nil {
		return err
	}
	calls, err := p.listedCalls(ctx)
	switch {
	case err != nil:
		return err
	case !slices.Contains(conferences, p.conference):
		return errors.New("the conferences with its status are without it")
	case read.Status == voice.ConferenceInProgress && !slices.Contains(calls, p.call):
		return errors.New("the participants are without the call")
	}
	return nil
}

// listedConferences returns the SIDs of the conferences with a status.
func (p *probe) listedConferences(ctx context.Context, status string) (sids []string, err error) {
	for page, err := range p.client.ConferencePages(ctx, voice.ConferenceFilter{Status: status}) {
		if err != nil {
			return nil, outcome(err, voice.ClassOK)
		}
		for _, conference := range page.Items {
			sids = append(sids, conference.SID)
		}
	}
	return sids, nil
}

// listedCalls returns the SIDs of the calls in the conference.
func (p *probe) listedCalls(ctx context.Context) (sids []string, err error) {
	for page, err := range p.client.ParticipantPages(ctx, p.conference) {
		if err != nil {
			return nil, outcome(err, voice.ClassOK)
		}
		for _, participant := range page.Participants {
			sids = append(sids, participant.CallSID)
		}
	}
	return sids, nil
}

func checkUpdate(ctx context.Context, p *probe) error {
	before, err := p.client.GetParticipant(ctx, p.conference, p.call)
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	returned, err := p.client.UpdateParticipant(ctx, p.conference, p.call, voice.Update{Muted: new(!before.Muted)})
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	read, err := p.client.GetParticipant(ctx, p.conference, p.call)
	if err != nil {
		return outcome(err, voice.ClassOK)
	}
	for what, is := range map[string]voice.Participant{"the response": returned, "the next read": read} {
		switch {
		case is.Muted == before.Muted:
			return fmt.Errorf("%s does not show the mute", what)
		case is.Hold != before.Hold || is.Coaching != before.Coaching || is.CallSIDToCoach != before.CallSIDToCoach:
			return fmt.Errorf("%s shows another hold or coaching", what)
		}
	}
	return nil
}

// checkRefusal returns a check of an update that is refused.
func checkRefusal(update voice.Update, want voice.Class) func(context.Context, *probe) error {
	return func(ctx context.Context, p *probe) error {
		_, err := p.client.UpdateParticipant(ctx, p.conference, p.call, update)
		return outcome(err, want)
	}
}
