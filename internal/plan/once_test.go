package plan

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// once wants fields brought about one time, none of them done so far, since a time
// before the start.
func once(o Once) Once {
	o.Pending[FieldMute], o.Pending[FieldHold] = o.Muted != nil, o.Hold != nil
	o.Since = start.Add(-time.Minute)
	return o
}

// late is an observation that was sent so long after the start.
func late(o roster.Observation, after time.Duration) roster.Observation {
	o.ObservedAt = start.Add(after)
	return o
}

// answered has a value accepted for a field at the start.
func answered(field Field, on, echoed bool) (h History) {
	h.Sent[field] = Sent{Value: Value{On: on}, RespondedAt: start, Echoed: echoed}
	return h
}

type onceCase struct {
	name    string
	desired Desired
	seen    roster.Observation
	history History
	send    string
	done    []Field
	reason  string
}

func runOnce(t *testing.T, cases []onceCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			decision := Next(c.desired, c.seen, c.history, start.Add(5*time.Second))
			if got := request(decision.Update); got != c.send {
				t.Errorf("sends %q, want %q", got, c.send)
			}
			if !slices.Equal(decision.OnceDone, c.done) {
				t.Errorf("done %v, want %v", decision.OnceDone, c.done)
			}
			if decision.Progress.Reason() != c.reason || decision.Message == "" {
				t.Errorf("reason %s (%s), want %s", decision.Progress.Reason(), decision.Message, c.reason)
			}
		})
	}
}

func TestOnceThatClosesIsDoneWithTheFirstObservationThatShowsIt(t *testing.T) {
	mute := Desired{Once: once(Once{Muted: new(true)})}
	hold := Desired{Once: once(Once{Hold: new(true), HoldURL: music, HoldMethod: "POST"})}
	asked := Desired{Once: once(Once{Muted: new(true)})}
	asked.Once.Since = start.Add(time.Second)
	applied := answered(FieldHold, true, true)
	applied.AppliedInputs = InputsDigest(music, "POST")
	mutes, holds := []Field{FieldMute}, []Field{FieldHold}
	runOnce(t, []onceCase{
		{"is sent", mute, seen(), History{}, "Muted=true", nil, v1alpha1.ReasonConverging},
		{"done by a look", mute, seen(muted), History{}, "", mutes, v1alpha1.ReasonInSync},
		{"done by an answer", mute, echo(seen(muted)), answered(FieldMute, true, true), "", mutes, v1alpha1.ReasonInSync},
		{"not by an answer without it", mute, echo(seen()), answered(FieldMute, true, false), "", nil, v1alpha1.ReasonConverging},
		{"not by what was seen before it was asked for", asked, seen(muted), History{}, "", nil, v1alpha1.ReasonConverging},
		{"not by a look that lags behind an unmute", mute, seen(muted), answered(FieldMute, false, true), "Muted=true", nil, v1alpha1.ReasonConverging},
		{"not by what can't be read", mute, flawed(seen(muted)), History{}, "", nil, v1alpha1.ReasonConverging},
		{"a hold with its music", hold, seen(), History{}, "Hold=true HoldMethod=POST HoldUrl=" + music, nil, v1alpha1.ReasonConverging},
		{"a hold with other music", hold, seen(held), History{}, "Hold=true HoldMethod=POST HoldUrl=" + music, nil, v1alpha1.ReasonConverging},
		{"its music counts as applied", hold, echo(seen(held)), applied, "", holds, v1alpha1.ReasonInSync},
	})
}

func flawed(o roster.Observation) roster.Observation {
	o.Flaw = voice.Flaw("unreadable")
	return o
}

func TestOnceThatOpensIsTriedUntilALookShowsIt(t *testing.T) {
	open := Desired{Once: once(Once{Hold: new(false)})}
	asked := Desired{Once: once(Once{Hold: new(false)})}
	asked.Once.Since = start
	failed := History{}
	failed.Unconfirmed[FieldHold].Failures, failed.Unconfirmed[FieldHold].NotBefore = 3, start.Add(time.Minute)
	holds := []Field{FieldHold}
	runOnce(t, []onceCase{
		{"is sent", open, seen(held), History{}, "Hold=false", nil, v1alpha1.ReasonConverging},
		{"not done by an answer", open, echo(late(seen(), time.Minute)), answered(FieldHold, false, true), "", nil, v1alpha1.ReasonConverging},
		{"not done by an answer to another's update", open, echo(late(seen(), time.Minute)), History{}, "", nil, v1alpha1.ReasonConverging},
		{"not done by a look too early", open, late(seen(), roster.Settle-1), answered(FieldHold, false, true), "", nil, v1alpha1.ReasonConverging},
		{"done by a look that is late enough", open, late(seen(), roster.Settle), answered(FieldHold, false, true), "", holds, v1alpha1.ReasonInSync},
		{"done where it is so already", open, seen(), History{}, "", holds, v1alpha1.ReasonInSync},
		{"not done where it was asked for only just", asked, late(seen(), roster.Settle-1), History{}, "", nil, v1alpha1.ReasonConverging},
		{"sent again where it is not so", open, late(seen(held), roster.Settle), History{}, "Hold=false", nil, v1alpha1.ReasonConverging},
		{"tried slowly after three tries", open, late(seen(held), roster.Settle), failed, "", nil, v1alpha1.ReasonNotApplied},
	})
	tried := Next(open, seen(held), failed, start)
	if !tried.Next.Equal(start.Add(time.Minute)) {
		t.Errorf("the next try is at %s", tried.Next)
	}
	if look := Next(asked, seen(), History{}, start).OnceLook; !look.Equal(start.Add(roster.Settle)) {
		t.Errorf("what is so already is looked at again at %s", look)
	}
	if look := Next(asked, seen(), answered(FieldHold, false, true), start).OnceLook; !look.IsZero() {
		t.Errorf("what is verified anyway is looked at again at %s", look)
	}
}

func TestOnceIsNeverDrift(t *testing.T) {
	synced, contested := History{Synced: true}, History{Synced: true}
	contested.Repairs[FieldMute] = Repairs{Contested: contestedAfter, Until: start.Add(time.Hour)}
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
		for name, history := range map[string]History{"in sync": synced, "contested": contested} {
			decision := Next(Desired{DriftPolicy: policy, Once: once(Once{Muted: new(false)})}, seen(muted), history, start)
			if request(decision.Update) != "Muted=false" || len(decision.Repairs) > 0 || len(decision.Differences) > 0 {
				t.Errorf("%s, %s: sends %s, repairs %v, differs in %v", policy, name, request(decision.Update), decision.Repairs, decision.Differences)
			}
		}
	}
	left := Next(Desired{DriftPolicy: v1alpha1.DriftReport, Hold: new(true), Once: once(Once{Muted: new(true)})}, seen(), synced, start)
	if request(left.Update) != "Muted=true" {
		t.Errorf("beside drift that is left alone %s is sent", request(left.Update))
	}
	if digest := DesiredOf(onceSpec(nil, new(true), nil)).Digest; digest != DesiredOf(onceSpec(nil, nil, nil)).Digest {
		t.Error("it is part of the digest")
	}
}

func TestOnceTravelsWithWhatIsDeclared(t *testing.T) {
	runOnce(t, []onceCase{
		{"one update", Desired{Muted: new(true), Once: once(Once{Hold: new(true), HoldURL: music, HoldMethod: "GET"})}, seen(), History{},
			"Hold=true HoldMethod=GET HoldUrl=" + music + " Muted=true", nil, v1alpha1.ReasonConverging},
		{"with the pair", Desired{Once: once(Once{Muted: new(true)})}, seen(coaching(trainee)), History{},
			"CallSidToCoach=" + trainee + " Coaching=true Muted=true", nil, v1alpha1.ReasonConverging},
		{"with a beep", Desired{Beep: new(true), Once: once(Once{Muted: new(true)})}, seen(), History{Synced: true}, "Beep=true Muted=true", nil, v1alpha1.ReasonConverging},
		{"a beep for once only", Desired{Beep: new(true), Once: once(Once{Muted: new(true)})}, seen(), History{Synced: true, Beeped: true}, "Beep=false Muted=true", nil, v1alpha1.ReasonConverging},
	})
	d := Desired{Muted: new(true), Once: once(Once{Hold: new(false)})}
	if decision := Next(d, late(seen(muted), time.Second), answered(FieldHold, false, true), start); decision.Progress != Converging || !decision.Synced {
		t.Errorf("what is declared is in sync: %v, %v", decision.Progress, decision.Synced)
	}
	if decision := Next(d, seen(), History{}, start); decision.Synced {
		t.Error("what is declared is not in sync")
	}
}

func TestR17StandsAboveOnce(t *testing.T) {
	whisper := func(state CoacheeState) Desired {
		d := coach(Desired{}, state)
		d.Once = once(Once{Muted: new(false)})
		return d
	}
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	runOnce(t, []onceCase{
		{"first the pair, muted", whisper(CoacheeReady), seen(muted), History{}, pair, nil, v1alpha1.ReasonConverging},
		{"no unmute by an answer", whisper(CoacheeReady), echo(seen(muted, coaching(trainee))), History{}, "", nil, v1alpha1.ReasonConverging},
		{"then the unmute", whisper(CoacheeReady), seen(muted, coaching(trainee)), History{}, pair + " Muted=false", nil, v1alpha1.ReasonConverging},
		{"a coachee that is awaited", whisper(CoacheeAwaited), seen(muted), History{}, "", nil, v1alpha1.ReasonWaitingForCoachee},
		{"a coachee that is gone", whisper(CoacheeGone), seen(muted), History{}, "", nil, v1alpha1.ReasonCoacheeGone},
		{"gone before it is done", whisper(CoacheeGone), late(seen(coaching(trainee)), time.Second), answered(FieldMute, false, true), "Muted=true", nil, v1alpha1.ReasonConverging},
	})
}

func onceSpec(declared, muted, hold *bool) *v1alpha1.ConferenceParticipantSpec {
	return &v1alpha1.ConferenceParticipantSpec{
		AudioControls: v1alpha1.AudioControls{Muted: declared},
		Once:          &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: muted, Hold: hold}},
	}
}

func TestOnceIsRememberedByFieldValueAndJoin(t *testing.T) {
	monday, tuesday := start, start.Add(24*time.Hour)
	entry := func(value bool, joined time.Time, state v1alpha1.OnceState) v1alpha1.OnceStatus {
		e := v1alpha1.OnceStatus{Field: v1alpha1.OnceMuted, Value: &value, State: state}
		if !joined.IsZero() {
			e.DateCreated = new(metav1.NewTime(joined))
		}
		return e
	}
	const pending, done = v1alpha1.OncePending, v1alpha1.OnceDone
	none, muting := onceSpec(nil, nil, new(true)), onceSpec(nil, new(true), nil)
	for name, c := range map[string]struct {
		spec      *v1alpha1.ConferenceParticipantSpec
		known     v1alpha1.OnceStatus
		joined    time.Time
		want      *v1alpha1.OnceStatus
		forgotten bool
	}{
		"kept":                         {muting, entry(true, monday, done), monday, new(entry(true, monday, done)), false},
		"an older join":                {muting, entry(true, tuesday, done), monday, new(entry(true, tuesday, done)), false},
		"no date":                      {muting, entry(true, monday, done), time.Time{}, new(entry(true, monday, done)), false},
		"a date for what is done":      {muting, entry(true, time.Time{}, done), monday, new(entry(true, time.Time{}, done)), false},
		"a date for what is pending":   {muting, entry(true, time.Time{}, pending), monday, new(entry(true, monday, pending)), false},
		"a later join":                 {muting, entry(true, monday, done), tuesday, new(entry(true, tuesday, pending)), true},
		"a later join while pending":   {muting, entry(true, monday, pending), tuesday, new(entry(true, tuesday, pending)), false},
		"another value":                {muting, entry(false, monday, done), monday, new(entry(true, monday, pending)), true},
		"not asked for":                {none, entry(true, monday, done), monday, nil, true},
		"declared":                     {onceSpec(new(true), new(true), nil), entry(true, monday, done), monday, nil, true},
		"no once at all":               {&v1alpha1.ConferenceParticipantSpec{}, entry(true, monday, done), monday, nil, true},
		"pending, and asked no longer": {none, entry(true, monday, pending), monday, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			known := []v1alpha1.OnceStatus{c.known}
			record := DesiredOf(c.spec).Once.Refresh(known, c.joined)
			at := slices.IndexFunc(record, func(e v1alpha1.OnceStatus) bool { return e.Field == v1alpha1.OnceMuted })
			switch {
			case c.want == nil && at >= 0:
				t.Errorf("%+v is left", record[at])
			case c.want != nil && (at < 0 || record[at].State != c.want.State || *record[at].Value != *c.want.Value || !record[at].DateCreated.Equal(c.want.DateCreated)):
				t.Errorf("%+v, want %+v", record, *c.want)
			}
			if forgotten := OnceForgotten(known, record); forgotten != c.forgotten {
				t.Errorf("forgotten %v, want %v", forgotten, c.forgotten)
			}
		})
	}
}

func TestOnceIsLeftAloneOnceItIsDone(t *testing.T) {
	d := DesiredOf(onceSpec(nil, new(true), new(false)))
	record := CompleteOnce(d.Once.Refresh(nil, start), []Field{FieldMute})
	if record[0].State != v1alpha1.OnceDone || record[1].State != v1alpha1.OncePending {
		t.Errorf("%+v", record)
	}
	d.Once = d.Once.For(record, start.Add(-time.Minute))
	if got := request(Next(d, seen(held), History{}, start).Update); got != "Hold=false" {
		t.Errorf("sends %q", got)
	}
}

func TestNoEventForAFieldThatMovesIntoOnce(t *testing.T) {
	before := Restricted{true, true, false}
	if released := Released(before, DesiredOf(onceSpec(nil, nil, new(false))), seen(muted, held).Participant); !slices.Equal(released, []string{"muted"}) {
		t.Errorf("released %v", released)
	}
}
