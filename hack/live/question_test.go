package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// both are the questions for which the simulator has a switch: the answers to these are
// the switches, whichever way they are.
func both() map[string][]voicesim.Settings {
	return map[string][]voicesim.Settings{
		"unknown-account":      {{}, {UnknownAccountStatus: 404}},
		"missing-scope":        {{}, {MissingScopeStatus: 403}},
		"rate-limit":           {{}, {RateLimit: 1000}},
		"dates":                {{}, {OddDates: true}},
		"name-filter":          {{}, {NamePrefix: true}},
		"start-alone":          {{}, {StartAlone: true}},
		"waiting-listed":       {{}, {WaitingUnlisted: true}},
		"unknown-fields":       {{}, {StrictFields: true}},
		"booleans":             {{}, {StrictBooleans: true}},
		"list-lag":             {{}, {ListLag: 3 * time.Second}},
		"changes-on-hold":      {{}, {IgnoreChangesOnHold: true}},
		"missing-coachee":      {{}, {MissingCoacheeStatus: 400}},
		"absent-coaching":      {{}, {AbsentCoachingResets: true}},
		"coachee-leaves":       {{}, {CoacheeLeaves: voicesim.CoacheeLeavesKeep}},
		"completed-conference": {{}, {CompletedConference: voicesim.CompletedBadRequest}, {CompletedConference: voicesim.CompletedUnprocessable}},
		// The list that was is shown for a while.
		"completed-list": {{ListLag: time.Second}, {CompletedList: voicesim.CompletedListNotFound, ListLag: time.Second}},
	}
}

func TestEachSwitchIsFoundEitherWay(t *testing.T) {
	for _, q := range questions() {
		var texts []string
		for _, switches := range both()[q.id] {
			calls := []string{caller, trainee}
			if q.id == "start-alone" || q.id == "waiting-listed" {
				calls = calls[:1]
			}
			s := newStage(t, switches, calls...)
			p, _ := s.probe(t)
			if q.id == "completed-list" {
				s.EndConference(s.conference)
			}
			var got answer
			err := p.kept(t.Context(), q.step, func() (err error) {
				got, err = q.ask(t.Context(), p)
				return err
			})
			if err != nil || got.setting == "" {
				t.Errorf("%s: %+v, %v", q.id, got, err)
				continue
			}
			if want := s.inForce(t)[got.setting]; jsonOf(got.value) != jsonOf(want) {
				t.Errorf("%s: %s is %s, and was found to be %s", q.id, got.setting, jsonOf(want), jsonOf(got.value))
			}
			texts = append(texts, got.text)
		}
		if slices.Sort(texts); len(slices.Compact(texts)) != len(both()[q.id]) {
			t.Errorf("%s: the answers are %q", q.id, texts)
		}
	}
}

// inForce returns the switches by their names in JSON.
func (s *stage) inForce(t *testing.T) map[string]any {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.ControlHandler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/control/settings", nil))
	var inForce map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &inForce); err != nil {
		t.Fatal(err)
	}
	return inForce
}

// Each switch of the simulator is the answer to a question. How soon a conference is
// visible would take a phone that calls in that moment.
func TestEachSwitchHasAQuestion(t *testing.T) {
	asked := []string{"VisibleAfter"}
	for _, ways := range both() {
		for _, switches := range ways {
			value := reflect.ValueOf(switches)
			for i := range value.NumField() {
				if !value.Field(i).IsZero() {
					asked = append(asked, value.Type().Field(i).Name)
				}
			}
		}
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[voicesim.Settings]()) {
		if !slices.Contains(asked, field.Name) {
			t.Errorf("no question is about %s", field.Name)
		}
	}
}

// What a question does to the call is undone, whatever the call was like.
func TestTheCallIsPutBack(t *testing.T) {
	for _, muted := range []bool{false, true} {
		for _, switches := range []voicesim.Settings{{}, {IgnoreChangesOnHold: true}, {AbsentCoachingResets: true}} {
			s := newStage(t, switches, caller, trainee)
			s.Drift(s.conference, caller, func(p *voicesim.Participant) {
				p.Muted, p.Coaching, p.CallSIDToCoach = muted, muted, ""
				if muted {
					p.CallSIDToCoach = trainee
				}
			})
			before, _ := s.Participant(s.conference, caller)
			for _, q := range changeQuestions() {
				p, _ := s.probe(t, "yes")
				if err := p.kept(t.Context(), q.step, func() error { _, err := q.ask(t.Context(), p); return err }); err != nil {
					t.Errorf("%s: %v", q.id, err)
				}
				after, _ := s.Participant(s.conference, caller)
				if after.Muted != before.Muted || after.Hold != before.Hold || after.Coaching != before.Coaching || after.CallSIDToCoach != before.CallSIDToCoach {
					t.Errorf("%s with %+v: before %+v, after %+v", q.id, switches, before, after)
				}
			}
		}
	}
}

// The page for people has each question, and each switch.
func TestTheQuestionsAreDocumented(t *testing.T) {
	content, err := os.ReadFile("../../docs/live.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, asked []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (.*?) \\|").FindAllStringSubmatch(string(content), -1) {
		documented = append(documented, row[1]+": "+row[2])
	}
	for _, q := range questions() {
		asked = append(asked, q.id+": "+q.text)
	}
	if !slices.Equal(documented, asked) {
		t.Errorf("documented\n%s\nasked\n%s", strings.Join(documented, "\n"), strings.Join(asked, "\n"))
	}
}
