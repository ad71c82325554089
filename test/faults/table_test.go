// Package faults has the provider fail in every way that is known, and users,
// callers and the provider act at random. It checks what users see, how often the
// operator sends requests, and that all is as declared, and quiet, when the faults
// end.
package faults

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// row is a fault and what comes of it. The table in docs/faults.md has the same
// rows.
type row struct {
	// name is the fault, as the page calls it.
	name string
	// everything has all requests fail, else updates alone.
	everything bool
	// object and account are the reasons of Ready after ten minutes of it.
	object, account string
	// sent is how many requests of those that fail were sent in ten minutes, at
	// most; there is always one.
	sent int
	// demand says that a person has to ask again, or edit, when it is over; slow
	// that it takes up to 15 min without one.
	demand, slow bool
	fault        voicesim.Fault
	// shapes are those of the answer's body that all come to the same; the one of
	// fault if there are none.
	shapes []string
	// down closes the provider's port.
	down bool
	// stranger has the fault be about a call that no object declares, and own about
	// the one that is to be muted.
	stranger, own bool
}

const (
	inSync      = v1alpha1.ReasonInSync
	rejected    = v1alpha1.ReasonRejected
	unavailable = v1alpha1.ReasonAPIUnavailable
	accepted    = v1alpha1.ReasonTokenAccepted
	notApplied  = v1alpha1.ReasonNotApplied
	waiting     = v1alpha1.ReasonWaitingForAccount
	notFound    = v1alpha1.ReasonAccountNotFound
	notServed   = v1alpha1.ReasonAccountRefused
)

func retryAfter(value string) http.Header { return http.Header{"Retry-After": {value}} }

var rows = []row{
	{name: "400", object: rejected, account: accepted, sent: 4, slow: true, fault: voicesim.Fault{Status: 400}, shapes: shapes},
	{name: "401 to one update", object: inSync, account: accepted, sent: 2, fault: voicesim.Fault{Status: 401, Times: 1}, shapes: shapes},
	{name: "403 to two updates", object: inSync, account: accepted, sent: 3, fault: voicesim.Fault{Status: 403, Times: 2}, shapes: shapes},
	{name: "401 to updates", object: rejected, account: accepted, sent: 4, slow: true, fault: voicesim.Fault{Status: 401}, shapes: shapes},
	{name: "403 to updates", object: rejected, account: accepted, sent: 4, slow: true, fault: voicesim.Fault{Status: 403}, shapes: shapes},
	{name: "401 to everything", everything: true, object: v1alpha1.ReasonUnauthorized, account: v1alpha1.ReasonUnauthorized, sent: 13, fault: voicesim.Fault{Status: 401}, shapes: shapes},
	{name: "403 to everything", everything: true, object: v1alpha1.ReasonUnauthorized, account: v1alpha1.ReasonUnauthorized, sent: 13, fault: voicesim.Fault{Status: 403}, shapes: shapes},
	{name: "404 to updates, though the participant is there", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 404}, shapes: shapes},
	{name: "402 to updates", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 402}, shapes: shapes},
	{name: "405 to updates", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 405}, shapes: shapes},
	{name: "301 to everything", everything: true, object: waiting, account: notFound, sent: 14, fault: voicesim.Fault{Status: 301, Header: http.Header{"Location": {"https://elsewhere.example.com/"}}}, shapes: shapes},
	{name: "404 to everything", everything: true, object: waiting, account: notFound, sent: 14, fault: voicesim.Fault{Status: 404}, shapes: shapes},
	{name: "410 to everything", everything: true, object: waiting, account: notFound, sent: 14, fault: voicesim.Fault{Status: 410}, shapes: shapes},
	{name: "308 to everything", everything: true, object: waiting, account: notServed, sent: 14, fault: voicesim.Fault{Status: 308, Header: http.Header{"Location": {"https://elsewhere.example.com/"}}}, shapes: shapes},
	{name: "402 to everything", everything: true, object: waiting, account: notServed, sent: 14, fault: voicesim.Fault{Status: 402}, shapes: shapes},
	{name: "405 to everything", everything: true, object: waiting, account: notServed, sent: 14, fault: voicesim.Fault{Status: 405}, shapes: shapes},
	{name: "408", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 408}, shapes: shapes},
	{name: "409", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 409}, shapes: shapes},
	{name: "410 with a code to updates, though the participant is there", object: rejected, account: accepted, sent: 5, slow: true, fault: voicesim.Fault{Status: 410, Code: 20404}},
	{name: "422", object: rejected, account: accepted, sent: 4, slow: true, fault: voicesim.Fault{Status: 422}, shapes: shapes},
	{name: "422 with a code that can only mean a bad request", object: rejected, account: accepted, sent: 1, demand: true, fault: voicesim.Fault{Status: 422, Code: 21402}},
	{name: "422 with the code of a feature that is not enabled", object: rejected, account: accepted, sent: 4, slow: true, fault: voicesim.Fault{Status: 422, Code: 10001}},
	{name: "429 without Retry-After", object: v1alpha1.ReasonThrottled, account: accepted, sent: 20, fault: voicesim.Fault{Status: 429}},
	{name: "429, Retry-After in seconds", object: v1alpha1.ReasonThrottled, account: accepted, sent: 11, fault: voicesim.Fault{Status: 429, Header: retryAfter("60")}},
	{name: "429, Retry-After as a date", object: v1alpha1.ReasonThrottled, account: accepted, sent: 10, fault: voicesim.Fault{Status: 429, Header: retryAfter("Mon, 23 Nov 2026 10:09:00 GMT")}},
	{name: "500", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 500}},
	{name: "502 with HTML", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 502, Shape: voicesim.ShapeHTML}},
	{name: "503", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Status: 503}},
	{name: "503 to everything", everything: true, object: unavailable, account: unavailable, sent: 25, fault: voicesim.Fault{Status: 503}},
	{name: "connection refused", everything: true, object: unavailable, account: unavailable, sent: 25, down: true},
	{name: "reset before it is applied", object: unavailable, account: accepted, sent: 20, fault: voicesim.Fault{Reset: voicesim.ResetBefore}},
	{name: "reset after it was applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Reset: voicesim.ResetAfter}},
	{name: "reset of everything", everything: true, object: unavailable, account: unavailable, sent: 25, fault: voicesim.Fault{Reset: voicesim.ResetBefore}},
	{name: "truncated JSON, applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Shape: voicesim.ShapeTruncated}},
	{name: "endless body, applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Shape: voicesim.ShapeEndless}},
	{name: "200 without a participant, applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Shape: voicesim.ShapeWrongObject}},
	{name: "slower than the time-out, applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Delay: 6 * time.Second, Times: 1}},
	{name: "echo without effect", object: notApplied, account: accepted, sent: 9, fault: voicesim.Fault{Ignore: true}},
	{name: "reverted after 2 s", object: notApplied, account: accepted, sent: 9, fault: voicesim.Fault{RevertAfter: 2 * time.Second}},
	{name: "its row has no readable field, wherever it is", everything: true, own: true, object: unavailable, account: accepted, sent: 150, fault: voicesim.Fault{Row: &voicesim.RowFault{Set: map[string]any{"muted": "false"}}}},
	{name: "its row has no readable field, in lists", everything: true, own: true, object: inSync, account: accepted, sent: 260, fault: voicesim.Fault{Operation: voicesim.OpListParticipants, Row: &voicesim.RowFault{Omit: []string{"coaching"}}}},
	{name: "the row of another call has no readable field", everything: true, stranger: true, object: inSync, account: accepted, sent: 130, fault: voicesim.Fault{Row: &voicesim.RowFault{Set: map[string]any{"hold": nil}}}},
	{name: "the row of another call has no readable SID", everything: true, stranger: true, object: inSync, account: accepted, sent: 130, fault: voicesim.Fault{Row: &voicesim.RowFault{Omit: []string{"call_sid"}}}},
	{name: "answers to updates have no readable field, applied", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{Row: &voicesim.RowFault{Set: map[string]any{"muted": 1}}}},
	{name: "reads are stale for 3 s after an update", object: inSync, account: accepted, sent: 1, fault: voicesim.Fault{StaleReads: 3 * time.Second}},
}

func TestFaults(t *testing.T) {
	for _, r := range rows {
		for _, fault := range r.faults() {
			t.Run(r.name+"/"+fault.Shape, func(t *testing.T) {
				if !r.down {
					// No other test may open the provider's port meanwhile.
					t.Parallel()
				}
				r.run(t, fault)
			})
		}
	}
}

// shapes are all in which the body of an error comes.
var shapes = []string{
	voicesim.ShapeFlat, voicesim.ShapeStringCode, voicesim.ShapeStatusMismatch, voicesim.ShapeErrorsObjects, voicesim.ShapeErrorsStrings,
	voicesim.ShapeHTML, voicesim.ShapeEmpty, voicesim.ShapeTruncated, voicesim.ShapeEndless, voicesim.ShapeWrongObject,
}

// faults are the fault in each of its shapes.
func (r row) faults() []voicesim.Fault {
	if !r.everything {
		r.fault.Operation = voicesim.OpUpdateParticipant
	}
	if len(r.shapes) == 0 {
		return []voicesim.Fault{r.fault}
	}
	all := make([]voicesim.Fault, len(r.shapes))
	for i, shape := range r.shapes {
		all[i] = r.fault
		all[i].Shape = shape
	}
	return all
}

// run declares a mute of a participant that coaches while the provider fails, and
// ends the fault after ten minutes.
func (r row) run(t *testing.T, fault voicesim.Fault) {
	env := sim.New(t, func(s *voicesim.Settings) { s.AbsentCoachingResets = true })
	call, caller := env.Join(), env.Join()
	env.CreateParticipant("agent", call, func(s *sim.Spec) { s.CallSIDToCoach = v1alpha1.SID(caller) })
	stranger := env.Join()
	env.Elapse(10 * time.Second)
	env.Provider.ResetJournal()
	if r.own {
		fault.Row = &voicesim.RowFault{SIDs: []string{call}, Set: fault.Row.Set, Omit: fault.Row.Omit}
	}
	if r.stranger {
		fault.Row = &voicesim.RowFault{SIDs: []string{stranger}, Set: fault.Row.Set, Omit: fault.Row.Omit}
	}
	mend := r.fail(env, fault)
	env.Edit("agent", sim.Mute)
	env.Elapse(10 * time.Minute)
	if found := env.Get("agent"); reason(found) != r.object {
		t.Errorf("the object says %s: %s", reason(found), env.Message("agent"))
	}
	if found := meta.FindStatusCondition(env.Account("acme").Status.Conditions, v1alpha1.ConditionReady); found.Reason != r.account {
		t.Errorf("the account says %s", found.Reason)
	}
	if sent := r.failed(env); sent < 1 || sent > r.sent {
		t.Errorf("%d requests in ten minutes, want 1 to %d", sent, r.sent)
	}
	mend()
	if r.demand {
		env.RequestReconcile("agent", "now")
	}
	env.Elapse(r.healed())
	env.WantReady("agent", "True", inSync)
	if found, _ := env.Provider.Participant(env.Conference, call); !found.Muted || found.CallSIDToCoach != caller {
		t.Errorf("in the end the participant is %+v", found)
	}
	for _, request := range env.Provider.Journal() {
		if request.Operation == voicesim.OpUpdateParticipant && request.Form.Get("CallSidToCoach") != caller {
			t.Errorf("an update ends the coaching: %v", request.Form)
		}
	}
	env.WantQuiet(time.Hour)
	wantNoSecret(t, env.Output(), sim.Token)
}

// healed is how long it takes at most until all is as declared when the fault is
// over.
func (r row) healed() time.Duration {
	if r.slow {
		return 15 * time.Minute
	}
	return 6 * time.Minute
}

// fail has the provider fail until it is mended.
func (r row) fail(env *sim.Sim, fault voicesim.Fault) (mend func()) {
	if r.down {
		return env.StopProvider()
	}
	env.Provider.Inject(fault)
	return env.Provider.ClearFaults
}

// failed counts the requests that the fault is about; those to a closed port only
// the operator can count.
func (r row) failed(env *sim.Sim) (sent int) {
	if r.down {
		return env.Requests(voice.ClassNotExecuted)
	}
	for operation, n := range env.Provider.Counts() {
		if r.everything || operation == voicesim.OpUpdateParticipant {
			sent += n
		}
	}
	return sent
}

func reason(p *sim.Object) string {
	if ready := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

// TestThePageHasTheSameRows compares docs/faults.md with the table.
func TestThePageHasTheSameRows(t *testing.T) {
	page := readPage(t)
	for _, r := range rows {
		line := "| " + strings.Join([]string{r.name, "`" + r.object + "`", "`" + r.account + "`", strconv.Itoa(r.sent), act(r)}, " | ") + " |"
		if !strings.Contains(page, line+"\n") {
			t.Errorf("docs/faults.md has no row\n%s", line)
		}
	}
	if n := strings.Count(page, "\n| ") - 2; n != len(rows) {
		t.Errorf("%d rows in docs/faults.md, want %d", n, len(rows))
	}
}

func act(r row) string {
	switch {
	case r.demand:
		return "an edit or the annotation"
	case r.slow:
		return "nobody; within 15 min"
	default:
		return "nobody"
	}
}
