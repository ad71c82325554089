package operator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func reset(s *sim.Spec)  { s.DeletionPolicy = v1alpha1.DeletionReset }
func remove(s *sim.Spec) { s.DeletionPolicy = v1alpha1.DeletionRemove }

// wantGone checks that an object is deleted.
func wantGone(t *testing.T, env *sim.Sim, name string) {
	t.Helper()
	err := env.Client.Get(t.Context(), types.NamespacedName{Namespace: sim.Namespace, Name: name}, &sim.Object{})
	if !apierrors.IsNotFound(err) {
		t.Errorf("%s is still there: %v", name, err)
	}
}

func TestR11RetainSendsNothingAndHoldsNothingUp(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.RunUntilIdle()
	if finalizers := env.Get("agent").Finalizers; len(finalizers) != 0 {
		t.Errorf("finalizers %q", finalizers)
	}
	env.Provider.ResetJournal()
	env.Delete(env.Get("agent"))
	env.Elapse(time.Hour)
	wantGone(t, env, "agent")
	if requests := env.Provider.Journal(); len(requests) != 0 {
		t.Errorf("%d requests after the deletion", len(requests))
	}
}

func TestR11ResetOpensWhatTheObjectClosed(t *testing.T) {
	agent := ""
	cases := []struct {
		name    string
		initial voicesim.JoinOptions
		declare func(*sim.Spec)
		want    []string
	}{
		{"mute and hold", voicesim.JoinOptions{}, func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) }, []string{"Hold=false Muted=false"}},
		{"who was muted before stays muted", voicesim.JoinOptions{Muted: true}, sim.Mute, nil},
		{"what was opened stays open", voicesim.JoinOptions{Muted: true}, sim.Unmute, nil},
		{"listening coach", voicesim.JoinOptions{}, func(s *sim.Spec) { sim.Mute(s); s.CallSIDToCoach = v1alpha1.SID(agent) }, []string{"Coaching=false Muted=false"}},
		{"a whisperer stays muted, and is so first", voicesim.JoinOptions{}, func(s *sim.Spec) { sim.Whisper(agent)(s) },
			[]string{"CallSidToCoach=$ Coaching=true Muted=true", "Coaching=false"}},
		{"no beep", voicesim.JoinOptions{}, func(s *sim.Spec) { sim.Mute(s); s.Beep = new(true) }, []string{"Beep=false Muted=false"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			env := sim.New(t)
			agent = env.Join()
			env.CreateParticipant("caller", env.Join(c.initial), func(s *sim.Spec) { c.declare(s); reset(s) })
			env.Elapse(time.Minute)
			env.WantReady("caller", "True", v1alpha1.ReasonInSync)
			env.Updates()
			env.Delete(env.Get("caller"))
			env.Elapse(10 * time.Second)
			wantGone(t, env, "caller")
			for i := range c.want {
				c.want[i] = strings.ReplaceAll(c.want[i], "$", agent)
			}
			env.WantUpdates(c.want...)
			env.WantQuiet(time.Hour)
		})
	}
}

func TestR11ResetIsObservedFirst(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); sim.Hold(s); reset(s) })
	env.RunUntilIdle()
	env.Updates()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.Delete(env.Get("caller"))
	env.RunUntilIdle()
	env.WantUpdates("Hold=false")
	wantGone(t, env, "caller")
}

func TestR11AfterTheCallHasEndedDeletionSendsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.RunUntilIdle()
	env.Updates()
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Status = "completed" })
	env.Delete(env.Get("caller"))
	env.RunUntilIdle()
	env.WantUpdates()
	wantGone(t, env, "caller")
}

func TestR11AfterALostClaimDeletionSendsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateAccountIn("elsewhere", "wrong")
	env.CreateParticipantIn("elsewhere", "earlier", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Minute)
	env.RotateToken("elsewhere", sim.Token)
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonConflict)
	env.Updates()
	earlier := &sim.Object{}
	if err := env.Client.Get(t.Context(), types.NamespacedName{Namespace: "elsewhere", Name: "earlier"}, earlier); err != nil {
		t.Fatal(err)
	}
	env.Delete(earlier)
	env.Delete(env.Get("agent"))
	env.Elapse(time.Minute)
	wantGone(t, env, "agent")
	env.WantUpdates()
}

func TestR11TheFinalizerComesFirstAndGoesWithThePolicy(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
	var order []string
	env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
		order = append(order, strings.Join(strings.Fields(boundary.What)[:2], " "))
		return sim.None
	}
	env.RunUntilIdle()
	finalizer, initial := slices.Index(order, "patch ConferenceParticipant"), slices.Index(order, "patch status")
	update := slices.IndexFunc(order, func(what string) bool { return strings.HasPrefix(what, "POST ") })
	if finalizer < 0 || initial < finalizer || update < initial {
		t.Errorf("order %q, want the finalizer, the initial state, the update", order)
	}
	env.WantUpdates("Muted=true")
	env.AtBoundary = nil
	if found := env.Get("caller"); !slices.Equal(found.Finalizers, []string{v1alpha1.Finalizer}) || found.Status.Initial == nil || found.Status.Initial.Muted {
		t.Errorf("finalizers %q, initial %+v", found.Finalizers, found.Status.Initial)
	}
	env.Edit("caller", func(s *sim.Spec) { s.DeletionPolicy = v1alpha1.DeletionRetain })
	env.Elapse(time.Minute)
	if found := env.Get("caller"); len(found.Finalizers) != 0 || found.Status.Initial != nil {
		t.Errorf("finalizers %q, initial %+v", found.Finalizers, found.Status.Initial)
	}
	env.WantQuiet(time.Hour)
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
			env := sim.New(t)
			call := env.Join(voicesim.JoinOptions{EndConferenceOnExit: c.ends})
			env.CreateParticipant("caller", call, remove)
			env.RunUntilIdle()
			if c.allowed {
				p := env.Get("caller")
				p.Annotations = map[string]string{v1alpha1.AllowEndConferenceAnnotation: "true"}
				env.Update(p)
			}
			env.TakeEvents()
			env.Delete(env.Get("caller"))
			env.Elapse(time.Minute)
			wantGone(t, env, "caller")
			if _, there := env.Provider.Participant(env.Conference, call); there == c.removed {
				t.Errorf("the participant is in the conference: %v", there)
			}
			if !c.removed {
				wantEvents(t, env, v1alpha1.EventWouldEndConference)
			}
		})
	}
}

// TestR11WhatIsNotSaidMayEndTheConference removes nobody while the provider does not
// say whether the conference would end.
func TestR11WhatIsNotSaidMayEndTheConference(t *testing.T) {
	for name, row := range map[string]voicesim.RowFault{
		"missing":  {Omit: []string{"end_conference_on_exit"}},
		"null":     {Set: map[string]any{"end_conference_on_exit": nil}},
		"a word":   {Set: map[string]any{"end_conference_on_exit": "false"}},
		"a number": {Set: map[string]any{"end_conference_on_exit": 0}},
	} {
		for _, allowed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, allowed %v", name, allowed), func(t *testing.T) {
				env := sim.New(t)
				env.Provider.Inject(voicesim.Fault{Row: &row})
				call := env.Join()
				env.CreateParticipant("caller", call, remove)
				env.Elapse(time.Minute)
				if allowed {
					p := env.Get("caller")
					p.Annotations = map[string]string{v1alpha1.AllowEndConferenceAnnotation: "true"}
					env.Update(p)
				}
				env.TakeEvents()
				env.Delete(env.Get("caller"))
				env.Elapse(time.Minute)
				wantGone(t, env, "caller")
				if _, there := env.Provider.Participant(env.Conference, call); there == allowed {
					t.Errorf("the participant is in the conference: %v", there)
				}
				if !allowed {
					wantEvents(t, env, v1alpha1.EventWouldEndConference)
				}
			})
		}
	}
}

func TestR11DeletionWithoutARequest(t *testing.T) {
	cases := map[string]func(*sim.Sim, string){
		"suspended": func(env *sim.Sim, _ string) { env.Edit("caller", func(s *sim.Spec) { s.Suspend = true }) },
		"observing": func(env *sim.Sim, _ string) {
			env.Edit("caller", func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve })
		},
		"left": func(env *sim.Sim, call string) { env.Provider.HangUp(call); env.Elapse(time.Minute) },
		"renamed": func(env *sim.Sim, call string) {
			env.Advance(time.Second)
			env.CreateParticipant("renamed", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
		},
		"policy was changed": func(env *sim.Sim, _ string) {
			env.Edit("caller", func(s *sim.Spec) { s.DeletionPolicy = v1alpha1.DeletionRetain })
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
			env.RunUntilIdle()
			prepare(env, call)
			env.Elapse(time.Minute)
			env.Updates()
			env.Delete(env.Get("caller"))
			env.Elapse(time.Minute)
			wantGone(t, env, "caller")
			env.WantUpdates()
		})
	}
}

func TestR11ADeletingObjectInheritsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Minute)
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	env.Updates()
	env.Delete(env.Get("first"))
	env.Delete(env.Get("second"))
	env.Elapse(time.Minute)
	wantGone(t, env, "first")
	wantGone(t, env, "second")
	env.WantUpdates("Muted=false")
}

func TestR11NeverSeenGoesWithoutARequest(t *testing.T) {
	for name, policy := range map[string]func(*sim.Spec){"Reset": reset, "Remove": remove} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("nobody", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", func(s *sim.Spec) { sim.Mute(s); policy(s) })
			env.Elapse(time.Minute)
			env.Provider.ResetJournal()
			env.Delete(env.Get("nobody"))
			env.RunUntilIdle()
			wantGone(t, env, "nobody")
			if requests := len(env.Provider.Journal()); requests != 0 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

func TestR11AnAbsentParticipantNeedsNoCleanUp(t *testing.T) {
	for name, c := range map[string]struct {
		policy    func(*sim.Spec)
		operation string
	}{
		"Reset":                  {reset, voicesim.OpGetParticipant},
		"Remove":                 {remove, voicesim.OpGetParticipant},
		"Remove, gone meanwhile": {remove, voicesim.OpRemoveParticipant},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); c.policy(s) })
			env.RunUntilIdle()
			env.Updates()
			env.Provider.Inject(voicesim.Fault{Operation: c.operation, Status: 404})
			env.Delete(env.Get("caller"))
			env.RunUntilIdle()
			wantGone(t, env, "caller")
			env.WantUpdates()
		})
	}
}

func TestR11EverythingIsDeletedAtOnce(t *testing.T) {
	things := map[string]func(*sim.Sim) client.Object{
		"account":     func(env *sim.Sim) client.Object { return env.Account("acme") },
		"participant": func(env *sim.Sim) client.Object { return env.Get("caller") },
		"secret": func(*sim.Sim) client.Object {
			secret := &corev1.Secret{}
			secret.Namespace, secret.Name = sim.Namespace, "token"
			return secret
		},
	}
	for _, order := range [][]string{
		{"account", "participant", "secret"}, {"account", "secret", "participant"}, {"participant", "account", "secret"},
		{"participant", "secret", "account"}, {"secret", "account", "participant"}, {"secret", "participant", "account"},
	} {
		for name, between := range map[string]time.Duration{"at once": 0, "a minute apart": time.Minute} {
			t.Run(strings.Join(order, ", ")+" "+name, func(t *testing.T) {
				env := sim.New(t)
				call := env.Join()
				env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
				env.RunUntilIdle()
				for _, thing := range order {
					env.Delete(things[thing](env))
					env.Elapse(between)
				}
				env.Elapse(time.Minute)
				wantGone(t, env, "caller")
				if p, _ := env.Provider.Participant(env.Conference, call); p.Muted {
					t.Error("the participant is still muted")
				}
				if session, _ := env.Controllers.Registry.ForFinalizer(types.NamespacedName{Namespace: sim.Namespace, Name: "acme"}); session != nil {
					t.Error("the credentials are kept for nobody")
				}
			})
		}
	}
}

func TestR11ADeletionNeverHangs(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s); reset(s) })
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{Status: 503})
	env.Delete(env.Get("caller"))
	env.Elapse(5*time.Minute - time.Second)
	if len(env.Get("caller").Finalizers) == 0 {
		t.Error("it was given up before five minutes were over")
	}
	env.TakeEvents()
	env.Elapse(2 * time.Second)
	wantGone(t, env, "caller")
	told := env.TakeEvents()
	if len(told) != 1 || !strings.Contains(told[0], v1alpha1.EventNotReset) || !strings.Contains(told[0], "muted, hold") {
		t.Errorf("events %q", told)
	}
}

// TestR11AnOldDeletionIsStillCarriedOut has an operator see a deletion late, or by a
// clock that differs from the API server's.
func TestR11AnOldDeletionIsStillCarriedOut(t *testing.T) {
	for name, c := range map[string]struct {
		ago  time.Duration
		down bool
	}{
		"our clock is ahead":    {6 * time.Minute, false},
		"our clock is behind":   {-6 * time.Minute, false},
		"the operator was down": {time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
			env.Elapse(time.Minute)
			env.Updates()
			env.Delete(env.Get("caller"))
			env.BackdateDeletion("caller", c.ago)
			if c.down {
				env.Restart()
			}
			env.Elapse(10 * time.Second)
			wantGone(t, env, "caller")
			env.WantUpdates("Muted=false")
		})
	}
}

// TestR11TheLimitOfADeletion has requests kept back while an object is deleted.
func TestR11TheLimitOfADeletion(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(env *sim.Sim)
		lasts   time.Duration
		updates []string
	}{
		"the account is suspended": {func(env *sim.Sim) { env.SuspendAccount(true) }, 5 * time.Minute, nil},
		"the provider says 10 min": {func(env *sim.Sim) { throttle(env, "caller", 600) }, 10 * time.Minute, []string{"Muted=false"}},
		"the provider was down":    {func(env *sim.Sim) { env.Provider.Inject(voicesim.Fault{Status: 503}); env.Elapse(5 * time.Minute) }, 15 * time.Minute, nil},
		"reads fail": {func(env *sim.Sim) {
			env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Status: 503})
		}, 5 * time.Minute, nil},
		"an update fails":             {func(env *sim.Sim) { env.Provider.Inject(throttled(290)) }, 290 * time.Second, []string{"Muted=false", "Muted=false"}},
		"an update fails for so long": {func(env *sim.Sim) { env.Provider.Inject(throttled(600)) }, 5 * time.Minute, []string{"Muted=false"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
			env.Elapse(time.Minute)
			c.prepare(env)
			env.RunUntilIdle()
			env.Updates()
			env.Delete(env.Get("caller"))
			env.Elapse(c.lasts - 2*time.Second)
			if len(env.Get("caller").Finalizers) == 0 {
				t.Error("it was given up too early")
			}
			env.Elapse(14 * time.Second)
			wantGone(t, env, "caller")
			env.WantUpdates(c.updates...)
		})
	}
}

// TestR11ARequestThatIsHeldBackIsNotSent has the provider ask to wait, in its response
// to another request, between the read and the update of a deletion.
func TestR11ARequestThatIsHeldBackIsNotSent(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.CreateParticipant("other", env.Join(), sim.Mute)
	env.Elapse(2 * time.Minute)
	env.Updates()
	env.AfterBoundary = func(boundary sim.Boundary) {
		if strings.HasSuffix(boundary.What, "/Participants/"+call) {
			env.AfterBoundary = nil
			throttle(env, "other", 600)
		}
	}
	env.Delete(env.Get("caller"))
	env.Elapse(9 * time.Minute)
	env.WantUpdates()
	env.Elapse(2 * time.Minute)
	env.WantUpdates("Muted=false")
	wantGone(t, env, "caller")
}

// throttle has the whole account wait for so many seconds from now on, by a list that
// an object needs. A poll just before would keep it back for the gap between two
// lists.
func throttle(env *sim.Sim, name string, seconds int) {
	env.Advance(time.Second)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpListParticipants, Times: 1, Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}},
	})
	env.RequestReconcile(name, "a list that is told to wait")
	env.RunUntilIdle()
}

func TestR11AFieldThatIsNoLongerManagedIsReported(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) })
	env.RunUntilIdle()
	env.Updates()
	env.TakeEvents()
	env.Edit("caller", func(s *sim.Spec) { s.Hold = nil })
	env.RunUntilIdle()
	env.WantUpdates()
	wantEvents(t, env, v1alpha1.EventNoLongerManaged)
	env.Elapse(time.Hour)
	if told := env.TakeEvents(); len(told) != 0 {
		t.Errorf("told again: %q", told)
	}
}

func TestR11AResetWithoutEffectIsTriedSlowly(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.IgnoreChangesOnHold = true })
	call := env.Join()
	env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.RunUntilIdle()
	env.Updates()
	toggle(t, env, call, func(p *voicesim.Participant) { p.Hold = true })
	env.Delete(env.Get("caller"))
	env.Elapse(6 * time.Minute)
	wantGone(t, env, "caller")
	if sent := len(env.Updates()); sent < 2 || sent > 15 {
		t.Errorf("%d updates in five minutes, want 2 to 15", sent)
	}
}

// A first update may have been carried out although its response was lost.
func TestR11AFirstUpdateWhoseAnswerIsLostIsUndone(t *testing.T) {
	for name, dies := range map[string]bool{"lost answer": false, "crash": true} {
		for _, policy := range []func(*sim.Spec){reset, remove} {
			t.Run(name, func(t *testing.T) {
				env := sim.New(t)
				call := env.Join()
				env.Join()
				env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
					if !dies || !boundary.Provider || !strings.HasPrefix(boundary.What, "POST") {
						return sim.None
					}
					env.AtBoundary = nil
					defer env.Delete(env.Get("caller"))
					return sim.CrashAfter
				}
				if !dies {
					env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
				}
				env.CreateParticipant("caller", call, func(s *sim.Spec) { sim.Mute(s); policy(s) })
				env.RunUntilIdle()
				if !dies {
					env.Delete(env.Get("caller"))
				}
				env.Elapse(time.Minute)
				wantGone(t, env, "caller")
				if p, there := env.Provider.Participant(env.Conference, call); there && p.Muted {
					t.Error("the participant is still there and muted")
				}
			})
		}
	}
}

func TestR15ADeletionKeepsItsBackOff(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.RunUntilIdle()
	env.Provider.ResetJournal()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpGetParticipant, Times: 1, Status: 503})
	env.Delete(env.Get("caller"))
	env.RunUntilIdle()
	for range 7 { // each watch event is another reconcile, and the back-off is 750 ms at least
		env.Elapse(100 * time.Millisecond)
		env.EnqueueParticipant("caller")
		env.RunUntilIdle()
	}
	env.WantUpdates()
	env.Elapse(time.Second)
	env.WantUpdates("Muted=false")
	wantGone(t, env, "caller")
}

// TestAConferenceIsForgottenWithItsLastObject has a pass look at a conference that
// was dropped, just before its object goes.
func TestAConferenceIsForgottenWithItsLastObject(t *testing.T) {
	for _, interval := range []int32{0, 5} {
		env := sim.New(t)
		env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(interval) })
		env.CreateParticipant("caller", env.Join(), func(s *sim.Spec) { sim.Mute(s); reset(s) })
		env.Elapse(time.Minute)
		env.AfterBoundary = func(boundary sim.Boundary) {
			if boundary.What == "patch ConferenceParticipant" {
				key := roster.Key{Account: sim.AccountName, Conference: env.Conference}
				env.Controllers.Store.DropIdle(key, env.Now())
				env.Controllers.Store.Roster(key)
			}
		}
		caller := env.Get("caller")
		env.Delete(caller)
		env.RunUntilIdle()
		env.EnqueueParticipant("caller")
		env.Elapse(time.Minute)
		if conferences := env.Controllers.Store.Size(); conferences != 0 {
			t.Errorf("%d conferences are kept, polled every %d s", conferences, interval)
		}
	}
}

// TestAConferenceIsForgottenThoughItWasJustLookedAt has the last object go while it
// is remembered that there are some.
func TestAConferenceIsForgottenThoughItWasJustLookedAt(t *testing.T) {
	env := sim.New(t)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
	env.CreateParticipant("caller", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	env.RequestReconcile("caller", "now")
	env.RunUntilIdle()
	env.Delete(env.Get("caller"))
	env.Elapse(time.Minute)
	if conferences := env.Controllers.Store.Size(); conferences != 0 {
		t.Errorf("%d conferences are kept", conferences)
	}
}

// TestAConferenceIsForgottenWhenItsLastObjectGoesBeforeAList has it be found out
// after a list, and not before it, that no object is left to list it for.
func TestAConferenceIsForgottenWhenItsLastObjectGoesBeforeAList(t *testing.T) {
	for at := time.Duration(0); at < 5*time.Second; at += 200 * time.Millisecond {
		env := sim.New(t)
		env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(5)) })
		for _, name := range []string{"first", "last"} {
			env.CreateParticipant(name, env.Join(), sim.Mute)
		}
		env.Elapse(time.Minute + at)
		env.AfterBoundary = func(boundary sim.Boundary) {
			if boundary.Provider {
				env.Advance(400 * time.Millisecond)
			}
		}
		env.Delete(env.Get("first"))
		env.Elapse(500 * time.Millisecond)
		env.Delete(env.Get("last"))
		env.Elapse(time.Minute)
		if conferences := env.Controllers.Store.Size(); conferences != 0 {
			t.Errorf("%d conferences are kept", conferences)
		}
	}
}
