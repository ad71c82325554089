package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// roomSteps is how long the walks over rooms are.
var roomSteps = flag.Int("room-steps", 120, "steps of each random walk over rooms")

// numbersOf are the numbers by which the roles of a walk are known.
var numbersOf = map[v1alpha1.RoleName]string{
	"agent": "sip:agents@pbx.example.com", "supervisor": "+15555550111", "host": "+15555550177", "": "+15555550142",
}

// roomWalk is a random sequence of what happens to rooms.
type roomWalk struct {
	*sim.Sim
	t *testing.T
	*rand.Rand
	ear *sim.Ear
	// calls are all call legs that ever were in the room, by their role.
	calls map[string]v1alpha1.RoleName
	names []string
	// byHand are the objects that people wrote.
	byHand  []string
	crashes int
}

func TestRandomWalkOverRooms(t *testing.T) {
	for _, seed := range seeds() {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { walkRooms(t, seed) })
	}
}

func walkRooms(t *testing.T, seed uint64) {
	w := &roomWalk{
		t: t, Sim: sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = seed%2 == 0 }),
		Rand: rand.New(rand.NewPCG(seed, seed)), calls: map[string]v1alpha1.RoleName{},
	}
	w.ear = w.Listen()
	// What a fault, a crash or a person delays is told by the end of the walk.
	w.ear.Lenient = true
	w.CreateConference("room", w.declare)
	w.enter("")
	w.enter("")
	acts := []func(){
		w.join, w.join, w.join, w.leave, w.redial, w.edit, w.edit, w.drift, w.drift, w.deleteChildren, w.recreate, w.write, w.unwrite,
		w.fail, w.lie, w.Provider.ClearFaults, w.Restart, w.suspend,
	}
	w.AtBoundary = w.crashSometimes(rand.New(rand.NewPCG(seed, 7)))
	for range *roomSteps {
		acts[w.IntN(len(acts))]()
		w.Elapse(time.Duration(w.IntN(8000)) * time.Millisecond)
	}
	w.AtBoundary = nil
	w.arrive()
	t.Logf("%d crashes, %d call legs, %d updates, %d openings", w.crashes, len(w.calls), w.ear.Judged, w.ear.Opened)
}

// crashSometimes has the process end now and then.
func (w *roomWalk) crashSometimes(chance *rand.Rand) func(sim.Boundary) sim.Failure {
	return func(sim.Boundary) sim.Failure {
		if chance.IntN(60) != 0 {
			return sim.None
		}
		w.crashes++
		return []sim.Failure{sim.CrashBefore, sim.CrashAfter}[chance.IntN(2)]
	}
}

// declare makes a random policy of the same roles.
func (w *roomWalk) declare(s *v1alpha1.ConferenceSpec) {
	of := func(name v1alpha1.RoleName) v1alpha1.Role {
		return v1alpha1.Role{Name: name, Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{v1alpha1.PhoneNumber(numbersOf[name])}}}}
	}
	s.FriendlyName = "room"
	host, agent, supervisor, rest := of("host"), of("agent"), of("supervisor"), v1alpha1.Role{Name: "rest"}
	supervisor.Muted = new(w.IntN(4) == 0)
	if w.IntN(3) > 0 {
		supervisor.CoachRole = "agent"
	}
	host.Muted = []*bool{nil, new(false)}[w.IntN(2)]
	switch w.IntN(3) {
	case 0:
		rest.Muted = new(true)
	case 1:
		rest.MuteOnEntry = new(true)
		rest.Announcement = &v1alpha1.RoleAnnouncement{ID: fmt.Sprintf("welcome-%d", w.IntN(3)), URL: "https://media.example.com/welcome"}
	}
	s.Roles, s.WaitForRole = []v1alpha1.Role{host, agent, supervisor, rest}, nil
	if w.IntN(3) == 0 {
		s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", GraceSeconds: []*int32{nil, new(int32(20))}[w.IntN(2)]}
	}
}

// enter lets a call of a role into the room.
func (w *roomWalk) enter(role v1alpha1.RoleName) {
	call, _ := w.ear.Join("room", role, voicesim.JoinOptions{From: numbersOf[role], To: "+15555550199", Muted: w.IntN(5) == 0})
	w.calls[call] = role
	w.names = append(w.names, call)
}

func (w *roomWalk) join() {
	if len(w.present()) < 12 {
		w.enter([]v1alpha1.RoleName{"", "", "agent", "supervisor", "host"}[w.IntN(5)])
	}
}

// present are the call legs in the room that may leave it; the first stays, or the room
// would end.
func (w *roomWalk) present() []string {
	room, _ := w.Provider.Room(sim.AccountSID, "room")
	return room.Participants
}

// sid is the conference of the room.
func (w *roomWalk) sid() string {
	room, _ := w.Provider.Room(sim.AccountSID, "room")
	return room.SID
}

// any picks a call leg that is there, but the first two.
func (w *roomWalk) any(act func(call string)) {
	if there := w.present(); len(there) > 2 {
		act(there[2+w.IntN(len(there)-2)])
	}
}

func (w *roomWalk) leave() { w.any(func(call string) { w.Provider.HangUp(call) }) }

// redial has a call leave, and the same one, or another of the role, come soon.
func (w *roomWalk) redial() {
	w.any(func(call string) {
		role := w.calls[call]
		again := w.IntN(2) == 0
		if again {
			w.Provider.Leave(w.sid(), call)
		} else {
			w.Provider.HangUp(call)
		}
		w.Elapse(time.Duration(w.IntN(40)) * time.Second)
		if again {
			w.JoinRoom("room", voicesim.JoinOptions{CallSID: call})
		} else {
			w.enter(role)
		}
	})
}

func (w *roomWalk) edit() {
	if len(w.conferences()) > 0 {
		w.EditConference("room", w.declare)
	}
}

// conferences are the Conferences that there are.
func (w *roomWalk) conferences() []v1alpha1.Conference {
	list := &v1alpha1.ConferenceList{}
	if err := w.Client.List(w.t.Context(), list); err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

// drift has a person mute, unmute, hold or resume, or end a coaching.
func (w *roomWalk) drift() {
	w.any(func(call string) {
		w.Provider.Drift(w.sid(), call, func(p *voicesim.Participant) {
			switch w.IntN(3) {
			case 0:
				p.Muted = !p.Muted
			case 1:
				p.Hold = !p.Hold
			default:
				p.Coaching, p.CallSIDToCoach = false, ""
			}
		})
	})
}

func (w *roomWalk) deleteChildren() {
	for _, child := range w.Children("room") {
		if w.IntN(2) == 0 {
			w.Delete(child)
		}
	}
}

// recreate deletes the Conference, and creates another one after a while.
func (w *roomWalk) recreate() {
	if w.IntN(2) == 0 {
		return
	}
	for i := range w.conferences() {
		w.Delete(&w.conferences()[i])
	}
	w.Elapse(time.Duration(w.IntN(20)) * time.Second)
	w.CreateConference("room", w.declare)
}

// write has a person write an object for a call leg.
func (w *roomWalk) write() {
	w.any(func(call string) {
		name := fmt.Sprintf("by-hand-%d", len(w.byHand))
		w.byHand = append(w.byHand, name)
		w.CreateParticipant(name, call, func(s *sim.Spec) {
			s.ConferenceSID = v1alpha1.SID(w.sid())
			s.Muted = []*bool{nil, new(true), new(false)}[w.IntN(3)]
			s.Hold = []*bool{nil, new(false)}[w.IntN(2)]
		})
	})
}

// unwrite deletes what people wrote.
func (w *roomWalk) unwrite() {
	list := &v1alpha1.ConferenceParticipantList{}
	if err := w.Client.List(w.t.Context(), list); err != nil {
		w.t.Fatal(err)
	}
	for i := range list.Items {
		if slices.Contains(w.byHand, list.Items[i].Name) {
			w.Delete(&list.Items[i])
		}
	}
}

func (w *roomWalk) suspend() {
	if len(w.conferences()) > 0 {
		w.EditConference("room", func(s *v1alpha1.ConferenceSpec) { s.Suspend = !s.Suspend && w.IntN(2) == 0 })
	}
}

// fail has a few of the next requests go wrong.
func (w *roomWalk) fail() {
	faults := []voicesim.Fault{
		{Status: 429, Header: http.Header{"Retry-After": {"3"}}}, {Status: 502, Shape: voicesim.ShapeHTML}, {Status: 502, Apply: true},
		{Reset: voicesim.ResetBefore}, {Reset: voicesim.ResetAfter}, {Shape: voicesim.ShapeTruncated},
		{Operation: voicesim.OpGetCall, Status: 500}, {Operation: voicesim.OpGetCall, Status: 404},
		{Operation: voicesim.OpUpdateParticipant, Ignore: true}, {Operation: voicesim.OpUpdateParticipant, StaleReads: 2 * time.Second},
	}
	fault := faults[w.IntN(len(faults))]
	fault.Times = 1 + w.IntN(3)
	w.Provider.Inject(fault)
}

// lie has a list lack what is there.
func (w *roomWalk) lie() {
	faults := []voicesim.Fault{
		{Operation: voicesim.OpListParticipants, Body: `{"participants": []}`}, {Operation: voicesim.OpListParticipants, Status: 404},
		{Operation: voicesim.OpListConferences, Body: `{"conferences": []}`}, {Operation: voicesim.OpListParticipants, ListLag: 10 * time.Second},
	}
	fault := faults[w.IntN(len(faults))]
	fault.Times = 1
	w.Provider.Inject(fault)
}

// arrive ends the faults, and checks that all is as declared and silent.
func (w *roomWalk) arrive() {
	w.Provider.ClearFaults()
	w.unwrite()
	w.EditConference("room", func(s *v1alpha1.ConferenceSpec) { s.Suspend = false })
	w.Elapse(16 * time.Minute)
	spec := w.GetConference("room").Spec
	for _, call := range w.present() {
		w.asDeclared(&spec, call)
	}
	w.WantQuiet(time.Hour)
}

// asDeclared checks what the role of a call leg closes, and that no coach is heard by
// everybody. What opens may be another party's to decide (Restrict).
func (w *roomWalk) asDeclared(spec *v1alpha1.ConferenceSpec, call string) {
	w.t.Helper()
	p, _ := w.Provider.Participant(w.sid(), call)
	role := spec.Roles[len(spec.Roles)-1]
	for _, candidate := range spec.Roles {
		if candidate.Name == w.calls[call] {
			role = candidate
		}
	}
	child := w.Children("room")[call]
	switch {
	case child != nil && reason(child) == v1alpha1.ReasonContested:
	case role.CoachRole != "" && !p.Muted && w.calls[p.CallSIDToCoach] != role.CoachRole,
		role.Muted != nil && *role.Muted && !p.Muted:
		w.t.Errorf("%s, %s is declared %+v and is %+v", call, w.calls[call], role, p)
	}
}
