package crash

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

const document = "https://media.example.com/closing.xml"

func muted(p voicesim.Participant) bool   { return p.Muted }
func audible(p voicesim.Participant) bool { return !p.Muted && !p.Hold }

// announce declares an announcement that is skipped or retried when unknown.
func announce(onUnknown v1alpha1.UnknownPolicy) func(*world.Spec) {
	return func(s *world.Spec) {
		s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: document, OnUnknown: onUnknown}
	}
}

// closed declares a caller muted and on hold, with a deletion policy.
func closed(policy v1alpha1.DeletionPolicy) func(*world.Spec) {
	return func(s *world.Spec) {
		world.Mute(s)
		world.Hold(s)
		s.DeletionPolicy = policy
	}
}

func nothing(*play) {}

var scenarios = []scenario{
	{
		name: "first convergence", least: 12, fields: "Muted Hold HoldUrl HoldMethod",
		prepare: nothing,
		act: func(p *play) {
			p.Declare("agent", p.agent, func(s *world.Spec) { s.Muted = new(false) })
			p.Declare("caller", p.caller, func(s *world.Spec) { closed("")(s); s.HoldURL = world.Music })
			p.Declare("supervisor", p.supervisor, func(s *world.Spec) {
				s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "agent"}
			})
		},
		check: func(p *play) {
			p.wantState(p.caller, func(c voicesim.Participant) bool { return c.Muted && c.Hold && c.HoldURL == world.Music })
			p.wantState(p.supervisor, func(c voicesim.Participant) bool { return !c.Muted && c.Coaching && c.CallSIDToCoach == p.agent })
			for _, name := range []string{"agent", "caller", "supervisor"} {
				p.WantReady(name, "True", v1alpha1.ReasonInSync)
			}
		},
	},
	{
		name: "spec change", least: 4, fields: "Muted Hold",
		prepare: func(p *play) { p.Declare("caller", p.caller, world.Mute) },
		act:     func(p *play) { p.Edit("caller", func(s *world.Spec) { world.Open(s); world.Hold(s) }) },
		check: func(p *play) {
			p.wantState(p.caller, func(c voicesim.Participant) bool { return !c.Muted && c.Hold })
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "drift repair", least: 3, fields: "Muted",
		prepare: func(p *play) { p.Declare("caller", p.caller, world.Mute) },
		act: func(p *play) {
			p.Sim.Drift(p.Conference, p.caller, func(c *voicesim.Participant) { c.Muted = false })
		},
		check: func(p *play) { p.wantState(p.caller, muted); p.WantReady("caller", "True", v1alpha1.ReasonInSync) },
	},
	{
		name: "announcement, Skip", least: 5, fields: "Muted AnnounceUrl AnnounceMethod",
		prepare: func(p *play) { p.Declare("caller", p.caller, world.Mute) },
		act:     func(p *play) { p.Edit("caller", announce(v1alpha1.UnknownSkip)) },
		check: func(p *play) {
			if n := p.announced[document]; n > 1 {
				p.Errorf("it was played %d times", n)
			}
			if found := p.Get("caller").Status.Announcement; found == nil || found.FinishTime == nil {
				p.Errorf("it is %+v in the end", found)
			}
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "announcement, Retry", least: 5, fields: "Muted AnnounceUrl AnnounceMethod",
		prepare: func(p *play) { p.Declare("caller", p.caller, world.Mute) },
		act:     func(p *play) { p.Edit("caller", announce(v1alpha1.UnknownRetry)) },
		check: func(p *play) {
			if n := p.announced[document]; n < 1 || n > 3 {
				p.Errorf("it was played %d times", n)
			}
			p.WantReady("caller", "True", v1alpha1.ReasonInSync)
		},
	},
	{
		name: "from first sight to Reset", least: 8, fields: "Muted Hold",
		prepare: nothing,
		act: func(p *play) {
			p.Declare("caller", p.caller, closed(v1alpha1.DeletionReset))
			p.Pass(30 * time.Second)
			p.Delete(p.Get("caller"))
		},
		check: func(p *play) { p.wantGone("caller"); p.wantState(p.caller, audible) },
	},
	{
		name: "Reset of a whisperer", least: 4, fields: "Muted",
		prepare: func(p *play) {
			p.Declare("supervisor", p.supervisor, func(s *world.Spec) {
				world.Whisper(p.agent)(s)
				s.DeletionPolicy = v1alpha1.DeletionReset
			})
		},
		act: func(p *play) { p.Delete(p.Get("supervisor")) },
		check: func(p *play) {
			p.wantGone("supervisor")
			p.wantState(p.supervisor, func(c voicesim.Participant) bool { return c.Muted && !c.Coaching })
		},
	},
	{
		name: "Remove", least: 3, fields: "Muted Hold",
		prepare: func(p *play) { p.Declare("caller", p.caller, closed(v1alpha1.DeletionRemove)) },
		act:     func(p *play) { p.Delete(p.Get("caller")) },
		check: func(p *play) {
			p.wantGone("caller")
			if _, there := p.Sim.Participant(p.Conference, p.caller); there {
				p.Error("the caller is still in the conference")
			}
		},
	},
	{
		name: "TTL", least: 4, fields: "Muted",
		prepare: func(p *play) {
			p.Declare("caller", p.caller, func(s *world.Spec) { world.Mute(s); s.TTLSecondsAfterFinished = new(int32(30)) })
		},
		act:   func(p *play) { p.Sim.HangUp(p.caller) },
		check: func(p *play) { p.wantGone("caller") },
	},
	{
		name: "token rotation", least: 4, fields: "Muted",
		prepare: func(p *play) { p.Declare("caller", p.caller, world.Mute) },
		act: func(p *play) {
			p.Sim.SetTokens(world.AccountSID, "PT-new")
			p.Rotate(world.Namespace, "PT-new")
			p.Edit("caller", world.Open)
		},
		check: func(p *play) { p.wantState(p.caller, audible); p.WantReady("caller", "True", v1alpha1.ReasonInSync) },
	},
}
