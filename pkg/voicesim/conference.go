package voicesim

import (
	"slices"
	"time"
)

// The statuses of a conference. Participants have the last two.
const (
	// StatusInit means that a conference has not started. It starts with two
	// participants, one of them with StartConferenceOnEnter, or see
	// Settings.StartAlone.
	StatusInit = "init"
	// StatusInProgress means that a conference has started, or that a call is in
	// one.
	StatusInProgress = "in-progress"
	// StatusCompleted means that a conference is over. It can't open again.
	StatusCompleted = "completed"
)

// Conference is a snapshot of a conference.
type Conference struct {
	// SID is the conference's identifier, a UUID.
	SID string `json:"sid"`
	// AccountSID is the account that it belongs to.
	AccountSID string `json:"accountSID"`
	// FriendlyName is its name. No two conferences of an account that are not
	// over have the same name.
	FriendlyName string `json:"friendlyName"`
	// Status is one of the Status constants.
	Status string `json:"status"`
	// Participants are the SIDs of its calls, in the order of joining.
	Participants []string `json:"participants"`
	// Announced counts the announcements to the whole conference. The API does not
	// show it.
	Announced int `json:"announced"`
	// DateCreated is when it opened.
	DateCreated time.Time `json:"dateCreated"`
	// DateUpdated is when its status last changed.
	DateUpdated time.Time `json:"dateUpdated"`
}

type conference struct {
	Conference

	seq       uint64
	account   *account
	visibleAt time.Time
	// started is true once a participant with StartConferenceOnEnter has joined.
	started bool
	members []*member
	byCall  map[string]*member
	past    past[Conference]
}

func (c *conference) place() uint64 { return c.seq }

// OpenConference opens a conference and returns its SID. If there is a conference
// with this name that is not over, it returns the SID of that. It returns "" if
// there is no such account.
func (s *Simulator) OpenConference(accountSID, friendlyName string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[accountSID]
	if a == nil {
		return ""
	}
	return s.open(a, friendlyName).SID
}

// open returns the conference with a name that is not over, a new one if there is
// none.
func (s *Simulator) open(a *account, friendlyName string) *conference {
	if c := a.open[friendlyName]; c != nil {
		return c
	}
	now := s.now()
	c := &conference{
		Conference: Conference{
			SID: newUUID(), AccountSID: a.sid, FriendlyName: friendlyName,
			Status: StatusInit, DateCreated: now, DateUpdated: now,
		},
		seq: s.nextSeq(), account: a, visibleAt: now.Add(s.settings.VisibleAfter),
		byCall: map[string]*member{},
	}
	s.conferences[c.SID] = c
	a.conferences = append(a.conferences, c)
	a.open[friendlyName] = c
	return c
}

// Conference returns a conference, whether the API shows it yet or not, and
// whether there is such a conference.
func (s *Simulator) Conference(sid string) (Conference, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.conferences[sid]
	if c == nil {
		return Conference{}, false
	}
	return c.snapshot(), true
}

// snapshot returns the conference with its participants.
func (c *conference) snapshot() Conference {
	snapshot := c.Conference
	snapshot.Participants = make([]string, 0, len(c.members))
	for _, m := range c.members {
		snapshot.Participants = append(snapshot.Participants, m.CallSID)
	}
	return snapshot
}

// EndConference ends a conference, which hangs up all participants. It reports
// whether there is such a conference.
func (s *Simulator) EndConference(conferenceSID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.conferences[conferenceSID]
	if c == nil {
		return false
	}
	s.complete(c, s.now())
	return true
}

// complete ends a conference and hangs up all participants.
func (s *Simulator) complete(c *conference, now time.Time) {
	if c.Status == StatusCompleted {
		return
	}
	c.setStatus(StatusCompleted, now)
	delete(c.account.open, c.FriendlyName)
	for _, m := range c.members {
		s.part(m, now)
		s.calls[m.CallSID].setStatus(StatusCompleted, now)
	}
	c.members, c.byCall = nil, nil
}

// enter adds a member to a conference, and starts the conference if it now can.
func (s *Simulator) enter(c *conference, m *member, now time.Time) {
	c.members = append(c.members, m)
	c.byCall[m.CallSID] = m
	k := s.calls[m.CallSID]
	k.conference, k.ConferenceSID = c, c.SID
	k.setStatus(m.Status, now)
	c.started = c.started || m.StartConferenceOnEnter
	if c.Status == StatusInit && c.started && (len(c.members) > 1 || s.settings.StartAlone) {
		c.setStatus(StatusInProgress, now)
	}
}

// exit removes a member from a conference. The conference ends if it was the last
// member, or one with EndConferenceOnExit.
func (s *Simulator) exit(c *conference, m *member, now time.Time) {
	i, _ := slices.BinarySearchFunc(c.members, m.seq, comparePlace[*member])
	c.members = slices.Delete(c.members, i, i+1)
	delete(c.byCall, m.CallSID)
	s.part(m, now)
	if m.EndConferenceOnExit || len(c.members) == 0 {
		s.complete(c, now)
		return
	}
	if s.settings.CoacheeLeaves == CoacheeLeavesReset {
		c.endCoachingOf(m.CallSID, now)
	}
}

// part notes that a member is not in its conference any more.
func (s *Simulator) part(m *member, now time.Time) {
	k := s.calls[m.CallSID]
	a := k.conference.account
	k.conference, k.ConferenceSID = nil, ""
	for len(a.departed) > 0 && a.departed[0].leftAt.Before(now.Add(-longestLag)) {
		a.departed = a.departed[1:]
	}
	m.leftAt = now
	a.departed = append(a.departed, m)
}

// endCoachingOf ends the coaching of a call by all its coaches.
func (c *conference) endCoachingOf(callSID string, now time.Time) {
	for _, m := range c.members {
		m.applyReverts(now)
		if m.CallSIDToCoach != callSID {
			continue
		}
		p := m.Participant
		p.Coaching, p.CallSIDToCoach = false, ""
		m.become(p, now)
	}
}

func (c *conference) setStatus(status string, now time.Time) {
	c.past.note(c.Conference, now)
	c.Status = status
	c.DateUpdated = now
}

func (s *Simulator) nextSeq() uint64 {
	s.lastSeq++
	return s.lastSeq
}
