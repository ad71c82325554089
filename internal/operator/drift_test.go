package operator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/internal/wake"
	"github.com/voiceops/conference-operator/test/world"
)

// toggle has somebody else change a call.
func toggle(w *world.World, call string, change func(*voicesim.Participant)) {
	w.Helper()
	if !w.Sim.Drift(w.Conference, call, change) {
		w.Error("nobody is there to change")
	}
}

func muteThem(p *voicesim.Participant)   { p.Muted = true }
func unmuteThem(p *voicesim.Participant) { p.Muted = false }

func TestR12DriftPolicies(t *testing.T) {
	cases := []struct {
		policy  v1alpha1.DriftPolicy
		muted   bool
		repairs bool
	}{
		{v1alpha1.DriftEnforce, true, true}, {v1alpha1.DriftEnforce, false, true},
		{v1alpha1.DriftRestrict, true, true}, {v1alpha1.DriftRestrict, false, false},
		{v1alpha1.DriftReport, true, false}, {v1alpha1.DriftReport, false, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s, declared muted: %v", c.policy, c.muted), func(t *testing.T) {
			w := world.New(t)
			call := w.Join(voicesim.JoinOptions{Muted: !c.muted})
			w.Declare("agent", call, func(s *world.Spec) { s.Muted, s.DriftPolicy = &c.muted, c.policy })
			w.Pass(time.Minute)
			w.WantUpdates(fmt.Sprintf("Muted=%v", c.muted))
			toggle(w, call, func(p *voicesim.Participant) { p.Muted = !c.muted })
			w.Pass(time.Minute)
			if c.repairs {
				w.WantUpdates(fmt.Sprintf("Muted=%v", c.muted))
				w.WantReady("agent", "True", v1alpha1.ReasonInSync)
				return
			}
			w.WantUpdates()
			w.WantReady("agent", "True", v1alpha1.ReasonYielded)
			if want := fmt.Sprintf("muted is %v, declared %v", !c.muted, c.muted); !strings.Contains(w.Message("agent"), want) {
				t.Errorf("the message does not say %q: %s", want, w.Message("agent"))
			}
			w.WantQuiet(time.Hour)
			w.Restart()
			w.WantQuiet(time.Hour)
			w.Edit("agent", world.Hold)
			w.Settle()
			w.WantUpdates(fmt.Sprintf("Hold=true Muted=%v", c.muted))
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR12WhatDoesNotStickIsNoDrift(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true, Times: 1})
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.DriftPolicy = v1alpha1.DriftReport })
	w.Pass(time.Minute)
	w.WantUpdates("Muted=true", "Muted=true")
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR12R17ALostCoacheeMutesUnderEachPolicy(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
		t.Run(string(policy), func(t *testing.T) {
			w := world.New(t)
			agent := w.Join()
			call := w.Join()
			w.Declare("supervisor", call, func(s *world.Spec) { world.Whisper(agent)(s); s.DriftPolicy = policy })
			w.Pass(time.Minute)
			w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
			w.Updates()
			toggle(w, call, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
			w.Pass(6 * time.Second)
			if p, _ := w.Sim.Participant(w.Conference, call); !p.Muted && !p.Coaching {
				t.Error("everybody hears the supervisor")
			}
		})
	}
}

func TestR12WhatIsBuiltAgainWithTheCoacheeIsNoDrift(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Join()
	w.Declare("supervisor", supervisor, func(s *world.Spec) { world.Whisper(agent)(s); s.DriftPolicy = v1alpha1.DriftReport })
	w.Pass(2 * time.Minute)
	w.Sim.Leave(w.Conference, agent)
	w.Pass(10 * time.Second)
	w.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
	w.Join(voicesim.JoinOptions{CallSID: agent})
	w.Pass(time.Minute)
	w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR12AContestIsDamped(t *testing.T) {
	for name, c := range map[string]struct {
		declare func(*world.Spec)
		change  func(*voicesim.Participant)
		most    int
	}{
		"what closes goes on, slowly": {world.Mute, unmuteThem, 8},
		"what opens stops":            {world.Open, muteThem, 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(1)) })
			call := w.Join()
			w.Declare("agent", call, c.declare)
			w.Pass(10 * time.Second)
			w.Updates()
			// Somebody changes it back again and again, after it was seen to stick.
			for range 75 {
				toggle(w, call, c.change)
				w.Pass(8 * time.Second)
			}
			sent := len(w.Updates())
			if sent < 3 || sent > c.most {
				t.Errorf("%d corrections in ten minutes, want 3 to %d", sent, c.most)
			}
			w.WantReady("agent", "False", v1alpha1.ReasonContested)
			w.Restart()
			w.Pass(time.Minute)
			w.WantUpdates()
			w.WantReady("agent", "False", v1alpha1.ReasonContested)
			w.Demand("agent", "now")
			w.Pass(time.Second)
			if len(w.Updates()) != 1 {
				t.Error("the reconcile annotation does not end the wait")
			}
			w.WantReady("agent", "True", v1alpha1.ReasonInSync)
			w.WantQuiet(time.Hour)
		})
	}
}

func TestR12AContestThatIsOverIsForgotten(t *testing.T) {
	w := world.New(t)
	w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(1)) })
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(10 * time.Second)
	for range 4 {
		toggle(w, call, unmuteThem)
		w.Pass(15 * time.Second)
	}
	w.WantReady("agent", "False", v1alpha1.ReasonContested)
	w.Pass(11 * time.Minute)
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR12Beep(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore})
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); s.Beep = new(true) })
	w.Pass(time.Minute)
	w.WantUpdates("Beep=true Muted=true", "Beep=false Muted=true")
	toggle(w, call, unmuteThem)
	w.Pass(time.Minute)
	w.WantUpdates("Beep=false Muted=true")
	w.Edit("agent", world.Open)
	w.Settle()
	w.WantUpdates("Beep=true Muted=false")
	w.Edit("agent", func(s *world.Spec) { world.Mute(s); s.Beep = new(false) })
	w.Settle()
	w.WantUpdates("Beep=false Muted=true")
	w.Edit("agent", func(s *world.Spec) { world.Open(s); s.Beep = nil })
	w.Settle()
	w.WantUpdates("Muted=false")
}

// What our own update did is not what somebody else changed, also if its answer
// was lost and the edit is taken back.
func TestR12AnEditThatIsTakenBackIsNoDrift(t *testing.T) {
	for name, dies := range map[string]bool{"lost answer": false, "crash": true} {
		for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
			t.Run(name+" "+string(policy), func(t *testing.T) {
				w := world.New(t)
				call := w.Join(voicesim.JoinOptions{Muted: true})
				w.Declare("agent", call, func(s *world.Spec) { world.Open(s); s.DriftPolicy = policy })
				w.Pass(time.Minute)
				w.Cross = func(crossing world.Crossing) world.Fate {
					if !dies || !crossing.Provider || !strings.HasPrefix(crossing.What, "POST") {
						return world.Lives
					}
					w.Cross = nil
					defer w.Edit("agent", world.Open)
					return world.DiesAfter
				}
				if !dies {
					w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
				}
				w.Edit("agent", world.Mute)
				w.Settle()
				if !dies {
					w.Edit("agent", world.Open)
				}
				w.Pass(time.Minute)
				w.WantReady("agent", "True", v1alpha1.ReasonInSync)
				if p, _ := w.Sim.Participant(w.Conference, call); p.Muted {
					t.Error("the participant is still muted")
				}
			})
		}
	}
}

// priorities is a queue that notes with which priority somebody was woken.
type priorities struct {
	priorityqueue.PriorityQueue[reconcile.Request]
	noted []int
}

func (p *priorities) AddWithOpts(options priorityqueue.AddOpts, _ ...reconcile.Request) {
	p.noted = append(p.noted, *options.Priority)
}

func TestTheChecksOfACrowdComeBeforeNobodysEdit(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), world.Mute)
	w.Settle()
	w.WantUpdates("Muted=true")
	woken, queue := &priorities{}, &wake.Queue[reconcile.Request]{}
	if err := queue.Source().Start(t.Context(), woken); err != nil {
		t.Fatal(err)
	}
	w.Controllers.Rosters.Participants = queue
	w.Pass(2 * plan.Settle)
	if !slices.Equal(woken.noted, []int{wake.Drift}) {
		t.Errorf("woken with priorities %v, want once, as for drift", woken.noted)
	}
}
