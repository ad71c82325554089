package voice

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// room is a row of a list of conferences, with some fields changed.
func room(changes fields) string {
	return fields{
		"sid": conference, "friendly_name": "all-hands", "status": "in-progress", "date_created": "Mon, 23 Nov 2026 10:00:00 +0000",
	}.json(changes)
}

func TestOddRowsOfConferencesDoNotStopTheList(t *testing.T) {
	rows := []string{
		room(fields{"sid": "a"}), room(fields{"sid": "b", "friendly_name": 7}), room(fields{"sid": "c", "friendly_name": absent{}}),
		room(fields{"sid": "d", "status": nil}), room(fields{"sid": "e", "status": ""}), room(fields{"sid": absent{}}), "null", "7",
		room(fields{"sid": "f", "region": strings.Repeat("x", 1025)}),
		room(fields{"sid": "g", "date_created": 7, "region": fields{}, "uri": nil, "friendly_name": "Ünï\u0000 \"x\""}),
	}
	for page, err := range serve(t, reply(http.StatusOK, `{"conferences":[`+strings.Join(rows, ",")+`]}`)).ConferencePages(t.Context(), ConferenceFilter{}) {
		want := []Conference{
			{SID: "a", FriendlyName: "all-hands", Status: "in-progress", DateCreated: "Mon, 23 Nov 2026 10:00:00 +0000"},
			{SID: "g", FriendlyName: "Ünï\u0000 \"x\"", Status: "in-progress"},
		}
		if err != nil || !reflect.DeepEqual(page.Items, want) {
			t.Errorf("got %+v, %v", page.Items, err)
		}
		if fmt.Sprintf("%q", page.Unreadable) != `["b" "c" "d" "e" "" "" "" "f"]` {
			t.Errorf("can't read %q", page.Unreadable)
		}
	}
}

func TestConferenceUpdateForm(t *testing.T) {
	const news = "https://news.example.com/a.xml?x=1"
	for _, test := range []struct {
		name   string
		update ConferenceUpdate
		want   url.Values
	}{
		{"nothing", ConferenceUpdate{}, url.Values{}},
		{"the end", ConferenceUpdate{Complete: true}, url.Values{"Status": {"completed"}}},
		{"an announcement", ConferenceUpdate{AnnounceURL: news}, url.Values{"AnnounceUrl": {news}, "AnnounceMethod": {"POST"}}},
		{"by GET", ConferenceUpdate{AnnounceURL: news, AnnounceMethod: "GET"}, url.Values{"AnnounceUrl": {news}, "AnnounceMethod": {"GET"}}},
		{"a method alone", ConferenceUpdate{AnnounceMethod: "GET"}, url.Values{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			handler, seen := record(t, healthy)
			got, err := serve(t, handler).UpdateConference(t.Context(), conference, test.update)
			if err != nil || got.SID != conference {
				t.Errorf("got %+v, %v", got, err)
			}
			if body := (<-seen).body; body != test.want.Encode() || body != test.update.Form().Encode() {
				t.Errorf("sent %q, want %q", body, test.want.Encode())
			}
		})
	}
}

func TestUpdateConferenceFails(t *testing.T) {
	for name, test := range map[string]struct {
		status    int
		body      string
		want      Class
		permanent bool
	}{
		"over":               {422, `{"code":10000}`, ClassGone, false},
		"not there":          {404, `{"code":20404}`, ClassGone, false},
		"another status":     {422, `{"code":21475}`, ClassRefused, true},
		"unavailable":        {503, "", ClassUnknownOutcome, false},
		"another conference": {200, room(fields{"sid": coachee}), ClassUnknownOutcome, false},
		"no conference":      {200, "{}", ClassUnknownOutcome, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, reply(test.status, test.body)).UpdateConference(t.Context(), conference, ConferenceUpdate{Complete: true})
			failed := failure(t, err)
			if failed.Class != test.want || failed.Permanent != test.permanent || failed.Operation != OpUpdateConference || got != (Conference{}) {
				t.Errorf("got %+v, %v", got, failed)
			}
		})
	}
}

func TestPagesHaveTheDateOfTheirResponse(t *testing.T) {
	for header, want := range map[string]time.Time{
		"Mon, 23 Nov 2026 10:15:42 GMT":   time.Date(2026, 11, 23, 10, 15, 42, 0, time.UTC),
		"Monday, 23-Nov-26 10:15:42 GMT":  time.Date(2026, 11, 23, 10, 15, 42, 0, time.UTC),
		"":                                {},
		"soon":                            {},
		"Mon, 23 Nov 2026 10:15:42 +0000": {},
		"2026-11-23T10:15:42Z":            {},
	} {
		t.Run(header, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				var body string
				switch r.URL.Path {
				case accountPath + "/Calls":
					body = `{"calls":[]}`
				case accountPath + "/Conferences":
					body = conferences
				default:
					body = pageOf(nil)
				}
				reply(http.StatusOK, body, "Date", header)(w, r)
			})
			var got []time.Time
			for page, err := range client.ParticipantPages(t.Context(), conference) {
				got = append(got, page.Date)
				wantClass(t, err, ClassOK)
			}
			for page, err := range client.ConferencePages(t.Context(), ConferenceFilter{}) {
				got = append(got, page.Date)
				wantClass(t, err, ClassOK)
			}
			for page, err := range client.CallPages(t.Context(), CallFilter{}) {
				got = append(got, page.Date)
				wantClass(t, err, ClassOK)
			}
			if !reflect.DeepEqual(got, []time.Time{want, want, want}) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// Each page has a date of its own.
func TestTheDateIsThatOfThePage(t *testing.T) {
	var requests atomic.Int32
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		body := fields{"conferences": []any{fields{"sid": fmt.Sprint(n)}}, "next_page_uri": nil}
		if n == 1 {
			body["next_page_uri"] = "?Page=1"
		}
		reply(http.StatusOK, body.json(nil), "Date", epoch.Add(time.Duration(n)*time.Second).Format(http.TimeFormat))(w, r)
	})
	n := 0
	for page, err := range client.ConferencePages(t.Context(), ConferenceFilter{}) {
		if n++; err != nil || !page.Date.Equal(epoch.Add(time.Duration(n)*time.Second)) {
			t.Errorf("page %d is of %s, %v", n, page.Date, err)
		}
	}
	if n != 2 {
		t.Errorf("%d pages", n)
	}
}

func dialectRooms(t *testing.T, p provider) {
	client, seen := p.serve(t, reply(http.StatusOK, room(nil)))
	got, err := client.UpdateConference(t.Context(), conference, ConferenceUpdate{AnnounceURL: "https://a.example/"})
	if err != nil || got.FriendlyName != "all-hands" {
		t.Errorf("got %+v, %v", got, err)
	}
	want := "AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fa.example%2F"
	if p.lacking != "" {
		want = "AnnounceUrl=https%3A%2F%2Fa.example%2F"
	}
	if sent := <-seen; sent.body != want || sent.method != http.MethodPost {
		t.Errorf("got %+v, want %s", sent, want)
	}
	client, seen = p.serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := fields{"conferences": []any{fields{"sid": r.URL.RawQuery, "friendly_name": "a", "status": "init"}}}
		if r.URL.Query().Get("Page") == "" {
			page[p.dialect.Conferences.NextKey] = "?Page=1"
		}
		reply(http.StatusOK, page.json(nil))(w, r)
	})
	var listed []Conference
	for page, err := range client.ConferencePages(t.Context(), ConferenceFilter{Status: ConferenceInit}) {
		wantClass(t, err, ClassOK)
		listed = append(listed, page.Items...)
	}
	if first, second := <-seen, <-seen; len(listed) != 2 || !strings.Contains(first.query, "Status=init") || second.path != p.path("Conferences") {
		t.Errorf("listed %+v by %+v and %+v", listed, first, second)
	}
}

// One conference alone may lack its name, but a name that is no text is odd.
func TestAConferenceWithAnOddName(t *testing.T) {
	for body, want := range map[string]Class{
		room(fields{"friendly_name": absent{}}): ClassOK, room(fields{"friendly_name": 7}): ClassUnknownOutcome, room(fields{"status": 7}): ClassUnknownOutcome,
	} {
		_, err := serve(t, reply(http.StatusOK, body)).GetConference(t.Context(), conference)
		wantClass(t, err, want)
	}
}
