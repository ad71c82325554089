package sim

import (
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// HeardWithin is how long a call leg may be heard that a policy closes, from its join
// or from when it became audible, where nothing fails: T in the rules of rooms.
const HeardWithin = 7 * time.Second

// Ear hears all rooms at every moment, and judges every request of the operator by what
// was shown to it before. It knows the roles of the call legs from the test alone (Cast),
// and what a role means from the Conferences as they are stored. Create it with Listen.
type Ear struct {
	// Report gets each rule that is broken; the test fails by default.
	Report func(format string, arguments ...any)
	// Lenient leaves the bounds of time to the test; what a request may do is judged
	// all the same.
	Lenient bool
	// Judged counts the updates that were judged, Opened those of them that opened.
	Judged, Opened int

	sim     *Sim
	mu      sync.Mutex
	reports int
	cast    map[string]v1alpha1.RoleName
	rooms   []string
	stays   map[string]*stay
	// known are the present generations of the Conferences, governs those that govern
	// something, and current says that they are as they are stored.
	known   map[string]known
	governs []*Room
	current bool
	// unread are the calls that could not be read at some time; "" if a list of calls
	// could not.
	unread  map[string]bool
	calmAt  time.Time
	lastSeq int
}

// known is a generation of a Conference, and since when it is the present one.
type known struct {
	uid        string
	generation int64
	since      time.Time
}

// stay is one join of a call leg.
type stay struct {
	// Participant is as it was heard last.
	voicesim.Participant
	// closed are the fields that a request has closed and no other party has touched since;
	// unmuted says that a person has unmuted the call leg.
	closed  map[string]bool
	unmuted bool
	// opened are the fields that were opened and that a request had closed.
	opened map[string]opened
	// coached says that the call leg has had a role that coaches.
	coached bool
	// shown is the call leg that it was shown to coach by the last response.
	shown string
	// mutes counts the entry mutes, said the announcements by their URL.
	mutes int
	said  map[string]int
	// loud is since when a coach is heard by everybody, held since when a call leg is
	// on hold although nothing is waited for.
	loud, held time.Time
	// excused is until when a person had to act for the call leg.
	excused time.Time
	// reported has each bound of time reported once.
	reported map[string]bool
}

// opened is since when a field is opened, and whether a look has shown it that was sent when
// that had settled.
type opened struct {
	at    time.Time
	shown bool
}

// Listen returns an ear for the rooms that are joined from now on.
func (s *Sim) Listen() *Ear {
	s.ear = &Ear{
		Report: s.t.Errorf, sim: s, cast: map[string]v1alpha1.RoleName{}, stays: map[string]*stay{}, known: map[string]known{},
		unread: map[string]bool{}, rooms: []string{s.Conference},
	}
	return s.ear
}

// mostReports is how many broken rules are reported: the first few tell what is wrong.
const mostReports = 5

// report reports that a rule is broken.
func (e *Ear) report(format string, arguments ...any) {
	if e.reports++; e.reports <= mostReports {
		e.Report(format, arguments...)
	}
}

// Cast says which role a call leg has, as the test has made it.
func (e *Ear) Cast(callSID string, role v1alpha1.RoleName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cast[callSID] = role
}

// Join lets a call of a role into the room of a name.
func (e *Ear) Join(room string, role v1alpha1.RoleName, options voicesim.JoinOptions) (callSID, conferenceSID string) {
	callSID, conferenceSID = e.sim.JoinRoom(room, options)
	e.Cast(callSID, role)
	return callSID, conferenceSID
}

// Trouble says that something fails, which excuses what takes long until a time.
func (e *Ear) Trouble(until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calmAt = later(e.calmAt, until)
}

// enter has a room heard from now on.
func (e *Ear) enter(conferenceSID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, sid := range e.rooms {
		if sid == conferenceSID {
			return
		}
	}
	e.rooms = append(e.rooms, conferenceSID)
}

// moment judges what is heard from now until a time.
func (e *Ear) moment(until time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	conferences := e.conferences()
	for i := 0; i < len(e.rooms); i++ {
		room, _ := e.sim.Provider.Conference(e.rooms[i])
		if room.Status == voicesim.StatusCompleted {
			e.rooms = append(e.rooms[:i], e.rooms[i+1:]...)
			i--
			continue
		}
		h := hearing{Ear: e, room: room, until: until, conference: governing(conferences, room.FriendlyName)}
		h.listen()
	}
}

// conferences are the Conferences that govern something, as they are stored.
func (e *Ear) conferences() []*Room {
	if e.current {
		return e.governs
	}
	list := &v1alpha1.ConferenceList{}
	if err := e.sim.Client.List(e.sim.t.Context(), list); err != nil {
		e.sim.t.Fatal(err)
	}
	e.governs, e.current = nil, true
	for i := range list.Items {
		object := &list.Items[i]
		seen := e.known[object.Name]
		if seen.uid != "" && seen.uid != string(object.UID) {
			// It knows nothing of the one before.
			e.renew(enteredWithin+listedWithin, func(string) bool { return true })
		}
		if seen.uid != string(object.UID) || seen.generation != object.Generation {
			e.known[object.Name] = known{string(object.UID), object.Generation, e.sim.Now()}
		}
		if object.DeletionTimestamp.IsZero() && object.Spec.Mode != v1alpha1.ModeObserve {
			e.governs = append(e.governs, object)
		}
	}
	return e.governs
}

// stored takes note of a write.
func (e *Ear) stored(old, updated client.Object) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, was := old.(*Room)
	_, is := updated.(*Room)
	e.current = e.current && !was && !is
}

// governing is the Conference that governs a room; nil for none.
func governing(conferences []*Room, name string) (governs *Room) {
	for _, object := range conferences {
		switch {
		case !policy.Matches(&object.Spec, name):
		case governs == nil, policy.Precedence(&object.Spec) < policy.Precedence(&governs.Spec):
			governs = object
		}
	}
	return governs
}

// roleOf is the role of a call leg by a Conference; zero for none.
func (e *Ear) roleOf(conference *Room, callSID string) (found v1alpha1.Role) {
	if conference == nil {
		return found
	}
	for _, role := range conference.Spec.Roles {
		if role.Name == e.cast[callSID] || len(role.Match) == 0 {
			return role
		}
	}
	return found
}

// stayOf is the present join of a call leg, with what has changed in it by itself taken
// note of; nil if it is not there.
func (e *Ear) stayOf(conferenceSID, callSID string) *stay {
	now, there := e.sim.Provider.Participant(conferenceSID, callSID)
	key := conferenceSID + "/" + callSID
	if !there {
		delete(e.stays, key)
		return nil
	}
	s := e.stays[key]
	if s == nil || !s.DateCreated.Equal(now.DateCreated) {
		s = &stay{Participant: now, closed: map[string]bool{}, opened: map[string]opened{}, said: map[string]int{}, reported: map[string]bool{}}
		e.stays[key] = s
	}
	s.unmuted = s.unmuted && now.Muted == s.Muted || s.Muted && !now.Muted
	if now.Muted != s.Muted {
		s.closed["Muted"] = false
	}
	if now.Hold != s.Hold {
		s.closed["Hold"] = false
	}
	s.Participant = now
	return s
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
