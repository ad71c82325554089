package voicesim

import (
	"cmp"
	"time"
)

// Participant is a snapshot of a call in a conference.
type Participant struct {
	// AccountSID is the account of the conference.
	AccountSID string `json:"accountSID"`
	// ConferenceSID is the conference.
	ConferenceSID string `json:"conferenceSID"`
	// CallSID identifies the participant.
	CallSID string `json:"callSID"`
	// CallSIDToCoach is the call of the coachee, empty if Coaching is false.
	CallSIDToCoach string `json:"callSIDToCoach"`
	// Coaching says whether the coachee alone hears this participant.
	Coaching bool `json:"coaching"`
	// Muted says whether the participant is muted.
	Muted bool `json:"muted"`
	// Hold says whether this participant is on hold.
	Hold bool `json:"hold"`
	// StartConferenceOnEnter says whether the conference may start with this
	// participant.
	StartConferenceOnEnter bool `json:"startConferenceOnEnter"`
	// EndConferenceOnExit says whether the conference ends when this
	// participant leaves.
	EndConferenceOnExit bool `json:"endConferenceOnExit"`
	// Status is StatusInProgress, unless JoinOptions or Drift make it something else.
	Status string `json:"status"`
	// DateCreated is when the call joined.
	DateCreated time.Time `json:"dateCreated"`
	// DateUpdated is when a field that the API shows last changed.
	DateUpdated time.Time `json:"dateUpdated"`

	// HoldURL is the last HoldUrl that was applied. The API does not show it.
	HoldURL string `json:"holdURL"`
	// HoldMethod is the last HoldMethod that was applied. The API does not show it.
	HoldMethod string `json:"holdMethod"`
	// AnnounceURL is the last announcement. The API does not show it.
	AnnounceURL string `json:"announceURL"`
	// Announced counts the announcements. The API does not show it.
	Announced int `json:"announced"`
}

// JoinOptions say how a call joins a conference.
type JoinOptions struct {
	// CallSID is the call, a new UUID if empty.
	CallSID string `json:"callSID"`
	// Muted makes the call join muted.
	Muted bool `json:"muted"`
	// Hold makes the call join on hold.
	Hold bool `json:"hold"`
	// CallSIDToCoach makes the call join as the coach of this call.
	CallSIDToCoach string `json:"callSIDToCoach"`
	// From is the number of the caller; what the call had if empty.
	From string `json:"from"`
	// To is the number that was called; what the call had if empty.
	To string `json:"to"`
	// Direction of the call; what the call had if empty, DirectionInbound for a new one.
	Direction string `json:"direction"`
	// ParentCallSID is the call that has placed this one; what the call had if empty.
	ParentCallSID string `json:"parentCallSID"`
	// Status is the status of the participant, such as ringing; StatusInProgress if
	// empty. Drift changes it when the call is answered.
	Status string `json:"status"`
	// EndConferenceOnExit ends the conference when the call leaves.
	EndConferenceOnExit bool `json:"endConferenceOnExit"`
	// StartConferenceOnEnter lets the conference start with this call; true if nil.
	StartConferenceOnEnter *bool `json:"startConferenceOnEnter"`
}

func (p JoinOptions) status() string { return cmp.Or(p.Status, StatusInProgress) }

// Join makes a call join a conference and returns the SID of the call. A call in
// another conference leaves that first. A call that is already in this conference
// stays as it is. Join returns "" if there is no such conference, or if it is
// over.
func (s *Simulator) Join(conferenceSID string, p JoinOptions) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.conferences[conferenceSID]
	if c == nil || c.Status == StatusCompleted {
		return ""
	}
	return s.join(c, p)
}

func (s *Simulator) join(c *conference, p JoinOptions) string {
	if p.CallSID == "" {
		p.CallSID = newUUID()
	}
	now := s.now()
	if k := s.calls[p.CallSID]; k != nil {
		if k.conference == c {
			return p.CallSID
		}
		s.leave(k, now)
	}
	s.dial(c.account, p, now)
	s.enter(c, s.newMember(c, p, now), now)
	return p.CallSID
}

func (s *Simulator) newMember(c *conference, p JoinOptions, now time.Time) *member {
	return &member{
		Participant: Participant{
			AccountSID: c.AccountSID, ConferenceSID: c.SID, CallSID: p.CallSID,
			Muted: p.Muted, Hold: p.Hold,
			Coaching: p.CallSIDToCoach != "", CallSIDToCoach: p.CallSIDToCoach,
			StartConferenceOnEnter: p.StartConferenceOnEnter == nil || *p.StartConferenceOnEnter,
			EndConferenceOnExit:    p.EndConferenceOnExit,
			Status:                 p.status(), DateCreated: now, DateUpdated: now,
		},
		seq:       s.nextSeq(),
		visibleAt: now.Add(s.settings.VisibleAfter),
	}
}

// Leave makes a call leave a conference and go on. It reports whether the call was in
// it.
func (s *Simulator) Leave(conferenceSID, callSID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.calls[callSID]
	return k != nil && k.ConferenceSID == conferenceSID && s.leave(k, s.now())
}

// Participant returns a participant, whether the API shows it yet or not, and
// whether the call is in this conference.
func (s *Simulator) Participant(conferenceSID, callSID string) (Participant, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.member(conferenceSID, callSID)
	if m == nil {
		return Participant{}, false
	}
	m.applyReverts(s.now())
	return m.Participant, true
}

// Drift changes a participant without a request to the API, so that the journal
// does not have it. Identifiers and dates can't be changed. It reports whether the
// call is in this conference. The function change must not call the simulator.
func (s *Simulator) Drift(conferenceSID, callSID string, change func(*Participant)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.member(conferenceSID, callSID)
	if m == nil {
		return false
	}
	now := s.now()
	m.applyReverts(now)
	p := m.Participant
	change(&p)
	p.AccountSID, p.ConferenceSID, p.CallSID = m.AccountSID, m.ConferenceSID, m.CallSID
	p.DateCreated, p.DateUpdated = m.DateCreated, m.DateUpdated
	m.become(p, now)
	s.calls[callSID].setStatus(m.Status, now)
	return true
}

func (s *Simulator) member(conferenceSID, callSID string) *member {
	c := s.conferences[conferenceSID]
	if c == nil {
		return nil
	}
	return c.byCall[callSID]
}
