package audit

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"

	"github.com/voiceops/conference-operator/internal/voice"
)

// logged returns what one outcome writes.
func logged(ctx context.Context, outcome voice.Outcome) (lines []string) {
	New(funcr.NewJSON(func(line string) { lines = append(lines, line) }, funcr.Options{})).Observe(ctx, outcome)
	return lines
}

func TestOnlyChangesAreLogged(t *testing.T) {
	for operation, want := range map[voice.Operation]int{
		voice.OpListConferences: 0, voice.OpGetConference: 0, voice.OpListParticipants: 0, voice.OpGetParticipant: 0,
		voice.OpListCalls: 0, voice.OpGetCall: 0,
		voice.OpUpdateConference: 1, voice.OpUpdateParticipant: 1, voice.OpRemoveParticipant: 1,
	} {
		if lines := logged(t.Context(), voice.Outcome{Operation: operation}); len(lines) != want {
			t.Errorf("%s: %q, want %d lines", operation, lines, want)
		}
	}
}

func TestARequestThatNothingWasSaidOfIsLogged(t *testing.T) {
	lines := logged(t.Context(), voice.Outcome{Operation: voice.OpUpdateParticipant, Class: voice.ClassOK, HTTPStatus: 200, RequestID: "r-1", Took: time.Second})
	want := `{"logger":"","level":0,"msg":"Changed something at the provider, or tried to",` +
		`"operation":"update_participant","outcome":"ok","seconds":1,"httpStatus":200,"requestID":"r-1"}`
	if len(lines) != 1 || lines[0] != want {
		t.Errorf("logged %s, want %s", lines, want)
	}
}

func TestTheZeroLogWritesNothing(t *testing.T) {
	Log{}.Observe(t.Context(), voice.Outcome{Operation: voice.OpUpdateParticipant})
}

func TestUpdatesSayEachField(t *testing.T) {
	yes := true
	changes := UpdateOf(voice.Update{
		Muted: &yes, Hold: &yes, HoldURL: "https://key:secret@music.example.com/+15005550006?token=secret", Coaching: &yes, CallSIDToCoach: "other",
		Beep: &yes, AnnounceURL: "https://secret@media.example.com:8443/secret#secret",
	}, voice.Participant{Muted: true, CallSIDToCoach: "one"})
	got, err := json.Marshal(append(changes, RoomUpdateOf(voice.ConferenceUpdate{Complete: true, AnnounceURL: "://secret"})...))
	want := `[{"field":"muted","before":true,"after":true},{"field":"hold","before":false,"after":true},` +
		`{"field":"holdURL","after":"https://music.example.com"},{"field":"coaching","before":false,"after":true},` +
		`{"field":"callSIDToCoach","before":"one","after":"other"},{"field":"beep","after":true},` +
		`{"field":"announcement.url","after":"https://media.example.com:8443"},` +
		`{"field":"announcement.url","after":"a URL"},{"field":"status","before":"in-progress","after":"completed"}]`
	if err != nil || string(got) != want || strings.Contains(string(got), "secret") {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestTheCauseOfARequestIsTheWeightiest(t *testing.T) {
	for want, causes := range map[Cause][]Cause{
		"": {""}, CauseDrift: {"", CauseDrift}, CauseOnce: {CauseDrift, CauseOnce}, CauseRoom: {CauseOnce, CauseRoom}, CauseSpec: {CauseDrift, CauseSpec},
	} {
		request := Request{}
		for _, cause := range causes {
			request.Changes = append(request.Changes, Change{Cause: cause})
		}
		if got := request.cause(); got != want {
			t.Errorf("of %q: %q, want %q", causes, got, want)
		}
		request.Cause = CauseDeletion
		if got := request.cause(); got != CauseDeletion {
			t.Errorf("of %q and a deletion: %q", causes, got)
		}
	}
}
