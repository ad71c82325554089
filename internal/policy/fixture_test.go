package policy

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	hostNumber  = "+15555550100"
	guestNumber = "+15555550142"
	ourNumber   = "+15555550199"
)

var (
	start  = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	hasher = NewHasher([]byte("a key of this test"))
	hosts  = v1alpha1.SecretKeySelector{Name: "hosts", Key: "numbers"}
)

// stage is a room, the Conference that governs it, and its children.
type stage struct {
	t       testing.TB
	policy  Policy
	room    Room
	now     time.Time
	last    Assignment
	applied int
}

func policyOf(t testing.TB, spec string, numbers map[v1alpha1.SecretKeySelector][]Number) Policy {
	t.Helper()
	conference := &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Name: "all-hands", Namespace: "support"}}
	if err := yaml.UnmarshalStrict([]byte(spec), &conference.Spec); err != nil {
		t.Fatal(err)
	}
	conference.Spec.AccountRef.Name = "acme"
	return Compile(conference, numbers, hasher)
}

func staged(t testing.TB, spec string) *stage {
	t.Helper()
	return &stage{t: t, policy: policyOf(t, spec, nil), room: Room{ConferenceSID: "room"}, now: start}
}

// edit replaces the spec.
func (s *stage) edit(spec string) { s.policy = policyOf(s.t, spec, nil) }

// pass lets time go by.
func (s *stage) pass(seconds int) { s.now = s.now.Add(time.Duration(seconds) * time.Second) }

// join has a call leg join, and returns it until the next one joins.
func (s *stage) join(sid string, change ...func(*Leg)) *Leg {
	s.pass(1)
	l := Leg{CallSID: sid, Joined: s.now, FirstSeen: s.now, Asked: s.now, Joiner: true, Entered: true}
	for _, f := range change {
		f(&l)
	}
	s.room.Legs = append(s.room.Legs, l)
	return s.leg(sid)
}

func (s *stage) leg(sid string) *Leg {
	i := slices.IndexFunc(s.room.Legs, func(l Leg) bool { return l.CallSID == sid })
	if i < 0 {
		s.t.Fatalf("no call leg %s", sid)
	}
	return &s.room.Legs[i]
}

// leave has a call leg leave for good.
func (s *stage) leave(sid string) {
	l := s.leg(sid)
	if l.Child == nil {
		s.room.Legs = slices.DeleteFunc(s.room.Legs, func(l Leg) bool { return l.CallSID == sid })
		return
	}
	l.Missing, l.Child.Left = true, s.now
}

// rejoin has a call leg join anew.
func (s *stage) rejoin(sid string) *Leg {
	s.pass(1)
	l := s.leg(sid)
	l.Joined, l.FirstSeen, l.Asked, l.Joiner, l.Entered, l.Missing = s.now, s.now, s.now, true, true, false
	l.Muted, l.Hold, l.Coaching, l.Coachee = false, false, false, ""
	return l
}

// assign decides, twice, and notes what the next decision has to know.
func (s *stage) assign() Assignment {
	s.t.Helper()
	s.last = Assign(s.policy, s.room, s.now)
	if again := Assign(s.policy, s.room, s.now); dump(s.last) != dump(again) {
		s.t.Errorf("two results:\n%s\n%s", dump(s.last), dump(again))
	}
	s.room.Absent = s.last.Absent
	return s.last
}

// apply writes what was decided, as the API server stores it, and checks that there
// is nothing more to write (R29).
func (s *stage) apply() Assignment {
	s.t.Helper()
	a := s.assign()
	s.write(a)
	if again := Assign(s.policy, s.room, s.now); !s.silent(again) {
		s.t.Errorf("written, and decided otherwise:\n%s\n%s", dump(a), dump(again))
	}
	return a
}

func (s *stage) write(a Assignment) {
	for _, w := range a.Children {
		l := s.leg(w.CallSID)
		if l.Child == nil {
			l.Child = &Child{Name: w.Name, UID: "uid"}
		}
		if l.Child.Record.Digest != w.Record.Digest {
			s.applied++
		}
		w = roundTrip(s.t, w)
		l.Child.Role, l.Child.Record = w.Role, w.Record
		l.Child.Once = onceStatus(l.Child, w.Spec)
		l.Child.Spec = w.Spec
	}
	for _, c := range a.Delete {
		for i := range s.room.Legs {
			if l := &s.room.Legs[i]; l.Child != nil && l.Child.Name == c.Name {
				l.Child = nil
			}
		}
	}
	for _, sid := range a.Entered {
		s.leg(sid).Entered = false
	}
}

// silent reports whether a decision changes no child.
func (s *stage) silent(a Assignment) bool {
	children := 0
	for _, l := range s.room.Legs {
		if l.Child != nil {
			children++
		}
	}
	return len(a.Delete) == 0 && len(a.Children) == children && !slices.ContainsFunc(a.Children, func(w Want) bool {
		child := s.leg(w.CallSID).Child
		return child == nil || dump(child.Record) != dump(w.Record) || dump(child.Spec) != dump(w.Spec) || child.Role != w.Role
	})
}

// onceStatus is what a participant's controller makes of once.
func onceStatus(c *Child, spec v1alpha1.ConferenceParticipantSpec) (status []v1alpha1.OnceStatus) {
	for _, field := range []v1alpha1.OnceField{v1alpha1.OnceMuted, v1alpha1.OnceHold} {
		value := onceOf(spec, field)
		if value == nil {
			continue
		}
		entry := v1alpha1.OnceStatus{Field: field, Value: value, State: v1alpha1.OncePending}
		if c.done(field, *value) {
			entry.State = v1alpha1.OnceDone
		}
		status = append(status, entry)
	}
	return status
}

// carryOut has the provider do what the children say.
func (s *stage) carryOut() {
	for i := range s.room.Legs {
		l := &s.room.Legs[i]
		if l.Child == nil || l.Missing {
			continue
		}
		spec := l.Child.Spec
		for k := range l.Child.Once {
			l.Child.Once[k].State = v1alpha1.OnceDone
		}
		once := v1alpha1.AudioControls{}
		if spec.Once != nil {
			once = spec.Once.AudioControls
		}
		for _, set := range []struct{ from, once, to *bool }{{spec.Muted, once.Muted, &l.Muted}, {spec.Hold, once.Hold, &l.Hold}, {spec.Coaching, nil, &l.Coaching}} {
			for _, from := range []*bool{set.from, set.once} {
				if from != nil {
					*set.to = *from
				}
			}
		}
		l.Coachee = string(spec.CallSIDToCoach)
	}
}
