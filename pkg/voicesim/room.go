package voicesim

// JoinRoom makes a call join the conference with a name that is not over, as
// <Dial><Conference> does: without such a conference a new one opens. It returns the
// SIDs of the conference and of the call, "" for both if there is no such account.
func (s *Simulator) JoinRoom(accountSID, friendlyName string, p JoinOptions) (conferenceSID, callSID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[accountSID]
	if a == nil {
		return "", ""
	}
	c := s.open(a, friendlyName)
	return c.SID, s.join(c, p)
}

// Room returns the conference with a name that is not over, and whether there is one.
func (s *Simulator) Room(accountSID, friendlyName string) (Conference, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.room(accountSID, friendlyName)
	if c == nil {
		return Conference{}, false
	}
	return c.snapshot(), true
}

// EndRoom ends the conference with a name that is not over, as EndConference does. It
// reports whether there was one.
func (s *Simulator) EndRoom(accountSID, friendlyName string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.room(accountSID, friendlyName)
	if c == nil {
		return false
	}
	s.complete(c, s.now())
	return true
}

// room returns the conference with a name that is not over, nil if there is none.
func (s *Simulator) room(accountSID, friendlyName string) *conference {
	a := s.accounts[accountSID]
	if a == nil {
		return nil
	}
	return a.open[friendlyName]
}
