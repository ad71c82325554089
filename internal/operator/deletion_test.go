package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func reset(s *world.Spec)  { s.DeletionPolicy = v1alpha1.DeletionReset }
func remove(s *world.Spec) { s.DeletionPolicy = v1alpha1.DeletionRemove }

// wantGone checks that an object is deleted.
func wantGone(w *world.World, name string) {
	w.Helper()
	err := w.Client.Get(w.Context(), types.NamespacedName{Namespace: world.Namespace, Name: name}, &world.Object{})
	if !apierrors.IsNotFound(err) {
		w.Errorf("%s is still there: %v", name, err)
	}
}

func TestR11RetainSendsNothingAndHoldsNothingUp(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Settle()
	if finalizers := w.Get("agent").Finalizers; len(finalizers) != 0 {
		t.Errorf("finalizers %q", finalizers)
	}
	w.Sim.ResetJournal()
	w.Delete(w.Get("agent"))
	w.Pass(time.Hour)
	wantGone(w, "agent")
	if requests := w.Sim.Journal(); len(requests) != 0 {
		t.Errorf("%d requests after the deletion", len(requests))
	}
}

func TestR11ResetOpensWhatTheObjectClosed(t *testing.T) {
	agent := ""
	cases := []struct {
		name    string
		initial voicesim.JoinOptions
		declare func(*world.Spec)
		want    []string
	}{
		{"mute and hold", voicesim.JoinOptions{}, func(s *world.Spec) { world.Mute(s); world.Hold(s) }, []string{"Hold=false Muted=false"}},
		{"who was muted before stays muted", voicesim.JoinOptions{Muted: true}, world.Mute, nil},
		{"what was opened stays open", voicesim.JoinOptions{Muted: true}, world.Open, nil},
		{"listening coach", voicesim.JoinOptions{}, func(s *world.Spec) { world.Mute(s); s.CallSIDToCoach = v1alpha1.SID(agent) }, []string{"Coaching=false Muted=false"}},
		{"a whisperer stays muted, and is so first", voicesim.JoinOptions{}, func(s *world.Spec) { world.Whisper(agent)(s) },
			[]string{"CallSidToCoach=$ Coaching=true Muted=true", "Coaching=false"}},
		{"no beep", voicesim.JoinOptions{}, func(s *world.Spec) { world.Mute(s); s.Beep = new(true) }, []string{"Beep=false Muted=false"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := world.New(t)
			agent = w.Join()
			w.Declare("caller", w.Join(c.initial), func(s *world.Spec) { c.declare(s); reset(s) })
			w.Pass(time.Minute)
			w.WantReady("caller", "True", v1alpha1.ReasonInSync)
			w.Updates()
			w.Delete(w.Get("caller"))
			w.Pass(10 * time.Second)
			wantGone(w, "caller")
			for i := range c.want {
				c.want[i] = strings.ReplaceAll(c.want[i], "$", agent)
			}
			w.WantUpdates(c.want...)
			w.WantQuiet(time.Hour)
		})
	}
}

func TestR11ResetIsObservedFirst(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); world.Hold(s); reset(s) })
	w.Settle()
	w.Updates()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	w.Delete(w.Get("caller"))
	w.Settle()
	w.WantUpdates("Hold=false")
	wantGone(w, "caller")
}

func TestR11WhoseCallHasEndedGoesWithoutARequest(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Settle()
	w.Updates()
	w.Sim.Drift(w.Conference, call, func(p *voicesim.Participant) { p.Status = "completed" })
	w.Delete(w.Get("caller"))
	w.Settle()
	w.WantUpdates()
	wantGone(w, "caller")
}

func TestR11WhoLostTheClaimGoesWithoutARequest(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.CreateIn("elsewhere", "wrong")
	w.DeclareIn("elsewhere", "earlier", call, world.Mute)
	w.Pass(time.Second)
	w.Declare("agent", call, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(time.Minute)
	w.Rotate("elsewhere", world.Token)
	w.Pass(time.Minute)
	w.WantReady("agent", "False", v1alpha1.ReasonConflict)
	w.Updates()
	earlier := &world.Object{}
	if err := w.Client.Get(t.Context(), types.NamespacedName{Namespace: "elsewhere", Name: "earlier"}, earlier); err != nil {
		t.Fatal(err)
	}
	w.Delete(earlier)
	w.Delete(w.Get("agent"))
	w.Pass(time.Minute)
	wantGone(w, "agent")
	w.WantUpdates()
}

func TestR11TheFinalizerComesFirstAndGoesWithThePolicy(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
	var order []string
	w.Cross = func(crossing world.Crossing) world.Fate {
		if !strings.HasPrefix(crossing.What, "GET") {
			order = append(order, strings.Fields(crossing.What)[0])
		}
		return world.Lives
	}
	w.Settle()
	// The finalizer, the initial state, the update, the report, the event.
	if want := []string{"patch", "patch", "POST", "patch", "post"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
	w.Cross = nil
	if found := w.Get("caller"); !slices.Equal(found.Finalizers, []string{v1alpha1.Finalizer}) || found.Status.Initial == nil || found.Status.Initial.Muted {
		t.Errorf("finalizers %q, initial %+v", found.Finalizers, found.Status.Initial)
	}
	w.Edit("caller", func(s *world.Spec) { s.DeletionPolicy = v1alpha1.DeletionRetain })
	w.Pass(time.Minute)
	if found := w.Get("caller"); len(found.Finalizers) != 0 || found.Status.Initial != nil {
		t.Errorf("finalizers %q, initial %+v", found.Finalizers, found.Status.Initial)
	}
	w.WantQuiet(time.Hour)
}

func TestR11Remove(t *testing.T) {
	for name, c := range map[string]struct {
		ends, allowed bool
		removed       bool
	}{
		"one of many":              {false, false, true},
		"the conference would end": {true, false, false},
		"the conference is to end": {true, true, true},
		"an annotation for nobody": {false, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			call := w.Join(voicesim.JoinOptions{EndConferenceOnExit: c.ends})
			w.Declare("caller", call, remove)
			w.Settle()
			if c.allowed {
				p := w.Get("caller")
				p.Annotations = map[string]string{v1alpha1.AllowEndConferenceAnnotation: "true"}
				w.Update(p)
			}
			events(w)
			w.Delete(w.Get("caller"))
			w.Pass(time.Minute)
			wantGone(w, "caller")
			if _, there := w.Sim.Participant(w.Conference, call); there == c.removed {
				t.Errorf("the participant is in the conference: %v", there)
			}
			if !c.removed {
				wantEvents(w, v1alpha1.EventWouldEndConference)
			}
		})
	}
}

func TestR11WhoGoesWithoutARequest(t *testing.T) {
	cases := map[string]func(*world.World, string){
		"suspended": func(w *world.World, _ string) { w.Edit("caller", func(s *world.Spec) { s.Suspend = true }) },
		"observing": func(w *world.World, _ string) {
			w.Edit("caller", func(s *world.Spec) { s.Mode = v1alpha1.ModeObserve })
		},
		"left": func(w *world.World, call string) { w.Sim.HangUp(call); w.Pass(time.Minute) },
		"renamed": func(w *world.World, call string) {
			w.Advance(time.Second)
			w.Declare("renamed", call, func(s *world.Spec) { world.Mute(s); reset(s) })
		},
		"policy was changed": func(w *world.World, _ string) {
			w.Edit("caller", func(s *world.Spec) { s.DeletionPolicy = v1alpha1.DeletionRetain })
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			call := w.Join()
			w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); reset(s) })
			w.Settle()
			prepare(w, call)
			w.Pass(time.Minute)
			w.Updates()
			w.Delete(w.Get("caller"))
			w.Pass(time.Minute)
			wantGone(w, "caller")
			w.WantUpdates()
		})
	}
}

func TestR11WhoIsBeingDeletedInheritsNothing(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("first", call, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(time.Second)
	w.Declare("second", call, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(time.Minute)
	w.WantReady("second", "False", v1alpha1.ReasonConflict)
	w.Updates()
	w.Delete(w.Get("first"))
	w.Delete(w.Get("second"))
	w.Pass(time.Minute)
	wantGone(w, "first")
	wantGone(w, "second")
	w.WantUpdates("Muted=false")
}

func TestR11NeverSeenGoesWithoutARequest(t *testing.T) {
	for name, policy := range map[string]func(*world.Spec){"Reset": reset, "Remove": remove} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Declare("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", func(s *world.Spec) { world.Mute(s); policy(s) })
			w.Pass(time.Minute)
			w.Sim.ResetJournal()
			w.Delete(w.Get("nobody"))
			w.Settle()
			wantGone(w, "nobody")
			if requests := len(w.Sim.Journal()); requests != 0 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

func TestR11WhoIsNotThereAnyMoreNeedsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		policy    func(*world.Spec)
		operation string
	}{
		"Reset":                  {reset, voicesim.OpGetParticipant},
		"Remove":                 {remove, voicesim.OpGetParticipant},
		"Remove, gone meanwhile": {remove, voicesim.OpRemoveParticipant},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); c.policy(s) })
			w.Settle()
			w.Updates()
			w.Sim.Inject(voicesim.Fault{Operation: c.operation, Status: 404})
			w.Delete(w.Get("caller"))
			w.Settle()
			wantGone(w, "caller")
			w.WantUpdates()
		})
	}
}

func TestR11EverythingIsDeletedAtOnce(t *testing.T) {
	things := map[string]func(*world.World) client.Object{
		"account":     func(w *world.World) client.Object { return w.Account("acme") },
		"participant": func(w *world.World) client.Object { return w.Get("caller") },
		"secret": func(*world.World) client.Object {
			secret := &corev1.Secret{}
			secret.Namespace, secret.Name = world.Namespace, "token"
			return secret
		},
	}
	for _, order := range [][]string{
		{"account", "participant", "secret"}, {"account", "secret", "participant"}, {"participant", "account", "secret"},
		{"participant", "secret", "account"}, {"secret", "account", "participant"}, {"secret", "participant", "account"},
	} {
		for name, between := range map[string]time.Duration{"at once": 0, "a minute apart": time.Minute} {
			t.Run(strings.Join(order, ", ")+" "+name, func(t *testing.T) {
				w := world.New(t)
				call := w.Join()
				w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); reset(s) })
				w.Settle()
				for _, thing := range order {
					w.Delete(things[thing](w))
					w.Pass(between)
				}
				w.Pass(time.Minute)
				wantGone(w, "caller")
				if p, _ := w.Sim.Participant(w.Conference, call); p.Muted {
					t.Error("the participant is still muted")
				}
				if gateway, _ := w.Controllers.Participants.Registry.Farewell(types.NamespacedName{Namespace: world.Namespace, Name: "acme"}); gateway != nil {
					t.Error("the credentials are kept for nobody")
				}
			})
		}
	}
}

func TestR11ADeletionNeverHangs(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); world.Hold(s); reset(s) })
	w.Pass(time.Minute)
	w.Sim.Inject(voicesim.Fault{Status: 503})
	w.Delete(w.Get("caller"))
	w.Pass(5*time.Minute - time.Second)
	if len(w.Get("caller").Finalizers) == 0 {
		t.Error("it was given up before five minutes were over")
	}
	events(w)
	w.Pass(2 * time.Second)
	wantGone(w, "caller")
	told := events(w)
	if len(told) != 1 || !strings.Contains(told[0], v1alpha1.EventNotReset) || !strings.Contains(told[0], "muted, hold") {
		t.Errorf("events %q", told)
	}
}

func TestR11AnOldDeletionSendsNothing(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Pass(time.Minute)
	w.Updates()
	if err := w.Client.Delete(w.Context(), w.Get("caller")); err != nil {
		t.Fatal(err)
	}
	w.BackdateDeletion("caller", 6*time.Minute)
	w.Restart()
	w.Pass(time.Minute)
	wantGone(w, "caller")
	w.WantUpdates()
}

func TestR11AFieldThatIsNoLongerManagedIsReported(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); world.Hold(s) })
	w.Settle()
	w.Updates()
	events(w)
	w.Edit("caller", func(s *world.Spec) { s.Hold = nil })
	w.Settle()
	w.WantUpdates()
	wantEvents(w, v1alpha1.EventNoLongerManaged)
	w.Pass(time.Hour)
	if told := events(w); len(told) != 0 {
		t.Errorf("told again: %q", told)
	}
}

func TestR11AResetWithoutEffectIsTriedSlowly(t *testing.T) {
	w := world.New(t, func(s *voicesim.Settings) { s.IgnoreChangesOnHold = true })
	call := w.Join()
	w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Settle()
	w.Updates()
	toggle(w, call, func(p *voicesim.Participant) { p.Hold = true })
	w.Delete(w.Get("caller"))
	w.Pass(6 * time.Minute)
	wantGone(w, "caller")
	if sent := len(w.Updates()); sent < 2 || sent > 15 {
		t.Errorf("%d updates in five minutes, want 2 to 15", sent)
	}
}

// A first update may have been carried out although nobody heard so.
func TestR11AFirstUpdateWhoseAnswerIsLostIsUndone(t *testing.T) {
	for name, dies := range map[string]bool{"lost answer": false, "crash": true} {
		for _, policy := range []func(*world.Spec){reset, remove} {
			t.Run(name, func(t *testing.T) {
				w := world.New(t)
				call := w.Join()
				w.Join()
				w.Cross = func(crossing world.Crossing) world.Fate {
					if !dies || !crossing.Provider || !strings.HasPrefix(crossing.What, "POST") {
						return world.Lives
					}
					w.Cross = nil
					defer w.Delete(w.Get("caller"))
					return world.DiesAfter
				}
				if !dies {
					w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
				}
				w.Declare("caller", call, func(s *world.Spec) { world.Mute(s); policy(s) })
				w.Settle()
				if !dies {
					w.Delete(w.Get("caller"))
				}
				w.Pass(time.Minute)
				wantGone(w, "caller")
				if p, there := w.Sim.Participant(w.Conference, call); there && p.Muted {
					t.Error("the participant is still there and muted")
				}
			})
		}
	}
}

func TestR15ADeletionKeepsItsBackOff(t *testing.T) {
	w := world.New(t)
	w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
	w.Settle()
	w.Sim.ResetJournal()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Times: 1, Status: 503})
	w.Delete(w.Get("caller"))
	w.Settle()
	for range 7 { // each watch event is another pass, and the back-off is 750 ms at least
		w.Pass(100 * time.Millisecond)
		w.Notify(w.Get("caller"))
		w.Settle()
	}
	w.WantUpdates()
	w.Pass(time.Second)
	w.WantUpdates("Muted=false")
	wantGone(w, "caller")
}

// TestAConferenceIsForgottenWithItsLastObject has a pass look at a conference that
// was dropped, just before its object goes.
func TestAConferenceIsForgottenWithItsLastObject(t *testing.T) {
	for _, interval := range []int32{0, 5} {
		w := world.New(t)
		w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(interval) })
		w.Declare("caller", w.Join(), func(s *world.Spec) { world.Mute(s); reset(s) })
		w.Pass(time.Minute)
		w.Crossed = func(crossing world.Crossing) {
			if crossing.What == "patch ConferenceParticipant" {
				key := gateway.Key{Account: world.AccountName, Conference: w.Conference}
				w.Controllers.Rosters.Registry.DropIdle(key)
				w.Controllers.Rosters.Registry.Roster(key)
			}
		}
		caller := w.Get("caller")
		w.Delete(caller)
		w.Settle()
		w.Notify(caller)
		w.Pass(time.Minute)
		if _, conferences := w.Controllers.Rosters.Registry.Size(); conferences != 0 {
			w.Errorf("%d conferences are kept, polled every %d s", conferences, interval)
		}
	}
}

// TestAConferenceIsForgottenThoughItWasJustLookedAt has the last object go while it
// is remembered that there are some.
func TestAConferenceIsForgottenThoughItWasJustLookedAt(t *testing.T) {
	w := world.New(t)
	w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	w.Declare("caller", w.Join(), world.Mute)
	w.Pass(time.Minute)
	w.Demand("caller", "now")
	w.Settle()
	w.Delete(w.Get("caller"))
	w.Pass(time.Minute)
	if _, conferences := w.Controllers.Rosters.Registry.Size(); conferences != 0 {
		w.Errorf("%d conferences are kept", conferences)
	}
}

// TestAConferenceIsForgottenWhenItsLastObjectGoesBeforeAList has it be found out
// after a list, and not before it, that there is nobody to list it for any more.
func TestAConferenceIsForgottenWhenItsLastObjectGoesBeforeAList(t *testing.T) {
	for at := time.Duration(0); at < 5*time.Second; at += 200 * time.Millisecond {
		w := world.New(t)
		w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(5)) })
		for _, name := range []string{"first", "last"} {
			w.Declare(name, w.Join(), world.Mute)
		}
		w.Pass(time.Minute + at)
		w.Crossed = func(crossing world.Crossing) {
			if crossing.Provider {
				w.Advance(400 * time.Millisecond)
			}
		}
		w.Delete(w.Get("first"))
		w.Pass(500 * time.Millisecond)
		w.Delete(w.Get("last"))
		w.Pass(time.Minute)
		if _, conferences := w.Controllers.Rosters.Registry.Size(); conferences != 0 {
			w.Errorf("%d conferences are kept", conferences)
		}
	}
}
