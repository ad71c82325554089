package rooms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const hostNumber = "+15555550177"

// waitForHost has all hold the line until a host is there, who is known by a number.
func waitForHost(s *v1alpha1.ConferenceSpec) {
	s.FriendlyName = "all-hands"
	s.Roles = []v1alpha1.Role{{Name: "host", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{hostNumber}}}}}
	s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", HoldURL: sim.Music}
}

// from is how a caller joins.
func from(number string) voicesim.JoinOptions {
	return voicesim.JoinOptions{From: number, To: "+15555550199"}
}

func TestR24AllAreResumedThoughTheFirstUpdatesAreIgnored(t *testing.T) {
	r := newRoom(t, "all-hands", waitForHost)
	people := r.joinMany(50, "")
	r.Elapse(sim.HeardWithin + 2*time.Second)
	r.are("before the host", people, isHeld)
	for _, callSID := range people[:10] {
		r.Provider.Inject(voicesim.Fault{
			Operation: voicesim.OpUpdateParticipant, CallSID: callSID, Ignore: true, Times: 1,
			Match: func(request voicesim.Request) bool { return request.Form.Get("Hold") == "false" },
		})
	}
	host := r.join("host", from(hostNumber))
	r.Elapse(sim.HeardWithin + 10*time.Second)
	r.are("after the host has come", append(people, host), isOpen)
	for _, child := range r.Children("all-hands") {
		r.WantReady(child.Name, "True", v1alpha1.ReasonInSync)
	}
	for _, told := range r.TakeEvents() {
		if strings.Contains(told, v1alpha1.EventNoLongerManaged) {
			t.Errorf("told is %s", told)
		}
	}
	r.Elapse(5 * time.Minute)
	r.WantQuiet(10 * time.Minute)
}

// TestR24NobodyIsOnHoldForLongAfterTheHostHasCome ends the waiting in each way there is.
func TestR24NobodyIsOnHoldForLongAfterItsCause(t *testing.T) {
	for name, end := range map[string]func(r *room){
		"the host comes": func(r *room) { r.join("host", from(hostNumber)) },
		"waitForRole goes": func(r *room) {
			r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.WaitForRole = nil })
		},
		"all is taken out": func(r *room) {
			r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.WaitForRole, s.Roles = nil, nil })
		},
		"the host comes while the process is replaced": func(r *room) { r.join("host", from(hostNumber)); r.Restart() },
		"the Conference is deleted":                    func(r *room) { r.Delete(r.GetConference("all-hands")) },
		"a suspended Conference is deleted": func(r *room) {
			r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Suspend = true })
			r.Elapse(time.Minute)
			r.WantUpdates()
			r.Delete(r.GetConference("all-hands"))
		},
		"one that only observes is deleted": func(r *room) {
			r.observe()
			r.Delete(r.GetConference("all-hands"))
		},
		"another policy governs the room of one that only observes": func(r *room) {
			r.observe()
			r.CreateConference("other", func(s *v1alpha1.ConferenceSpec) { s.FriendlyName = "all-hands" })
		},
		"another policy governs": func(r *room) {
			r.CreateConference("other", func(s *v1alpha1.ConferenceSpec) { s.FriendlyName = "all-hands" })
			r.Delete(r.GetConference("all-hands"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", waitForHost)
			people := r.joinMany(4, "")
			byHand := r.join("", voicesim.JoinOptions{Hold: true})
			r.Elapse(30 * time.Second)
			r.are("while they wait", people, isHeld)
			r.Provider.ResetJournal()
			end(r)
			r.Elapse(sim.HeardWithin + 10*time.Second)
			r.are("after that", people, isOpen)
			r.are("who was on hold before", []string{byHand}, isHeld)
			if sent := r.updatesOf(byHand); len(sent) != 0 {
				t.Errorf("one who was on hold before is updated: %v", sent[0].Form)
			}
			r.Elapse(5 * time.Minute)
			r.WantQuiet(10 * time.Minute)
		})
	}
}

// observe has the Conference only observe for a while.
func (r *room) observe() {
	r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Mode = v1alpha1.ModeObserve })
	r.Elapse(time.Minute)
	r.WantUpdates()
}

// provenWithin is how much later than a list shows it is proven that a call leg has left
// (R7).
const provenWithin = 5 * time.Second

func TestR24TheGraceIsKept(t *testing.T) {
	r := newRoom(t, "all-hands", func(s *v1alpha1.ConferenceSpec) {
		waitForHost(s)
		s.WaitForRole.GraceSeconds = new(int32(60))
	})
	people := r.joinMany(3, "")
	host := r.join("host", from(hostNumber))
	r.Elapse(time.Minute)
	r.are("with the host", people, isOpen)
	for range 2 {
		r.Provider.HangUp(host)
		r.Elapse(55 * time.Second)
		r.are("within the grace", people, isOpen)
		// The grace begins once it is proven that the host has left.
		r.Elapse(5*time.Second + provenWithin + sim.HeardWithin)
		r.are("after the grace", people, isHeld)
		late := r.join("", voicesim.JoinOptions{})
		r.Elapse(sim.HeardWithin + 2*time.Second)
		r.are("who joins then", []string{late}, isHeld)
		host = r.join("host", from(hostNumber))
		r.Elapse(sim.HeardWithin + 10*time.Second)
		r.are("with the host again", append(people, late), isOpen)
		r.Elapse(time.Minute)
	}
	r.WantQuiet(10 * time.Minute)
}

// TestR24ARoomThatWasThereIsNotInterrupted has a policy, or a process, meet a room in
// progress.
func TestR24ARoomThatWasThereIsNotInterrupted(t *testing.T) {
	for name, before := range map[string]time.Duration{"for a while": time.Minute, "for a moment": 0} {
		t.Run(name, func(t *testing.T) { runRoomThatWasThere(t, before) })
	}
}

// runRoomThatWasThere has a Conference made for a room that has been there for so long.
func runRoomThatWasThere(t *testing.T, before time.Duration) {
	r := newRoom(t, "other", func(s *v1alpha1.ConferenceSpec) { s.FriendlyName = "other" })
	r.name = "all-hands"
	people := r.joinMany(3, "")
	r.Elapse(before)
	r.CreateConference("all-hands", waitForHost)
	r.Elapse(time.Minute)
	r.are("who was there", people, isOpen)
	late := r.join("", voicesim.JoinOptions{})
	r.Elapse(sim.HeardWithin + 2*time.Second)
	r.are("who joins", []string{late}, isHeld)
	r.Restart()
	r.Elapse(time.Minute)
	r.are("who was there, to another process", people, isOpen)
	r.are("who has joined, to another process", []string{late}, isHeld)
}
