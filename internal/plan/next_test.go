package plan

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	trainee = "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	other   = "3d8f5c29-6b1a-4e4a-9e77-8c2f1d0a4b63"
	music   = "https://music.example.com/hold.xml"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// seen is an observation of a list that was sent at the start.
func seen(change ...func(*voice.Participant)) roster.Observation {
	o := roster.Observation{Participant: voice.Participant{CallSID: "call", Status: "in-progress"}, ObservedAt: start}
	for _, apply := range change {
		apply(&o.Participant)
	}
	return o
}

func muted(p *voice.Participant) { p.Muted = true }
func held(p *voice.Participant)  { p.Hold = true }
func coaching(sid string) func(*voice.Participant) {
	return func(p *voice.Participant) { p.Coaching, p.CallSIDToCoach = true, sid }
}

func echo(o roster.Observation) roster.Observation {
	o.Echo = true
	return o
}

// coach wants the trainee coached; state is what is known of the trainee.
func coach(d Desired, state CoacheeState) Desired {
	d.Coaching = new(true)
	d.Coachee = Coachee{SID: trainee, State: state, Why: "why"}
	return d
}

// request renders an update as the provider would see it.
func request(u voice.Update) string {
	form := u.Form()
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		fields = append(fields, name+"="+form.Get(name))
	}
	return strings.Join(fields, " ")
}

type nextCase struct {
	name    string
	desired Desired
	seen    roster.Observation
	history History
	send    string
	reason  string
	look    bool
}

func runNext(t *testing.T, cases []nextCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			decision := Next(c.desired, c.seen, c.history, start.Add(time.Second))
			if got := request(decision.Update); got != c.send {
				t.Errorf("sends %q, want %q", got, c.send)
			}
			if decision.Progress.Reason() != c.reason {
				t.Errorf("reason %s (%s), want %s", decision.Progress.Reason(), decision.Message, c.reason)
			}
			if decision.Look != c.look {
				t.Errorf("look %v, want %v", decision.Look, c.look)
			}
			if decision.Message == "" {
				t.Error("the message is empty")
			}
		})
	}
}

func TestR1UnsetIsUnmanaged(t *testing.T) {
	runNext(t, []nextCase{
		{"nothing declared", Desired{}, seen(muted, held), History{}, "", v1alpha1.ReasonInSync, false},
		{"hold is left alone", Desired{Muted: new(true)}, seen(held), History{}, "Muted=true", v1alpha1.ReasonConverging, false},
		{"muted is left alone", Desired{Hold: new(false)}, seen(muted, held), History{}, "Hold=false", v1alpha1.ReasonConverging, false},
		{"coaching is left alone", Desired{Muted: new(true)}, seen(muted, coaching(trainee)), History{}, "", v1alpha1.ReasonInSync, false},
		{"muted is left alone by a coach", coach(Desired{}, CoacheeReady), seen(muted), History{},
			"CallSidToCoach=" + trainee + " Coaching=true", v1alpha1.ReasonConverging, false},
	})
}

func TestR2NoDifferenceNoUpdate(t *testing.T) {
	runNext(t, []nextCase{
		{"muted", Desired{Muted: new(true)}, seen(muted), History{}, "", v1alpha1.ReasonInSync, false},
		{"open", Desired{Muted: new(false), Hold: new(false)}, seen(), History{}, "", v1alpha1.ReasonInSync, false},
		{"coaching", coach(Desired{}, CoacheeReady), seen(coaching(trainee)), History{}, "", v1alpha1.ReasonInSync, false},
		{"a target without coaching", Desired{Coaching: new(false)}, seen(func(p *voice.Participant) { p.CallSIDToCoach = trainee }),
			History{}, "", v1alpha1.ReasonInSync, false},
	})
}

func TestR3OneUpdateCarriesAllDifferences(t *testing.T) {
	runNext(t, []nextCase{
		{"two", Desired{Muted: new(true), Hold: new(true)}, seen(), History{}, "Hold=true Muted=true", v1alpha1.ReasonConverging, false},
		{"only what differs", Desired{Muted: new(true), Hold: new(true)}, seen(held), History{}, "Muted=true", v1alpha1.ReasonConverging, false},
		{"three", coach(Desired{Muted: new(true), Hold: new(true)}, CoacheeReady), seen(), History{},
			"CallSidToCoach=" + trainee + " Coaching=true Hold=true Muted=true", v1alpha1.ReasonConverging, false},
	})
}

func TestR4TheCoachingPairTravelsTogether(t *testing.T) {
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	runNext(t, []nextCase{
		{"unmanaged and observed", Desired{Muted: new(true)}, seen(coaching(trainee)), History{},
			pair + " Muted=true", v1alpha1.ReasonConverging, false},
		{"unmanaged and absent", Desired{Muted: new(true)}, seen(), History{}, "Muted=true", v1alpha1.ReasonConverging, false},
		{"managed and in effect", coach(Desired{Hold: new(true)}, CoacheeReady), seen(coaching(trainee)), History{},
			pair + " Hold=true", v1alpha1.ReasonConverging, false},
		{"managed false", Desired{Coaching: new(false), Hold: new(true)}, seen(), History{},
			"Coaching=false Hold=true", v1alpha1.ReasonConverging, false},
		{"observed while the coachee is awaited", coach(Desired{Hold: new(true)}, CoacheeAwaited), seen(coaching(other)), History{},
			"CallSidToCoach=" + other + " Coaching=true Hold=true", v1alpha1.ReasonConverging, false},
		{"without, once that was refused", Desired{Muted: new(true)}, seen(coaching(trainee)), History{WithoutPair: true},
			"Muted=true", v1alpha1.ReasonConverging, false},
		{"no unmute with a coachee on hold", coach(Desired{Muted: new(false)}, CoacheeAwaited), seen(coaching(trainee), muted), History{},
			"", v1alpha1.ReasonWaitingForCoachee, false},
		{"not with one who has left", coach(Desired{Hold: new(true)}, CoacheeGone), seen(coaching(trainee)), History{},
			"Hold=true", v1alpha1.ReasonConverging, false},
	})
}

func TestR5HoldMusicIsComparedByDigest(t *testing.T) {
	desired := Desired{Hold: new(true), HoldURL: music, HoldMethod: "POST"}
	all := "Hold=true HoldMethod=POST HoldUrl=" + music
	runNext(t, []nextCase{
		{"sent with the hold", desired, seen(), History{}, all, v1alpha1.ReasonConverging, false},
		{"never applied, on hold already", desired, seen(held), History{}, all, v1alpha1.ReasonConverging, false},
		{"applied", desired, seen(held), History{AppliedInputs: desired.InputsDigest()}, "", v1alpha1.ReasonInSync, false},
		{"changed", desired, seen(held), History{AppliedInputs: InputsDigest(music, "GET")}, all, v1alpha1.ReasonConverging, false},
		{"sent again with a repair", desired, seen(), History{AppliedInputs: desired.InputsDigest()}, all, v1alpha1.ReasonConverging, false},
		{"no music declared", Desired{Hold: new(true)}, seen(held), History{}, "", v1alpha1.ReasonInSync, false},
	})
}

func TestR12WhatIsContestedOpensNoMore(t *testing.T) {
	contested := func(until time.Time) History {
		return History{Synced: true, Repairs: [fieldCount]Repairs{FieldMute: {Contested: 3, Until: until}}}
	}
	runNext(t, []nextCase{
		{"what opens stops", Desired{Muted: new(false)}, seen(muted), contested(start), "", v1alpha1.ReasonContested, false},
		{"what restricts goes on", Desired{Muted: new(true)}, seen(), contested(start), "Muted=true", v1alpha1.ReasonConverging, false},
		{"what restricts waits", Desired{Muted: new(true)}, seen(), contested(start.Add(time.Minute)), "", v1alpha1.ReasonContested, false},
	})
}

func TestR17NoParticipantIsAudibleByAccident(t *testing.T) {
	whisper := Desired{Muted: new(false)}
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	listening := Desired{Muted: new(true), Coaching: new(false)}
	runNext(t, []nextCase{
		{"first the pair, muted", coach(whisper, CoacheeReady), seen(), History{}, pair + " Muted=true", v1alpha1.ReasonConverging, false},
		{"the pair alone where muted already", coach(whisper, CoacheeReady), seen(muted), History{}, pair, v1alpha1.ReasonConverging, false},
		{"an answer does not open", coach(whisper, CoacheeReady), echo(seen(muted, coaching(trainee))), History{},
			"", v1alpha1.ReasonConverging, true},
		{"an observation does", coach(whisper, CoacheeReady), seen(muted, coaching(trainee)), History{},
			pair + " Muted=false", v1alpha1.ReasonConverging, false},
		{"a running whisper is left alone by another answer", coach(whisper, CoacheeReady), echo(seen(coaching(trainee))), History{},
			"", v1alpha1.ReasonInSync, false},
		{"the coaching is gone", coach(whisper, CoacheeReady), seen(), History{}, pair + " Muted=true", v1alpha1.ReasonConverging, false},
		{"the coachee is gone", coach(whisper, CoacheeGone), seen(coaching(trainee)), History{}, "Muted=true", v1alpha1.ReasonConverging, false},
		{"the coachee is gone, muted", coach(whisper, CoacheeGone), seen(muted, coaching(trainee)), History{}, "", v1alpha1.ReasonCoacheeGone, false},
		{"the coachee is awaited", coach(whisper, CoacheeAwaited), seen(), History{}, "Coaching=false Muted=true", v1alpha1.ReasonConverging, false},
		{"what opens waits with the coachee", coach(Desired{Muted: new(false), Hold: new(false)}, CoacheeAwaited), seen(muted, held), History{},
			"", v1alpha1.ReasonWaitingForCoachee, false},
		{"what restricts does not", coach(Desired{Hold: new(true)}, CoacheeAwaited), seen(), History{},
			"Coaching=false Hold=true", v1alpha1.ReasonConverging, false},
		{"a wrong reference waits like a missing one", coach(whisper, CoacheeInvalid), seen(muted), History{}, "", v1alpha1.ReasonInvalidReference, false},
		{"another coachee, muted meanwhile", coach(whisper, CoacheeReady), seen(coaching(other)), History{},
			pair + " Muted=true", v1alpha1.ReasonConverging, false},
		{"open only if it says so", Desired{Muted: new(false), Coaching: new(false)}, seen(muted, coaching(trainee)), History{},
			"Coaching=false Muted=false", v1alpha1.ReasonConverging, false},
		{"towards listening: mute first", listening, seen(coaching(trainee)), History{}, pair + " Muted=true", v1alpha1.ReasonConverging, false},
		{"towards listening: an answer is no proof", listening, echo(seen(muted, coaching(trainee))), History{}, "", v1alpha1.ReasonConverging, true},
		{"towards listening: then the pair", listening, seen(muted, coaching(trainee)), History{}, "Coaching=false", v1alpha1.ReasonConverging, false},
		{"muted unset is left alone", Desired{Coaching: new(false)}, seen(coaching(trainee)), History{}, "Coaching=false", v1alpha1.ReasonConverging, false},
	})
}

func TestDifferencesAreOfTheDeclaredState(t *testing.T) {
	whisper := coach(Desired{Muted: new(false), Hold: new(true)}, CoacheeAwaited)
	music := Desired{Hold: new(true), HoldURL: "https://user:secret@music.example.com/hold.xml?key=secret#secret", HoldMethod: "POST"}
	for name, c := range map[string]struct {
		desired  Desired
		observed roster.Observation
		history  History
		want     []string
	}{
		"in order": {whisper, seen(muted), History{}, []string{
			"muted is true, declared false", "hold is false, declared true", "coaching is false, declared true of " + trainee,
		}},
		"music that was never applied": {music, seen(held), History{}, []string{
			"holdURL is not known to be applied, declared POST https://music.example.com/hold.xml",
		}},
		"music that was applied":     {music, seen(held), History{AppliedInputs: music.InputsDigest()}, nil},
		"music of a hold to be sent": {music, seen(), History{}, []string{"hold is false, declared true"}},
	} {
		var got []string
		for _, difference := range Next(c.desired, c.observed, c.history, start).Differences {
			got = append(got, difference.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: differences %q, want %q", name, got, c.want)
		}
	}
}
