package gitops

import (
	"context"
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

type conferenceSpec = v1alpha1.ConferenceSpec

// allHands mutes everybody.
func allHands(s *conferenceSpec) {
	s.FriendlyName = "all-hands"
	s.Roles = []v1alpha1.Role{{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}}}
}

// byNumber has a host that is known by a number.
func byNumber(s *conferenceSpec) {
	allHands(s)
	s.Roles = append([]v1alpha1.Role{{
		Name: "host", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{"+15555550177"}}},
		AudioControls: v1alpha1.AudioControls{Muted: new(false)},
	}}, s.Roles...)
}

// bySecret has a host that is known by the numbers in a Secret.
func bySecret(s *conferenceSpec) {
	byNumber(s)
	s.Roles[0].Match = []v1alpha1.RoleTerm{{NumbersSecretRef: &v1alpha1.SecretKeySelector{Name: "hosts", Key: "numbers"}}}
}

// numbers stores the Secret.
func numbers(key, lines string) func(env *sim.Sim) {
	return func(env *sim.Sim) {
		env.Create(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: sim.Namespace, Name: "hosts"}, Data: map[string][]byte{key: []byte(lines)}})
	}
}

// conference is the scenario of a Conference with a room in which two are.
func conference(change func(*conferenceSpec), prepare ...func(env *sim.Sim)) scenario {
	return func(env *sim.Sim) client.Object {
		for _, do := range prepare {
			do(env)
		}
		env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550142"})
		env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550143"})
		env.CreateConference("all-hands", change)
		env.Elapse(time.Minute)
		return env.GetConference("all-hands")
	}
}

// failures has requests of an operation fail.
func failures(operation string, fault voicesim.Fault) func(env *sim.Sim) {
	fault.Operation = operation
	return func(env *sim.Sim) { env.Provider.Inject(fault) }
}

// with is a Conference that says something more.
func with(change, more func(*conferenceSpec)) func(*conferenceSpec) {
	return func(s *conferenceSpec) { change(s); more(s) }
}

func observing(s *conferenceSpec) { s.Mode = v1alpha1.ModeObserve }

// fullQuota has no child stored.
func fullQuota(env *sim.Sim) {
	env.Intercept.Apply = func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
		resource := v1alpha1.GroupVersion.WithResource("conferenceparticipants").GroupResource()
		return apierrors.NewForbidden(resource, "all-hands-0", fmt.Errorf("exceeded quota: calls"))
	}
}

// conferences has a scenario for each row of the documented table.
func conferences() map[string]scenario {
	unlisted := func(fault voicesim.Fault) func(env *sim.Sim) { return failures("", fault) }
	return map[string]scenario{
		"InSync True":   conference(allHands),
		"NoRoom True":   conference(with(allHands, func(s *conferenceSpec) { s.FriendlyName = "other" })),
		"Observed True": conference(with(allHands, func(s *conferenceSpec) { observing(s); s.Roles = nil })),
		"Drifted True":  conference(with(allHands, observing)),
		"Converging False": conference(allHands,
			failures(voicesim.OpUpdateParticipant, voicesim.Fault{Status: 503})),
		"WaitingForAccount False": conference(with(allHands, func(s *conferenceSpec) { s.AccountRef.Name = "none" })),
		"Throttled False": conference(allHands, unlisted(voicesim.Fault{Status: 429, Header: http.Header{"Retry-After": {"300"}}}), func(env *sim.Sim) {
			// The account is throttled before the Conference is there.
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(5 * time.Second)
		}),
		"APIUnavailable False": conference(allHands, unlisted(voicesim.Fault{Status: 503})),
		"Conflict False": conference(allHands, func(env *sim.Sim) {
			env.CreateConference("first", allHands)
			env.Elapse(time.Minute)
		}),
		"NotApplied False": conference(allHands, failures(voicesim.OpUpdateParticipant, voicesim.Fault{Ignore: true})).
			afterConference(func(env *sim.Sim) { env.Elapse(5 * time.Minute) }),
		"ChildrenRefused False":  conference(allHands, fullQuota),
		"SecretNotFound False":   conference(bySecret),
		"SecretKeyMissing False": conference(bySecret, numbers("others", "+15555550177")),
		"InvalidNumbers False":   conference(bySecret, numbers("numbers", "a colleague")),
		"Unauthorized False":     conference(allHands, func(env *sim.Sim) { env.Provider.RevokeTokens(sim.AccountSID) }),
		"Rejected False": conference(with(allHands, func(s *conferenceSpec) {
			s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: "https://media.example.com/closing.xml"}
		}), failures(voicesim.OpUpdateConference, voicesim.Fault{Status: 422, Code: 21402})),
		"TooManyRooms False": conference(allHands, func(env *sim.Sim) {
			for i := range 9 {
				env.JoinRoom(fmt.Sprint("room-", i))
				env.JoinRoom(fmt.Sprint("room-", i))
			}
			row := &voicesim.RowFault{Set: map[string]any{"friendly_name": "all-hands"}}
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListConferences, Row: row})
		}),
		"Suspended True or none": conference(with(allHands, func(s *conferenceSpec) { s.Suspend = true })),
		"Unidentified either": conference(byNumber).afterConference(func(env *sim.Sim) {
			// Most reads have succeeded lately.
			for range 12 {
				env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550144"})
			}
			env.Elapse(10 * time.Second)
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetCall, Status: 503})
			env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550145"})
			env.Elapse(35 * time.Second)
		}),
		"LookupFailing either": conference(byNumber, failures(voicesim.OpGetCall, voicesim.Fault{Status: 503}),
			failures(voicesim.OpListCalls, voicesim.Fault{Status: 503})).afterConference(func(env *sim.Sim) { env.Elapse(2 * time.Minute) }),
		"WaitingForRole either": conference(byNumber).afterConference(func(env *sim.Sim) {
			env.EditConference("all-hands", func(s *conferenceSpec) { s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", HoldURL: sim.Music} })
			env.Elapse(time.Minute)
			env.JoinRoom("all-hands", voicesim.JoinOptions{From: "+15555550144"})
			env.Elapse(time.Minute)
		}),
	}
}

// afterConference is a scenario of a Conference after something more has happened.
func (s scenario) afterConference(more func(env *sim.Sim)) scenario {
	return func(env *sim.Sim) client.Object {
		found := s(env)
		more(env)
		return env.GetConference(found.GetName())
	}
}
