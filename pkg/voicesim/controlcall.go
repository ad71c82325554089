package voicesim

import (
	"cmp"
	"net/http"
	"strings"
)

func (s *Simulator) controlAddAccount(r *http.Request) (any, error) {
	var body accountBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	body.SID = cmp.Or(body.SID, newUUID())
	if body.Token == "" {
		body.Token = NewToken()
	}
	s.AddAccount(body.SID, body.Token)
	return body, nil
}

// NewToken returns a random API token in the provider's form.
func NewToken() string {
	return "PT" + strings.ReplaceAll(newUUID()+newUUID(), "-", "")[:48]
}

func (s *Simulator) controlSetTokens(r *http.Request) (any, error) {
	var body tokensBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	sid := r.PathValue("sid")
	if !s.hasAccount(sid) {
		return nil, missing("account")
	}
	s.setTokens(sid, body.Tokens, body.WithoutVoice)
	return nil, nil
}

func (s *Simulator) controlRevoke(r *http.Request) (any, error) {
	sid := r.PathValue("sid")
	if !s.hasAccount(sid) {
		return nil, missing("account")
	}
	s.RevokeTokens(sid)
	return nil, nil
}

func (s *Simulator) controlOpen(r *http.Request) (any, error) {
	body, err := s.readRoom(r)
	if err != nil {
		return nil, err
	}
	return s.conferenceResponse(s.OpenConference(body.AccountSID, body.FriendlyName), "account")
}

func (s *Simulator) controlConference(r *http.Request) (any, error) {
	return s.conferenceResponse(r.PathValue("sid"), "conference")
}

func (s *Simulator) controlEnd(r *http.Request) (any, error) {
	sid := r.PathValue("sid")
	s.EndConference(sid)
	return s.conferenceResponse(sid, "conference")
}

// conferenceResponse returns a conference. If there is none, the error says that
// the thing named without is missing.
func (s *Simulator) conferenceResponse(sid, without string) (any, error) {
	c, ok := s.Conference(sid)
	if !ok {
		return nil, missing(without)
	}
	return c, nil
}

func (s *Simulator) controlJoin(r *http.Request) (any, error) {
	var options JoinOptions
	if err := readJSON(r, &options); err != nil {
		return nil, err
	}
	sid := r.PathValue("sid")
	call := s.Join(sid, options)
	if call == "" {
		return nil, missing("conference, or it is over")
	}
	return s.participantResponse(sid, call)
}

func (s *Simulator) controlParticipant(r *http.Request) (any, error) {
	return s.participantResponse(r.PathValue("sid"), r.PathValue("call"))
}

func (s *Simulator) controlDrift(r *http.Request) (any, error) {
	var body driftBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	sid, call := r.PathValue("sid"), r.PathValue("call")
	s.Drift(sid, call, body.apply)
	return s.participantResponse(sid, call)
}

func (s *Simulator) participantResponse(sid, call string) (any, error) {
	p, ok := s.Participant(sid, call)
	if !ok {
		return nil, missing("participant")
	}
	return p, nil
}

func (s *Simulator) controlLeave(r *http.Request) (any, error) {
	if !s.Leave(r.PathValue("sid"), r.PathValue("call")) {
		return nil, missing("participant")
	}
	return nil, nil
}

func (s *Simulator) controlHangUp(r *http.Request) (any, error) {
	if !s.HangUp(r.PathValue("call")) {
		return nil, missing("call")
	}
	return nil, nil
}
