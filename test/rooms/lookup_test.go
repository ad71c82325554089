package rooms_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// hostByNumber mutes everybody but a host, who is known by a number.
func hostByNumber(s *v1alpha1.ConferenceSpec) {
	allHands(s)
	s.Roles[0].Match = []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{hostNumber}}}
}

// identifyWithin is the default of identifyWithinSeconds.
const identifyWithin = 2 * time.Second

// TestR21AnUnknownOneIsClosedInTimeAndTheHostOpened has the Calls API fail in each way,
// for as long as it takes to be noticed.
func TestR21AnUnknownOneIsClosedInTimeAndTheHostOpened(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{
		"500": {Status: 500}, "503": {Status: 503}, "no JSON": {Shape: voicesim.ShapeHTML}, "reset": {Reset: voicesim.ResetBefore},
		"404 twice": {Status: 404, Times: 2}, "truncated": {Shape: voicesim.ShapeTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", hostByNumber)
			before := r.join("host", from(hostNumber))
			r.Elapse(30 * time.Second)
			r.are("who is known", []string{before}, isOpen)
			fault.Operation = voicesim.OpGetCall
			r.Provider.Inject(fault)
			r.ear.Trouble(r.Now().Add(identifyWithin + sim.HeardWithin))
			host, guest := r.join("host", from(hostNumber)), r.join("audience", from("+15555550142"))
			r.Elapse(identifyWithin + sim.HeardWithin)
			r.are("an unknown guest", []string{guest}, isMuted)
			r.ear.Trouble(r.Now().Add(time.Minute))
			r.Provider.ClearFaults()
			r.opensWithin(host, r.answered(host))
			r.are("who was known all the time", []string{before}, isOpen)
			r.are("a guest", []string{guest}, isMuted)
			r.Elapse(time.Minute)
			r.WantQuiet(10 * time.Minute)
		})
	}
}

// TestR21AllThatBeginARoomAreClosedWhileUnknown has a room begin while calls can't be read:
// those that its first list shows have joined, too.
func TestR21AllThatBeginARoomAreClosedWhileUnknown(t *testing.T) {
	r := newRoom(t, "all-hands", hostByNumber)
	r.Elapse(30 * time.Second)
	for range 3 {
		r.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetCall, Status: 500})
		r.ear.Trouble(r.Now().Add(identifyWithin + 2*sim.HeardWithin))
		people := r.joinMany(2, "audience")
		// The room is found, then its call legs are listed.
		r.Elapse(identifyWithin + 2*sim.HeardWithin)
		r.are("the first of the room", people, isMuted)
		r.Provider.ClearFaults()
		r.Elapse(time.Minute)
		r.are("the first of the room, once they are known", people, isMuted)
		for _, callSID := range people {
			r.Provider.HangUp(callSID)
		}
		r.Elapse(5 * time.Minute)
	}
}

// TestR21AnEditClosesNobodyInPassing has roles depend on numbers from an edit on, of people
// that came long before.
func TestR21AnEditClosesNobodyInPassing(t *testing.T) {
	r := newRoom(t, "all-hands", func(s *v1alpha1.ConferenceSpec) { s.Roles = []v1alpha1.Role{{Name: "host"}} })
	host, other := r.join("host", from(hostNumber)), r.join("host", from("+15555550142"))
	r.Elapse(time.Minute)
	r.Provider.ResetJournal()
	r.EditConference("all-hands", hostByNumber)
	r.ear.Cast(other, "audience")
	r.Elapse(time.Minute)
	if sent := r.updatesOf(host); len(sent) != 0 {
		t.Errorf("the host is updated: %v", sent[0].Form)
	}
	r.are("the host", []string{host}, isOpen)
	r.are("another one", []string{other}, isMuted)
}

// answered lets time go by until a call was read well, and returns when.
func (r *room) answered(callSID string) time.Time {
	r.t.Helper()
	for range 600 {
		for _, request := range r.Provider.Journal() {
			if request.Operation == voicesim.OpGetCall && request.CallSID == callSID && request.Status == 200 && request.Fault == 0 {
				return request.Time
			}
		}
		r.Elapse(200 * time.Millisecond)
	}
	r.t.Error("the call is not read again within two minutes")
	return r.Now()
}

// opensWithin checks that a call leg is open two seconds after the answer.
func (r *room) opensWithin(callSID string, answer time.Time) {
	r.t.Helper()
	if wait := answer.Add(2 * time.Second).Sub(r.Now()); wait > 0 {
		r.Elapse(wait)
	}
	r.are("the host, two seconds after the answer", []string{callSID}, isOpen)
}

// TestR21ASlowAnswer has the Calls API take five seconds.
func TestR21ASlowAnswer(t *testing.T) {
	r := newRoom(t, "all-hands", hostByNumber)
	r.join("audience", from("+15555550142"))
	r.join("audience", from("+15555550143"))
	r.Elapse(30 * time.Second)
	r.Provider.ResetJournal()
	r.ear.Trouble(r.Now().Add(15 * time.Second))
	held := false
	r.AfterBoundary = func(boundary sim.Boundary) {
		if !held && boundary.Provider && strings.Contains(boundary.What, "/Calls/") {
			held = true
			r.Elapse(5 * time.Second)
		}
	}
	host := r.join("host", from(hostNumber))
	r.Elapse(8 * time.Second)
	if !held {
		t.Fatal("no look-up was held")
	}
	muted := false
	for _, request := range r.updatesOf(host) {
		muted = muted || request.Form.Get("Muted") == "true"
	}
	if !muted {
		t.Error("an unknown joiner was not closed")
	}
	r.Elapse(6 * time.Second)
	r.are("the host", []string{host}, isOpen)
	r.Elapse(time.Minute)
	r.WantQuiet(10 * time.Minute)
}

// TestR20ACallThatIsNotFoundIsNoHost has the provider not know a call: all terms about its
// number are no.
func TestR20ACallThatIsNotFoundIsNoHost(t *testing.T) {
	r := newRoom(t, "all-hands", hostByNumber)
	r.join("host", from(hostNumber))
	r.Elapse(30 * time.Second)
	r.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetCall, Status: 404})
	guest := r.join("audience", from("+15555550142"))
	r.Elapse(identifyWithin + sim.HeardWithin)
	r.are("who is not found", []string{guest}, isMuted)
	r.Elapse(5 * time.Minute)
	r.WantQuiet(10 * time.Minute)
}

// TestR21WhoWasThereBeforeARestartIsNotClosed has a process begin while no call can be
// read.
func TestR21WhoWasThereBeforeARestartIsNotClosed(t *testing.T) {
	for name, fault := range map[string]voicesim.Fault{"500": {Status: 500}, "404": {Status: 404}, "401": {Status: 401}} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", func(s *v1alpha1.ConferenceSpec) {
				hostByNumber(s)
				// Without a child there is nothing by which a process knows its host again.
				s.Roles[0].Muted = nil
			})
			host := r.join("host", from(hostNumber))
			guest := r.join("audience", from("+15555550142"))
			r.Elapse(30 * time.Second)
			if n := len(r.Children("all-hands")); n != 1 {
				t.Errorf("%d children", n)
			}
			fault.Operation = voicesim.OpGetCall
			fault.Match = func(request voicesim.Request) bool { return name != "404" || request.CallSID != host }
			r.Provider.Inject(fault)
			r.Provider.ResetJournal()
			r.Restart()
			r.Elapse(2 * time.Minute)
			r.are("the host", []string{host}, isOpen)
			r.are("a guest", []string{guest}, isMuted)
			r.WantUpdates()
		})
	}
}
