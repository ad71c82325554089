package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/voiceops/conference-operator/internal/voice"
)

func TestMetricsFollowTheConventions(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	m := New(registry, func() Participants {
		return Participants{Calls: map[string]int{"live": 2}, Differing: map[string]int{"drifted": 1}, Reports: map[Report]int{{"stalled", "Contested"}: 5}}
	}, func() (int, int) { return 1, 2 })
	m.Request(voice.OpListParticipants, voice.ClassOK, time.Second)
	m.Corrected("muted")
	m.Converged(time.Second)
	m.BreakerOpen("support", "acme", true)
	m.Waited(time.Second)
	m.Unreadable("muted")
	NewEvents(registry).Dropped("Warning")
	NewRooms(registry, func() Rooms {
		return Rooms{States: map[string]int{"live": 3}, Legs: map[string]int{"unidentified": 4}}
	})
	NewObjects(registry, func() Objects {
		return Objects{
			Accounts:    []Object{{Namespace: "support", Name: "acme", Ready: true, Reason: "TokenAccepted"}},
			Conferences: []Object{{Namespace: "support", Name: "all-hands", Reason: "NotApplied", Participants: 7, NotReady: 4}},
		}
	})
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	want := `
		# HELP conference_operator_account_breaker_open 1 while no requests are sent for an account because it is refused or unavailable.
		# TYPE conference_operator_account_breaker_open gauge
		conference_operator_account_breaker_open{account_name="acme",account_namespace="support"} 1
		# HELP conference_operator_account_ready 1 if a VoiceAccount is Ready, else 0, with the reason.
		# TYPE conference_operator_account_ready gauge
		conference_operator_account_ready{account_name="acme",account_namespace="support",reason="TokenAccepted"} 1
		# HELP conference_operator_api_requests_total Requests to the voice provider, by operation and class of the response.
		# TYPE conference_operator_api_requests_total counter
		conference_operator_api_requests_total{class="ok",operation="list_participants"} 1
		# HELP conference_operator_conference_participants Call legs in the rooms of a Conference.
		# TYPE conference_operator_conference_participants gauge
		conference_operator_conference_participants{conference_name="all-hands",conference_namespace="support"} 7
		# HELP conference_operator_conference_participants_not_ready Call legs in the rooms of a Conference that have been Rejected, NotApplied or Contested for over a minute.
		# TYPE conference_operator_conference_participants_not_ready gauge
		conference_operator_conference_participants_not_ready{conference_name="all-hands",conference_namespace="support"} 4
		# HELP conference_operator_conference_ready 1 if a Conference is Ready, else 0, with the reason.
		# TYPE conference_operator_conference_ready gauge
		conference_operator_conference_ready{conference_name="all-hands",conference_namespace="support",reason="NotApplied"} 0
		# HELP conference_operator_events_dropped_total Kubernetes events that were given up, by type: too many were waiting, or the API server refused them.
		# TYPE conference_operator_events_dropped_total counter
		conference_operator_events_dropped_total{type="Normal"} 0
		conference_operator_events_dropped_total{type="Warning"} 1
		# HELP conference_operator_participants ConferenceParticipants by the state of their call.
		# TYPE conference_operator_participants gauge
		conference_operator_participants{state="live"} 2
		# HELP conference_operator_participants_drifted ConferenceParticipants that differ from what is declared and are left so, by the reason for it.
		# TYPE conference_operator_participants_drifted gauge
		conference_operator_participants_drifted{reason="drifted"} 1
		# HELP conference_operator_participants_status ConferenceParticipants by what they report, and the reason for it.
		# TYPE conference_operator_participants_status gauge
		conference_operator_participants_status{reason="Contested",status="stalled"} 5
		# HELP conference_operator_room_participants Call legs in rooms that Conferences govern, by whether their role is known.
		# TYPE conference_operator_room_participants gauge
		conference_operator_room_participants{role="unidentified"} 4
		# HELP conference_operator_rooms Rooms that Conferences govern, by their state.
		# TYPE conference_operator_rooms gauge
		conference_operator_rooms{state="live"} 3
	`
	err = testutil.GatherAndCompare(registry, strings.NewReader(want),
		"conference_operator_account_breaker_open", "conference_operator_api_requests_total", "conference_operator_events_dropped_total", "conference_operator_participants", "conference_operator_participants_drifted",
		"conference_operator_room_participants", "conference_operator_rooms", "conference_operator_participants_status", "conference_operator_account_ready",
		"conference_operator_conference_ready", "conference_operator_conference_participants", "conference_operator_conference_participants_not_ready")
	if err != nil {
		t.Error(err)
	}
	m.ForgetAccount("support", "acme")
	if count := testutil.CollectAndCount(m.breaker); count != 0 {
		t.Errorf("%d series are left of an account that is gone", count)
	}
}
