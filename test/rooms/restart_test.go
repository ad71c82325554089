package rooms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR29ARestartIsSilent has a process find many rooms as another one has left them.
func TestR29ARestartIsSilent(t *testing.T) {
	const rooms, people = 15, 12
	r := newRoom(t, "cases", func(s *v1alpha1.ConferenceSpec) {
		whispering(s)
		s.Roles = append(s.Roles, v1alpha1.Role{Name: "customer", Match: []v1alpha1.RoleTerm{{Direction: v1alpha1.CallInbound}}, MuteOnEntry: new(true),
			Announcement: &v1alpha1.RoleAnnouncement{ID: "welcome", URL: welcome}})
		s.WaitForRole = &v1alpha1.WaitForRole{Role: "agent"}
	})
	for i := range rooms {
		r.name = fmt.Sprintf("case-%d", i)
		for range people {
			r.join("customer", from("+15555550142"))
		}
		r.join("supervisor", dialed(supervisorNumber))
		if i%3 > 0 {
			r.join("agent", dialed(agentNumber))
		}
	}
	r.Elapse(time.Minute)
	r.name = "cases"
	children := r.Children("cases")
	held := 0
	for callSID := range children {
		for i := range rooms {
			room, _ := r.Provider.Room(sim.AccountSID, fmt.Sprintf("case-%d", i))
			if p, there := r.Provider.Participant(room.SID, callSID); there && p.Hold {
				held++
			}
		}
	}
	if len(children) < rooms*people || held < rooms/3*people {
		t.Errorf("%d children, %d on hold", len(children), held)
	}
	r.wantNothingWritten(r.Restart, 5*time.Minute, "GET ", "get ")
}

// wantNothingWritten checks that nothing is sent or written after something for a while, but
// what begins with some words.
func (r *room) wantNothingWritten(act func(), d time.Duration, but ...string) {
	r.t.Helper()
	r.Provider.ResetJournal()
	act()
	written := map[string]int{}
	r.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		if !slices.ContainsFunc(but, func(word string) bool { return strings.HasPrefix(boundary.What, word) }) {
			written[boundary.What]++
		}
		return sim.None
	}
	r.Elapse(d)
	r.AtBoundary = nil
	if len(written) != 0 {
		r.t.Errorf("written is %v", written)
	}
}

// reports are reads, and writes that tell people what is so.
var reports = []string{"GET ", "get ", "patch status ", "post Event"}

// TestR27AListThatLiesHurtsNobody has lists and directories lack what is there, or be
// refused, once or twice.
func TestR27AListThatLiesHurtsNobody(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"a short list":           {Operation: voicesim.OpListParticipants, Times: 1, Body: `{"participants": []}`},
		"a list that is refused": {Operation: voicesim.OpListParticipants, Times: 1, Status: 404},
		"two directories":        {Operation: voicesim.OpListConferences, Times: 4, Body: `{"conferences": []}`},
		"one directory":          {Operation: voicesim.OpListConferences, Times: 2, Body: `{"conferences": []}`},
		"a directory refused":    {Operation: voicesim.OpListConferences, Times: 2, Status: 404},
		"a failing directory":    {Operation: voicesim.OpListConferences, Status: 500},
		"half a directory":       {Operation: voicesim.OpListConferences, Times: 2, Shape: voicesim.ShapeTruncated},
		"failing lists":          {Operation: voicesim.OpListParticipants, Status: 503},
		"a lag":                  {Operation: voicesim.OpListParticipants, ListLag: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", func(s *v1alpha1.ConferenceSpec) {
				allHands(s)
				s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", GraceSeconds: new(int32(10))}
			})
			host := r.join("host", hosting())
			people := r.joinMany(5, "audience")
			r.Elapse(time.Minute)
			r.are("with the host", []string{host}, isOpen)
			r.Provider.Inject(fault)
			r.wantNothingWritten(func() {}, time.Minute, reports...)
			r.are("after the lie", people, func(p voicesim.Participant) bool { return p.Muted && !p.Hold })
			r.Provider.ClearFaults()
			r.wantNothingWritten(func() {}, time.Minute, reports...)
			if n := len(r.Children("all-hands")); n != 6 {
				t.Errorf("%d children", n)
			}
			r.Provider.HangUp(people[0])
			r.Elapse(sim.HeardWithin + 10*time.Second)
			if state := r.Children("all-hands")[people[0]].Status.CallState; state != v1alpha1.CallLeft {
				t.Errorf("one who has left is %s", state)
			}
		})
	}
}

func TestR28AConferenceThatGoesGoesAtOnce(t *testing.T) {
	const people = 100
	r := newRoom(t, "case-1", func(s *v1alpha1.ConferenceSpec) {
		whispering(s)
		s.Roles = append(s.Roles, v1alpha1.Role{Name: "customer", AudioControls: v1alpha1.AudioControls{Muted: new(true)}})
	})
	agent := r.join("agent", dialed(agentNumber))
	supervisor := r.join("supervisor", dialed(supervisorNumber))
	r.joinMany(people, "customer")
	r.Elapse(time.Minute)
	r.are("the supervisor", []string{supervisor}, func(p voicesim.Participant) bool { return !p.Muted && p.CallSIDToCoach == agent })
	r.Delete(r.GetConference("case-1"))
	r.Elapse(5 * time.Second)
	r.are("the supervisor after that", []string{supervisor}, isMuted)
	r.Provider.ResetJournal()
	r.Elapse(25 * time.Second)
	if n := len(r.Children("case-1")); n != 0 {
		t.Errorf("%d children are left", n)
	}
	for _, request := range r.Provider.Journal() {
		if request.Operation != voicesim.OpListConferences {
			t.Errorf("a request five seconds after that: %s %s", request.Method, request.Path)
			break
		}
	}
	r.Elapse(10 * time.Minute)
	r.are("the supervisor for long", []string{supervisor}, isMuted)
	r.WantUpdates()
}
