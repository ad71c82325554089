package voicesim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestRowFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		row  voicesim.RowFault
		// list and alone are texts in the list, and in a read of Alice.
		list, alone string
	}{
		{"set", voicesim.RowFault{SIDs: []string{alice}, Set: map[string]any{"muted": "false"}}, `"muted":"false"`, `"muted":"false"`},
		{"null", voicesim.RowFault{SIDs: []string{alice}, Set: map[string]any{"hold": nil}}, `"hold":null`, `"hold":null`},
		{"replace", voicesim.RowFault{SIDs: []string{alice}, Replace: json.RawMessage("7")}, `"participants":[7,{`, "7"},
		{"of another", voicesim.RowFault{SIDs: []string{bob}, Set: map[string]any{"muted": 1}}, `"muted":1`, `"muted":false`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			r.Inject(voicesim.Fault{Row: &tt.row})
			if got := r.get(r.path + "/Participants").text; strings.Count(got, tt.list) != 1 {
				t.Errorf("%q is not once in %s", tt.list, got)
			}
			if got := r.get(r.member(alice)).text; !strings.Contains(got, tt.alone) {
				t.Errorf("%q is not in %s", tt.alone, got)
			}
		})
	}
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Row: &voicesim.RowFault{SIDs: []string{bob}, Omit: []string{"coaching"}, Twice: true}})
	if got := r.get(r.path + "/Participants"); got.calls() != "ABBC" || strings.Count(got.text, `"coaching"`) != 3 {
		t.Errorf("got %s", got.text)
	}
}

func TestPagesThatLeadElsewhere(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{NextPage: "http://proxy.invalid/v1?" + voicesim.NextQuery})
	list := r.path + "/Participants?PageSize=2"
	first := r.get(list)
	if next := first.body.Next; next == nil || !strings.HasPrefix(*next, "http://proxy.invalid/v1?Page=1&PageSize=2&PageToken=PA") {
		t.Errorf("the next page is %v", next)
	}
	_, query, _ := strings.Cut(*first.body.Next, "?")
	if last := r.get(r.path + "/Participants?" + query); last.body.Next != nil || last.calls() != "C" {
		t.Errorf("the last page is %s", last.text)
	}
	r.ClearFaults()
	r.Inject(voicesim.Fault{NextPage: "/the/same"})
	if next := r.get(list + "0").body.Next; next == nil || *next != "/the/same" {
		t.Errorf("the next page is %v", next)
	}
}
