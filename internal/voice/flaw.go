package voice

import (
	"fmt"
	"slices"
	"time"
)

// Flaw is the first thing that is wrong with a participant or call that can't be read. It is
// one of a closed set, and has nothing of the other side in it.
type Flaw string

// The flaws of a participant.
const (
	// FlawCallSID is a participant without a readable SID, or what is none at all.
	FlawCallSID Flaw = "call_sid"
	// FlawConferenceSID is a participant of another conference, or of one that
	// can't be read.
	FlawConferenceSID Flaw = "conference_sid"
	// FlawMuted is a missing muted, or one that is neither true nor false.
	FlawMuted Flaw = "muted"
	// FlawHold is the same of hold.
	FlawHold Flaw = "hold"
	// FlawCoaching is the same of coaching.
	FlawCoaching Flaw = "coaching"
	// FlawCoachee is a call_sid_to_coach that is no text.
	FlawCoachee Flaw = "call_sid_to_coach"
	// FlawStatus is a status that is no text.
	FlawStatus Flaw = "status"
	// FlawLength is a field that is longer than maxField.
	FlawLength Flaw = "length"
	// FlawNextPage is a page of a list that leads to no usable other one. Its rows
	// count.
	FlawNextPage Flaw = "next_page"
	// FlawCall is a call that can't be read.
	FlawCall Flaw = "call"
	// FlawContradiction is two rows of one page about the same participant that
	// say different things.
	FlawContradiction Flaw = "contradiction"
)

// Flaws returns all flaws.
func Flaws() []Flaw {
	return []Flaw{
		FlawCallSID, FlawConferenceSID, FlawMuted, FlawHold, FlawCoaching, FlawCoachee, FlawStatus, FlawLength,
		FlawNextPage, FlawCall, FlawContradiction,
	}
}

// Explain says what is wrong, in the same words each time, as the end of a sentence
// about the response.
func (f Flaw) Explain() string {
	switch f {
	case FlawConferenceSID:
		return "is about another conference"
	case FlawLength:
		return fmt.Sprintf("has a field longer than %d bytes", maxField)
	case FlawNextPage:
		return "leads to no next page that can be read"
	case FlawCall:
		return "is not a call that can be read"
	case FlawContradiction:
		return "has the participant twice, with different states"
	default:
		return "has no readable field " + string(f)
	}
}

// flawError is the error of a response with a flaw.
type flawError struct{ flaw Flaw }

func (e flawError) Error() string { return errUnreadable.Error() + ": it " + e.flaw.Explain() }

// Is has the error count as an unreadable response.
func (e flawError) Is(target error) bool { return target == errUnreadable }

// UnreadableRow is a row of a list that can't be read: what it is about is not
// known, neither there nor missing.
type UnreadableRow struct {
	// CallSID is the participant, "" if that can't be read either.
	CallSID string
	// Flaw is what is wrong.
	Flaw Flaw
}

// Page is one page of a list of participants.
type Page struct {
	// Participants are the rows that can be read.
	Participants []Participant
	// Unreadable are the other rows.
	Unreadable []UnreadableRow
	// Date is the time of the response by the provider's clock, zero if its header
	// can't be read.
	Date time.Time
}

// separate moves rows about one participant that don't agree from those that can be
// read to the others.
func (p *Page) separate() {
	spoiled := map[string]bool{}
	for _, row := range p.Unreadable {
		spoiled[row.CallSID] = true
	}
	seen := make(map[string]Participant, len(p.Participants))
	for _, participant := range p.Participants {
		before, twice := seen[participant.CallSID]
		seen[participant.CallSID] = participant
		if twice && !spoiled[participant.CallSID] && !before.agrees(participant) {
			spoiled[participant.CallSID] = true
			p.Unreadable = append(p.Unreadable, UnreadableRow{participant.CallSID, FlawContradiction})
		}
	}
	if len(spoiled) > 0 {
		p.Participants = slices.DeleteFunc(p.Participants, func(q Participant) bool { return spoiled[q.CallSID] })
	}
}

// agrees reports whether two rows say the same of what is decided by.
func (p Participant) agrees(q Participant) bool {
	return p.Muted == q.Muted && p.Hold == q.Hold && p.Coaching == q.Coaching && p.CallSIDToCoach == q.CallSIDToCoach && p.Phase == q.Phase
}
