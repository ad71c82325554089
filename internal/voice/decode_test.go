package voice

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestAll13Fields(t *testing.T) {
	body := participant(fields{
		"call_sid_to_coach": coachee, "coaching": true, "end_conference_on_exit": true, "hold": true,
		"start_conference_on_enter": false, "status": "completed", "extra": []int{1},
	})
	want := Participant{
		AccountSID: account, CallSID: callSID, CallSIDToCoach: coachee, Coaching: true, ConferenceSID: conference,
		DateCreated: "Mon, 23 Nov 2026 10:15:42 +0000", DateUpdated: "Mon, 23 Nov 2026 10:16:05 +0000",
		EndConferenceOnExit: new(true), Hold: true, Muted: true, StartConferenceOnEnter: new(false),
		Status: "completed", Phase: PhaseEnded, URI: participantPath + ".json",
	}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == participantPath {
			reply(http.StatusOK, body)(w, r)
			return
		}
		reply(http.StatusOK, pageOf(nil, body))(w, r)
	})
	read, err := client.GetParticipant(t.Context(), conference, callSID)
	if err != nil || !reflect.DeepEqual(read, want) {
		t.Errorf("read %+v, %v; want %+v", read, err, want)
	}
	updated, err := client.UpdateParticipant(t.Context(), conference, callSID, Update{Muted: new(true)})
	if err != nil || !reflect.DeepEqual(updated, want) {
		t.Errorf("the update returned %+v, %v; want %+v", updated, err, want)
	}
	for listed, err := range client.ParticipantPages(t.Context(), conference) {
		if err != nil || !reflect.DeepEqual(listed, Page{Participants: []Participant{want}}) {
			t.Errorf("listed %+v, %v; want %+v", listed, err, want)
		}
	}
}

func TestWhatMayBeMissing(t *testing.T) {
	cases := []struct {
		name    string
		changes fields
		check   func(Participant) bool
	}{
		{"target null", fields{"call_sid_to_coach": nil}, func(p Participant) bool { return p.CallSIDToCoach == "" }},
		{"target absent", fields{"call_sid_to_coach": absent{}}, func(p Participant) bool { return p.CallSIDToCoach == "" }},
		{"target empty", fields{"call_sid_to_coach": ""}, func(p Participant) bool { return p.CallSIDToCoach == "" }},
		{"end on exit null", fields{"end_conference_on_exit": nil}, func(p Participant) bool { return p.EndConferenceOnExit == nil }},
		{"start on enter absent", fields{"start_conference_on_enter": absent{}}, func(p Participant) bool { return p.StartConferenceOnEnter == nil }},
		{"conference absent", fields{"conference_sid": absent{}}, func(p Participant) bool { return p.ConferenceSID == "" }},
		{"dates null", fields{"date_created": nil, "date_updated": nil}, func(p Participant) bool { return p.DateCreated+p.DateUpdated == "" }},
		{"dates absent", fields{"date_created": absent{}, "date_updated": absent{}}, func(p Participant) bool { return p.Muted }},
		{"what nothing is decided by is odd", fields{"date_created": 7, "uri": false, "account_sid": []int{1}, "end_conference_on_exit": "no", "start_conference_on_enter": 1},
			func(p Participant) bool {
				return p.DateCreated+p.URI+p.AccountSID == "" && p.EndConferenceOnExit == nil && p.StartConferenceOnEnter == nil
			}},
		{"status null", fields{"status": nil}, func(p Participant) bool { return p.Status == "" && !p.Ended() }},
		{"status absent", fields{"status": absent{}}, func(p Participant) bool { return p.Status == "" && !p.Ended() }},
		{"escapes", fields{"status": "a\"b\u00e9\\"}, func(p Participant) bool { return p.Status == "a\"bé\\" }},
		{"dates and status of any kind", fields{"date_created": "24 Sept", "status": "ringing"},
			func(p Participant) bool { return p.DateCreated == "24 Sept" && p.Status == "ringing" && !p.Ended() }},
		{"completed", fields{"status": "completed"}, Participant.Ended},
		{"complete", fields{"status": "complete"}, Participant.Ended},
		{"a field of just 1 KiB", fields{"uri": strings.Repeat("u", 1024)}, func(p Participant) bool { return len(p.URI) == 1024 }},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			got, err := serve(t, reply(http.StatusOK, participant(test.changes))).GetParticipant(t.Context(), conference, callSID)
			if err != nil || !test.check(got) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// unreadable are responses with HTTP 200 that are not about callSID, or are
// malformed.
func unreadable() map[string]string {
	bodies := map[string]string{
		"empty": "", "HTML": "<html>fine</html>", "null": "null", "an empty object": "{}", "a list": "[" + participant(nil) + "]",
		"truncated": participant(nil)[:100], "a string": `"` + callSID + `"`,
		"an error": `{"code":20404,"message":"no","status":404}`,
		"inside":   `{"participant":` + participant(nil) + `}`,
	}
	for name, changes := range map[string]fields{
		"no call": {"call_sid": absent{}}, "call null": {"call_sid": nil}, "call empty": {"call_sid": ""}, "call a number": {"call_sid": 1},
		"another conference": {"conference_sid": coachee}, "conference a number": {"conference_sid": 1},
		"target a bool": {"call_sid_to_coach": false}, "status a number": {"status": 1},
	} {
		bodies[name] = participant(changes)
	}
	for _, field := range []string{"muted", "hold", "coaching"} {
		for name, value := range map[string]any{"absent": absent{}, "null": nil, "the word": "true", "a number": 1} {
			bodies[field+" "+name] = participant(fields{field: value})
		}
	}
	for _, field := range []string{"account_sid", "call_sid_to_coach", "date_created", "date_updated", "status", "uri"} {
		bodies[field+" too long"] = participant(fields{field: strings.Repeat("x", 1025)})
	}
	return bodies
}

func TestNothingIsInventedFromABadResponse(t *testing.T) {
	bodies := unreadable()
	bodies["trailing garbage"] = participant(nil) + "}"
	bodies["a second response"] = participant(nil) + participant(nil)
	bodies["another call"] = participant(fields{"call_sid": coachee})
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			client := serve(t, reply(http.StatusOK, body))
			read, err := client.GetParticipant(t.Context(), conference, callSID)
			wantUnreadable(t, err)
			updated, err := client.UpdateParticipant(t.Context(), conference, callSID, Update{Muted: new(true)})
			wantUnreadable(t, err)
			if read != (Participant{}) || updated != (Participant{}) {
				t.Errorf("invented %+v, %+v", read, updated)
			}
		})
	}
}

func wantUnreadable(t *testing.T, err error) {
	t.Helper()
	failed := failure(t, err)
	if failed.Class != ClassUnknownOutcome || failed.HTTPStatus != http.StatusOK || failed.RetryAfter != 0 || failed.Permanent {
		t.Errorf("got %+v", failed)
	}
}

// TestABadRowSpoilsNoOther has a row that can't be read in front of one that can.
func TestABadRowSpoilsNoOther(t *testing.T) {
	other := participant(fields{"call_sid": coachee})
	for name, body := range unreadable() {
		if !json.Valid([]byte(body)) {
			continue // it can't be a row
		}
		t.Run(name, func(t *testing.T) {
			var row struct {
				CallSID any `json:"call_sid"`
			}
			_ = json.Unmarshal([]byte(body), &row)
			sid, _ := row.CallSID.(string)
			client := serve(t, reply(http.StatusOK, pageOf(nil, body, other)))
			for page, err := range client.ParticipantPages(t.Context(), conference) {
				if err != nil || len(page.Participants) != 1 || page.Participants[0].CallSID != coachee {
					t.Fatalf("got %+v, %v", page, err)
				}
				if len(page.Unreadable) != 1 || page.Unreadable[0].CallSID != sid || page.Unreadable[0].Flaw == "" {
					t.Errorf("got %+v, want one row about %q", page.Unreadable, sid)
				}
			}
		})
	}
}

func TestRowsAboutTheSameParticipant(t *testing.T) {
	for name, test := range map[string]struct {
		second   fields
		readable bool
		flaw     Flaw
	}{
		"alike":                   {nil, true, ""},
		"another date":            {fields{"date_updated": "now"}, true, ""},
		"another state":           {fields{"muted": false}, false, FlawContradiction},
		"one that can't be read":  {fields{"hold": nil}, false, FlawHold},
		"another of another room": {fields{"conference_sid": coachee}, false, FlawConferenceSID},
	} {
		t.Run(name, func(t *testing.T) {
			body := pageOf(nil, participant(nil), participant(test.second), participant(fields{"call_sid": coachee}))
			for page, err := range serve(t, reply(http.StatusOK, body)).ParticipantPages(t.Context(), conference) {
				readable := slices.ContainsFunc(page.Participants, func(p Participant) bool { return p.CallSID == callSID })
				if err != nil || readable != test.readable || page.Participants[len(page.Participants)-1].CallSID != coachee {
					t.Errorf("got %+v, %v", page.Participants, err)
				}
				if test.readable != (len(page.Unreadable) == 0) || !test.readable && page.Unreadable[0] != (UnreadableRow{callSID, test.flaw}) {
					t.Errorf("got %+v", page.Unreadable)
				}
			}
		})
	}
}

// TestAFlawIsExplained reads single participants that can't be read, and wants words
// that have nothing of the response in them.
func TestAFlawIsExplained(t *testing.T) {
	for _, test := range []struct {
		changes fields
		want    string
	}{
		{fields{"muted": "canary"}, "has no readable field muted"},
		{fields{"hold": absent{}}, "has no readable field hold"},
		{fields{"coaching": nil}, "has no readable field coaching"},
		{fields{"call_sid": 7}, "has no readable field call_sid"},
		{fields{"call_sid_to_coach": 7}, "has no readable field call_sid_to_coach"},
		{fields{"status": fields{}}, "has no readable field status"},
		{fields{"conference_sid": "canary"}, "is about another conference"},
		{fields{"uri": strings.Repeat("canary", 200)}, "has a field longer than 1024 bytes"},
	} {
		_, err := serve(t, reply(http.StatusOK, participant(test.changes))).GetParticipant(t.Context(), conference, callSID)
		if failed := failure(t, err); failed.Flaw.Explain() != test.want || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %q: %v", failed.Flaw.Explain(), err)
		}
	}
	_, err := serve(t, reply(http.StatusOK, "<html>")).GetParticipant(t.Context(), conference, callSID)
	if failed := failure(t, err); failed.Flaw != "" {
		t.Errorf("what is no JSON has the flaw %q", failed.Flaw)
	}
}

func TestPagesThatCannotBeRead(t *testing.T) {
	for name, body := range map[string]string{
		"no list": `{"next_page_uri":null}`, "list null": `{"participants":null}`, "list an object": `{"participants":{}}`,
		"another list": conferences, "a bare list": `[]`, "empty": "", "HTML": "<html/>", "null": "null",
		"truncated": pageOf(nil, participant(nil))[:300], "trailing garbage": pageOf(nil) + "x",
	} {
		t.Run(name, func(t *testing.T) {
			wantUnreadable(t, drain(serve(t, reply(http.StatusOK, body)).ParticipantPages(t.Context(), conference)))
		})
	}
}

func TestConferences(t *testing.T) {
	const full = `{"sid":"` + conference + `","account_sid":"a","friendly_name":"b","status":"c","date_created":"d","date_updated":"e",
		"api_version":"f","region":"g","uri":"h","subresource_uris":{"participants":"i"}}`
	want := Conference{SID: conference, AccountSID: "a", FriendlyName: "b", Status: "c", DateCreated: "d", DateUpdated: "e",
		APIVersion: "f", Region: "g", URI: "h"}
	long := strings.Repeat("x", 1025)
	for body, ok := range map[string]bool{
		full: true, "{}": false, "null": false, "[]": false, "<html/>": false, full + "x": false, `{"sid":7}`: false,
		fields{"sid": conference, "friendly_name": long}.json(nil): false,
		fields{"sid": conference, "region": long}.json(nil):        false,
	} {
		t.Run(body, func(t *testing.T) {
			got, err := serve(t, reply(http.StatusOK, body)).GetConference(t.Context(), conference)
			if ok && (err != nil || got != want) || !ok && got != (Conference{}) {
				t.Errorf("read %+v, %v", got, err)
			}
			page := fmt.Sprintf(`{"conferences":[%s]}`, body)
			for items, err := range serve(t, reply(http.StatusOK, page)).ConferencePages(t.Context(), ConferenceFilter{}) {
				if ok && (err != nil || !reflect.DeepEqual(items.Items, []Conference{want})) || !ok && len(items.Items) > 0 {
					t.Errorf("listed %+v, %v", items, err)
				}
			}
			if !ok {
				wantUnreadable(t, err)
			}
		})
	}
	_, err := serve(t, reply(http.StatusOK, full)).GetConference(t.Context(), coachee)
	wantUnreadable(t, err)
}

func TestRemoveParticipant(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		want   Class
	}{
		{"removed", http.StatusNoContent, "", ClassOK},
		{"removed, with white space", http.StatusOK, " \r\n", ClassOK},
		{"not there", http.StatusNotFound, `{"code":20404}`, ClassGone},
		{"something else", http.StatusOK, "<html/>", ClassUnknownOutcome},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			wantClass(t, serve(t, reply(test.status, test.body)).RemoveParticipant(t.Context(), conference, callSID), test.want)
		})
	}
}

func TestVerifyToken(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		want   Class
	}{
		{"a conference", http.StatusOK, conferences, ClassOK},
		{"no conference", http.StatusOK, `{"conferences":[]}`, ClassOK},
		{"refused", http.StatusUnauthorized, `{"code":20003}`, ClassUnauthorized},
		{"no scope", http.StatusForbidden, "", ClassUnauthorized},
		{"no such account", http.StatusNotFound, "", ClassGone},
		{"a page of another server", http.StatusOK, "<html>Welcome</html>", ClassUnknownOutcome},
		{"no list", http.StatusOK, "{}", ClassUnknownOutcome},
		{"rows of any kind", http.StatusOK, `{"conferences":[null,7,"x",{},{"sid":7}],"next_page_uri":7}`, ClassOK},
		{"a next page elsewhere", http.StatusOK, `{"conferences":[{"sid":"x"}],"next_page_uri":"http://elsewhere.invalid/"}`, ClassOK},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			wantClass(t, serve(t, reply(test.status, test.body)).VerifyToken(t.Context()), test.want)
		})
	}
}
