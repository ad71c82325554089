package roster

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

func inPhase(sid string, phase voice.Phase) voice.Participant {
	p := call(sid, false)
	p.Phase = phase
	return p
}

func TestR7ALegThatRingsIsListedOftenForItsSubscribers(t *testing.T) {
	for name, test := range map[string]struct {
		interest Interest
		often    bool
	}{
		"its own object":                 {Interest{CallSID: "rings", Demand: DemandRegular}, true},
		"its coach":                      {Interest{CallSID: "stays", CoacheeSID: "rings", Demand: DemandCoaching}, true},
		"an object of another call leg":  {Interest{CallSID: "stays", Demand: DemandRegular}, false},
		"an object that demands nothing": {Interest{CallSID: "rings", Presence: Left}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			enqueued := 0
			s := NewStore(func(Key) { enqueued++ })
			key := Key{Account: types.NamespacedName{Name: "acme"}, Conference: "support"}
			r := s.Roster(key)
			s.Subscribe(key, subscriber("z"), Interest{CallSID: "other"})
			if test.interest.Demand > DemandNone {
				r.subscribe(subscriber("y"), Interest{CallSID: "other", Demand: test.interest.Demand})
			}
			merge(r, c, inPhase("rings", voice.PhaseRinging), call("stays", false), call("other", false))
			s.Subscribe(key, subscriber("a"), test.interest)
			s.Subscribe(key, subscriber("a"), test.interest)
			if often := enqueued > 0; often != test.often || enqueued > 1 {
				t.Errorf("enqueued %d times, want it once for %v", enqueued, test.often)
			}
			for _, interval := range []time.Duration{0, 30 * time.Second} {
				if often := r.Next(interval, c.in(4*time.Second)).List; often != test.often {
					t.Errorf("listed after 4 s of %s: %v", interval, often)
				}
			}
			if r.Next(0, c.in(3900*time.Millisecond)).List {
				t.Error("listed too soon")
			}
			c.advance(4 * time.Second)
			merge(r, c, inPhase("rings", voice.PhaseActive), call("stays", false), call("other", false))
			if r.Next(0, c.in(time.Minute)).List || len(r.ringing) != 0 {
				t.Error("listed although nothing rings any more")
			}
		})
	}
}

func TestR7OnlyNewsOfALegThatRingsWakes(t *testing.T) {
	const absent = 99
	for _, test := range []struct {
		reported Presence
		seen     voice.Phase
		news     bool
	}{
		{Unseen, voice.PhaseRinging, true},
		{Live, voice.PhaseRinging, true},
		{Left, voice.PhaseRinging, true},
		{Ringing, voice.PhaseRinging, false},
		{Ringing, voice.PhaseActive, true},
		{Ringing, voice.PhaseEnded, true},
		{Ringing, absent, true},
		{Unseen, absent, false},
		{Left, absent, false},
		{Left, voice.PhaseEnded, false},
		{Left, voice.PhaseActive, true},
		{Live, voice.PhaseEnded, true},
		{Live, voice.PhaseActive, false},
	} {
		c := newClock()
		r := newRoster()
		reported := StateOf(call("a", false))
		r.subscribe(subscriber("a"), Interest{CallSID: "a", Presence: test.reported, Reported: &reported})
		if test.seen != absent {
			merge(r, c, inPhase("a", test.seen))
		} else {
			merge(r, c)
		}
		if news := len(r.Affected(c.now)) == 1; news != test.news {
			t.Errorf("presence %d is reported, phase %d is seen: news is %v", test.reported, test.seen, news)
		}
	}
}
