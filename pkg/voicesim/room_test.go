package voicesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// state returns status and size of a conference.
func stateOf(r *room, sid string) (status string, participants int) {
	r.t.Helper()
	c, ok := r.Conference(sid)
	if !ok {
		r.t.Fatalf("there is no conference %s", sid)
	}
	return c.Status, len(c.Participants)
}

// joinSales makes a call join the room sales.
func (r *room) joinSales(call string, options voicesim.JoinOptions) string {
	r.t.Helper()
	options.CallSID = call
	sid, joined := r.JoinRoom(account, "sales", options)
	if sid == "" || joined != call {
		r.t.Fatalf("JoinRoom returns %q and %q", sid, joined)
	}
	return sid
}

// A conference with participants that can't start it waits for one that can.
func TestARoomWaitsForOneThatStartsIt(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	waiting := voicesim.JoinOptions{StartConferenceOnEnter: new(false)}
	sid := r.joinSales("x", waiting)
	for i, step := range []struct {
		call    string
		options voicesim.JoinOptions
		want    string
	}{{"y", waiting, "init"}, {"z", voicesim.JoinOptions{}, "in-progress"}} {
		if again := r.joinSales(step.call, step.options); again != sid {
			t.Errorf("%s joins %s, want %s", step.call, again, sid)
		}
		if status, size := stateOf(r, sid); status != step.want || size != i+2 {
			t.Errorf("with %s it is %s, with %d participants", step.call, status, size)
		}
	}
	if room, ok := r.Room(account, "sales"); !ok || room.SID != sid || len(room.Participants) != 3 {
		t.Errorf("the room is %+v", room)
	}
}

func TestARoomMayStartWithOne(t *testing.T) {
	for alone, want := range map[bool]string{false: "init", true: "in-progress"} {
		r := newRoom(t, voicesim.Settings{StartAlone: alone})
		if status, _ := stateOf(r, r.joinSales("x", voicesim.JoinOptions{})); status != want {
			t.Errorf("StartAlone %v: %s, want %s", alone, status, want)
		}
		waiting, _ := r.JoinRoom(account, "ops", voicesim.JoinOptions{StartConferenceOnEnter: new(false)})
		if status, _ := stateOf(r, waiting); status != "init" {
			t.Errorf("StartAlone %v: one that can't start it makes it %s", alone, status)
		}
	}
}

func TestParticipantsOfAWaitingRoomMayBeUnlisted(t *testing.T) {
	for unlisted, want := range map[bool]int{false: 1, true: 0} {
		r := newRoom(t, voicesim.Settings{WaitingUnlisted: unlisted})
		sid := r.joinSales("x", voicesim.JoinOptions{})
		if got := r.get(root + "/" + sid + "/Participants"); len(got.body.Participants) != want {
			t.Errorf("unlisted %v: %s", unlisted, got.text)
		}
		if got := r.get(r.path + "/Participants").calls(); got != "ABC" {
			t.Errorf("unlisted %v: the room that has started lists %s", unlisted, got)
		}
	}
}

// However a conference ends, its name opens another one.
func TestARoomIsRecycled(t *testing.T) {
	for name, end := range map[string]func(r *room, sid string){
		"the last ones hang up": func(r *room, _ string) { r.HangUp("x"); r.HangUp("host") },
		"the last ones leave":   func(r *room, sid string) { r.Leave(sid, "x"); r.Leave(sid, "host") },
		"the host leaves":       func(r *room, sid string) { r.Leave(sid, "host") },
		"by its name":           func(r *room, _ string) { r.EndRoom(account, "sales") },
		"by its SID":            func(r *room, sid string) { r.EndConference(sid) },
		"by the API":            func(r *room, sid string) { r.do("POST", root+"/"+sid, "Status=completed") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			sid := r.joinSales("x", voicesim.JoinOptions{})
			r.joinSales("host", voicesim.JoinOptions{EndConferenceOnExit: true})
			end(r, sid)
			if status, size := stateOf(r, sid); status != "completed" || size != 0 {
				t.Errorf("it is %s, with %d participants", status, size)
			}
			if _, ok := r.Room(account, "sales"); ok || r.EndRoom(account, "sales") {
				t.Error("there still is a room")
			}
			if next := r.joinSales("y", voicesim.JoinOptions{}); next == sid {
				t.Error("it opened again")
			}
		})
	}
}

// A participant that joins again was created then.
func TestAJoinIsADate(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	for range 2 {
		sid := r.joinSales("x", voicesim.JoinOptions{})
		r.joinSales("y", voicesim.JoinOptions{})
		path := root + "/" + sid + "/Participants/x"
		if got, want := r.get(path).body.DateCreated, r.clock.Now().Format(time.RFC1123Z); got != want {
			t.Errorf("created %s, want %s", got, want)
		}
		r.clock.advance(time.Minute)
		r.Leave(sid, "x")
	}
}

func TestAnUpdateOfAConferenceOnlyCompletes(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	for _, status := range []string{"in-progress", "init", "", "COMPLETED"} {
		r.expect(r.do("POST", r.path, "AnnounceUrl=https%3A%2F%2Fa.example%2F&Status="+status), 422, 21475)
	}
	r.expect(r.do("POST", r.path, "AnnounceUrl=https%3A%2F%2Fa.example%2F&AnnounceMethod=GET"), 200, 0)
	if c, _ := r.Conference(r.sid); c.Announced != 1 || c.Status != "in-progress" {
		t.Errorf("announced %d times, %s", c.Announced, c.Status)
	}
	var applied []string
	for _, request := range r.Journal() {
		if request.Applied {
			applied = append(applied, request.Form.Encode())
		}
	}
	if got := strings.Join(applied, " "); got != "AnnounceMethod=GET&AnnounceUrl=https%3A%2F%2Fa.example%2F" {
		t.Errorf("applied %s", got)
	}
}

func TestAnUnknownAccountHasNoRooms(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	if sid, call := r.JoinRoom(bob, "sales", voicesim.JoinOptions{}); sid != "" || call != "" {
		t.Errorf("joined %s as %s", sid, call)
	}
	if _, ok := r.Room(bob, "support"); ok || r.EndRoom(bob, "support") {
		t.Error("there is a room")
	}
}

func TestControlRooms(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	var p voicesim.Participant
	r.control("POST", "/rooms/join", `{"friendlyName": "sales", "callSID": "x", "muted": true, "startConferenceOnEnter": false, "from": "+15555550100",
		"to": "+15555550199", "direction": "outbound-dial", "parentCallSID": "y"}`, 200, &p)
	if p.CallSID != "x" || !p.Muted || p.StartConferenceOnEnter {
		t.Errorf("joined as %+v", p)
	}
	var c voicesim.Conference
	if r.control("GET", "/rooms?friendlyName=sales&accountSID="+account, "", 200, &c); c.SID != p.ConferenceSID || len(c.Participants) != 1 {
		t.Errorf("the room is %+v", c)
	}
	var call voicesim.Call
	r.control("GET", "/calls/x", "", 200, &call)
	want := voicesim.Call{
		SID: "x", AccountSID: account, From: "+15555550100", To: "+15555550199", Direction: "outbound-dial", ParentCallSID: "y",
		Status: "in-progress", ConferenceSID: c.SID, DateCreated: r.clock.Now(), DateUpdated: r.clock.Now(),
	}
	if call != want {
		t.Errorf("got  %+v\nwant %+v", call, want)
	}
	r.control("POST", "/rooms/end", `{"friendlyName": "sales"}`, 204, nil)
	if r.control("GET", "/calls/x", "", 200, &call); call.Status != "completed" || call.ConferenceSID != "" {
		t.Errorf("after the end: %+v", call)
	}
}
