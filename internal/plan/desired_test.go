package plan

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

type (
	spec  = v1alpha1.ConferenceParticipantSpec
	audio = v1alpha1.AudioControls
)

func TestDesiredOf(t *testing.T) {
	reference := &v1alpha1.LocalReference{Name: "trainee"}
	cases := []struct {
		name     string
		spec     spec
		coaching *bool
		url      string
		method   string
	}{
		{"nothing", spec{}, nil, "", ""},
		{"a target means coaching", spec{CallSIDToCoach: trainee}, new(true), "", ""},
		{"a reference means coaching", spec{ParticipantToCoachRef: reference}, new(true), "", ""},
		{"coaching: false beside a target sends nothing of it", spec{CallSIDToCoach: trainee, Coaching: new(false)}, new(false), "", ""},
		{"the method is always explicit", spec{AudioControls: audio{Hold: new(true), HoldURL: music}}, nil, music, "POST"},
		{"the method is as declared", spec{AudioControls: audio{Hold: new(true), HoldURL: music, HoldMethod: "GET"}}, nil, music, "GET"},
		{"hold: false sends no music", spec{AudioControls: audio{Hold: new(false), HoldURL: music}}, nil, "", ""},
		{"a method alone sends nothing", spec{AudioControls: audio{Hold: new(true), HoldMethod: "GET"}}, nil, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := DesiredOf(&c.spec)
			if isTrue(got.Coaching) != isTrue(c.coaching) || isFalse(got.Coaching) != isFalse(c.coaching) {
				t.Errorf("coaching is %v", got.Coaching)
			}
			if got.HoldURL != c.url || got.HoldMethod != c.method {
				t.Errorf("music is %q by %q", got.HoldURL, got.HoldMethod)
			}
		})
	}
}

func TestSpecDigestTellsDesiredStatesApart(t *testing.T) {
	specs := []spec{
		{}, {AudioControls: audio{Muted: new(true)}}, {AudioControls: audio{Muted: new(false)}}, {AudioControls: audio{Hold: new(true)}},
		{AudioControls: audio{Hold: new(true), HoldURL: music}},
		{AudioControls: audio{Hold: new(true), HoldURL: music, HoldMethod: "GET"}}, {CallSIDToCoach: trainee}, {CallSIDToCoach: other},
		{ParticipantToCoachRef: &v1alpha1.LocalReference{Name: "trainee"}}, {Coaching: new(false)},
	}
	digests := map[string]int{}
	for i, s := range specs {
		digest := DesiredOf(&s).Digest
		if j, ok := digests[digest]; ok {
			t.Errorf("specs %d and %d have the same digest", i, j)
		}
		digests[digest] = i
	}
	same := [][2]spec{
		{{CallSIDToCoach: trainee}, {CallSIDToCoach: trainee, Coaching: new(true)}},
		{{Coaching: new(false)}, {Coaching: new(false), CallSIDToCoach: trainee}},
		{{AudioControls: audio{Hold: new(true), HoldURL: music}}, {AudioControls: audio{Hold: new(true), HoldURL: music, HoldMethod: "POST"}}},
		{{AudioControls: audio{Muted: new(true)}}, {AudioControls: audio{Muted: new(true)}, Suspend: true, JoinDeadlineSeconds: new(int32(1))}},
	}
	for i, pair := range same {
		if DesiredOf(&pair[0]).Digest != DesiredOf(&pair[1]).Digest {
			t.Errorf("pair %d means the same and has different digests", i)
		}
	}
}

func TestR7TheDeadlineCountsFromReadiness(t *testing.T) {
	minute := start.Add(time.Minute)
	for _, c := range []struct {
		ready   time.Time
		seconds int32
		want    time.Time
	}{
		{time.Time{}, 900, start.Add(15 * time.Minute)},
		{start.Add(-time.Hour), 900, start.Add(15 * time.Minute)},
		{minute, 900, minute.Add(15 * time.Minute)},
		{minute, 0, time.Time{}},
	} {
		if got := Deadline(start, c.ready, c.seconds); !got.Equal(c.want) {
			t.Errorf("ready at %s with %d s: %s, want %s", c.ready, c.seconds, got, c.want)
		}
	}
}

func TestR7ALeftParticipantIsLookedForTwoMinutes(t *testing.T) {
	if !RevivableUntil(start).Equal(start.Add(2 * time.Minute)) {
		t.Error("the window is not two minutes")
	}
}
