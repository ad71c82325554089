package plan

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// pick reads the bits of a fuzzer's input.
type pick struct{ bits uint64 }

func (p *pick) of(n uint64) uint64 {
	v := p.bits % n
	p.bits /= n
	return v
}

func (p *pick) maybe() *bool { return []*bool{nil, new(true), new(false)}[p.of(3)] }

func (p *pick) flag() bool { return p.of(2) == 1 }

// desired is any declared state that the API server would store.
func (p *pick) desired() Desired {
	d := Desired{Muted: p.maybe(), Hold: p.maybe(), Coaching: p.maybe(), Beep: p.maybe()}
	if isTrue(d.Hold) && p.flag() {
		d.HoldURL, d.HoldMethod = "https://music.example.com/hold.xml", "POST"
	}
	if isTrue(d.Coaching) {
		d.Coachee = Coachee{SID: "coachee", State: CoacheeState(p.of(5))}
	}
	d.Once = p.once(d)
	d.DriftPolicy = []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport}[p.of(3)]
	return d
}

// once is what may be asked for beside a declared state.
func (p *pick) once(d Desired) (o Once) {
	if d.Muted == nil {
		o.Muted = p.maybe()
	}
	if d.Hold == nil {
		if o.Hold = p.maybe(); isTrue(o.Hold) && p.flag() {
			o.HoldURL, o.HoldMethod = "https://music.example.com/once.xml", "GET"
		}
	}
	o.Pending[FieldMute], o.Pending[FieldHold] = o.Muted != nil, o.Hold != nil
	o.Since = start.Add(-time.Minute)
	return o
}

func (p *pick) observed() roster.Observation {
	o := roster.Observation{Participant: voice.Participant{Muted: p.flag(), Hold: p.flag(), Coaching: p.flag(), Status: "in-progress"}, ObservedAt: start}
	if o.Coaching {
		o.CallSIDToCoach = []string{"coachee", "somebody else"}[p.of(2)]
	}
	return o
}

// carriedOut is what a provider makes of an update.
func carriedOut(o roster.Observation, u voice.Update, at time.Time) roster.Observation {
	o.ObservedAt, o.Echo = at, false
	for _, change := range []struct {
		to *bool
		of *bool
	}{{u.Muted, &o.Muted}, {u.Hold, &o.Hold}, {u.Coaching, &o.Coaching}} {
		if change.to != nil {
			*change.of = *change.to
		}
	}
	if u.Coaching != nil {
		o.CallSIDToCoach = u.CallSIDToCoach
	}
	return o
}

// FuzzNext: no update carries what nobody declared or asked for, but for the coaching
// pair, what was carried out and seen is not sent again, and what was done once is
// left alone.
func FuzzNext(f *testing.F) {
	for _, seed := range []uint64{0, 1, 12345, 987654321, 1 << 40, 1<<63 - 1} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		p := &pick{bits}
		desired, seen, history := p.desired(), p.observed(), History{Synced: p.flag()}
		now := start
		for range 4 {
			decision := Next(desired, seen, history, now)
			for _, field := range decision.OnceDone {
				desired.Once.Pending[field] = false
			}
			onlyDeclared(t, desired.withOnce(), seen, decision.Update)
			if decision.Update.IsZero() {
				return
			}
			now = now.Add(time.Minute)
			seen = carriedOut(seen, decision.Update, now)
			history = history.Accept(decision, seen.Participant, now.Add(-roster.Settle)).Confirm(seen, now)
		}
		if decision := Next(desired, seen, history, now); !decision.Update.IsZero() {
			t.Errorf("%+v is declared, %+v is seen, and %v is sent for ever", desired, seen, decision.Update.Form())
		}
	})
}

// onlyDeclared checks an update field by field. A whisperer is muted though they
// are declared audible (R17).
func onlyDeclared(t *testing.T, d Desired, o roster.Observation, u voice.Update) {
	t.Helper()
	if u.Muted != nil && (d.Muted == nil || *u.Muted != *d.Muted && (!d.Whisper() || !*u.Muted)) {
		t.Errorf("Muted=%v, declared %v", *u.Muted, d.Muted)
	}
	if u.Hold != nil && (d.Hold == nil || *u.Hold != *d.Hold) || u.HoldURL != d.HoldURL && u.HoldURL != "" {
		t.Errorf("Hold=%v %s, declared %v", *u.Hold, u.HoldURL, d.Hold)
	}
	if u.Coaching != nil && d.Coaching == nil && (!o.Coaching || u.CallSIDToCoach != o.CallSIDToCoach) {
		t.Errorf("Coaching=%v of %s, which nobody declared and nobody saw", *u.Coaching, u.CallSIDToCoach)
	}
	if u.Beep != nil && d.Beep == nil || u.AnnounceURL != "" {
		t.Error("a beep or an announcement that nobody declared")
	}
	if u.Muted != nil && !*u.Muted && d.Whisper() && pairOf(o.Participant) != (Value{On: true, Coachee: d.Coachee.SID}) {
		t.Error("a whisperer is unmuted who does not coach")
	}
}

// FuzzReset: what is undone was closed by the object, and nothing is undone twice.
func FuzzReset(f *testing.F) {
	for _, seed := range []uint64{0, 7, 12345, 987654321, 1 << 40} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		p := &pick{bits}
		spec := &v1alpha1.ConferenceParticipantSpec{
			AudioControls: v1alpha1.AudioControls{Muted: p.maybe(), Hold: p.maybe()}, Coaching: p.maybe(),
		}
		if isTrue(spec.Coaching) {
			spec.CallSIDToCoach = "coachee"
		}
		initial := &v1alpha1.InitialState{Muted: p.flag(), Hold: p.flag(), Coaching: p.flag()}
		seen := p.observed()
		for range 3 {
			u := UndoOf(DesiredOf(spec), initial).Update(seen)
			if u.IsZero() {
				return
			}
			if isFalse(u.Muted) && (initial.Muted || !isTrue(spec.Muted)) || isFalse(u.Hold) && (initial.Hold || !isTrue(spec.Hold)) {
				t.Errorf("%v undoes what the object has not done", u.Form())
			}
			if isFalse(u.Coaching) && DesiredOf(spec).Whisper() && !seen.Muted {
				t.Error("a whisperer is made audible")
			}
			seen = carriedOut(seen, u, start)
		}
		t.Errorf("%+v is not reset: %+v", spec, seen)
	})
}

// FuzzUndoOfChild: what is undone was closed for a while, no call leg that coaches is
// made audible, and nothing is undone twice.
func FuzzUndoOfChild(f *testing.F) {
	for _, seed := range []uint64{0, 7, 12345, 987654321, 1 << 40} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		p := &pick{bits}
		spec := &v1alpha1.ConferenceParticipantSpec{
			AudioControls: v1alpha1.AudioControls{Muted: p.maybe(), Hold: p.maybe()}, Coaching: p.maybe(),
		}
		if isTrue(spec.Coaching) {
			spec.CallSIDToCoach = "coachee"
		}
		muted, hold, desired := p.flag(), p.flag(), DesiredOf(spec)
		undo, seen := UndoOfChild(desired, muted, hold, p.flag()), p.observed()
		for range 3 {
			u := undo.Update(seen)
			if u.IsZero() {
				if undo.Whisper && (!seen.Muted || seen.Coaching) {
					t.Errorf("a whisperer is left as %+v", seen.Participant)
				}
				return
			}
			if isFalse(u.Muted) && (!muted || isTrue(desired.Coaching)) || isFalse(u.Hold) && !hold || isTrue(u.Hold) {
				t.Errorf("%v undoes what was not closed for a while", u.Form())
			}
			if isFalse(u.Coaching) && (!seen.Muted || !desired.Whisper()) || isTrue(u.Muted) && !desired.Whisper() {
				t.Errorf("%v of %+v, observed as %+v", u.Form(), desired, seen.Participant)
			}
			seen = carriedOut(seen, u, start)
		}
		t.Errorf("%+v is not undone: %+v", spec, seen)
	})
}
