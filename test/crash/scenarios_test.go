package crash

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const document = "https://media.example.com/closing.xml"

func muted(p voicesim.Participant) bool   { return p.Muted }
func audible(p voicesim.Participant) bool { return !p.Muted && !p.Hold }

// announce declares an announcement that is skipped or retried when unknown.
func announce(onUnknown v1alpha1.UnknownPolicy) func(*sim.Spec) {
	return func(s *sim.Spec) {
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: document, OnUnknown: onUnknown}
	}
}

// closed declares a caller muted and on hold, with a deletion policy.
func closed(policy v1alpha1.DeletionPolicy) func(*sim.Spec) {
	return func(s *sim.Spec) {
		sim.Mute(s)
		sim.Hold(s)
		s.DeletionPolicy = policy
	}
}

// once asks for something to be done once.
func once(controls v1alpha1.AudioControls) func(*sim.Spec) {
	return func(s *sim.Spec) { s.Once = &v1alpha1.Once{AudioControls: controls} }
}

func nothing(*run) {}

var scenarios = []scenario{
	{
		name: "first convergence", least: 12, fields: "Muted Hold HoldUrl HoldMethod",
		prepare: nothing,
		act: func(p *run) {
			p.CreateParticipant("agent", p.agent, func(s *sim.Spec) { s.Muted = new(false) })
			p.CreateParticipant("caller", p.caller, func(s *sim.Spec) { closed("")(s); s.HoldURL = sim.Music })
			p.CreateParticipant("supervisor", p.supervisor, func(s *sim.Spec) {
				s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "agent"}
			})
		},
		check: func(p *run) {
			p.wantState(p.caller, func(c voicesim.Participant) bool { return c.Muted && c.Hold && c.HoldURL == sim.Music })
			p.wantState(p.supervisor, func(c voicesim.Participant) bool { return !c.Muted && c.Coaching && c.CallSIDToCoach == p.agent })
			for _, name := range []string{"agent", "caller", "supervisor"} {
				p.WantReady(name, "True", v1alpha1.ReasonInSync)
			}
		},
	},
	{
		name: "spec change", least: 4, fields: "Muted Hold",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, sim.Mute) },
		act:     func(p *run) { p.Edit("caller", func(s *sim.Spec) { sim.Unmute(s); sim.Hold(s) }) },
		check: func(p *run) {
			p.wantState(p.caller, func(c voicesim.Participant) bool { return !c.Muted && c.Hold })
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "once, beside what is declared", least: 4, fields: "Muted Hold HoldUrl HoldMethod",
		prepare: nothing,
		act: func(p *run) {
			p.CreateParticipant("caller", p.caller, func(s *sim.Spec) {
				sim.Hold(s)
				once(v1alpha1.AudioControls{Muted: new(true)})(s)
			})
		},
		check: func(p *run) { p.wantState(p.caller, muted); p.wantOnceDone("caller") },
	},
	{
		name: "a hold that is declared no more and ended once", least: 4, fields: "Hold HoldUrl HoldMethod",
		prepare: func(p *run) {
			p.CreateParticipant("caller", p.caller, func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
		},
		act: func(p *run) {
			p.Edit("caller", func(s *sim.Spec) {
				s.Hold, s.HoldURL = nil, ""
				once(v1alpha1.AudioControls{Hold: new(false)})(s)
			})
		},
		check: func(p *run) { p.wantState(p.caller, audible); p.wantOnceDone("caller") },
	},
	{
		name: "once, then the opposite is declared, then once again", least: 8, fields: "Muted",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, once(v1alpha1.AudioControls{Muted: new(true)})) },
		act: func(p *run) {
			p.Edit("caller", func(s *sim.Spec) { s.Once = nil; sim.Unmute(s) })
			p.Elapse(30 * time.Second)
			p.Edit("caller", func(s *sim.Spec) { s.Muted = nil; once(v1alpha1.AudioControls{Muted: new(true)})(s) })
		},
		check: func(p *run) { p.wantState(p.caller, muted); p.wantOnceDone("caller") },
	},
	{
		name: "a whisper that is opened once", least: 6, fields: "Muted",
		prepare: nothing,
		act: func(p *run) {
			p.CreateParticipant("supervisor", p.supervisor, func(s *sim.Spec) {
				s.CallSIDToCoach = v1alpha1.SID(p.agent)
				once(v1alpha1.AudioControls{Muted: new(false)})(s)
			})
		},
		check: func(p *run) {
			p.wantState(p.supervisor, func(c voicesim.Participant) bool { return !c.Muted && c.Coaching && c.CallSIDToCoach == p.agent })
			p.wantOnceDone("supervisor")
		},
	},
	{
		name: "a call that leaves and joins anew", least: 6, fields: "Muted Hold HoldUrl HoldMethod",
		prepare: func(p *run) {
			p.CreateParticipant("caller", p.caller, func(s *sim.Spec) {
				sim.Hold(s)
				s.HoldURL, s.DeletionPolicy = sim.Music, v1alpha1.DeletionReset
				once(v1alpha1.AudioControls{Muted: new(true)})(s)
			})
		},
		act: func(p *run) {
			p.Provider.Leave(p.Conference, p.caller)
			p.Join(voicesim.JoinOptions{CallSID: p.caller, Hold: true})
		},
		check: func(p *run) {
			p.wantState(p.caller, func(c voicesim.Participant) bool { return c.Muted && c.Hold && c.HoldURL == sim.Music })
			p.wantOnceDone("caller")
			if initial := p.Get("caller").Status.Initial; initial == nil || !initial.Hold || initial.Muted {
				p.t.Errorf("as first observed it was %+v", initial)
			}
		},
	},
	{
		name: "drift repair", least: 3, fields: "Muted",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, sim.Mute) },
		act: func(p *run) {
			p.Provider.Drift(p.Conference, p.caller, func(c *voicesim.Participant) { c.Muted = false })
		},
		check: func(p *run) { p.wantState(p.caller, muted); p.WantReady("caller", "True", v1alpha1.ReasonInSync) },
	},
	{
		name: "announcement, Skip", least: 5, fields: "Muted AnnounceUrl AnnounceMethod",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, sim.Mute) },
		act:     func(p *run) { p.Edit("caller", announce(v1alpha1.UnknownSkip)) },
		check: func(p *run) {
			if n := p.announced[document]; n > 1 {
				p.t.Errorf("it was played %d times", n)
			}
			if found := p.Get("caller").Status.Announcement; found == nil || found.FinishTime == nil {
				p.t.Errorf("it is %+v in the end", found)
			}
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "announcement, Retry", least: 5, fields: "Muted AnnounceUrl AnnounceMethod",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, sim.Mute) },
		act:     func(p *run) { p.Edit("caller", announce(v1alpha1.UnknownRetry)) },
		check: func(p *run) {
			if n := p.announced[document]; n < 1 || n > 3 {
				p.t.Errorf("it was played %d times", n)
			}
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "from first sight to Reset", least: 8, fields: "Muted Hold",
		prepare: nothing,
		act: func(p *run) {
			p.CreateParticipant("caller", p.caller, closed(v1alpha1.DeletionReset))
			p.Elapse(30 * time.Second)
			p.Delete(p.Get("caller"))
		},
		check: func(p *run) { p.wantGone("caller"); p.wantState(p.caller, audible) },
	},
	{
		name: "Reset of a whisperer", least: 4, fields: "Muted",
		prepare: func(p *run) {
			p.CreateParticipant("supervisor", p.supervisor, func(s *sim.Spec) {
				sim.Whisper(p.agent)(s)
				s.DeletionPolicy = v1alpha1.DeletionReset
			})
		},
		act: func(p *run) { p.Delete(p.Get("supervisor")) },
		check: func(p *run) {
			p.wantGone("supervisor")
			p.wantState(p.supervisor, func(c voicesim.Participant) bool { return c.Muted && !c.Coaching })
		},
	},
	{
		name: "Remove", least: 3, fields: "Muted Hold",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, closed(v1alpha1.DeletionRemove)) },
		act:     func(p *run) { p.Delete(p.Get("caller")) },
		check: func(p *run) {
			p.wantGone("caller")
			if _, there := p.Provider.Participant(p.Conference, p.caller); there {
				p.t.Error("the caller is still in the conference")
			}
		},
	},
	{
		name: "TTL", least: 4, fields: "Muted",
		prepare: func(p *run) {
			p.CreateParticipant("caller", p.caller, func(s *sim.Spec) { sim.Mute(s); s.TTLSecondsAfterFinished = new(int32(30)) })
		},
		act:   func(p *run) { p.Provider.HangUp(p.caller) },
		check: func(p *run) { p.wantGone("caller") },
	},
	{
		name: "token rotation", least: 4, fields: "Muted",
		prepare: func(p *run) { p.CreateParticipant("caller", p.caller, sim.Mute) },
		act: func(p *run) {
			p.Provider.SetTokens(sim.AccountSID, "PT-new")
			p.RotateToken(sim.Namespace, "PT-new")
			p.Edit("caller", sim.Unmute)
		},
		check: func(p *run) { p.wantState(p.caller, audible); p.WantReady("caller", "True", v1alpha1.ReasonInSync) },
	},
}
