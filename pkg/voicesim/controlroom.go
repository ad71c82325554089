package voicesim

import (
	"cmp"
	"errors"
	"net/http"
)

// roomBody names a room: a conference that is not over, by its name.
type roomBody struct {
	AccountSID   string `json:"accountSID"`
	FriendlyName string `json:"friendlyName"`
}

// joinRoomBody is a call that joins a room.
type joinRoomBody struct {
	roomBody
	JoinOptions
}

// check fills in the only account, and returns an error for a name that no conference
// can have.
func (b *roomBody) check(s *Simulator) error {
	if n := len(b.FriendlyName); n < 1 || n > 64 {
		return invalid(errors.New("friendlyName has to have 1 to 64 characters"))
	}
	b.AccountSID = cmp.Or(b.AccountSID, s.soleAccount())
	return nil
}

// readRoom reads a body that names a room and has nothing else.
func (s *Simulator) readRoom(r *http.Request) (body roomBody, err error) {
	if err := readJSON(r, &body); err != nil {
		return roomBody{}, err
	}
	return body, body.check(s)
}

func (s *Simulator) controlRoom(r *http.Request) (any, error) {
	query := r.URL.Query()
	body := roomBody{AccountSID: query.Get("accountSID"), FriendlyName: query.Get("friendlyName")}
	if err := body.check(s); err != nil {
		return nil, err
	}
	room, ok := s.Room(body.AccountSID, body.FriendlyName)
	if !ok {
		return nil, missing("room")
	}
	return room, nil
}

func (s *Simulator) controlJoinRoom(r *http.Request) (any, error) {
	var body joinRoomBody
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	if err := body.check(s); err != nil {
		return nil, err
	}
	sid, call := s.JoinRoom(body.AccountSID, body.FriendlyName, body.JoinOptions)
	if call == "" {
		return nil, missing("account")
	}
	return s.participantResponse(sid, call)
}

func (s *Simulator) controlEndRoom(r *http.Request) (any, error) {
	body, err := s.readRoom(r)
	if err != nil {
		return nil, err
	}
	if !s.EndRoom(body.AccountSID, body.FriendlyName) {
		return nil, missing("room")
	}
	return nil, nil
}

func (s *Simulator) controlCall(r *http.Request) (any, error) {
	k, ok := s.Call(r.PathValue("call"))
	if !ok {
		return nil, missing("call")
	}
	return k, nil
}
