package voicesim

import (
	"cmp"
	"time"
)

// The directions of a call.
const (
	// DirectionInbound is a call from outside to a number of the account.
	DirectionInbound = "inbound"
	// DirectionOutbound is a call that the account has placed.
	DirectionOutbound = "outbound"
)

// Call is a snapshot of a call.
type Call struct {
	// SID identifies the call, and its participant in a conference.
	SID string `json:"sid"`
	// AccountSID is the account of the call.
	AccountSID string `json:"accountSID"`
	// From is the number of the caller, empty if it is withheld.
	From string `json:"from"`
	// To is the number that was called.
	To string `json:"to"`
	// Direction is one of the Direction constants, or what JoinOptions say.
	Direction string `json:"direction"`
	// ParentCallSID is the call that has placed this one, empty if none has.
	ParentCallSID string `json:"parentCallSID"`
	// Status is that of the participant while the call is in a conference, then
	// StatusInProgress, and StatusCompleted after it has ended.
	Status string `json:"status"`
	// ConferenceSID is the conference that the call is in, empty if it is in none.
	// The API does not show it.
	ConferenceSID string `json:"conferenceSID"`
	// DateCreated is when the call first joined a conference.
	DateCreated time.Time `json:"dateCreated"`
	// DateUpdated is when its status last changed.
	DateUpdated time.Time `json:"dateUpdated"`
}

type call struct {
	Call

	seq       uint64
	visibleAt time.Time
	// conference is where the call is, nil if it is in none.
	conference *conference
	past       past[Call]
}

func (k *call) place() uint64 { return k.seq }

func (k *call) setStatus(status string, now time.Time) {
	if k.Status == status {
		return
	}
	k.past.note(k.Call, now)
	k.Status, k.DateUpdated = status, now
}

// Call returns a call, whether the API shows it yet or not, and whether there is such
// a call.
func (s *Simulator) Call(callSID string) (Call, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.calls[callSID]
	if k == nil {
		return Call{}, false
	}
	return k.Call, true
}

// HangUp ends a call, which leaves the conference that it is in. It reports whether
// the call had not ended before.
func (s *Simulator) HangUp(callSID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hangUp(callSID, s.now())
}

func (s *Simulator) hangUp(callSID string, now time.Time) bool {
	k := s.calls[callSID]
	if k == nil || !s.leave(k, now) && k.Status == StatusCompleted {
		return false
	}
	k.setStatus(StatusCompleted, now)
	return true
}

// leave takes a call out of the conference that it is in, and reports whether it was
// in one. The call goes on.
func (s *Simulator) leave(k *call, now time.Time) bool {
	c := k.conference
	if c == nil {
		return false
	}
	s.exit(c, c.byCall[k.SID], now)
	return true
}

// dial returns the call that joins, a new one if there is none. What the options say
// of the call replaces what was known of it.
func (s *Simulator) dial(a *account, p JoinOptions, now time.Time) *call {
	k := s.calls[p.CallSID]
	if k == nil || k.AccountSID != a.sid {
		k = &call{
			Call: Call{
				SID: p.CallSID, AccountSID: a.sid, Direction: DirectionInbound, Status: p.status(),
				DateCreated: now, DateUpdated: now,
			},
			seq:       s.nextSeq(),
			visibleAt: now.Add(s.settings.VisibleAfter),
		}
		s.calls[k.SID] = k
		a.calls = append(a.calls, k)
	}
	k.From, k.To = cmp.Or(p.From, k.From), cmp.Or(p.To, k.To)
	k.Direction = cmp.Or(p.Direction, k.Direction)
	k.ParentCallSID = cmp.Or(p.ParentCallSID, k.ParentCallSID)
	return k
}
