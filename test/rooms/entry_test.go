package rooms_test

import (
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// welcome is what is said to those that join.
const welcome = "https://media.example.com/welcome.xml"

// muteOnEntry mutes those that join once, and welcomes them.
func muteOnEntry(s *v1alpha1.ConferenceSpec) {
	s.FriendlyName = "all-hands"
	s.Roles = []v1alpha1.Role{
		{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}},
		{Name: "audience", MuteOnEntry: new(true), Announcement: &v1alpha1.RoleAnnouncement{ID: "welcome", URL: welcome}},
	}
}

// hosting is how a host joins.
func hosting() voicesim.JoinOptions { return voicesim.JoinOptions{EndConferenceOnExit: true} }

// room is a room of a name with a Conference.
type room struct {
	*sim.Sim
	t   *testing.T
	ear *sim.Ear

	name, sid string
}

// newRoom returns a room without anybody in it.
func newRoom(t *testing.T, name string, change func(*v1alpha1.ConferenceSpec)) *room {
	t.Helper()
	r := &room{Sim: sim.New(t), t: t, name: name}
	r.ear = r.Listen()
	r.CreateConference(name, change)
	r.Elapse(20 * time.Second)
	return r
}

// join lets a call of a role in.
func (r *room) join(role v1alpha1.RoleName, options voicesim.JoinOptions) (callSID string) {
	callSID, r.sid = r.ear.Join(r.name, role, options)
	return callSID
}

// joinMany lets several calls of a role in.
func (r *room) joinMany(n int, role v1alpha1.RoleName) (callSIDs []string) {
	for range n {
		callSIDs = append(callSIDs, r.join(role, voicesim.JoinOptions{}))
	}
	return callSIDs
}

// are checks call legs, which all are there.
func (r *room) are(what string, callSIDs []string, is func(voicesim.Participant) bool) {
	r.t.Helper()
	for _, callSID := range callSIDs {
		if p, there := r.Provider.Participant(r.sid, callSID); !there || !is(p) {
			r.t.Errorf("%s: %+v, there %v", what, p, there)
			return
		}
	}
}

func isMuted(p voicesim.Participant) bool { return p.Muted }
func isOpen(p voicesim.Participant) bool  { return !p.Muted && !p.Hold }
func isHeld(p voicesim.Participant) bool  { return p.Hold }

// updatesOf are the updates of a call leg since the last reset of the journal.
func (r *room) updatesOf(callSID string) (sent []voicesim.Request) {
	return slices.DeleteFunc(r.Provider.Journal(), func(request voicesim.Request) bool {
		return request.Operation != voicesim.OpUpdateParticipant || request.CallSID != callSID
	})
}

// TestR26NobodyIsMutedAgainByEntry has a call that a person has unmuted meet what happens to
// a room in ten minutes.
func TestR26NobodyIsMutedAgainByEntry(t *testing.T) {
	r := newRoom(t, "all-hands", muteOnEntry)
	guest := r.join("audience", voicesim.JoinOptions{})
	others := r.joinMany(3, "audience")
	r.Elapse(sim.HeardWithin)
	r.are("on entry", append(others, guest), isMuted)
	toggle := func(callSID string) {
		r.Provider.Drift(r.sid, callSID, func(p *voicesim.Participant) { p.Muted = false })
	}
	toggle(guest)
	r.Provider.ResetJournal()
	acts := []func(){
		func() { r.join("host", hosting()) },
		func() {
			r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Roles[0].Muted = new(false) })
		},
		func() {
			r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Roles[1].Announcement.ID = "hello" })
		},
		r.Restart,
		func() { r.Provider.SetTokens(sim.AccountSID, "PT-new"); r.RotateToken(sim.Namespace, "PT-new") },
		r.crashNext, func() { r.deleteChildren() },
		func() { r.SuspendAccount(true); r.Elapse(time.Minute); r.SuspendAccount(false) },
		func() { r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Suspend = true }) },
		func() { r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Suspend = false }) },
		func() { r.Restart(); r.deleteChildren(); r.Restart() },
	}
	for _, act := range acts {
		act()
		r.Elapse(time.Minute)
	}
	for _, request := range r.updatesOf(guest) {
		t.Errorf("it is updated: %v at %s", request.Form, request.Time)
	}
	r.are("in the end", []string{guest}, isOpen)
	r.are("the others", others, isMuted)
}

// crashNext has the process end at its next request.
func (r *room) crashNext() {
	r.AtBoundary = func(sim.Boundary) sim.Failure { r.AtBoundary = nil; return sim.CrashAfter }
}

// deleteChildren deletes all children, as kubectl delete --all does.
func (r *room) deleteChildren() {
	for _, child := range r.Children(r.name) {
		r.Delete(child)
	}
}

func TestR26EachJoinIsMutedAndWelcomedOnce(t *testing.T) {
	for _, away := range []time.Duration{0, 2 * time.Second, 30 * time.Second, 100 * time.Second, 200 * time.Second, 10 * time.Minute} {
		t.Run(away.String(), func(t *testing.T) {
			r := newRoom(t, "all-hands", muteOnEntry)
			guest := r.join("audience", voicesim.JoinOptions{})
			r.join("audience", voicesim.JoinOptions{})
			r.Elapse(time.Minute)
			for range 4 {
				r.Provider.ResetJournal()
				r.Provider.Leave(r.sid, guest)
				r.Elapse(away)
				r.join("audience", voicesim.JoinOptions{CallSID: guest})
				r.Elapse(sim.HeardWithin)
				r.are("on entry", []string{guest}, isMuted)
				r.Provider.Drift(r.sid, guest, func(p *voicesim.Participant) { p.Muted = false })
				r.Elapse(time.Minute)
				r.are("unmuted by a person", []string{guest}, isOpen)
				r.onceEach(guest)
			}
			r.WantQuiet(10 * time.Minute)
		})
	}
}

// onceEach checks that a call was muted and welcomed once since the last reset of the
// journal, and is not contested.
func (r *room) onceEach(callSID string) {
	r.t.Helper()
	mutes, welcomes := 0, 0
	for _, request := range r.updatesOf(callSID) {
		if request.Form.Get("Muted") == "true" {
			mutes++
		}
		if request.Form.Get("AnnounceUrl") == welcome {
			welcomes++
		}
	}
	if mutes != 1 || welcomes != 1 {
		r.t.Errorf("%d mutes and %d welcomes of one join", mutes, welcomes)
	}
	if child := r.Children(r.name)[callSID]; child == nil {
		r.t.Error("there is no child")
	} else {
		r.WantReady(child.Name, "True", v1alpha1.ReasonInSync)
	}
}

func TestR26DeletedChildrenAreMadeAgainAndReplayNothing(t *testing.T) {
	const people = 100
	r := newRoom(t, "all-hands", muteOnEntry)
	all := r.joinMany(people, "audience")
	r.Elapse(20 * time.Second)
	r.are("on entry", all, isMuted)
	byHand := all[:10]
	for _, callSID := range byHand {
		r.Provider.Drift(r.sid, callSID, func(p *voicesim.Participant) { p.Muted = false })
	}
	for range 2 {
		r.deleteChildren()
		r.Elapse(15 * time.Second)
		if n := len(r.Children("all-hands")); n != 0 && n != people {
			t.Errorf("%d children of %d", n, people)
		}
		r.are("opened by hand", byHand, isOpen)
		r.are("the rest", all[10:], isMuted)
	}
	newcomer := r.join("audience", voicesim.JoinOptions{})
	r.Elapse(sim.HeardWithin)
	r.are("who joins after that", []string{newcomer}, isMuted)
	said := map[string]int{}
	for _, request := range r.Provider.Journal() {
		if request.Form.Get("AnnounceUrl") != "" {
			said[request.CallSID]++
		}
	}
	if len(said) != people+1 {
		t.Errorf("%d were welcomed of %d", len(said), people+1)
	}
	for callSID, n := range said {
		if n != 1 {
			t.Errorf("%s was welcomed %d times", callSID, n)
		}
	}
	r.WantQuiet(10 * time.Minute)
}

// TestR28DeletedChildrenOfADeclaredRoleAreMadeAgain has a role that declares something, so
// that each call leg needs a child.
func TestR28DeletedChildrenOfADeclaredRoleAreMadeAgain(t *testing.T) {
	const people = 100
	r := newRoom(t, "all-hands", allHands)
	host := r.join("host", hosting())
	all := r.joinMany(people, "audience")
	r.Elapse(20 * time.Second)
	r.are("the audience", all, isMuted)
	r.are("the host", []string{host}, isOpen)
	r.Provider.ResetJournal()
	for range 2 {
		r.deleteChildren()
		r.Elapse(15 * time.Second)
		if n := len(r.Children("all-hands")); n != people+1 {
			t.Errorf("%d children of %d", n, people+1)
		}
	}
	r.WantUpdates()
	r.are("the audience", all, isMuted)
	r.WantConference("all-hands", v1alpha1.ReasonInSync)
	r.WantQuiet(10 * time.Minute)
}

// TestR21OneWhoJoinsOpenIsMutedInTime has people join at every moment of the intervals of
// lists, and in a room that nobody has seen before.
func TestR21OneWhoJoinsOpenIsMutedInTime(t *testing.T) {
	for name, declare := range map[string]func(*v1alpha1.ConferenceSpec){"muted": allHands, "muted on entry": muteOnEntry} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", declare)
			r.join("host", hosting())
			for i := range 40 {
				call := r.join("audience", voicesim.JoinOptions{})
				r.Elapse(sim.HeardWithin)
				r.are("one who joins open", []string{call}, isMuted)
				r.Elapse(time.Duration(i) * 300 * time.Millisecond)
			}
			r.WantQuiet(10 * time.Minute)
		})
	}
}
