package faults

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// freshFor is how old the response of an observation may be by which an update is
// decided that lets people hear or be heard.
const freshFor = time.Second

// openings judge updates that let people hear or be heard, whatever fails meanwhile:
// each needs an observation of the participant, by a list or a read whose response
// was good, that is fresh when the update is sent. The response to an update is one,
// too, since it is trusted (R6), but for a whisper, which needs proof (R17).
type openings struct {
	// listed is when the conference was last listed, read when a call was last read,
	// and updated when it was last updated.
	listed        time.Time
	read, updated map[string]time.Time
	// judged and stale count openings.
	judged, stale int
}

// judge reads one request of the journal.
func (o *openings) judge(report func(format string, args ...any), request voicesim.Request) {
	good := request.Fault == 0 && request.Status == http.StatusOK
	switch {
	case request.Operation == voicesim.OpListParticipants && good:
		o.listed = request.Time
	case request.Operation == voicesim.OpGetParticipant && good:
		o.read[request.CallSID] = request.Time
	case opens(request):
		o.judged++
		if age := request.Time.Sub(o.seen(request)); age > freshFor+latency {
			o.stale++
			report("%s is opened by an observation that is %s old: %v", request.CallSID, age, request.Form)
		}
	}
	if request.Operation == voicesim.OpUpdateParticipant && request.Status == http.StatusOK {
		o.updated[request.CallSID] = request.Time
	}
}

// seen is when the observation was requested by which an update may have been decided.
func (o *openings) seen(request voicesim.Request) (at time.Time) {
	shown := []time.Time{o.listed, o.read[request.CallSID]}
	if request.Form.Get("Coaching") != "true" {
		shown = append(shown, o.updated[request.CallSID])
	}
	return slices.MaxFunc(shown, time.Time.Compare)
}

func newOpenings() openings {
	return openings{read: map[string]time.Time{}, updated: map[string]time.Time{}}
}

// opens reports whether an update lets people hear or be heard.
func opens(request voicesim.Request) bool {
	muted, hold := request.Form.Get("Muted"), request.Form.Get("Hold")
	return request.Operation == voicesim.OpUpdateParticipant && (muted == "false" && hold != "true" || hold == "false" && muted != "true")
}

func TestOpeningsAreJudged(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	list := voicesim.Request{Operation: voicesim.OpListParticipants, Status: http.StatusOK}
	failed := voicesim.Request{Operation: voicesim.OpListParticipants, Status: http.StatusBadGateway, Fault: 1}
	read := voicesim.Request{Operation: voicesim.OpGetParticipant, Status: http.StatusOK, CallSID: "a"}
	update := voicesim.Request{Operation: voicesim.OpUpdateParticipant, Status: http.StatusOK, CallSID: "a", Form: url.Values{"Hold": {"true"}}}
	refused := voicesim.Request{Operation: voicesim.OpUpdateParticipant, Status: http.StatusConflict, CallSID: "a", Form: update.Form}
	other := voicesim.Request{Operation: voicesim.OpGetParticipant, Status: http.StatusOK, CallSID: "b"}
	for name, c := range map[string]struct {
		// before is what was sent three seconds before the update, then what was sent
		// half a second before it.
		before [2]voicesim.Request
		form   url.Values
		stale  int
	}{
		"a fresh list":       {[2]voicesim.Request{failed, list}, url.Values{"Muted": {"false"}}, 0},
		"a fresh read":       {[2]voicesim.Request{list, read}, url.Values{"Muted": {"false"}}, 0},
		"another's read":     {[2]voicesim.Request{list, other}, url.Values{"Muted": {"false"}}, 1},
		"a list that failed": {[2]voicesim.Request{list, failed}, url.Values{"Muted": {"false"}}, 1},
		"an update":          {[2]voicesim.Request{list, update}, url.Values{"Muted": {"false"}}, 0},
		"an update refused":  {[2]voicesim.Request{list, refused}, url.Values{"Muted": {"false"}}, 1},
		"a whisper":          {[2]voicesim.Request{list, update}, url.Values{"Muted": {"false"}, "Coaching": {"true"}}, 1},
		"off hold":           {[2]voicesim.Request{list, failed}, url.Values{"Hold": {"false"}}, 1},
		"off hold, muted":    {[2]voicesim.Request{list, failed}, url.Values{"Hold": {"false"}, "Muted": {"true"}}, 0},
		"a mute":             {[2]voicesim.Request{list, failed}, url.Values{"Muted": {"true"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpenings()
			c.before[0].Time, c.before[1].Time = start, start.Add(2500*time.Millisecond)
			update := voicesim.Request{Operation: voicesim.OpUpdateParticipant, CallSID: "a", Form: c.form, Time: start.Add(3 * time.Second)}
			for _, request := range []voicesim.Request{c.before[0], c.before[1], update} {
				o.judge(func(string, ...any) {}, request)
			}
			if o.stale != c.stale {
				t.Errorf("%d stale openings, want %d", o.stale, c.stale)
			}
		})
	}
}
