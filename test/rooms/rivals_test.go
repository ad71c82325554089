package rooms_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR22WhatClaimsNothingTakesNoCallLegOut has objects for a call leg that do not claim it:
// the policy goes on to mute it.
func TestR22WhatClaimsNothingTakesNoCallLegOut(t *testing.T) {
	const other = "4f6d0a7e-2c70-4bb4-8d3c-0a9f4f1c2d10"
	for name, write := range map[string]func(r *room, call string){
		"of an account that was not proven": func(r *room, call string) {
			r.CreateAccountIn("elsewhere", "PT-wrong")
			r.CreateParticipantIn("elsewhere", "rival", call, r.rival(sim.Unmute))
		},
		"that only observes": func(r *room, call string) {
			r.CreateParticipant("rival", call, r.rival(func(s *sim.Spec) { sim.Unmute(s); s.Mode = v1alpha1.ModeObserve }))
		},
		"of another conference": func(r *room, call string) {
			r.CreateParticipant("rival", call, func(s *sim.Spec) { sim.Unmute(s); s.ConferenceSID = other })
		},
		"without an account": func(r *room, call string) {
			r.CreateParticipant("rival", call, r.rival(func(s *sim.Spec) { sim.Unmute(s); s.AccountRef.Name = "none" }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "all-hands", allHands)
			r.join("host", hosting())
			guest := r.join("audience", voicesim.JoinOptions{})
			r.Elapse(30 * time.Second)
			write(r, guest)
			r.Elapse(time.Minute)
			r.are("a guest", []string{guest}, isMuted)
			r.Provider.Drift(r.sid, guest, func(p *voicesim.Participant) { p.Muted = false })
			r.Elapse(sim.HeardWithin)
			r.are("a guest who has unmuted", []string{guest}, isMuted)
			if r.Children("all-hands")[guest] == nil {
				t.Error("there is no child")
			}
		})
	}
}

// rival is an object for the room, as changed.
func (r *room) rival(change func(*sim.Spec)) func(*sim.Spec) {
	return func(s *sim.Spec) {
		s.ConferenceSID = v1alpha1.SID(r.sid)
		change(s)
	}
}

// TestR22AHandWrittenObjectTakesItsCallLegOut has one that says nothing of muted, one that
// opens, and one for a call leg that waits.
func TestR22AHandWrittenObjectTakesItsCallLegOut(t *testing.T) {
	r := newRoom(t, "all-hands", allHands)
	r.join("host", hosting())
	guest := r.join("audience", voicesim.JoinOptions{})
	r.Elapse(30 * time.Second)
	r.Provider.ResetJournal()
	r.CreateParticipant("by-hand", guest, r.rival(sim.Unmute))
	r.Elapse(10 * time.Second)
	r.are("opened by hand", []string{guest}, isOpen)
	r.WantUpdates("Muted=false")
	r.Elapse(2 * time.Minute)
	r.are("opened by hand for long", []string{guest}, isOpen)
	if r.Children("all-hands")[guest] != nil {
		t.Error("there is a child")
	}
	r.Delete(r.Get("by-hand"))
	r.Elapse(2 * time.Second)
	r.are("back in the policy", []string{guest}, isMuted)
	if r.Children("all-hands")[guest] == nil {
		t.Error("there is no child")
	}
	r.WantUpdates("Muted=true")
	r.Elapse(time.Minute)
	r.WantQuiet(10 * time.Minute)
}

func TestR22OneWhoWaitsIsOpenedForAHandWrittenObject(t *testing.T) {
	r := newRoom(t, "all-hands", waitForHost)
	people := r.joinMany(3, "")
	r.Elapse(30 * time.Second)
	r.are("while they wait", people, isHeld)
	r.Provider.ResetJournal()
	r.CreateParticipant("by-hand", people[0], r.rival(func(s *sim.Spec) { s.Beep = new(false) }))
	r.Elapse(10 * time.Second)
	r.are("taken out", people[:1], isOpen)
	r.are("the others", people[1:], isHeld)
	if sent := r.updatesOf(people[0]); len(sent) != 1 || sent[0].Form.Get("Hold") != "false" {
		t.Errorf("%d updates: %v", len(sent), sent)
	}
	r.Elapse(2 * time.Minute)
	r.Delete(r.Get("by-hand"))
	r.Elapse(2 * time.Second)
	r.are("back in the policy", people, isHeld)
}

// TestR11ARemovalGoesBeforeThePolicy has the policy make a child again before the removal of
// the call leg has been accepted.
func TestR11ARemovalGoesBeforeThePolicy(t *testing.T) {
	r := newRoom(t, "all-hands", allHands)
	r.join("host", hosting())
	guest := r.join("audience", voicesim.JoinOptions{})
	r.Elapse(30 * time.Second)
	r.CreateParticipant("by-hand", guest, r.rival(func(s *sim.Spec) { s.Muted, s.DeletionPolicy = new(true), v1alpha1.DeletionRemove }))
	r.Elapse(10 * time.Second)
	r.Provider.Inject(voicesim.Fault{Operation: voicesim.OpRemoveParticipant, Status: 503, Times: 3})
	r.ear.Trouble(r.Now().Add(time.Minute))
	r.Delete(r.Get("by-hand"))
	r.Elapse(time.Minute)
	if _, there := r.Provider.Participant(r.sid, guest); there {
		t.Error("the call leg is still there")
	}
}

// TestR11AResetGoesBeforeThePolicy has two that whisper given back to the policy, which mutes
// the one and opens the other: the coaching of both ends first.
func TestR11AResetGoesBeforeThePolicy(t *testing.T) {
	r := newRoom(t, "all-hands", allHands)
	host := r.join("host", hosting())
	guest := r.join("audience", voicesim.JoinOptions{})
	r.Elapse(30 * time.Second)
	for name, c := range map[string]struct {
		call, coachee string
		then          []string
	}{
		"host":  {host, guest, []string{"Muted=false"}},
		"guest": {guest, host, nil},
	} {
		whispers := func(s *sim.Spec) {
			s.Muted, s.Coaching, s.CallSIDToCoach = new(false), new(true), v1alpha1.SID(c.coachee)
			s.DeletionPolicy = v1alpha1.DeletionReset
		}
		r.CreateParticipant(name, c.call, r.rival(whispers))
		r.Elapse(20 * time.Second)
		r.are("a "+name+" who whispers", []string{c.call}, func(p voicesim.Participant) bool { return p.Coaching && !p.Muted })
		r.Provider.ResetJournal()
		r.Delete(r.Get(name))
		r.Elapse(10 * time.Second)
		r.WantUpdates(append([]string{"CallSidToCoach=" + c.coachee + " Coaching=true Muted=true", "Coaching=false"}, c.then...)...)
	}
}
