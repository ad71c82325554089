package policy

import (
	"math/rand/v2"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// play is a random story of a room.
type play struct {
	*rand.Rand
	*stage
	conference *v1alpha1.Conference
	legs       int
}

func (p *play) flag() bool { return p.IntN(2) == 0 }

func (p *play) maybe() *bool { return []*bool{nil, new(true), new(false)}[p.IntN(3)] }

// only is unset, or a value.
func (p *play) only(value bool) *bool { return []*bool{nil, nil, new(value)}[p.IntN(3)] }

func (p *play) term() (t v1alpha1.RoleTerm) {
	switch p.IntN(4) {
	case 0:
		t.EndConferenceOnExit = new(p.flag())
	case 1:
		t.Numbers = []v1alpha1.PhoneNumber{[]v1alpha1.PhoneNumber{hostNumber, guestNumber}[p.IntN(2)]}
	case 2:
		t.Direction = v1alpha1.CallOutbound
	default:
		t.NumbersSecretRef = &hosts
	}
	return t
}

func (p *play) role(name v1alpha1.RoleName, match bool) v1alpha1.Role {
	r := v1alpha1.Role{Name: name, AudioControls: v1alpha1.AudioControls{Muted: p.maybe(), Hold: p.maybe()}, Beep: p.only(false)}
	for match && (len(r.Match) == 0 || p.IntN(3) == 0) {
		r.Match = append(r.Match, p.term())
	}
	if r.Muted == nil {
		r.MuteOnEntry = p.only(true)
	}
	if r.Hold != nil && p.flag() {
		r.HoldURL = "https://music"
	}
	if p.IntN(3) == 0 {
		r.Announcement = &v1alpha1.RoleAnnouncement{ID: "hi-" + string(name), URL: "https://hi"}
	}
	return r
}

// rewrite is any spec that the API server would store.
func (p *play) rewrite() {
	spec := v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "room"}
	for _, name := range []v1alpha1.RoleName{"a", "b", "c", "d"}[:p.IntN(5)] {
		spec.Roles = append(spec.Roles, p.role(name, name != "d" || p.flag()))
	}
	if len(spec.Roles) > 2 && p.flag() {
		coach := &spec.Roles[p.IntN(2)]
		coach.CoachRole, coach.MuteOnEntry = "c", nil
		coach.Muted = new(p.IntN(4) == 0)
		if p.IntN(3) > 0 {
			coach.Match = []v1alpha1.RoleTerm{{Direction: v1alpha1.CallOutbound}}
			spec.Roles[2].Match = []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}
		}
	}
	if len(spec.Roles) > 1 && p.IntN(3) == 0 {
		spec.WaitForRole = &v1alpha1.WaitForRole{Role: "b", HoldURL: "https://wait"}
		if p.flag() {
			spec.WaitForRole.GraceSeconds = new(int32(10))
		}
	}
	if len(spec.Roles) > 1 && p.IntN(3) == 0 {
		spec.EndWhenRoleLeaves = &v1alpha1.EndWhenRoleLeaves{Role: "a", AfterSeconds: 30}
	}
	spec.Suspend = p.IntN(8) == 0
	if p.IntN(8) == 0 {
		spec.Mode = v1alpha1.ModeObserve
	}
	p.conference = &v1alpha1.Conference{ObjectMeta: metav1.ObjectMeta{Name: "conf"}, Spec: spec}
	p.compile(p.flag())
}

func (p *play) compile(read bool) {
	numbers := map[v1alpha1.SecretKeySelector][]Number{}
	if read {
		numbers[hosts] = []Number{hasher.Hash(guestNumber)}
	}
	p.policy = Compile(p.conference, numbers, hasher)
}

// some is a random call leg; nil if there is none.
func (p *play) some() *Leg {
	if len(p.room.Legs) == 0 {
		return nil
	}
	return &p.room.Legs[p.IntN(len(p.room.Legs))]
}

func (p *play) answer(l *Leg) {
	calledBy([]string{hostNumber, guestNumber, "anonymous"}[p.IntN(3)])(l)
	if p.flag() {
		l.Caller.Direction, l.Caller.Dialed = v1alpha1.CallOutbound, Number{}
	}
	if p.IntN(6) == 0 {
		l.Caller = Caller{State: CallerMissing}
	}
}

func (p *play) restart() {
	p.room.Absent, p.room.Found = nil, true
	for i := range p.room.Legs {
		l := &p.room.Legs[i]
		l.Joiner, l.Entered, l.FirstSeen, l.Caller = false, false, p.now, Caller{}
	}
}

// happen lets one thing happen in the room.
func (p *play) happen() {
	l := p.some()
	what := p.IntN(17)
	if l == nil && what > 3 {
		what = 0
	}
	switch what {
	case 0, 1:
		if p.legs++; p.legs < 9 {
			p.join(string(rune('A'+p.legs)), func(l *Leg) { l.Muted, l.Hold = p.IntN(4) == 0, p.IntN(4) == 0 })
		}
	case 2:
		p.rewrite()
	case 3:
		p.pass([]int{1, 2, 10, 40}[p.IntN(4)])
	case 4:
		p.leave(l.CallSID)
	case 5:
		l.Missing = !l.Missing || l.Child != nil && !l.Child.Left.IsZero()
	case 6:
		p.rejoin(l.CallSID)
		if l.Child != nil && p.flag() {
			l.Child.Left = l.Child.Left.Add(-l.Child.Left.Sub(l.Child.Left))
		}
	case 7, 8:
		p.answer(l)
	case 9:
		l.EndsRoom = p.maybe()
	case 10:
		l.Muted, l.Hold, l.Entered = p.flag(), p.flag(), p.flag()
	case 11:
		l.Overridden, l.Overrides = !l.Overridden, Fields{p.flag(), p.flag()}
	case 12:
		p.room.LookupFailing = !p.room.LookupFailing
	case 13:
		p.restart()
	case 14:
		l.Child = nil
	case 15:
		p.compile(p.flag())
	default:
		p.carryOut()
	}
}

// FuzzAssign: whatever happens in a room, nothing is opened that the policy neither
// closed for a while nor declares open, no coach is audible without a coachee that the
// look shows, entry comes once for each join, and what was written is not written
// again.
func FuzzAssign(f *testing.F) {
	for seed := range uint64(100) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		p := &play{Rand: rand.New(rand.NewPCG(seed, 1)), stage: &stage{t: t, room: Room{ConferenceSID: "room"}, now: start}}
		p.rewrite()
		for range 60 {
			p.happen()
			a := p.assign()
			p.check(a)
			if t.Failed() {
				t.Fatalf("spec %s\nroom %s\nresult %s", dump(p.conference.Spec), dump(p.room), dump(a))
			}
			if p.IntN(5) > 0 {
				p.apply()
			}
			if t.Failed() {
				t.Fatalf("spec %s\nroom %s", dump(p.conference.Spec), dump(p.room))
			}
		}
	})
}

// declares is the role of a child; zero if it has none that the policy knows.
func (p *play) declares(w Want) v1alpha1.Role {
	i := slices.IndexFunc(p.conference.Spec.Roles, func(r v1alpha1.Role) bool { return r.Name == w.Role })
	if i < 0 {
		return v1alpha1.Role{}
	}
	return p.conference.Spec.Roles[i]
}
