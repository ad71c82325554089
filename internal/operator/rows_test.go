package operator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// oddRows are rows of a participant that can't be read, and what is said of them;
// those without a readable SID say nothing.
var oddRows = map[string]struct {
	row  voicesim.RowFault
	says string
}{
	"muted is a word":     {voicesim.RowFault{Set: map[string]any{"muted": "false"}}, "has no readable field muted"},
	"muted is a number":   {voicesim.RowFault{Set: map[string]any{"muted": 0}}, "has no readable field muted"},
	"hold is null":        {voicesim.RowFault{Set: map[string]any{"hold": nil}}, "has no readable field hold"},
	"hold is yes":         {voicesim.RowFault{Set: map[string]any{"hold": "yes"}}, "has no readable field hold"},
	"no coaching":         {voicesim.RowFault{Omit: []string{"coaching"}}, "has no readable field coaching"},
	"a target of numbers": {voicesim.RowFault{Set: map[string]any{"call_sid_to_coach": 7}}, "has no readable field call_sid_to_coach"},
	"a list for a status": {voicesim.RowFault{Set: map[string]any{"status": []int{}}}, "has no readable field status"},
	"a long field":        {voicesim.RowFault{Set: map[string]any{"status": strings.Repeat("x", 1025)}}, "has a field longer than 1024 bytes"},
	"another conference":  {voicesim.RowFault{Set: map[string]any{"conference_sid": sim.AccountSID}}, "is about another conference"},
	"no SID":              {voicesim.RowFault{Omit: []string{"call_sid"}}, "has no readable field call_sid"},
	"a number for a SID":  {voicesim.RowFault{Set: map[string]any{"call_sid": 7}}, "has no readable field call_sid"},
	"null":                {voicesim.RowFault{Replace: json.RawMessage("null")}, "has no readable field call_sid"},
	"a number":            {voicesim.RowFault{Replace: json.RawMessage("7")}, ""},
	"a text":              {voicesim.RowFault{Replace: json.RawMessage(`"leg"`)}, ""},
	"a list":              {voicesim.RowFault{Replace: json.RawMessage("[]")}, ""},
	"twice":               {voicesim.RowFault{Set: map[string]any{"muted": true, "hold": true}, Twice: true}, ""},
}

// accountReason is the reason of the account's condition Ready.
func accountReason(env *sim.Sim) string {
	return meta.FindStatusCondition(env.Account("acme").Status.Conditions, v1alpha1.ConditionReady).Reason
}

// odd has the rows of some calls be odd, in responses to one operation or to all.
func odd(env *sim.Sim, row voicesim.RowFault, operation string, calls ...string) {
	row.SIDs = calls
	env.Provider.Inject(voicesim.Fault{Operation: operation, Row: &row})
}

func TestR7ARowThatCannotBeReadSpoilsNoOther(t *testing.T) {
	for name, kind := range oddRows {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			odd(env, kind.row, "", env.Join())
			agent, leaver := env.Join(), env.Join()
			env.CreateParticipant("agent", agent, sim.Mute)
			env.CreateParticipant("leaver", leaver, func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve })
			env.Elapse(time.Second)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.Elapse(10 * time.Minute)
			env.Provider.Drift(env.Conference, agent, func(p *voicesim.Participant) { p.Muted = false })
			env.Elapse(40 * time.Second)
			env.WantUpdates("Muted=true")
			env.Edit("agent", sim.Hold)
			env.Elapse(time.Second)
			env.WantUpdates("Hold=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			if reason := accountReason(env); reason != v1alpha1.ReasonTokenAccepted {
				t.Errorf("the account says %s", reason)
			}
			env.Provider.HangUp(leaver)
			env.Elapse(3 * time.Minute)
			env.WantReady("leaver", "True", v1alpha1.ReasonParticipantLeft)
			env.WantQuiet(time.Hour)
		})
	}
}

// TestR7AnOddRowIsReadByItself has the lists show a declared participant in a way
// that can't be read, which a read of it alone does not.
func TestR7AnOddRowIsReadByItself(t *testing.T) {
	for name, kind := range oddRows {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			agent := env.Join()
			env.Join()
			odd(env, kind.row, voicesim.OpListParticipants, agent)
			env.CreateParticipant("agent", agent, sim.Mute)
			env.Elapse(time.Second)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.Provider.Drift(env.Conference, agent, func(p *voicesim.Participant) { p.Muted = false })
			env.Elapse(40 * time.Second)
			env.WantUpdates("Muted=true")
			env.Edit("agent", sim.Unmute)
			env.Elapse(2 * time.Second)
			env.WantUpdates("Muted=false")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
			if reads, lists := env.Count(voicesim.OpGetParticipant), env.Count(voicesim.OpListParticipants); reads > lists {
				t.Errorf("%d reads beside %d lists in an hour", reads, lists)
			}
		})
	}
}

// TestR7AParticipantThatCannotBeReadIsReported has a declared participant be
// unreadable wherever it is asked for, while an edit is made and others are served.
func TestR7AParticipantThatCannotBeReadIsReported(t *testing.T) {
	for name, kind := range oddRows {
		if kind.says == "" {
			continue // a read of one participant answers with no such thing
		}
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			agent, other := env.Join(), env.Join()
			env.CreateParticipant("agent", agent, sim.Mute)
			env.CreateParticipant("other", other, sim.Mute)
			env.Elapse(10 * time.Minute)
			env.Updates()
			odd(env, kind.row, "", agent)
			env.Elapse(40 * time.Second)
			env.WantReady("agent", "False", v1alpha1.ReasonAPIUnavailable)
			if message := env.Message("agent"); !strings.Contains(message, "the provider's response "+kind.says) {
				t.Errorf("the message says: %s", message)
			}
			env.WantReady("other", "True", v1alpha1.ReasonInSync)
			env.Edit("agent", sim.Hold)
			env.Edit("other", sim.Hold)
			env.Elapse(time.Second)
			env.WantUpdates("Hold=true")
			env.WantReady("other", "True", v1alpha1.ReasonInSync)
			if reason := accountReason(env); reason != v1alpha1.ReasonTokenAccepted {
				t.Errorf("the account says %s", reason)
			}
			env.WantQuiet(time.Hour)
			env.WantReady("agent", "False", v1alpha1.ReasonAPIUnavailable)
			if reads := env.Count(voicesim.OpGetParticipant); reads > 90 {
				t.Errorf("%d reads in an hour", reads)
			}
			env.Provider.ClearFaults()
			env.Elapse(time.Minute)
			env.WantUpdates("Hold=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
		})
	}
}

// TestR7ARowWithoutASIDConcludesNoAbsence has a participant be missing from a list
// that has such a row, and come to an end by the reads alone.
func TestR7ARowWithoutASIDConcludesNoAbsence(t *testing.T) {
	env := sim.New(t)
	agent := env.Join()
	stranger := env.Join()
	env.CreateParticipant("agent", agent, sim.Mute)
	env.Elapse(10 * time.Minute)
	odd(env, voicesim.RowFault{Omit: []string{"call_sid"}}, "", stranger)
	env.Provider.HangUp(agent)
	env.Elapse(50 * time.Second)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.CreateParticipant("never", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", sim.Mute)
	env.Elapse(2 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.WantReady("never", "False", v1alpha1.ReasonWaitingForParticipant)
	if sent := env.Count(voicesim.OpListParticipants) + env.Count(voicesim.OpGetParticipant); sent > 150 {
		t.Errorf("%d requests", sent)
	}
}

// TestR7OddRowsAreLoggedOnce for a conference, whatever it is that can't be read.
func TestR7OddRowsAreLoggedOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	odd(env, voicesim.RowFault{Set: map[string]any{"muted": "canary"}}, "")
	env.Elapse(10 * time.Minute)
	if lines := strings.Count(env.Output(), "can't be read in full"); lines != 1 {
		t.Errorf("%d lines", lines)
	}
	if strings.Contains(env.Output(), "canary") {
		t.Error("the provider's words are in the log")
	}
	env.Provider.ClearFaults()
	env.Elapse(time.Minute)
	odd(env, voicesim.RowFault{Omit: []string{"hold"}}, "")
	env.Elapse(10 * time.Minute)
	if lines := strings.Count(env.Output(), "can't be read in full"); lines != 2 {
		t.Errorf("%d lines after they had ended and begun again", lines)
	}
}

// TestR7AWhispererThatCannotBeReadIsMutedWithoutACoachee, by what was known of it
// before.
func TestR7AWhispererThatCannotBeReadIsMutedWithoutACoachee(t *testing.T) {
	for name, fault := range map[string]*voicesim.Fault{
		"at once":                  nil,
		"after a refusal":          {Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 503},
		"after too many":           {Operation: voicesim.OpUpdateParticipant, Times: 1, Status: 429},
		"after no response at all": {Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			coach, trainee := env.Join(), env.Join()
			env.Join()
			env.CreateParticipant("coach", coach, sim.Whisper(trainee))
			env.Elapse(10 * time.Minute)
			env.Updates()
			if fault != nil {
				env.Provider.Inject(*fault)
			}
			odd(env, voicesim.RowFault{Set: map[string]any{"hold": "no"}}, "", coach)
			env.Elapse(time.Minute)
			env.Provider.HangUp(trainee)
			env.Elapse(30 * time.Second)
			if found, _ := env.Provider.Participant(env.Conference, coach); !found.Muted {
				t.Error("everybody hears the coach")
			}
			env.Elapse(time.Minute)
			env.Updates()
			env.WantQuiet(10 * time.Minute)
		})
	}
}

// TestR8AnOddEchoIsObserved has the response of an update be unreadable, and the
// observation after it show the change.
func TestR8AnOddEchoIsObserved(t *testing.T) {
	for name, kind := range oddRows {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			odd(env, kind.row, voicesim.OpUpdateParticipant)
			env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); sim.Hold(s) })
			env.Elapse(10 * time.Second)
			env.WantUpdates("Hold=true Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
		})
	}
}

func TestAnAccountIsProvenByAnyList(t *testing.T) {
	for _, fault := range []voicesim.Fault{
		{Row: &voicesim.RowFault{Replace: json.RawMessage("7")}}, {Row: &voicesim.RowFault{Omit: []string{"sid"}}},
		{NextPage: "http://elsewhere.invalid/v1?" + voicesim.NextQuery}, {NextPage: "http://[::1"}, {NextPage: "/the/same?Page=0"},
	} {
		t.Run(fmt.Sprint(fault.Row, fault.NextPage), func(t *testing.T) {
			env := sim.New(t)
			env.Provider.OpenConference(sim.AccountSID, "another")
			env.Provider.Inject(fault)
			env.Provider.ResetJournal()
			env.Restart()
			env.Elapse(time.Second)
			if reason := accountReason(env); reason != v1alpha1.ReasonTokenAccepted {
				t.Errorf("the account says %s", reason)
			}
			if proofs := env.Count(voicesim.OpListConferences); proofs != 1 {
				t.Errorf("%d pages to prove a token", proofs)
			}
		})
	}
}

// crowd lets a thousand calls join, and returns one on the first page and one on
// the second.
func crowd(env *sim.Sim) (first, second string) {
	first = env.Join()
	for range 1000 {
		env.Join()
	}
	return first, env.Join()
}

// TestPagesElsewhereAreReadHere has a proxy in front of the provider, which knows
// nothing of the addresses that the provider writes.
func TestPagesElsewhereAreReadHere(t *testing.T) {
	for _, next := range []string{"http://elsewhere.invalid/v1?", "https://127.0.0.1/api?", "/2010-04-01/Accounts?", "?"} {
		t.Run(next, func(t *testing.T) {
			env := sim.New(t)
			first, second := crowd(env)
			env.Provider.Inject(voicesim.Fault{NextPage: next + voicesim.NextQuery})
			env.CreateParticipant("first", first, sim.Mute)
			env.CreateParticipant("second", second, sim.Hold)
			env.CreateParticipant("never", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31", sim.Mute)
			env.Elapse(time.Second)
			for _, name := range []string{"first", "second"} {
				env.WantReady(name, "True", v1alpha1.ReasonInSync)
			}
			env.WantReady("never", "False", v1alpha1.ReasonWaitingForParticipant)
			if lists := env.Count(voicesim.OpListParticipants); lists != 2 {
				t.Errorf("%d pages were read, want 2", lists)
			}
		})
	}
}

// TestPageOneCounts where the others can't be had: what is on it is served, what is
// not is read by itself, and nobody is missing for that.
func TestPageOneCounts(t *testing.T) {
	pageTwo := func(r voicesim.Request) bool { return r.Form.Get("Page") == "1" }
	for name, fault := range map[string]voicesim.Fault{
		"in a circle": {NextPage: "/the/same?PageSize=1000"}, "nowhere": {NextPage: "http://[::1"}, "it fails": {Status: 503, Match: pageTwo},
		"it is refused": {Status: 400, Match: pageTwo}, "it is not there": {Status: 404, Match: pageTwo},
		"it is no list": {Shape: voicesim.ShapeHTML, Match: pageTwo},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			first, second := crowd(env)
			env.CreateParticipant("first", first, sim.Mute)
			env.CreateParticipant("second", second, sim.Mute)
			env.Elapse(time.Minute)
			env.Updates()
			fault.Operation = voicesim.OpListParticipants
			env.Provider.Inject(fault)
			env.Elapse(time.Minute)
			env.Edit("first", sim.Hold)
			env.Edit("second", sim.Hold)
			env.Elapse(2 * time.Second)
			env.WantUpdates("Hold=true", "Hold=true")
			for _, object := range []string{"first", "second"} {
				env.WantReady(object, "True", v1alpha1.ReasonInSync)
			}
			if reason := accountReason(env); reason != v1alpha1.ReasonTokenAccepted {
				t.Errorf("the account says %s", reason)
			}
			env.WantQuiet(5 * time.Minute)
		})
	}
}
