package ask

import (
	"cmp"
	"context"
	"slices"

	"github.com/voiceops/conference-operator/internal/cli/view"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Rooms lists the conferences of an account that are in progress or wait to be started.
// An error is one of Explain.
func Rooms(ctx context.Context, api *voice.Client) (rooms []voice.Conference, err error) {
	for _, status := range []string{voice.ConferenceInit, voice.ConferenceInProgress} {
		for page, err := range api.ConferencePages(ctx, voice.ConferenceFilter{Status: status}) {
			if err != nil {
				return nil, Explain(err)
			}
			rooms = append(rooms, page.Items...)
		}
	}
	// One that has begun between the two lists is in both: the later word counts.
	slices.Reverse(rooms)
	slices.SortStableFunc(rooms, func(a, b voice.Conference) int { return cmp.Compare(a.SID, b.SID) })
	return slices.CompactFunc(rooms, func(a, b voice.Conference) bool { return a.SID == b.SID }), nil
}

// Participants lists the call legs of a conference; none if there is no such conference.
func Participants(ctx context.Context, api *voice.Client, conferenceSID string) (found []voice.Participant, err error) {
	for page, err := range api.ParticipantPages(ctx, conferenceSID) {
		if voice.ClassOf(err) == voice.ClassGone {
			return nil, nil
		}
		if err != nil {
			return nil, Explain(err)
		}
		found = append(found, page.Participants...)
	}
	return found, nil
}

// Calls reads the calls behind call legs, by call SID. One that the provider does not
// know is not among them.
func Calls(ctx context.Context, api *voice.Client, legs []voice.Participant) (map[string]voice.Call, error) {
	calls := make(map[string]voice.Call, len(legs))
	for _, leg := range legs {
		call, err := api.GetCall(ctx, leg.CallSID)
		switch {
		case voice.ClassOf(err) == voice.ClassGone:
		case err != nil:
			return nil, Explain(err)
		default:
			calls[leg.CallSID] = call
		}
	}
	return calls, nil
}

// FarParty is the number of the other side of a call: of the caller of an inbound one,
// of the callee of an outbound one; "" if it is withheld or not known.
func FarParty(call voice.Call) voice.Number {
	switch call.Direction {
	case voice.Inbound:
		return call.From
	case voice.Outbound:
		return call.To
	default:
		return ""
	}
}

// Observe is everything that an account has in progress, with numbers only where they
// are asked for: that costs a request for each call leg.
func Observe(ctx context.Context, api *voice.Client, numbers bool) (seen []view.Observed, err error) {
	rooms, err := Rooms(ctx, api)
	if err != nil {
		return nil, err
	}
	for _, room := range rooms {
		observed := view.Observed{Room: room}
		if observed.Participants, err = Participants(ctx, api, room.SID); err != nil {
			return nil, err
		}
		if numbers {
			calls, err := Calls(ctx, api, observed.Participants)
			if err != nil {
				return nil, err
			}
			observed.Numbers = map[string]string{}
			for sid, call := range calls {
				observed.Numbers[sid] = FarParty(call).Reveal()
			}
		}
		seen = append(seen, observed)
	}
	return seen, nil
}
