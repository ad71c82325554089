package operator_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// rejoin lets a call leave and come back after a while, as changed; between happens
// while it is away.
func rejoin(env *sim.Sim, call string, away time.Duration, between func(), options voicesim.JoinOptions) {
	env.Provider.Leave(env.Conference, call)
	env.Elapse(away)
	between()
	options.CallSID = call
	env.Join(options)
}

func nothing() {}

// TestR7ALaterJoinStartsAfresh has a call leave and come back between two lists, be
// missed and found again, and be reported to have left, in one process and in two.
func TestR7ALaterJoinStartsAfresh(t *testing.T) {
	for _, away := range []time.Duration{time.Second, 20 * time.Second, 2 * time.Minute, 10 * time.Minute} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("away for %s, restart %v, declared alone", away, restart), func(t *testing.T) {
				declaredAfresh(t, away, restart)
			})
			t.Run(fmt.Sprintf("away for %s, restart %v", away, restart), func(t *testing.T) {
				env := sim.New(t)
				call := env.Join()
				env.Join()
				// The conference is listed for another object after this one has left.
				env.CreateParticipant("other", env.Join(), func(*sim.Spec) {})
				env.CreateParticipant("agent", call, func(s *sim.Spec) {
					sim.Hold(s)
					s.HoldURL, s.DriftPolicy = sim.Music, v1alpha1.DriftReport
					once(new(true), nil)(s)
					reset(s)
				})
				env.Elapse(time.Minute)
				env.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + sim.Music + " Muted=true")
				between := nothing
				if restart {
					between = env.Restart
				}
				// Nothing but the date tells this join from the one before: the hold is
				// another's, with other music, and a person has opened the mute.
				toggle(t, env, call, unmuteThem)
				env.Elapse(time.Minute)
				env.WantUpdates()
				rejoin(env, call, away, between, voicesim.JoinOptions{Hold: true})
				env.Elapse(time.Minute)
				env.WantUpdates("Hold=true HoldMethod=POST HoldUrl=" + sim.Music + " Muted=true")
				found := env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				wantOnce(t, env, "muted=true Done")
				if initial := found.Status.Initial; initial == nil || !initial.Hold || initial.Muted {
					t.Errorf("as first observed it was %+v", initial)
				}
				toggle(t, env, call, unmuteThem)
				env.Elapse(time.Minute)
				env.Restart()
				env.WantQuiet(time.Hour)
			})
		}
	}
}

// declaredAfresh has hold music applied again, of which the provider says nothing.
func declaredAfresh(t *testing.T, away time.Duration, restart bool) {
	t.Helper()
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("other", env.Join(), func(*sim.Spec) {})
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
	env.Elapse(time.Minute)
	music := "Hold=true HoldMethod=POST HoldUrl=" + sim.Music
	env.WantUpdates(music)
	between := nothing
	if restart {
		between = env.Restart
	}
	rejoin(env, call, away, between, voicesim.JoinOptions{Hold: true})
	env.Elapse(time.Minute)
	env.WantUpdates(music)
	env.Restart()
	env.WantQuiet(time.Hour)
}

func TestR7ALaterJoinIsReportedThoughNothingElseHasChanged(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	before := env.Get("agent").Status.Participant.DateCreated
	rejoin(env, call, time.Second, nothing, voicesim.JoinOptions{Muted: true})
	env.Elapse(time.Minute)
	env.WantUpdates()
	if after := env.WantReady("agent", "True", v1alpha1.ReasonInSync).Status.Participant.DateCreated; after == before {
		t.Errorf("the join is still that of %s", before)
	}
	env.Restart()
	env.WantQuiet(time.Hour)
}

// TestR7ALaterJoinOutlivesTheProcessThatMayNotSend has a process see a join, find what
// is done once to be so, and end while the account's limit keeps the rest from being
// sent.
func TestR7ALaterJoinOutlivesTheProcessThatMayNotSend(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music; once(new(true), nil)(s) })
	for i := range 5 {
		env.CreateParticipant(fmt.Sprint("other-", i), env.Join(), func(*sim.Spec) {})
	}
	env.Elapse(time.Minute)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.RateLimit = v1alpha1.RateLimit{RequestsPerSecond: 1, Burst: 1} })
	env.Elapse(time.Minute)
	env.Updates()
	rejoin(env, call, time.Second, nothing, voicesim.JoinOptions{Muted: true, Hold: true})
	for i := range 5 {
		env.Edit(fmt.Sprint("other-", i), sim.Mute)
	}
	env.RunUntilIdle()
	if sent := env.Updates(); slices.Contains(sent, "Hold=true HoldMethod=POST HoldUrl="+sim.Music) {
		t.Fatal("it was sent in the first process")
	}
	wantOnce(t, env, "muted=true Done")
	env.Restart()
	env.Elapse(time.Minute)
	if sent := env.Updates(); !slices.Contains(sent, "Hold=true HoldMethod=POST HoldUrl="+sim.Music) {
		t.Errorf("updates %q", sent)
	}
}

func TestR7ALaterJoinPlaysNoAnnouncementAgain(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, announce("closing"))
	env.Elapse(time.Minute)
	env.Updates()
	rejoin(env, call, time.Second, nothing, voicesim.JoinOptions{})
	env.Elapse(5 * time.Minute)
	env.WantUpdates()
}

func TestR7ALaterJoinEndsAContest(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.Join()
	env.CreateParticipant("agent", call, sim.Unmute)
	for range 6 {
		env.Elapse(time.Minute)
		toggle(t, env, call, muteThem)
	}
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonContested)
	env.Updates()
	rejoin(env, call, time.Second, nothing, voicesim.JoinOptions{Muted: true})
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=false")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR7ADateThatIsNotLaterChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*voicesim.Participant){
		"older":    func(p *voicesim.Participant) { p.DateCreated = p.DateCreated.Add(-time.Hour) },
		"the same": func(*voicesim.Participant) {},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music; once(new(true), nil)(s) })
			env.Elapse(time.Minute)
			env.Updates()
			toggle(t, env, call, func(p *voicesim.Participant) { change(p); p.Muted = false })
			env.Elapse(time.Minute)
			env.Restart()
			env.Elapse(time.Minute)
			env.WantUpdates()
			wantOnce(t, env, "muted=true Done")
		})
	}
}

// TestR7AJoinIsReportedBeforeAnythingIsSentForIt has a process crash right after the
// update, so that the next one knows of the join by the status alone.
func TestR7AJoinIsReportedBeforeAnythingIsSentForIt(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Minute)
	before := env.Get("agent").Status.Participant.DateCreated
	env.Updates()
	rejoin(env, call, time.Second, nothing, voicesim.JoinOptions{})
	env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		if !boundary.Provider || boundary.What[:4] != "POST" {
			return sim.None
		}
		env.AtBoundary = nil
		if found := env.Get("agent").Status; found.Participant.DateCreated == before || found.LastSyncedDigest != "" {
			t.Errorf("before the update the status is %+v", found)
		}
		return sim.CrashAfter
	}
	env.Elapse(time.Minute)
	if env.AtBoundary != nil {
		t.Error("nothing was sent")
	}
	found := env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if initial := found.Status.Initial; initial == nil || initial.Muted {
		t.Errorf("as first observed it was %+v", initial)
	}
	if sent := env.Updates(); !slices.Equal(sent, []string{"Muted=true"}) {
		t.Errorf("updates %q", sent)
	}
}

func TestR7ALaterJoinIsNewsThoughNothingElseHasChanged(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Join()
	env.CreateParticipant("agent", call, once(new(true), nil))
	env.Elapse(time.Minute)
	toggle(t, env, call, unmuteThem)
	env.Elapse(time.Minute)
	env.Updates()
	rejoin(env, call, 0, nothing, voicesim.JoinOptions{})
	env.Elapse(35 * time.Second)
	env.WantUpdates("Muted=true")
}
