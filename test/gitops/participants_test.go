package gitops

import (
	"net/http"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// stranger is a call that is in no conference.
const stranger = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"

// unknown is a conference that the provider does not know.
const unknown = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"

// scenario brings an object into a state, and returns it.
type scenario func(env *sim.Sim) client.Object

// participant is the scenario of a participant that is live when it is declared, some time
// after something has been done to it.
func participant(change func(*sim.Spec), then func(env *sim.Sim, call string), after time.Duration) scenario {
	return func(env *sim.Sim) client.Object {
		call := env.Join()
		env.Join()
		env.CreateParticipant("agent", call, change)
		env.Elapse(time.Minute)
		then(env, call)
		env.Elapse(after)
		return env.Get("agent")
	}
}

// faulty is the scenario of a participant whose updates fail from the beginning.
func faulty(fault voicesim.Fault, after time.Duration) scenario {
	return func(env *sim.Sim) client.Object {
		fault.Operation = voicesim.OpUpdateParticipant
		env.Provider.Inject(fault)
		env.CreateParticipant("agent", env.Join(), sim.Mute)
		env.Elapse(after)
		return env.Get("agent")
	}
}

// absent is the scenario of a participant that is not in the conference.
func absent(change func(*sim.Spec), after time.Duration) scenario {
	return func(env *sim.Sim) client.Object {
		env.CreateParticipant("agent", stranger, func(s *sim.Spec) { sim.Mute(s); change(s) })
		env.Elapse(after)
		return env.Get("agent")
	}
}

func nothing(*sim.Sim, string) {}

// mode is a mute in a mode.
func mode(of v1alpha1.Mode) func(*sim.Spec) {
	return func(s *sim.Spec) { sim.Mute(s); s.Mode = of }
}

// unmute has another party unmute a call.
func unmute(env *sim.Sim, call string) {
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
}

// participants has a scenario for each row of the documented table, by reason and Ready.
func participants() map[string]scenario {
	return map[string]scenario{
		"InSync True":          participant(sim.Mute, nothing, 0),
		"ParticipantLeft True": participant(sim.Mute, func(env *sim.Sim, call string) { env.Provider.HangUp(call) }, 2*time.Minute),
		"Observed True": participant(mode(v1alpha1.ModeObserve), func(env *sim.Sim, call string) {
			env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = true })
		}, time.Minute),
		"Yielded True":                participant(func(s *sim.Spec) { sim.Mute(s); s.DriftPolicy = v1alpha1.DriftReport }, unmute, time.Minute),
		"Drifted True":                participant(mode(v1alpha1.ModeObserve), nothing, 0),
		"Converging False":            faulty(voicesim.Fault{Status: 422}, 2*time.Second),
		"WaitingForParticipant False": absent(func(*sim.Spec) {}, 10*time.Second),
		"WaitingForAccount False": func(env *sim.Sim) client.Object {
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.AccountRef.Name = "none" })
			env.Elapse(time.Minute)
			return env.Get("agent")
		},
		"WaitingForCoachee False": participant(sim.Whisper(stranger), nothing, 0),
		"Throttled False":         faulty(voicesim.Fault{Status: 429, Header: http.Header{"Retry-After": {"60"}}}, 20*time.Second),
		"APIUnavailable False":    faulty(voicesim.Fault{Status: 503}, 20*time.Second),
		"Rejected False":          faulty(voicesim.Fault{Status: 422, Code: 21402}, 20*time.Second),
		"InvalidReference False": participant(func(s *sim.Spec) {
			s.Coaching, s.ParticipantToCoachRef = new(true), &v1alpha1.LocalReference{Name: "elsewhere"}
		}, func(env *sim.Sim, _ string) {
			env.CreateParticipant("elsewhere", stranger, func(s *sim.Spec) { s.ConferenceSID = unknown })
		}, time.Minute),
		"CoacheeGone False":  coacheeGone,
		"Unauthorized False": unauthorized,
		"Conflict False": func(env *sim.Sim) client.Object {
			call := env.Join()
			env.CreateParticipant("first", call, sim.Mute)
			env.Elapse(time.Minute)
			env.CreateParticipant("agent", call, sim.Unmute)
			env.Elapse(time.Minute)
			return env.Get("agent")
		},
		"NotApplied False": faulty(voicesim.Fault{Ignore: true}, 15*time.Second),
		"Contested False": participant(sim.Unmute, func(env *sim.Sim, call string) {
			for range 8 {
				env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = true })
				env.Elapse(40 * time.Second)
			}
		}, 0),
		"ParticipantNotFound False": absent(func(s *sim.Spec) { s.JoinDeadlineSeconds = new(int32(30)) }, 2*time.Minute),
		"ConferenceOver False": absent(func(*sim.Spec) {}, 0).after(func(env *sim.Sim) {
			env.Join()
			env.Join()
			env.Elapse(time.Minute)
			env.Provider.EndConference(env.Conference)
			env.Elapse(2 * time.Minute)
		}),
		"ConferenceNotFound False": absent(func(s *sim.Spec) { s.ConferenceSID = unknown }, 2*time.Minute),
		"ParticipantLeft False": func(env *sim.Sim) client.Object {
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Status: 503})
			call := env.Join()
			env.Join()
			env.CreateParticipant("agent", call, sim.Mute)
			env.Elapse(20 * time.Second)
			env.Provider.HangUp(call)
			env.Elapse(5 * time.Minute)
			return env.Get("agent")
		},
		"Suspended True or none": participant(func(s *sim.Spec) { sim.Mute(s); s.Suspend = true }, nothing, 0),
	}
}

// after is a scenario after something more has happened.
func (s scenario) after(more func(env *sim.Sim)) scenario {
	return func(env *sim.Sim) client.Object {
		found := s(env)
		more(env)
		return env.Get(found.GetName())
	}
}

func coacheeGone(env *sim.Sim) client.Object {
	coachee := env.Join()
	return participant(sim.Whisper(coachee), func(env *sim.Sim, _ string) { env.Provider.HangUp(coachee) }, 5*time.Minute)(env)
}

func unauthorized(env *sim.Sim) client.Object {
	env.Provider.RevokeTokens(sim.AccountSID)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(5 * time.Minute)
	return env.Get("agent")
}
