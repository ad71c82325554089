package edit

import (
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
