package operator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// withoutRooms is an operator in which a test does what the controllers of Conferences
// and rooms would.
func withoutRooms(t *testing.T) *sim.Sim {
	env := sim.New(t)
	env.RoomsHeld = true
	return env
}

// createConference creates a Conference for the room of a simulation, as changed.
func createConference(env *sim.Sim, name string, changes ...func(*v1alpha1.ConferenceSpec)) *v1alpha1.Conference {
	object := &v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Namespace: sim.Namespace, Name: name},
		Spec:       v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}, FriendlyName: "support"},
	}
	for _, change := range changes {
		change(&object.Spec)
	}
	env.Create(object)
	return object
}

// createChild creates what the controller of rooms would.
func createChild(env *sim.Sim, of *v1alpha1.Conference, callSID string, record policy.Record, change func(*sim.Spec)) (name string) {
	text, _ := json.Marshal(record)
	child := &sim.Object{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: sim.Namespace, Name: policy.ChildName(of.Name, env.Conference, callSID),
			Labels:      map[string]string{v1alpha1.ConferenceLabel: of.Name, v1alpha1.RoleLabel: "audience"},
			Annotations: map[string]string{v1alpha1.PolicyAnnotation: string(text)},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Conference", Name: of.Name, UID: of.UID,
				Controller: new(true), BlockOwnerDeletion: new(false),
			}},
		},
		Spec: sim.Spec{
			AccountRef: of.Spec.AccountRef, ConferenceSID: v1alpha1.SID(env.Conference), CallSID: v1alpha1.SID(callSID),
			DriftPolicy: v1alpha1.DriftRestrict, DeletionPolicy: v1alpha1.DeletionRetain,
		},
	}
	change(&child.Spec)
	env.Create(child)
	return child.Name
}

// release does what the controller of rooms does for a child whose call leg is out of
// the policy.
func release(t *testing.T, env *sim.Sim, name string, overrides policy.Fields) {
	t.Helper()
	object := env.Get(name)
	want, more := policy.Release(policy.ChildOf(object), policy.Leg{Overridden: true, Overrides: overrides}, env.Now())
	if !more {
		t.Fatal("nothing is left to open")
	}
	text, _ := json.Marshal(want.Record)
	object.Spec, object.Annotations = want.Spec, map[string]string{v1alpha1.PolicyAnnotation: string(text)}
	env.Update(object)
}

// heard checks how a call leg is in the end: its restricted fields, in order.
func heard(t *testing.T, env *sim.Sim, callSID, want string) {
	t.Helper()
	p, _ := env.Provider.Participant(env.Conference, callSID)
	if got := fmt.Sprintf("muted %v, hold %v, coaching %v", p.Muted, p.Hold, p.Coaching); got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// closedForAWhile is a child that has muted and held a call leg for a while.
func closedForAWhile(s *sim.Spec) { sim.Mute(s); sim.Hold(s); reset(s) }

var aWhile = policy.Record{Muted: true, Hold: true}

func TestAChildIsAnOrdinaryParticipantThatSaysWhyItIsAsItIs(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	name := createChild(env, createConference(env, "all-hands"), call, policy.Record{}, sim.Mute)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	env.WantReady(name, "True", v1alpha1.ReasonInSync)
	if message := env.Message(name); !strings.HasSuffix(message, " (audience of all-hands).") {
		t.Errorf("the message does not say why: %s", message)
	}
	if told := env.TakeEvents(); slices.ContainsFunc(told, func(text string) bool { return strings.Contains(text, "muted") || strings.Contains(text, "InSync") }) {
		t.Errorf("events %q", told)
	}
	env.WantQuiet(10 * time.Minute)
	env.Restart()
	env.WantQuiet(10 * time.Minute)
}

func TestR28AChildOfAConferenceThatIsGoneClaimsNothingAndGoes(t *testing.T) {
	becomeOlder := func(env *sim.Sim, _ *v1alpha1.Conference) {
		env.EditConference("older", func(s *v1alpha1.ConferenceSpec) { s.Mode = v1alpha1.ModeEnforce })
	}
	another := func(env *sim.Sim, of *v1alpha1.Conference) {
		env.Delete(of)
		env.Advance(time.Second)
		createConference(env, of.Name)
	}
	for name, end := range map[string]func(env *sim.Sim, of *v1alpha1.Conference){
		"gone": func(env *sim.Sim, of *v1alpha1.Conference) { env.Delete(of) },
		"being deleted": func(env *sim.Sim, of *v1alpha1.Conference) {
			waiting := of.DeepCopy()
			waiting.Finalizers = []string{"example.com/waits"}
			env.Update(waiting)
			env.Delete(waiting)
		},
		"another one of its name":  another,
		"not the one that governs": becomeOlder,
	} {
		t.Run(name, func(t *testing.T) {
			env := withoutRooms(t)
			createConference(env, "older", func(s *v1alpha1.ConferenceSpec) { s.Mode = v1alpha1.ModeObserve })
			env.Advance(time.Second)
			call, conference := env.Join(), createConference(env, "all-hands")
			child := createChild(env, conference, call, policy.Record{}, sim.Mute)
			env.Elapse(time.Minute)
			env.WantUpdates("Muted=true")
			end(env, conference)
			env.RunUntilIdle()
			wantGone(t, env, child)
			heard(t, env, call, "muted true, hold false, coaching false")
			env.WantQuiet(10 * time.Minute)
		})
	}
}

func TestR28AChildWithoutAConferenceSendsNothingFromTheStart(t *testing.T) {
	env := withoutRooms(t)
	child := createChild(env, &v1alpha1.Conference{
		ObjectMeta: metav1.ObjectMeta{Name: "never", UID: "never"}, Spec: v1alpha1.ConferenceSpec{AccountRef: v1alpha1.LocalReference{Name: "acme"}},
	}, env.Join(), policy.Record{}, sim.Mute)
	env.Elapse(time.Minute)
	wantGone(t, env, child)
	env.WantUpdates()
}

func TestR28AChildThatWasChangedMeanwhileIsDeletedAsItIs(t *testing.T) {
	env := withoutRooms(t)
	conference := createConference(env, "all-hands")
	name := createChild(env, conference, env.Join(), policy.Record{}, sim.Mute)
	env.Elapse(time.Minute)
	catchUp := env.FreezeCache(name)
	object := env.Get(name)
	object.OwnerReferences = nil
	env.Update(object)
	env.Delete(conference)
	env.Elapse(10 * time.Second)
	if env.Get(name).OwnerReferences != nil {
		t.Fatal("the object is not the adopted one")
	}
	catchUp()
	env.Elapse(time.Minute)
	env.WantReady(name, "True", v1alpha1.ReasonInSync)
}

func TestR28SuspendAndModeHoldBeforeTheyAreStored(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*v1alpha1.ConferenceSpec)
		check  func(env *sim.Sim, child string)
	}{
		"suspend": {func(s *v1alpha1.ConferenceSpec) { s.Suspend = true }, func(env *sim.Sim, child string) { env.WantSuspended(child) }},
		"observe": {func(s *v1alpha1.ConferenceSpec) { s.Mode = v1alpha1.ModeObserve }, func(env *sim.Sim, child string) {
			env.WantReady(child, "True", v1alpha1.ReasonObserved)
			env.WantDrifted(child, "True", "muted is false, declared true")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			env := withoutRooms(t)
			call := env.Join()
			child := createChild(env, createConference(env, "all-hands"), call, policy.Record{}, closedForAWhile)
			env.Elapse(time.Minute)
			env.Updates()
			env.EditConference("all-hands", c.change)
			env.RunUntilIdle()
			env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
			env.Elapse(2 * time.Minute)
			c.check(env, child)
			env.Restart()
			env.WantQuiet(10 * time.Minute)
			c.check(env, child)
			env.Delete(env.Get(child))
			env.Elapse(time.Minute)
			wantGone(t, env, child)
			env.WantUpdates()
		})
	}
}

func TestR28ASuspendedConferenceGivesWayToAHandWrittenObject(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	conference := createConference(env, "all-hands", func(s *v1alpha1.ConferenceSpec) { s.Suspend = true })
	createChild(env, conference, call, policy.Record{Released: env.Now()}, once(new(false), nil))
	env.CreateParticipant("by-hand", call, sim.Hold)
	env.Elapse(time.Second)
	env.WantUpdates("Hold=true")
	env.WantReady("by-hand", "True", v1alpha1.ReasonInSync)
}

func TestR9AHandWrittenObjectGoesBeforeAChild(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	child := createChild(env, createConference(env, "all-hands"), call, policy.Record{}, sim.Mute)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	env.CreateParticipant("by-hand", call, sim.Unmute)
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=false")
	env.WantReady("by-hand", "True", v1alpha1.ReasonInSync)
	env.WantReady(child, "False", v1alpha1.ReasonConflict)
	env.WantQuiet(10 * time.Minute)
	env.Restart()
	env.WantQuiet(10 * time.Minute)
}

func TestR22AChildOpensWhatItClosedBeforeAHandWrittenObjectFollows(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	child := createChild(env, createConference(env, "all-hands"), call, aWhile, closedForAWhile)
	env.Elapse(time.Minute)
	env.WantUpdates("Hold=true Muted=true")
	env.TakeEvents()
	env.CreateParticipant("by-hand", call, sim.Mute)
	release(t, env, child, policy.Fields{Muted: true})
	env.Elapse(time.Second)
	env.WantUpdates("Hold=false")
	env.WantReady("by-hand", "False", v1alpha1.ReasonConverging)
	if message := env.Message("by-hand"); !strings.Contains(message, child+" first opens") {
		t.Errorf("the message does not say what it waits for: %s", message)
	}
	env.Elapse(10 * time.Second)
	env.WantReady("by-hand", "True", v1alpha1.ReasonInSync)
	env.Provider.ResetJournal()
	env.Delete(env.Get(child))
	env.RunUntilIdle()
	wantGone(t, env, child)
	if requests := env.Provider.Journal(); len(requests) != 0 {
		t.Errorf("%d requests for a child that is done", len(requests))
	}
	heard(t, env, call, "muted true, hold false, coaching false")
	env.WantReady("by-hand", "True", v1alpha1.ReasonInSync)
	if told := env.TakeEvents(); slices.ContainsFunc(told, func(text string) bool { return strings.HasPrefix(text, "Warning") }) {
		t.Errorf("warnings %q", told)
	}
}

func TestR22AChildThatIsNotDoneInHalfAMinuteGivesWay(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	child := createChild(env, createConference(env, "all-hands"), call, policy.Record{Muted: true}, func(s *sim.Spec) { sim.Mute(s); reset(s) })
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{
		Operation: voicesim.OpUpdateParticipant, Ignore: true,
		Match: func(r voicesim.Request) bool { return r.Form.Get("Muted") == "false" },
	})
	env.CreateParticipant("by-hand", call, sim.Hold)
	release(t, env, child, policy.Fields{Hold: true})
	env.Elapse(29 * time.Second)
	env.WantReady("by-hand", "False", v1alpha1.ReasonConverging)
	env.Updates()
	env.Elapse(5 * time.Second)
	env.WantUpdates("Hold=true")
	env.WantReady("by-hand", "True", v1alpha1.ReasonInSync)
	env.Delete(env.Get(child))
	env.Elapse(time.Minute)
	wantGone(t, env, child)
	env.WantUpdates()
}

func TestR23TheDeletionOfAChildOpensWhatItClosedForAWhileAlone(t *testing.T) {
	agent := ""
	for name, c := range map[string]struct {
		initial voicesim.JoinOptions
		record  policy.Record
		declare func(*sim.Spec)
		drift   func(*voicesim.Participant)
		want    []string
	}{
		"both":                         {record: aWhile, declare: closedForAWhile, want: []string{"Hold=false Muted=false"}},
		"one, the other is declared":   {record: policy.Record{Hold: true}, declare: closedForAWhile, want: []string{"Hold=false"}},
		"whatever it was at first":     {initial: voicesim.JoinOptions{Muted: true}, record: aWhile, declare: closedForAWhile, want: []string{"Hold=false Muted=false"}},
		"nothing that was declared":    {declare: closedForAWhile},
		"nothing with Retain":          {record: aWhile, declare: func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) }},
		"nothing that is open already": {record: aWhile, declare: closedForAWhile, drift: func(p *voicesim.Participant) { p.Muted, p.Hold = false, false }},
		"a whisper, and it stays muted": {declare: func(s *sim.Spec) { sim.Whisper(agent)(s); reset(s) },
			want: []string{"CallSidToCoach=$ Coaching=true Muted=true", "Coaching=false"}},
		"a whisper that is lost": {declare: func(s *sim.Spec) { sim.Whisper(agent)(s); reset(s) },
			drift: func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" }, want: []string{"Muted=true"}},
	} {
		for way, end := range map[string]func(env *sim.Sim, of *v1alpha1.Conference, child string){
			"by hand":        func(env *sim.Sim, _ *v1alpha1.Conference, child string) { env.Delete(env.Get(child)) },
			"by its own end": func(env *sim.Sim, of *v1alpha1.Conference, _ string) { env.Delete(of) },
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				env := withoutRooms(t)
				agent = env.Join()
				call, conference := env.Join(c.initial), createConference(env, "all-hands")
				child := createChild(env, conference, call, c.record, c.declare)
				env.Elapse(2 * time.Minute)
				if initial := env.Get(child).Status.Initial; initial != nil {
					t.Errorf("initial %+v, which nothing depends on", initial)
				}
				env.Updates()
				if c.drift != nil {
					env.Provider.Drift(env.Conference, call, c.drift)
				}
				end(env, conference, child)
				env.Elapse(10 * time.Second)
				wantGone(t, env, child)
				var want []string
				for _, update := range c.want {
					want = append(want, strings.ReplaceAll(update, "$", agent))
				}
				env.WantUpdates(want...)
				env.WantQuiet(10 * time.Minute)
			})
		}
	}
}

func TestR23TheDeletionOfAChildLeavesWhatAHandWrittenObjectDeclares(t *testing.T) {
	env := withoutRooms(t)
	call, conference := env.Join(), createConference(env, "all-hands")
	child := createChild(env, conference, call, aWhile, closedForAWhile)
	env.Elapse(time.Minute)
	env.CreateParticipant("by-hand", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Updates()
	env.Delete(conference)
	env.Elapse(10 * time.Second)
	wantGone(t, env, child)
	env.WantUpdates("Hold=false")
	heard(t, env, call, "muted true, hold false, coaching false")
	env.Elapse(time.Minute)
	env.WantQuiet(10 * time.Minute)
}

func TestAFieldThatMovesIntoOnceIsNotReportedAsNoLongerManaged(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	child := createChild(env, createConference(env, "all-hands"), call, aWhile, closedForAWhile)
	env.Elapse(time.Minute)
	env.TakeEvents()
	release(t, env, child, policy.Fields{})
	env.Elapse(time.Minute)
	env.WantReady(child, "True", v1alpha1.ReasonInSync)
	heard(t, env, call, "muted false, hold false, coaching false")
	if told := env.TakeEvents(); len(told) != 0 {
		t.Errorf("events %q", told)
	}
}

func TestR19AChildOfAPrefixGoesOnceAnotherConferenceHasTheName(t *testing.T) {
	env := withoutRooms(t)
	call := env.Join()
	prefixed := createConference(env, "prefixed", func(s *v1alpha1.ConferenceSpec) { s.FriendlyName, s.FriendlyNamePrefix = "", "supp" })
	child := createChild(env, prefixed, call, policy.Record{}, sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates()
	if conditions := env.Get(child).Status.Conditions; len(conditions) != 0 {
		t.Errorf("reported before the rooms were listed: %+v", conditions)
	}
	env.Controllers.Directories.Directories.Subscribe(sim.AccountName, types.NamespacedName{Namespace: sim.Namespace, Name: "prefixed"}, directory.Selector{Prefix: "supp"})
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true")
	createConference(env, "another", func(s *v1alpha1.ConferenceSpec) { s.FriendlyName = "supporters" })
	env.RunUntilIdle()
	env.WantReady(child, "True", v1alpha1.ReasonInSync)
	createConference(env, "exact")
	env.RunUntilIdle()
	wantGone(t, env, child)
	env.WantUpdates()
}
