package faults

import (
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// onces judge what is done once. For one action, which ends with an edit of the state
// and with another join, nothing is sent any more once the status says that it is
// done, nor after a good response to an update that closes, unless the process crashes
// before that is written down.
type onces struct {
	// done are the actions that a status has said to be done, by call and field.
	done map[string]bool
	// closed is when an update last closed, by call and field.
	closed map[string]time.Time
	// asked are the fields that are to be done once, by call and field.
	asked map[string]bool
	// judged and repeated count updates.
	judged, repeated int
}

func newOnces() onces {
	return onces{done: map[string]bool{}, closed: map[string]time.Time{}, asked: map[string]bool{}}
}

// fieldsOf are the fields of an update that can be done once, as a status names them.
var fieldsOf = map[string]v1alpha1.OnceField{"Muted": v1alpha1.OnceMuted, "Hold": v1alpha1.OnceHold}

// begin takes up what a call's object asks for from now on: it was edited, or the call
// has joined anew.
func (o *onces) begin(callSID string, asked *v1alpha1.Once) {
	for _, field := range fieldsOf {
		key := callSID + string(field)
		delete(o.done, key)
		delete(o.closed, key)
		o.asked[key] = asked != nil && (field == v1alpha1.OnceMuted && asked.Muted != nil || field == v1alpha1.OnceHold && asked.Hold != nil)
	}
}

// judge reads one request of the journal; crashed is when the process has crashed last
// before it.
func (o *onces) judge(report func(format string, args ...any), request voicesim.Request, crashed time.Time) {
	if request.Operation != voicesim.OpUpdateParticipant {
		return
	}
	for name, field := range fieldsOf {
		key := request.CallSID + string(field)
		value := request.Form.Get(name)
		if value == "" || !o.asked[key] {
			continue
		}
		o.judged++
		closed, ever := o.closed[key]
		if o.done[key] || ever && value == "true" && crashed.Before(closed) {
			o.repeated++
			report("%s=%s was done once for %s and is sent again", name, value, request.CallSID)
		}
		if value == "true" && request.Fault == 0 && request.Status == http.StatusOK {
			o.closed[key] = request.Time
		}
	}
}

// read takes over what a status says to be done for the present join.
func (o *onces) read(object *sim.Object, joined time.Time) {
	for _, entry := range object.Status.Once {
		if key := string(object.Spec.CallSID) + string(entry.Field); entry.State == v1alpha1.OnceDone && o.asked[key] &&
			entry.DateCreated != nil && entry.DateCreated.Unix() == joined.Unix() && object.Generation == object.Status.ObservedGeneration {
			o.done[key] = true
		}
	}
}

// once asks for something to be done once, beside what is declared.
func (w *walk) once(s *sim.Spec) {
	s.Once = nil
	asked := v1alpha1.Once{}
	if s.Muted == nil {
		asked.Muted = w.maybe()
	}
	if s.Hold == nil {
		if asked.Hold = w.maybe(); asked.Hold != nil && *asked.Hold && w.IntN(2) == 0 {
			asked.HoldURL = "https://music.example.com/once.xml"
		}
	}
	if asked.Muted != nil || asked.Hold != nil {
		s.Once = &asked
	}
}

// accountForOnce checks that what was asked for is done in the end.
func (w *walk) accountForOnce() {
	for _, name := range w.names {
		object := w.Get(name)
		if reason(object) != v1alpha1.ReasonInSync {
			continue
		}
		left := map[v1alpha1.OnceField]bool{}
		if asked := object.Spec.Once; asked != nil {
			maps.Copy(left, map[v1alpha1.OnceField]bool{v1alpha1.OnceMuted: asked.Muted != nil, v1alpha1.OnceHold: asked.Hold != nil})
		}
		for _, entry := range object.Status.Once {
			if !left[entry.Field] || entry.State != v1alpha1.OnceDone {
				w.failed("%s says of once %+v: %+v", name, object.Spec.Once, entry)
			}
			left[entry.Field] = false
		}
		if left[v1alpha1.OnceMuted] || left[v1alpha1.OnceHold] {
			w.failed("%s does not say what became of %+v", name, object.Spec.Once)
		}
	}
}

func TestOncesAreJudged(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	update := func(form url.Values, status int) voicesim.Request {
		return voicesim.Request{Operation: voicesim.OpUpdateParticipant, CallSID: "a", Form: form, Status: status}
	}
	mute, unmute := url.Values{"Muted": {"true"}}, url.Values{"Muted": {"false"}}
	for name, c := range map[string]struct {
		requests []voicesim.Request
		crashes  bool
		done     bool
		repeated int
	}{
		"once":                        {[]voicesim.Request{update(mute, 200)}, false, false, 0},
		"twice":                       {[]voicesim.Request{update(mute, 200), update(mute, 200)}, false, false, 1},
		"again after a failure":       {[]voicesim.Request{update(mute, 502), update(mute, 200)}, false, false, 0},
		"again after a crash":         {[]voicesim.Request{update(mute, 200), update(mute, 200)}, true, false, 0},
		"what opens, again":           {[]voicesim.Request{update(unmute, 200), update(unmute, 200)}, false, false, 0},
		"reported, crash or not":      {[]voicesim.Request{update(unmute, 200)}, true, true, 1},
		"another field":               {[]voicesim.Request{update(url.Values{"Hold": {"true"}}, 200), update(url.Values{"Hold": {"true"}}, 200)}, false, true, 0},
		"a read":                      {[]voicesim.Request{{Operation: voicesim.OpGetParticipant, CallSID: "a"}}, false, true, 0},
		"another call":                {[]voicesim.Request{{Operation: voicesim.OpUpdateParticipant, CallSID: "b", Form: mute}}, false, true, 0},
		"once, and what is announced": {[]voicesim.Request{update(mute, 200), update(url.Values{"AnnounceUrl": {"x"}}, 200)}, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOnces()
			o.begin("a", &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: new(true)}})
			if c.done {
				o.read(&sim.Object{Spec: sim.Spec{CallSID: "a"}, Status: v1alpha1.ConferenceParticipantStatus{
					Once: []v1alpha1.OnceStatus{{Field: v1alpha1.OnceMuted, State: v1alpha1.OnceDone, DateCreated: new(metav1.NewTime(start))}},
				}}, start)
			}
			for i, request := range c.requests {
				request.Time = start.Add(time.Duration(i) * time.Second)
				crashed := start.Add(-time.Second)
				if c.crashes {
					crashed = request.Time
				}
				o.judge(func(string, ...any) {}, request, crashed)
			}
			if o.repeated != c.repeated {
				t.Errorf("%d repeated, want %d", o.repeated, c.repeated)
			}
		})
	}
}
