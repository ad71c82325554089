package edit

import (
	"reflect"
	"strings"
	"testing"
)

func TestACoachIsInTheRoomOfItsCoachee(t *testing.T) {
	coach := Coach("b", true).In("room")
	if err := coach.Fits(Leg{CallSID: "a", ConferenceSID: "room"}); err != nil {
		t.Error(err)
	}
	if err := coach.Fits(Leg{CallSID: "a", ConferenceSID: "other"}); err == nil || !strings.Contains(err.Error(), "both have to be in the same") {
		t.Errorf("another room: %v", err)
	}
	if err := Barge().Fits(Leg{ConferenceSID: "other"}); err != nil {
		t.Error(err)
	}
}

func TestAudioKnowsItsVerbs(t *testing.T) {
	for verb, want := range map[string]map[string]any{
		"mute": {"muted": true}, "unmute": {"muted": false}, "hold": {"hold": true}, "unhold": {"hold": false},
	} {
		if c := change(t, verb); !reflect.DeepEqual(c.Set, want) || c.Says == "" {
			t.Errorf("%s sets %v", verb, c.Set)
		}
	}
	if _, err := Audio("sing"); err == nil {
		t.Error("sing is a verb")
	}
}
