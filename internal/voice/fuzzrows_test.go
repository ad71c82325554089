package voice

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzCallPage(f *testing.F) {
	for _, body := range []string{
		`{"calls":[` + call(nil) + "," + call(fields{"from": 7}) + `]}`, `{"calls":[null,7,"x",[],{}],"next_page_uri":7}`, `{"calls":[]}`,
		`{"calls":[` + call(fields{"sid": strings.Repeat("s", 1025)}) + `]}`, `{"calls":[` + call(fields{"direction": "outbound-dial"}) + `]}`,
		`{"calls":null}`, `{"calls":{}}`, conferences, "null", "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page := fuzzedPage(t, body, SignalWire().callList(CallFilter{}))
		for _, item := range page.Items {
			if item.SID == "" || len(item.SID) > maxField || len(item.From) > maxField || len(item.To) > maxField || item.Direction > Outbound {
				t.Errorf("got %#v from %s", item.SID, body)
			}
		}
	})
}

func FuzzConferencePage(f *testing.F) {
	for _, body := range []string{
		conferences, `{"conferences":[` + room(nil) + "," + room(fields{"friendly_name": 7}) + `]}`, `{"conferences":[null,7,"x",[],{}]}`,
		`{"conferences":[` + room(fields{"region": strings.Repeat("r", 1025)}) + `]}`, `{"conferences":[]}`, `{"conferences":null}`,
		`{"conferences":[` + room(fields{"sid": "\xff", "status": "init"}) + `]}`, "null", "",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page := fuzzedPage(t, body, SignalWire().conferenceList(ConferenceFilter{}))
		for _, item := range page.Items {
			if item.SID == "" || item.FriendlyName == "" || item.Status == "" || len(item.Region) > maxField || len(item.FriendlyName) > maxField {
				t.Errorf("got %+v", item)
			}
		}
	})
}

// fuzzedPage reads a page as a list does, and checks what holds for all lists: each
// row counts once, and an error leaves nothing.
func fuzzedPage[T any](t *testing.T, body []byte, list listing[ListPage[T]]) ListPage[T] {
	var envelope map[string]json.RawMessage
	if decode(body, &envelope) != nil {
		return ListPage[T]{}
	}
	page, sids, err := list.read(envelope[list.items], epoch)
	if err != nil {
		if page.Items != nil || page.Unreadable != nil || sids != nil {
			t.Errorf("got %d items beside %v", len(page.Items), err)
		}
		return ListPage[T]{}
	}
	if len(page.Items)+len(page.Unreadable) != len(sids) || !page.Date.Equal(epoch) {
		t.Errorf("%d items and %d unreadable of %d rows", len(page.Items), len(page.Unreadable), len(sids))
	}
	for _, sid := range page.Unreadable {
		if len(sid) > maxField {
			t.Errorf("a SID of %d bytes", len(sid))
		}
	}
	return page
}
